"""A period of a unit, or of some schools: roll-ups where days are closed, a fresh count elsewhere.

Schools are taken in batches, so that a year of a province needs little memory: of a school's days
only what ``SchoolPeriod`` holds stays.
"""

import asyncio
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from server.domain.calendar import local_date
from server.domain.dayrow import DayRow
from server.domain.period import SchoolPeriod, UnitPeriod
from server.domain.picture import Seen
from server.domain.planbook import PlanBook
from server.domain.register import Membership, Register
from server.domain.rollup import Stay, school_period, unit_period
from server.domain.units import Organisation, Source
from server.figuring.days import batches, school_days
from server.figuring.ground import Ground, ground_of
from server.storage import CameraFacts, Store

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
    for some in batches(stays, _AT_ONCE):
        rows = await school_days(ground, some, rollups=rollups)
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


def _add(
    ground: Ground,
    stays: Iterable[Membership],
    rows: Mapping[str, Sequence[DayRow]],
    seen: Mapping[str, Seen],
) -> list[SchoolPeriod]:
    return [
        school_period(
            Stay(
                first=stay.first,
                last=stay.last,
                story=ground.register.school_epochs(stay.school, stay.first, stay.last),
                days=_within(rows[stay.school], stay),
            ),
            ground.plans,
            seen,
        )
        for stay in stays
    ]


def _within(rows: Sequence[DayRow], stay: Membership) -> list[DayRow]:
    return [row for row in rows if stay.first <= row.day <= stay.last]
