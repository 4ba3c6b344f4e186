"""Adds the days of schools up to periods, and schools to units. Pure.

Days with an equal basis are added column by column (``dayrow``). Where a row comes from, a roll-up
or a fresh count, makes no difference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from server.domain.basis import Basis
from server.domain.dated import Story, at
from server.domain.dayrow import DayRow, counted_in, table_line
from server.domain.period import (
    DayTable,
    LevelPeriod,
    SchoolPeriod,
    UnitPeriod,
    ZonePeriod,
)
from server.domain.picture import Seen
from server.domain.planbook import PlanBook
from server.domain.points import Met, MetSeconds, PointSums
from server.domain.units import School, Zone
from server.domain.uptime import Availability, sum_of
from server.domain.zonesums import ZoneSums, add_days, zone_period

NOTHING_SEEN: Final[Mapping[str, Seen]] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """A school's days in one unit. ``story``: what the school was on them, and ``days`` of figures.

    ``days`` may be in any order, one for each day that has figures.
    """

    first: date
    last: date
    story: Story[School]
    days: Sequence[DayRow]


def school_period(
    stay: Stay, plans: PlanBook, seen: Mapping[str, Seen] = NOTHING_SEEN
) -> SchoolPeriod:
    """Add a school's days up. ``stay.story`` must not be empty.

    ``seen``: what was last measured of the cameras' streams, by camera.
    """
    school = stay.story[-1].value
    sums: defaultdict[str, ZoneSums] = defaultdict(ZoneSums)
    uptime = Availability()
    days = sorted(stay.days, key=lambda row: row.day)
    for (basis, piece), rows in _alike(days, stay.story):
        uptime += add_days(sums, basis, piece, rows)
    plan, zones = plans.on(stay.last), _zones(stay.story, tuple(sums))
    found = tuple(zone_period(z, sums[z.id], stay.story, plan=plan, seen=seen) for z in zones)
    counted = (row.day for row in reversed(days) if counted_in(row))
    return SchoolPeriod(
        school=school,
        unit=school.unit,
        first=stay.first,
        last=stay.last,
        zones=found,
        sums=sum((_points(zone) for zone in found), PointSums()),
        uptime=uptime,
        unset_days=sum(row.basis.unset for row in days),
        counted_on=next(counted, None),
        by_day=DayTable(table_line(row) for row in days),
        plans=tuple(dict.fromkeys(row.basis.version for row in days if row.basis.version)),
        lost=_lost(found),
        amended=tuple(row.amended for row in days if row.amended is not None),
    )


def unit_period(
    unit: str | None, first: date, last: date, schools: Iterable[SchoolPeriod]
) -> UnitPeriod:
    """Add schools up."""
    found = tuple(schools)
    by_kind: dict[str, list[SchoolPeriod]] = {}
    for school in found:
        by_kind.setdefault(school.school.kind, []).append(school)
    return UnitPeriod(
        unit=unit,
        first=first,
        last=last,
        schools=found,
        sums=sum((s.sums for s in found), PointSums()),
        uptime=sum_of(s.uptime for s in found),
        by_level={kind: _level(some) for kind, some in sorted(by_kind.items())},
    )


def _level(schools: Sequence[SchoolPeriod]) -> LevelPeriod:
    return LevelPeriod(
        schools=len({s.school.id for s in schools}),
        sums=sum((s.sums for s in schools), PointSums()),
        uptime=sum_of(s.uptime for s in schools),
        unset_days=sum(s.unset_days for s in schools),
    )


def _zones(story: Story[School], counted: Iterable[str]) -> tuple[Zone, ...]:
    """Return every zone of some days, each as it was last, in the order of the register.

    One that was ``counted`` when a day was closed, and that the register no longer knows of, has
    its seconds still.
    """
    found: dict[str, Zone] = {}
    for piece in reversed(story):
        for zone in piece.value.zones:
            found.setdefault(zone.id, zone)
    for zone_id in counted:
        found.setdefault(zone_id, Zone(id=zone_id, name=zone_id, kind=""))
    return tuple(found.values())


def _alike(
    days: Iterable[DayRow], story: Story[School]
) -> Iterator[tuple[tuple[Basis, School | None], list[DayRow]]]:
    """Gather days of one basis on which the school was the same."""
    groups: dict[tuple[int, int], tuple[tuple[Basis, School | None], list[DayRow]]] = {}
    for row in days:
        school = at(story, row.day)
        key = (id(row.basis), id(school))
        groups.setdefault(key, ((row.basis, school), []))[1].append(row)
    yield from groups.values()


def _lost(zones: Iterable[ZonePeriod]) -> dict[str, int]:
    total = Counter[str]()
    for zone in zones:
        for camera in zone.cameras:
            total.update(camera.lost)
    return dict(sorted(total.items()))


def _points(zone: ZonePeriod) -> PointSums:
    """Return a zone as a sum of one point, or none where the plan sets no number."""
    seconds = zone.seconds or MetSeconds()
    if zone.need is None:
        return PointSums(unset_zones=1, seconds=seconds)
    return PointSums(
        required=1,
        installed=int(zone.installed_min >= zone.need),
        certain=int(zone.met is Met.MET),
        possible=int(zone.met in {Met.MET, Met.CANNOT_TELL}),
        seconds=seconds,
    )
