"""Adds the days of schools up to periods, and schools to units. Pure.

Days with an equal basis are added column by column (``dayrow``). Where a row comes from, a roll-up
or a fresh count, makes no difference.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Final

from server.domain.basis import Basis
from server.domain.dated import Story, at
from server.domain.dayrow import DayRow, cameras_in, counted_in, places_in, table_line
from server.domain.period import (
    CameraPeriod,
    DayTable,
    LevelPeriod,
    SchoolPeriod,
    UnitPeriod,
    ZonePeriod,
)
from server.domain.picture import Seen, picture_met
from server.domain.plan import Plan
from server.domain.planbook import PlanBook
from server.domain.points import Met, MetSeconds, PointSums
from server.domain.units import Camera, School, Zone
from server.domain.uptime import Availability, sum_of

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


@dataclass(slots=True)
class _CameraSums:
    """What grows for one camera in one zone."""

    uptime: Availability = field(default_factory=Availability)
    lost: Counter[str] = field(default_factory=Counter)
    lost_on: date | None = None


@dataclass(slots=True)
class _ZoneSums:
    """What grows while days are added."""

    seconds: MetSeconds | None = None
    unset_days: int = 0
    cameras: dict[str, "_CameraSums"] = field(default_factory=dict)


def school_period(
    stay: Stay, plans: PlanBook, seen: Mapping[str, Seen] = NOTHING_SEEN
) -> SchoolPeriod:
    """Add a school's days up. ``stay.story`` must not be empty.

    ``seen``: what was last measured of the cameras' streams, by camera.
    """
    school = stay.story[-1].value
    cameras = {c.id: c for piece in stay.story for c in piece.value.cameras}
    sums: defaultdict[str, _ZoneSums] = defaultdict(_ZoneSums)
    uptime = Availability()
    days = sorted(stay.days, key=lambda row: row.day)
    for (basis, piece), rows in _alike(days, stay.story):
        uptime += _add(sums, basis, piece, rows)
    plan, zones = plans.on(stay.last), _zones(stay.story, tuple(sums))
    found = tuple(
        replace(
            _zone(zone, sums[zone.id], stay, plan, cameras),
            picture=_picture(zone, school, plan, seen),
        )
        for zone in zones
    )
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


def _add(
    sums: defaultdict[str, _ZoneSums],
    basis: Basis,
    school: School | None,
    rows: Sequence[DayRow],
) -> Availability:
    """Add days of one basis to the zones; return what their cameras did."""
    seconds = places_in([sum(column) for column in zip(*(r.places for r in rows), strict=True)])
    for place, own in zip(basis.places, seconds, strict=True):
        zone = sums[place.zone]
        zone.seconds = own if zone.seconds is None else zone.seconds + own
        zone.unset_days += len(rows) if basis.unset else 0
    cameras = cameras_in([sum(column) for column in zip(*(r.cameras for r in rows), strict=True)])
    stands = _standing(basis, school)
    for (camera, _), uptime in zip(basis.cameras, cameras, strict=True):
        if camera in stands:
            known = sums[stands[camera]].cameras.setdefault(camera, _CameraSums())
            known.uptime += uptime
    for row in rows:
        for camera, lost in row.lost.items():
            if camera in stands:
                known = sums[stands[camera]].cameras[camera]
                known.lost.update(lost)
                known.lost_on = max(known.lost_on or row.day, row.day)
    return sum_of(cameras)


def _standing(basis: Basis, school: School | None) -> dict[str, str]:
    """Return in which zone each camera stood: as counted, else as registered."""
    registered = {} if school is None else {c.id: c.zone for c in school.cameras}
    return registered | {c: place.zone for place in basis.places for c in place.cameras}


def _zone(
    zone: Zone, sums: _ZoneSums, stay: Stay, plan: Plan | None, cameras: Mapping[str, Camera]
) -> ZonePeriod:
    school = stay.story[-1].value
    there = [piece.value for piece in stay.story if zone.id in {z.id for z in piece.value.zones}]
    counts = [sum(c.zone == zone.id for c in one.cameras) for one in there] or [0]
    need = None
    if plan is not None:
        need = plan.required_cameras(school.kind, zone.kind, school.levels)
    return ZonePeriod(
        zone=zone,
        need=need,
        installed_min=min(counts),
        installed_max=max(counts),
        seconds=sums.seconds,
        unset_days=sums.unset_days,
        installed=sum(c.zone == zone.id for c in school.cameras),
        uptime=sum_of(c.uptime for c in sums.cameras.values()),
        met=_met(sums, plan),
        cameras=tuple(
            CameraPeriod(
                camera=cameras[c],
                uptime=own.uptime,
                lost=dict(sorted(own.lost.items())),
                lost_on=own.lost_on,
            )
            for c, own in sorted(sums.cameras.items())
            if c in cameras
        ),
    )


def _picture(zone: Zone, school: School, plan: Plan | None, seen: Mapping[str, Seen]) -> Met | None:
    """Hold the pictures of a zone's cameras of the last day against what is asked of them."""
    asked = None if plan is None else plan.requirement(school.kind, zone.kind, school.levels)
    cameras = [seen.get(c.id) for c in school.cameras if c.zone == zone.id]
    need = len(cameras) if asked is None or asked.min_cameras is None else asked.min_cameras
    if asked is None or asked.required is False or not need:
        return None
    return picture_met(asked.picture, need, cameras)


def _met(sums: _ZoneSums, plan: Plan | None) -> Met | None:
    """Compare with the share that the plan asks for; None: it asks for none, or of nothing.

    With a day of which nobody can say what was required nothing is known of the whole.
    """
    percent = None if plan is None else plan.uptime_required_percent
    if percent is None or sums.seconds is None:
        return None
    if sums.unset_days:
        return Met.CANNOT_TELL
    low, high = sums.seconds.low, sums.seconds.high
    if low is None or high is None:
        return None
    asked = Fraction(str(percent)) / 100
    if low >= asked:
        return Met.MET
    return Met.NOT_MET if high < asked else Met.CANNOT_TELL


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
