"""Who wants to know that something changed: a broadcast of short topics, after the commit.

Topics: ``agent/{agent}`` (a report or status of it was committed), ``gate/{gate}`` (a gate event),
``alerts`` (opened, acknowledged, closed). A topic says *that*, never *what*: a listener reads the
store again. A slow listener's queue is bounded; when it is full, the oldest hints give way to the
single topic ``*``: read everything again.
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
        self._queues: set[asyncio.Queue[str]] = set()

    def publish(self, topic: str) -> None:
        """Tell every listener; never waits, never fails."""
        for queue in self._queues:
            if queue.full():
                while not queue.empty():
                    queue.get_nowait()
                queue.put_nowait(EVERYTHING)
            queue.put_nowait(topic)

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[asyncio.Queue[str]]:
        """Listen for as long as the context lasts."""
        queue: asyncio.Queue[str] = asyncio.Queue(_LIMIT)
        self._queues.add(queue)
        try:
            yield queue
        finally:
            self._queues.discard(queue)
