"""Counts closed days again and writes what is better beside them.

Two things amend a closed day: history that came late (``Closer``), counted under the basis that the
day has; and a day off or announced work that was entered, changed or taken back after the day was
over (here), which gives the day a new basis. Neither changes what was closed.
"""

import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from server.clock import Clock
from server.domain.basis import Basis, with_exceptions
from server.domain.calendar import local_date
from server.domain.dated import at
from server.domain.exceptions import Exceptions
from server.domain.figures import Amendment, ClosedDay, DayFigures
from server.domain.plan import Plan
from server.domain.planbook import PlanBook
from server.figuring.counting import SCHOOLS_AT_ONCE, Wanted, count_days
from server.figuring.entries import DAY_OFF, MAINTENANCE, day_off_in, load_exceptions, work_in
from server.figuring.ground import watched_since
from server.standing import Standing
from server.storage import Record, Store
from server.storage.late import LOOK_BACK

log = logging.getLogger(__name__)

BREATH_S: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """Days, both included, of which an entry says something else now. ``schools`` None: all."""

    first: date
    last: date
    schools: tuple[str, ...] | None


@dataclass(slots=True)
class Excepting:
    """Amends past days after exceptions were entered; remembers which entries it has looked at."""

    _seen: dict[tuple[str, str], int] = field(default_factory=dict)

    async def run_once(self, store: Store, standing: Standing, clock: Clock) -> int:
        """Amend what entries since the last look have changed; return how many school days."""
        new = [
            record
            for kind in (DAY_OFF, MAINTENANCE)
            for record in await store.records(kind, gone=True)
            if self._seen.get((kind, record.id)) != record.revision
        ]
        if not new:
            return 0
        exceptions, count = await load_exceptions(store), 0
        for record in new:
            past = touched_by(await store.record_history(record.kind, record.id))
            for one in past:
                for day in _days(one, clock.now()):
                    count += await _amend_day(store, standing, clock, exceptions, day, one.schools)
            self._seen[record.kind, record.id] = record.revision
        return count


def touched_by(history: Sequence[Record]) -> list[Touched]:
    """Return which days the revisions of an entry touched after they were over.

    A revision changes what it says, and what the one before it said. A day that was not over when
    that was written has been closed with it.
    """
    found: list[Touched] = []
    before: list[Touched] = []
    for record in history:
        own = [_said(record)]
        for one in before + own:
            last = min(one.last, local_date(record.at) - timedelta(days=1))
            if one.first <= last:
                found.append(replace(one, last=last))
        before = own
    return list(dict.fromkeys(found))


def _said(record: Record) -> Touched:
    if record.kind == DAY_OFF:
        off = day_off_in(record)
        return Touched(first=off.first, last=off.last, schools=off.schools)
    work = work_in(record)
    last = local_date(work.end - timedelta(seconds=1))
    return Touched(first=local_date(work.start), last=last, schools=work.schools)


def _days(one: Touched, now: datetime) -> Iterator[date]:
    first = max(one.first, local_date(now) - LOOK_BACK)
    for ordinal in range(first.toordinal(), one.last.toordinal() + 1):
        yield date.fromordinal(ordinal)


async def _amend_day(
    store: Store,
    standing: Standing,
    clock: Clock,
    exceptions: Exceptions,
    day: date,
    schools: Collection[str] | None,
) -> int:
    """Count a closed day again for those schools of which the exceptions say something else now."""
    names = list(standing.register.schools if schools is None else schools)
    first_told, count = await store.first_told(), 0
    for start in range(0, len(names), SCHOOLS_AT_ONCE):
        closed = await store.closed_days(names[start : start + SCHOOLS_AT_ONCE], day, day)
        other = [
            (known, basis)
            for known in closed
            if (basis := _other_basis(known, standing, exceptions)) is not None
        ]
        again = [
            Wanted(
                school=known.school,
                day=day,
                basis=basis,
                began=watched_since(standing.register, known.school, first_told),
            )
            for known, basis in other
        ]
        count += await amend_days(store, clock, [known for known, _ in other], again, {})
        await clock.wait(BREATH_S)
    return count


def _other_basis(known: ClosedDay, standing: Standing, exceptions: Exceptions) -> Basis | None:
    """Return what a closed day would be counted under now; None: under what it was."""
    basis, school = known.known_basis, at(standing.register.school(known.school), known.day)
    if school is None:
        return None
    plan = plan_of(basis, standing.plans, known.day)
    new = with_exceptions(basis, plan, school, known.day, exceptions=exceptions)
    same = (
        new.unset == basis.unset
        and new.required(known.day) == basis.required(known.day)
        and new.counted(known.day) == basis.counted(known.day)
        and new.off == basis.off
    )
    return None if same else new


def plan_of(basis: Basis, plans: PlanBook, day: date) -> Plan | None:
    """Return the plan that a day was closed under; the one in force where it is not found."""
    own = (
        v.plan for v in plans.versions if (v.plan.id, v.plan.version) == (basis.plan, basis.version)
    )
    return None if not basis.plan else next(own, plans.on(day))


async def amend_days(
    store: Store,
    clock: Clock,
    known: Sequence[ClosedDay],
    again: Sequence[Wanted],
    agents: Mapping[str, Collection[str]],
) -> int:
    """Count closed days again and keep what differs; return how many did.

    ``again`` says under which basis; ``agents``, by school, whose history it was.
    """
    counted = await count_days(store, again)
    better = [
        _amended(day, wanted.basis, figures, agents.get(day.school, ()), clock.now())
        for day, wanted, figures in zip(known, again, counted, strict=True)
        if wanted.basis != day.known_basis or not figures.says_the_same(day.known)
    ]
    await store.amend_days(better)
    for day in better:
        log.info("amended %s of %s", day.day, day.school)
    return len(better)


def _amended(
    known: ClosedDay,
    basis: Basis,
    figures: DayFigures,
    agents: Collection[str],
    now: datetime,
) -> ClosedDay:
    moment = now
    if known.amendments:  # a clock that was set back must not hide the newest value
        moment = max(now, known.amendments[-1].at + timedelta(milliseconds=1))
    new = Amendment(
        at=moment,
        agents=tuple(sorted(agents)),
        figures=figures,
        basis=None if basis == known.known_basis else basis,
    )
    return replace(known, amendments=(*known.amendments, new))
