"""A period of a unit, or of some schools: roll-ups where days are closed, a fresh count elsewhere.

Schools are taken in batches, so that a year of a province needs little memory: of a school's days
only what ``SchoolPeriod`` holds stays.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final, TypeVar

from server.domain.basis import Basis, basis_on
from server.domain.calendar import local_date
from server.domain.dated import at
from server.domain.dayrow import DayRow, row_of
from server.domain.exceptions import Exceptions
from server.domain.figures import began_to_watch
from server.domain.histories import agents_ever
from server.domain.period import SchoolPeriod, UnitPeriod
from server.domain.picture import Seen
from server.domain.planbook import PlanBook
from server.domain.register import Membership, Register
from server.domain.rollup import Stay, school_period, unit_period
from server.domain.units import Organisation, Source
from server.figuring.counting import DAYS_AT_ONCE, SCHOOLS_AT_ONCE, Wanted, count_days
from server.figuring.entries import load_exceptions
from server.storage import CameraFacts, Store
from server.storage.closed_bulk import DayRows

T = TypeVar("T")

_AT_ONCE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What days are counted on."""

    store: Store
    register: Register
    plans: PlanBook
    exceptions: Exceptions
    first_told: Mapping[str, datetime]
    seen: Mapping[str, Seen]
    now: datetime


async def period(
    store: Store,
    register: Register,
    plans: PlanBook,
    *,
    unit: str | None = None,
    schools: Collection[str] | None = None,
    first: date,
    last: date,
    now: datetime,
    rollups: bool = True,
) -> UnitPeriod:
    """Return what a unit's schools did from ``first`` to ``last``, as far as it is over.

    A school counts on the days on which it stood under the unit; without one, ``schools`` (None:
    all) count on the days on which they existed. Nothing counts before a school's first agent began
    to watch. Without ``rollups`` every day is counted anew. Raises ``StoreError``.
    """
    today = local_date(now)
    ground = _Ground(
        store=store,
        register=register,
        plans=plans,
        exceptions=await load_exceptions(store),
        first_told=await store.first_told(),
        seen=_newest(register.on(min(last, today)), await store.facts()),
        now=now.replace(microsecond=0),
    )
    stays = list(_memberships(register, unit, schools, first, min(last, today)))
    found: list[SchoolPeriod] = []
    for some in _batches(stays, _AT_ONCE):
        rows = await _closed(ground, some) if rollups else DayRows()
        await _count_others(ground, some, rows)
        found += await asyncio.to_thread(_add, ground, some, rows)
    return unit_period(unit, first, last, found)


def _newest(
    organisation: Organisation, facts: Mapping[Source, CameraFacts]
) -> dict[str, CameraFacts]:
    """Return what was last measured of each camera, by whichever of its eyes."""
    found: dict[str, CameraFacts] = {}
    for school in organisation.schools:
        for camera in school.cameras:
            own = [facts[eye] for eye in camera.sources if eye in facts]
            if own:
                found[camera.id] = max(own, key=lambda told: told.at)
    return found


def _memberships(
    register: Register,
    unit: str | None,
    schools: Collection[str] | None,
    first: date,
    last: date,
) -> Iterator[Membership]:
    """Yield which days of which schools are asked for."""
    if last < first:
        return
    if unit is not None:
        under = register.memberships(unit, first, last)
        yield from (m for m in under if schools is None or m.school in schools)
        return
    for school in register.schools if schools is None else schools:
        story = register.school_epochs(school, first, last)
        if story:
            yield Membership(school=school, first=story[0].first, last=story[-1].last)


async def _closed(ground: _Ground, stays: Sequence[Membership]) -> DayRows:
    return await ground.store.day_rows(
        {stay.school for stay in stays},
        min(stay.first for stay in stays),
        max(stay.last for stay in stays),
    )


async def _count_others(ground: _Ground, stays: Sequence[Membership], rows: DayRows) -> None:
    """Count the days that have no roll-up, and add them to ``rows``."""
    by_chunk: dict[int, list[Wanted]] = {}
    for stay in stays:
        have = {row.day for row in rows.days.setdefault(stay.school, [])}
        for wanted in _missing(ground, stay, have, rows.older):
            by_chunk.setdefault(wanted.day.toordinal() // DAYS_AT_ONCE, []).append(wanted)
    for _, chunk in sorted(by_chunk.items()):
        for some in _batches(chunk, SCHOOLS_AT_ONCE * DAYS_AT_ONCE):
            figures = await count_days(ground.store, some)
            for one, counted in zip(some, figures, strict=True):
                rows.days[one.school].append(row_of(one.day, one.basis, counted))


def _missing(
    ground: _Ground,
    stay: Membership,
    have: Collection[date],
    older: Mapping[tuple[str, date], Basis],
) -> Iterator[Wanted]:
    began = watched_since(ground.register, stay.school, ground.first_told)
    if began is None:
        return
    today, story = local_date(ground.now), ground.register.school(stay.school)
    for day in _days(max(stay.first, local_date(began)), stay.last):
        school = None if day in have else at(story, day)
        if school is None:
            continue
        known = older.get((stay.school, day))
        yield Wanted(
            school=stay.school,
            day=day,
            basis=known
            or basis_on(ground.plans.on(day), school, day, exceptions=ground.exceptions),
            began=began,
            now=ground.now if day == today else None,
        )


def watched_since(
    register: Register, school: str, first_told: Mapping[str, datetime]
) -> datetime | None:
    """Return since when a school has been watched, by any agent that it ever had."""
    history = register.schools.get(school)
    story = register.school(school)
    if history is None or not story:
        return None
    return began_to_watch(replace(story[-1].value, agents=agents_ever(history)), first_told)


def _add(ground: _Ground, stays: Iterable[Membership], rows: DayRows) -> list[SchoolPeriod]:
    return [
        school_period(
            Stay(
                first=stay.first,
                last=stay.last,
                story=ground.register.school_epochs(stay.school, stay.first, stay.last),
                days=_within(rows.days[stay.school], stay),
            ),
            ground.plans,
            ground.seen,
        )
        for stay in stays
    ]


def _within(rows: Sequence[DayRow], stay: Membership) -> list[DayRow]:
    return [row for row in rows if stay.first <= row.day <= stay.last]


def _days(first: date, last: date) -> Iterator[date]:
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)


def _batches(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
