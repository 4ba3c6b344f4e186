"""Looks after channels that die if nobody uses them (Zalo's refresh tokens: three months)."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, runtime_checkable

from server.clock import Clock
from server.transports.message import RetryError, Transport

log = logging.getLogger(__name__)

_EVERY_S: Final = 4 * 3600.0


@runtime_checkable
class _Tended(Protocol):
    async def tend(self, now: datetime) -> None:
        """Do what must be done. Raises ``RetryError``."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tending:
    """Tends what wants it, some times a day. ``is_mine``: whether it is this server's to do."""

    transports: Mapping[str, Transport]
    clock: Clock
    is_mine: Callable[[], Awaitable[bool]]

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            try:
                await self.run_once()
            except Exception:
                log.exception("could not look after the channels")
            await self.clock.wait(_EVERY_S)

    async def run_once(self) -> None:
        """Tend each that wants it."""
        tended = {n: t for n, t in self.transports.items() if isinstance(t, _Tended)}
        if not tended or not await self.is_mine():
            return
        for name, transport in tended.items():
            try:
                await transport.tend(self.clock.now())
            except RetryError as error:
                log.warning("channel %s: %s", name, error)
