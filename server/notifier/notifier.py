"""What tells people, one server's duty: who is next in line, the morning's word, the post."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from server.changes import EVERYTHING, Changes
from server.clock import Clock
from server.domain.calendar import local_date
from server.domain.paging.directory import Directory
from server.domain.paging.handover import standing_hand_overs
from server.notifier.daily import is_time, put_daily
from server.notifier.escalation import escalate
from server.notifier.handover import put_hand_over
from server.notifier.postman import Postman
from server.storage import Duty, Store, StoreError

log = logging.getLogger(__name__)

_EVERY_S: Final = 1.0
_ESCALATE_EVERY: Final = timedelta(seconds=5)
"""Nor does what another process writes without a word (the command line) wait longer for a look."""
_NEWS: Final = frozenset({"incidents", EVERYTHING})


@dataclass(slots=True, kw_only=True)
class Notifier:
    """Everything between a letter that is due and a channel that took it."""

    store: Store
    directory: Callable[[], Awaitable[Directory]]
    postman: Postman
    clock: Clock
    duty: Duty
    silent_after_s: int
    changes: Changes
    _next_at: datetime | None = field(default=None, init=False)
    _escalated_at: datetime | None = field(default=None, init=False)
    _told_day: date | None = field(default=None, init=False)
    _handed: frozenset[tuple[datetime, str]] = field(default=frozenset(), init=False)

    async def run(self) -> None:
        """Tell for ever: look when there is news, when a letter is due, and every few seconds."""
        try:
            async with self.changes.subscribe() as news:
                while True:
                    if self._is_time(news):
                        await self._look()
                    await self.clock.wait(_EVERY_S)
        finally:
            await self.postman.close()

    def _is_time(self, news: "asyncio.Queue[str]") -> bool:
        """Tell whether there may be anything to do. Takes all news."""
        topics = {news.get_nowait() for _ in range(news.qsize())}
        now, at = self.clock.now(), self._next_at
        return at is None or not at - _ESCALATE_EVERY <= now < at or not topics.isdisjoint(_NEWS)

    async def _look(self) -> None:
        """Look if it is this server's duty, and settle when the next look is; else, soon."""
        self._next_at = None
        try:
            if not await self.duty.held():
                return
            await self.run_once()
        except StoreError as error:
            log.warning("could not look for letters: %s", error)
            return
        except Exception:
            log.exception("could not send letters")
            return
        anyway = (self._escalated_at or self.clock.now()) + _ESCALATE_EVERY
        self._next_at = min(anyway, self.postman.next_at or anyway)

    async def run_once(self) -> int:
        """Write the letters that time makes due, and start bringing away all that are."""
        now = self.clock.now()
        if self._escalated_at is None or now - self._escalated_at >= _ESCALATE_EVERY:
            directory = await self.directory()
            new = await escalate(self.store, directory, now=now)
            if new + await self._hand_over(directory, now):
                self.postman.on_news()
            self._escalated_at = now
        if is_time(now) and self._told_day != local_date(now):
            directory = await self.directory()
            await put_daily(self.store, directory, silent_after_s=self.silent_after_s, now=now)
            self._told_day = local_date(now)
        return await self.postman.run_once()

    async def _hand_over(self, directory: Directory, now: datetime) -> int:
        """Put the letters of each hand-over, once in a process; return how many are new.

        Whoever begins anew asks again: ids and calls that are there already see to the rest.
        """
        new, standing = 0, standing_hand_overs(directory, now)
        for one in standing:
            if (one.at, one.receiver) not in self._handed:
                new += await put_hand_over(self.store, directory, one, now=now)
                self._handed |= {(one.at, one.receiver)}
        self._handed &= {(one.at, one.receiver) for one in standing}
        return new
