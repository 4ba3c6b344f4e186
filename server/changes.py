"""Who wants to know that something changed: a broadcast of short topics, after the commit.

Topics: ``agent/{agent}`` (a report or status of it was committed), ``gate/{gate}`` (a gate event),
``incidents`` (opened, changed, acknowledged, closed), ``records:{kind}`` (people wrote),
``standing`` (this server has read the register and the plan anew). A topic says *that*, never
*what*: a listener reads the store again. A slow listener's queue is bounded; when it is full, the
oldest hints give way to the single topic ``*``: read everything again.

What this server did is told by ``publish``; what other servers did comes in by ``hear``, and does
not go out again.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

EVERYTHING: Final = "*"
_LIMIT: Final = 1000


class Changes:
    """A broadcaster within one event loop."""

    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[str]] = set()
        self._of_own: set[asyncio.Queue[str]] = set()

    def publish(self, topic: str) -> None:
        """Tell every listener what this server did; never waits, never fails."""
        for queue in self._listeners | self._of_own:
            _put(queue, topic)

    def hear(self, topic: str) -> None:
        """Tell every listener what another server did; never waits, never fails."""
        for queue in self._listeners:
            _put(queue, topic)

    @asynccontextmanager
    async def subscribe(self, *, own: bool = False) -> AsyncIterator[asyncio.Queue[str]]:
        """Listen for as long as the context lasts; ``own``: to what this server did only."""
        queue: asyncio.Queue[str] = asyncio.Queue(_LIMIT)
        queues = self._of_own if own else self._listeners
        queues.add(queue)
        try:
            yield queue
        finally:
            queues.discard(queue)


def _put(queue: asyncio.Queue[str], topic: str) -> None:
    if queue.full():
        while not queue.empty():
            queue.get_nowait()
        queue.put_nowait(EVERYTHING)
    queue.put_nowait(topic)
