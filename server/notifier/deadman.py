"""The dead man's switch: an outside address hears that this centre lives; its silence is the alarm.

It is asked only while the whole way from an agent to an alert is well: the broker is heard, reports
are committed, incidents are looked for, the database answers. Of several servers the one that looks
for incidents asks.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import aiohttp

from server.clock import Clock
from server.config import DeadMan as DeadManConfig
from server.storage import Store, StoreError

log = logging.getLogger(__name__)

_TIMEOUT_S: Final = 15.0
_AGAIN_S: Final = 5
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


@dataclass(slots=True, kw_only=True)
class DeadMan:
    """Asks the outside address as often as configured, and at once when all is well again."""

    config: DeadManConfig
    trouble: Callable[[datetime], Awaitable[str]]
    clock: Clock
    _said: str = field(default="", init=False)

    async def run(self) -> None:
        """Ask for ever."""
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        async with aiohttp.ClientSession(timeout=timeout) as http:
            while True:
                told = False
                try:
                    told = await self.run_once(http)
                except Exception:
                    log.exception("dead man: could not tell that this server lives")
                every_s = self.config.every_s
                await self.clock.wait(every_s if told else min(every_s, _AGAIN_S))

    async def run_once(self, http: aiohttp.ClientSession) -> bool:
        """Ask once, if all is well; return whether the address was reached."""
        wrong = await self.trouble(self.clock.now()) or await self._ask(http)
        if wrong and wrong != self._said:
            log.warning("dead man: not told, %s", wrong)
        elif self._said and not wrong:
            log.info("dead man: told again")
        self._said = wrong
        return not wrong

    async def _ask(self, http: aiohttp.ClientSession) -> str:
        """Ask; return what was wrong with it, empty if nothing."""
        try:
            async with http.get(self.config.url.reveal(), allow_redirects=False) as response:
                taken = response.status < 400  # noqa: PLR2004 - HTTP's own number
                return "" if taken else f"the address answered {response.status}"
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            # The error's own text may hold the address, and the address is a secret.
            return f"the address was not reached: {type(error).__name__}"
