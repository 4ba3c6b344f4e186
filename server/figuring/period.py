"""A period of a unit, or of some schools: roll-ups where days are closed, a fresh count elsewhere.

Schools are taken in batches, so that a year of a province needs little memory: of a school's days
only what ``SchoolPeriod`` holds stays.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final, TypeVar

from server.domain.calendar import local_date
from server.domain.dayrow import DayRow, row_of
from server.domain.period import SchoolPeriod, UnitPeriod
from server.domain.picture import Seen
from server.domain.planbook import PlanBook
from server.domain.register import Membership, Register
from server.domain.rollup import Stay, school_period, unit_period
from server.domain.units import Organisation, Source
from server.figuring.counting import DAYS_AT_ONCE, SCHOOLS_AT_ONCE, Wanted, count_days
from server.figuring.ground import Ground, days_wanted, ground_of, watched_since
from server.storage import CameraFacts, Store
from server.storage.closed_bulk import DayRows

T = TypeVar("T")

_AT_ONCE: Final = 50


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
    ground = await ground_of(store, register, plans, now=now)
    seen = _newest(register.on(min(last, today)), await store.facts())
    stays = list(_memberships(register, unit, schools, first, min(last, today)))
    found: list[SchoolPeriod] = []
    for some in _batches(stays, _AT_ONCE):
        rows = await _closed(ground, some) if rollups else DayRows()
        await _count_others(ground, some, rows)
        found += await asyncio.to_thread(_add, ground, some, rows, seen)
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


async def _closed(ground: Ground, stays: Sequence[Membership]) -> DayRows:
    """Return the roll-ups, but those of days before a school was watched.

    A school whose agent has not told yet is closed from when the first of all told; once its own
    begins, the days before are nobody's promise, as in a fresh count.
    """
    rows = await ground.store.day_rows(
        {stay.school for stay in stays},
        min(stay.first for stay in stays),
        max(stay.last for stay in stays),
    )
    for school, days in rows.days.items():
        began = watched_since(ground.register, school, ground.first_told)
        days[:] = [row for row in days if began is not None and row.day >= local_date(began)]
    return rows


async def _count_others(ground: Ground, stays: Sequence[Membership], rows: DayRows) -> None:
    """Count the days that have no roll-up, and add them to ``rows``."""
    by_chunk: dict[int, list[Wanted]] = {}
    for stay in stays:
        have = {row.day for row in rows.days.setdefault(stay.school, [])}
        missing = days_wanted(
            ground, stay.school, stay.first, stay.last, have=have, older=rows.older
        )
        for wanted in missing:
            by_chunk.setdefault(wanted.day.toordinal() // DAYS_AT_ONCE, []).append(wanted)
    for _, chunk in sorted(by_chunk.items()):
        for some in _batches(chunk, SCHOOLS_AT_ONCE * DAYS_AT_ONCE):
            figures = await count_days(ground.store, some)
            for one, counted in zip(some, figures, strict=True):
                rows.days[one.school].append(row_of(one.day, one.basis, counted))


def _add(
    ground: Ground, stays: Iterable[Membership], rows: DayRows, seen: Mapping[str, Seen]
) -> list[SchoolPeriod]:
    return [
        school_period(
            Stay(
                first=stay.first,
                last=stay.last,
                story=ground.register.school_epochs(stay.school, stay.first, stay.last),
                days=_within(rows.days[stay.school], stay),
            ),
            ground.plans,
            seen,
        )
        for stay in stays
    ]


def _within(rows: Sequence[DayRow], stay: Membership) -> list[DayRow]:
    return [row for row in rows if stay.first <= row.day <= stay.last]


def _batches(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]
