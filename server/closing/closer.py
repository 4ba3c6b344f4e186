"""The task: closes what is due, amends what history has changed. One batch between two awaits.

A day is closed some hours after its end, so that agents which were cut off in the evening may still
bring it. A server that was away itself waits until its agents have had time to come back: its own
absence is not their silence. Several servers: whoever holds the duty works; a day that two closed
at once is closed once, by the database.
"""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from server.clock import Clock
from server.closing.amending import BREATH_S, Excepting, amend_days
from server.closing.due import (
    CATCH_UP_AT_MOST,
    QUIET_FOR,
    Awake,
    Rest,
    days_touched,
    first_open,
    heard_since,
    last_closable,
    next_batch,
    reach_of_unsure,
    schools_between,
    schools_by_agent,
    settled,
)
from server.closing.retelling import retell_marked, retell_short
from server.domain.basis import basis_on
from server.domain.calendar import local_date, local_day
from server.domain.clocks import BootClock, Grade, grades
from server.domain.dated import at
from server.domain.interval import Interval
from server.domain.register import Register
from server.figuring.counting import SCHOOLS_AT_ONCE, Wanted, count_days
from server.figuring.entries import load_exceptions
from server.figuring.ground import watched_since
from server.standing import Standing
from server.storage import Duty, Store, StoreError
from server.storage.closed import LateMark, NewClosedDay

log = logging.getLogger(__name__)

_IDLE_S: Final = 30.0
_MARKS_READ: Final = 5000
_MARKS_AT_ONCE: Final = 200
_SETTLE: Final = timedelta(minutes=15)


