"""Real time, in one place: the simulator's loops hold a ``Clock``, pure code is given the value."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What loops are given instead of the ``time`` module."""

    def now(self) -> datetime:
        """Return UTC now, aware."""
        ...

    def seconds(self) -> float:
        """Return seconds since an arbitrary origin, monotonic."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return after ``seconds``."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return UTC now."""
        return datetime.now(UTC)

    def seconds(self) -> float:
        """Return the monotonic clock's reading."""
        return time.monotonic()

    async def wait(self, seconds: float) -> None:
        """Sleep without holding the loop."""
        await asyncio.sleep(seconds)
