"""Real time, in one place.

UTC for people, ``ms`` for spans (monotonic, and it counts through sleep: a gate PC that slept from
noon to two must not claim that it watched), and a wait. Everything that needs the time takes a
``Clock``; pure code takes the value.
"""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What loops are given instead of the ``time`` module."""

    def now(self) -> datetime:
        """Return the wall clock's UTC time; it may jump."""
        ...

    def ms(self) -> int:
        """Return milliseconds since an arbitrary origin, monotonic, counting through sleep."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return after ``seconds``."""
        ...


class SystemClock:
    """The machine's clocks.

    Linux's ``CLOCK_MONOTONIC`` stands still in sleep, so ``CLOCK_BOOTTIME`` is read there;
    Windows's and macOS's ``time.monotonic`` count through it.
    """

    def now(self) -> datetime:
        """Return UTC now."""
        return datetime.now(UTC)

    def ms(self) -> int:
        """Return milliseconds since the machine started."""
        if hasattr(time, "CLOCK_BOOTTIME"):
            return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
        return time.monotonic_ns() // 1_000_000

    async def wait(self, seconds: float) -> None:
        """Sleep without holding the loop."""
        await asyncio.sleep(seconds)