@dataclass(slots=True, kw_only=True)
class Closer:
    """Everything that closing needs.

    Attributes:
        standing: The register and the plan; a day is closed under what held on that day.
        listening_since: Since when this server hears its agents; None while it can't.
        duty: Held by the one server that closes and amends.
        close_after: How long after its end a day is closed.
        settle: How long agents are given to come back after the server was away.
    """

    store: Store
    standing: Standing
    clock: Clock
    listening_since: Callable[[], datetime | None]
    duty: Duty
    close_after: timedelta
    settle: timedelta = _SETTLE
    _rest: Rest = field(default_factory=Rest)
    _awake: Awake = field(default_factory=Awake)
    _excepting: Excepting = field(default_factory=Excepting)
    _closed_last: date | None = None
    _turn: int = 0

    @property
    def _register(self) -> Register:
        return self.standing.register

    async def run(self) -> None:
        """Work for ever."""
        while True:
            wait_s = _IDLE_S
            self._awake.note(self.clock.now())
            try:
                wait_s = await self.run_once()
            except StoreError as error:
                log.warning("could not close or amend figures: %s", error)
            except Exception:
                log.exception("could not close or amend figures")
            await self.clock.wait(wait_s)

    async def run_once(self) -> float:
        """Do all that is due now; return after how many seconds to look again."""
        if not await self.duty.held():
            return _IDLE_S
        heard = heard_since(self.listening_since(), self._awake.since)
        if settled(self.clock.now(), heard, self.settle):
            await self.close_through(last_closable(self.clock.now(), self.close_after))
        await self._excepting.run_once(self.store, self.standing, self.clock)
        waiting = await self.amend()
        self._turn += 1
        await retell_short(self.store, self._register, self.clock.now(), self._turn)
        return min(_IDLE_S, QUIET_FOR.total_seconds()) if waiting else _IDLE_S

    async def close_through(self, last: date) -> int:
        """Close every open day up to ``last``, oldest first; return how many school days."""
        if last == self._closed_last:
            return 0
        first_told, register = await self.store.first_told(), self._register
        exceptions, plans = await load_exceptions(self.store), self.standing.plans
        schools = schools_between(register, register.schools, last - CATCH_UP_AT_MOST, last)
        closed = await self.store.closed_through(
            first=last - CATCH_UP_AT_MOST, now=self.clock.now()
        )
        open_from = first_open(schools, closed=closed, first_told=first_told, last=last)
        count = 0
        while batch := next_batch(schools, open_from, SCHOOLS_AT_ONCE):
            if not await self.duty.held():
                return count
            day, some = batch
            wanted = [
                Wanted(
                    school=s.id,
                    day=day,
                    basis=basis_on(plans.on(day), then, day, exceptions=exceptions),
                    began=watched_since(register, s.id, first_told),
                )
                for s in some
                if (then := at(register.school(s.id), day)) is not None
            ]
            await self._close(day, wanted)
            await self._take_back(day, wanted, first_told)
            count += len(wanted)
            for school in some:
                open_from[school.id] += timedelta(days=1)
                if open_from[school.id] > last:
                    del open_from[school.id]
            await self.clock.wait(BREATH_S)
        self._closed_last = last
        if count:
            log.info("closed %d school days up to %s", count, last)
        return count

    async def _close(self, day: date, wanted: Sequence[Wanted]) -> None:
        counted = await count_days(self.store, wanted)
        rows = [
            NewClosedDay(school=one.school, day=day, basis=one.basis, figures=figures)
            for one, figures in zip(wanted, counted, strict=True)
        ]
        await self.store.close_days(rows, now=self.clock.now())
        await self._count_again(day, wanted)

    async def _count_again(self, day: date, wanted: Sequence[Wanted]) -> None:
        """Amend those of a day's figures that were closed before it was over.

        This computer's clock ran ahead then: nobody had reported of that day yet.
        """
        own = {one.school: one for one in wanted}
        early = [
            known
            for known in await self.store.closed_days(list(own), day, day)
            if known.closed_at > self.clock.now() and not known.amendments
        ]
        again = [own[known.school] for known in early]
        await amend_days(self.store, self.clock, early, again, {})

    async def _take_back(
        self, day: date, wanted: Sequence[Wanted], first_told: Mapping[str, datetime]
    ) -> None:
        """Count earlier days again of boots that this day's reports have made suspect."""
        eyes = {eye.agent for one in wanted for _, eyes in one.basis.cameras for eye in eyes}
        if not eyes:
            return
        marks = [LateMark(agent=agent, day=day, touches=0) for agent in eyes]
        boots = await self._boots(marks)
        graded = grades(boots)
        suspect = [b for b in boots if graded[b.agent, b.boot] is Grade.SUSPECT]
        schools_of = schools_by_agent(self._register) if suspect else {}
        for earlier, agents in days_touched(self._reach(marks, suspect), schools_of).items():
            await self._amend_day(earlier, agents, first_told)

    def _reach(
        self, marks: Collection[LateMark], boots: Collection[BootClock]
    ) -> Sequence[LateMark]:
        return reach_of_unsure(marks, boots, today=local_date(self.clock.now()))

    async def amend(self) -> bool:
        """Count again what late history touched; return whether marks are left."""
        marks = await self.store.late_marks(_MARKS_READ)
        resting = self._rest.resting(marks, self.clock.now())
        schools_of = schools_by_agent(self._register) if resting else {}
        for some in _parts(resting):
            if not await self.duty.held():
                return True
            first_told = await self.store.first_told()
            wide = [*some, *self._reach(some, await self._boots(some))]
            for day, agents in days_touched(wide, schools_of).items():
                await self._amend_day(day, agents, first_told)
            await self._retell(some, schools_of)
            await self.store.clear_marks(some)
        return len(marks) > len(resting)

    async def _boots(self, marks: Collection[LateMark]) -> list[BootClock]:
        days = [mark.day for mark in marks]
        window = Interval(local_day(min(days)).start, local_day(max(days)).end)
        return await self.store.boot_clocks({mark.agent for mark in marks}, window)

    async def _retell(
        self, marks: Sequence[LateMark], schools_of: Mapping[str, Collection[str]]
    ) -> None:
        schools = {s for mark in marks for s in schools_of.get(mark.agent, ())}
        await retell_marked(self.store, self._register, schools, self.clock.now())

    async def _amend_day(
        self, day: date, agents: Mapping[str, Collection[str]], first_told: Mapping[str, datetime]
    ) -> None:
        """Count closed school days again; ``agents`` says by school whose history it was."""
        closed, register = await self.store.closed_days(list(agents), day, day), self._register
        for start in range(0, len(closed), SCHOOLS_AT_ONCE):
            some = closed[start : start + SCHOOLS_AT_ONCE]
            again = [
                Wanted(
                    school=known.school,
                    day=day,
                    basis=known.known_basis,
                    began=watched_since(register, known.school, first_told),
                )
                for known in some
            ]
            await amend_days(self.store, self.clock, some, again, agents)
            await self.clock.wait(BREATH_S)


def _parts(marks: Sequence[LateMark]) -> Iterator[Sequence[LateMark]]:
    for start in range(0, len(marks), _MARKS_AT_ONCE):
        yield marks[start : start + _MARKS_AT_ONCE]
