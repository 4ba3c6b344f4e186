"""Where deliveries wait for the database: two lanes, the present before the past, both bounded.

A burst of one agent takes no more than its share of a lane, so that whoever floods the broker does
not crowd out the others. What doesn't fit is not taken: nothing was acknowledged, and its agent
sends it again.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from wire.topics import Leaf

_LIVE: Final = (4000, 64, 64 * 1024 * 1024)
_HISTORY: Final = (500, 16, 64 * 1024 * 1024)
"""Deliveries, how many of one agent, and bytes. An agent has far fewer under way."""


def _nothing() -> None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A payload as it came from the broker; ``agent`` is the topic's, hence authenticated.

    ``done`` is called once when the delivery has been dealt with (committed, refused or given up),
    in the event loop: the broker may then send another in its place.
    """

    agent: str
    leaf: Leaf
    payload: bytes
    done: Callable[[], None] = field(default=_nothing, repr=False)


class Received(NamedTuple):
    """A delivery and when it came, by this server's clock."""

    delivery: Delivery
    utc_ms: int


@dataclass(slots=True)
class _Lane:
    """First in, first out, with bounds on number, bytes and what is one agent's."""

    reports: int
    of_one: int
    size: int
    queue: deque[Received] = field(default_factory=deque)
    bytes: int = 0
    of_agent: Counter[str] = field(default_factory=Counter)

    def put(self, received: Received) -> bool:
        agent, size = received.delivery.agent, len(received.delivery.payload)
        if len(self.queue) >= self.reports or self.bytes + size > self.size:
            return False
        if self.of_agent[agent] >= self.of_one:
            return False
        self.queue.append(received)
        self.bytes += size
        self.of_agent[agent] += 1
        return True

    def take(self) -> Received:
        received = self.queue.popleft()
        agent = received.delivery.agent
        self.bytes -= len(received.delivery.payload)
        self.of_agent[agent] -= 1
        if not self.of_agent[agent]:
            del self.of_agent[agent]
        return received


class Waiting:
    """Both lanes. ``take`` gives the present first and fills up with the past."""

    def __init__(self) -> None:
        self._live = _Lane(*_LIVE)
        self._history = _Lane(*_HISTORY)
        self._some = asyncio.Event()

    def __len__(self) -> int:
        """Return how many deliveries wait."""
        return len(self._live.queue) + len(self._history.queue)

    @property
    def bytes(self) -> int:
        """Return the size of their payloads."""
        return self._live.bytes + self._history.bytes

    @property
    def oldest_live_ms(self) -> int | None:
        """Return when the oldest delivery of the present came, None if none waits."""
        return self._live.queue[0].utc_ms if self._live.queue else None

    def put(self, received: Received) -> bool:
        """Let a delivery wait; False where there is no room for it."""
        lane = self._history if received.delivery.leaf is Leaf.HISTORY else self._live
        taken = lane.put(received)
        if taken:
            self._some.set()
        return taken

    def take(self) -> Received | None:
        """Return the next delivery, None if nobody waits."""
        for lane in (self._live, self._history):
            if lane.queue:
                return lane.take()
        self._some.clear()
        return None

    async def some(self) -> None:
        """Wait until somebody waits."""
        while not len(self):
            self._some.clear()
            await self._some.wait()
