"""Real time, in one place: loops hold a ``Clock``, pure code is given the value."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What loops are given instead of the ``time`` module."""

    def now(self) -> datetime:
        """Return UTC now, aware."""
        ...

    async def wait(self, seconds: float) -> None:
        """Return after ``seconds``."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return UTC now."""
        return datetime.now(UTC)

    async def wait(self, seconds: float) -> None:
        """Sleep without holding the loop."""
        await asyncio.sleep(seconds)
