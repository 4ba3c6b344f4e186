"""The dead man's switch: an outside address hears that this centre lives; its silence is the alarm.

It is asked only while the whole way from an agent to an alert is well: the broker is heard, reports
are committed, incidents are looked for, the database answers. Of several servers the one that looks
for incidents asks.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from server.clock import Clock
from server.config import DeadMan as DeadManConfig
from server.storage import Store, StoreError

log = logging.getLogger(__name__)

_TIMEOUT_S: Final = 15.0
_BEHIND: Final = timedelta(seconds=60)
_OLD: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """What shows that this server does its work.

    Attributes:
        listening_since: Since when the broker is heard; None: it isn't.
        behind_since: When the oldest report came that waits to be committed; None: none does.
        looked_at: When this server last looked for incidents; None: another server does.
    """

    store: Store
    listening_since: Callable[[], datetime | None]
    behind_since: Callable[[], datetime | None]
    looked_at: Callable[[], datetime | None]

    async def trouble(self, now: datetime) -> str:
        """Return what is wrong; empty if all is well."""
        behind, looked = self.behind_since(), self.looked_at()
        if looked is None:
            return "another server looks for incidents, or none"
        if now - looked > _OLD:
            return "nobody looks for incidents"
        if self.listening_since() is None:
            return "the broker is not heard"
        if behind is not None and now - behind > _BEHIND:
            return "reports wait to be committed"
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                await self.store.count_users()
        except (StoreError, TimeoutError):
            return "the database does not answer"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadMan:
    """Asks the outside address as often as the configuration says."""

    config: DeadManConfig
    trouble: Callable[[datetime], Awaitable[str]]
    clock: Clock

    async def run(self) -> None:
        """Ask for ever."""
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while True:
                try:
                    await self.run_once(http)
                except Exception:
                    log.exception("dead man: could not tell that this server lives")
                await self.clock.wait(self.config.every_s)

    async def run_once(self, http: aiohttp.ClientSession) -> bool:
        """Ask once, if all is well; return whether the address was reached."""
        wrong = await self.trouble(self.clock.now())
        if wrong:
            log.warning("dead man: not told, %s", wrong)
            return False
        try:
            async with http.get(self.config.url.reveal(), allow_redirects=False) as response:
                if response.status < 400:  # noqa: PLR2004 - taken
                    return True
                log.warning("dead man: the address answered %s", response.status)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            # The error's own text may hold the address, and the address is a secret.
            log.warning("dead man: the address was not reached: %s", type(error).__name__)
        return False
