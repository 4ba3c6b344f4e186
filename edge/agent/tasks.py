"""Tasks that run for as long as the agent does."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final

from edge.clock import Clock

log = logging.getLogger(__name__)

_AFTER_FAILURE_S: Final = 5.0


class Tasks:
    """Starts tasks; ``parts`` ends each in its turn, and tears down whatever else is put there."""

    def __init__(self, parts: AsyncExitStack, clock: Clock) -> None:
        self.parts = parts
        self._clock = clock

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run for ever; whatever goes wrong is logged and it begins again."""

        async def keep() -> None:
            while True:
                try:
                    await run()
                except Exception:
                    log.exception("%s failed and begins again", name)
                await self._clock.wait(_AFTER_FAILURE_S)

        self.parts.push_async_callback(end, asyncio.create_task(keep(), name=name))

    def start_every(self, seconds: float, name: str, act: Callable[[], Awaitable[None]]) -> None:
        """Act now and then, the first time after ``seconds``."""

        async def run() -> None:
            while True:
                await self._clock.wait(seconds)
                await act()

        self.start(name, run)


async def end(*tasks: "asyncio.Future[None]") -> None:
    """Cancel all at once, so that slow goodbyes overlap, and wait for them."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
