"""What really is: each camera's cause over time, and what each machine's clock shows."""

import asyncio
import random
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from tests.simulation.loop import VirtualLoop
from wire.vocabulary import Cause

EPOCH_MS: Final = 1_795_305_600_000  # 2026-11-22T00:00:00Z, the simulation's beginning
_EPOCH: Final = datetime.fromtimestamp(EPOCH_MS // 1000, UTC)
_CAUSES: Final = (
    Cause.PICTURE_BLACK,
    Cause.PICTURE_FROZEN,
    Cause.RTSP_AUTH,
    Cause.NETWORK_TIMEOUT,
    Cause.STREAM_STALLED,
)


@dataclass(frozen=True, slots=True)
class Change:
    """From ``at_ms`` (since the simulation's beginning) the camera is so.

    ``doubt_ms`` later a watcher's first look differs, ``sure_ms`` later it is sure.
    """

    at_ms: int
    cause: Cause | None
    doubt_ms: int
    sure_ms: int


@dataclass(slots=True)
class Camera:
    """One camera's true story."""

    name: str
    changes: list[Change]

    def at(self, ms: int) -> Change:
        """Return the change that holds at a moment."""
        return self.changes[bisect_right(self.changes, ms, key=lambda c: c.at_ms) - 1]

    def after(self, ms: int) -> Change | None:
        """Return the next change after a moment."""
        place = bisect_right(self.changes, ms, key=lambda c: c.at_ms)
        return self.changes[place] if place < len(self.changes) else None

    def pieces(self, start_ms: int, end_ms: int) -> list[tuple[int, int, Change]]:
        """Return what it was from ``start_ms`` to ``end_ms``."""
        found = []
        place = max(0, bisect_right(self.changes, start_ms, key=lambda c: c.at_ms) - 1)
        for i, change in enumerate(self.changes[place:], place):
            until = self.changes[i + 1].at_ms if i + 1 < len(self.changes) else end_ms
            if change.at_ms >= end_ms:
                break
            a, b = max(change.at_ms, start_ms), min(until, end_ms)
            if a < b:
                found.append((a, b, change))
        return found


def make_camera(
    name: str, rng: random.Random, *, until_ms: int, every_s: float, confirm_ms: int
) -> Camera:
    """Return a camera that changes about every so many seconds, at the least every 10 s."""
    at_ms, cause = -(10**9), None
    changes = []
    while at_ms < until_ms:
        doubt_ms = rng.choice((0, 0, 200, 900))
        sure_ms = max(confirm_ms, doubt_ms) + rng.choice((0, 0, 100, 3000, 30_000))
        changes.append(Change(at_ms, cause, doubt_ms, sure_ms))
        wait_ms = sure_ms + round(rng.expovariate(1 / every_s) * 1000)
        at_ms = max(at_ms, 0) + 6_000 + wait_ms
        cause = None if cause is not None and rng.random() < 0.7 else _other(cause, rng)
    return Camera(name, changes)


def _other(cause: Cause | None, rng: random.Random) -> Cause:
    return rng.choice([c for c in _CAUSES if c != cause])


def utc(ms: int) -> datetime:
    """Return the moment so many milliseconds after the simulation's beginning."""
    return _EPOCH + timedelta(milliseconds=ms)


@dataclass(slots=True)
class MachineClock:
    """A gate PC's clocks: ``edge.clock.Clock``. ``error_ms`` is how far its UTC is ahead."""

    loop: VirtualLoop
    base_ms: int = 0
    error_ms: int = 0
    steps: list[tuple[int, int]] = field(default_factory=list)  # true ms, error from then on

    def true_ms(self) -> int:
        """Return milliseconds since the simulation's beginning."""
        return round(self.loop.now * 1000)

    def ms(self) -> int:
        """Return the monotonic clock."""
        return round(self.loop.now * 1000) + self.base_ms

    def now(self) -> datetime:
        """Return what the machine takes for UTC."""
        return utc(self.true_ms() + self.error_ms)

    async def wait(self, seconds: float) -> None:
        """Wait in virtual time."""
        await asyncio.sleep(seconds)

    def step(self, error_ms: int) -> None:
        """Set the clock."""
        self.error_ms = error_ms
        self.steps.append((self.true_ms(), error_ms))
