"""What one zone's days add up to. Pure.

Sums grow while days are added (``add_days``), and become a ``ZonePeriod`` at the end.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from server.domain.basis import Basis
from server.domain.dated import Story
from server.domain.dayrow import DayRow, cameras_in, places_in
from server.domain.period import CameraPeriod, ZonePeriod
from server.domain.picture import Seen, picture_met
from server.domain.plan import Plan
from server.domain.points import Met, MetSeconds, met_over
from server.domain.units import School, Zone
from server.domain.uptime import Availability, sum_of


@dataclass(slots=True)
class CameraSums:
    """What grows for one camera in one zone."""

    uptime: Availability = field(default_factory=Availability)
    lost: Counter[str] = field(default_factory=Counter)
    lost_on: date | None = None


@dataclass(slots=True)
class ZoneSums:
    """What grows while days are added."""

    seconds: MetSeconds | None = None
    unset_days: int = 0
    cameras: dict[str, "CameraSums"] = field(default_factory=dict)


def add_days(
    sums: defaultdict[str, ZoneSums],
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
            known = sums[stands[camera]].cameras.setdefault(camera, CameraSums())
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


def zone_period(
    zone: Zone,
    sums: ZoneSums,
    story: Story[School],
    *,
    plan: Plan | None,
    seen: Mapping[str, Seen],
) -> ZonePeriod:
    """Return what a zone's days add up to.

    ``story`` is the school's over the period, ``plan`` the one in force on its last day, ``seen``
    what was last measured of the cameras' streams.
    """
    school = story[-1].value
    there = [piece.value for piece in story if zone.id in {z.id for z in piece.value.zones}]
    counts = [sum(c.zone == zone.id for c in one.cameras) for one in there] or [0]
    need = None
    if plan is not None:
        need = plan.required_cameras(school.kind, zone.kind, school.levels)
    return ZonePeriod(
        zone=zone,
        need=need,
        installed_min=min(counts),
        installed_max=max(counts),
        installed=sum(c.zone == zone.id for c in school.cameras),
        seconds=sums.seconds,
        unset_days=sums.unset_days,
        uptime=sum_of(c.uptime for c in sums.cameras.values()),
        picture=_picture(zone, school, plan, seen),
        met=_met(sums, plan),
        cameras=tuple(_cameras(sums, story)),
    )


def _cameras(sums: ZoneSums, story: Story[School]) -> Iterator[CameraPeriod]:
    cameras = {c.id: c for piece in story for c in piece.value.cameras}
    for name, own in sorted(sums.cameras.items()):
        if name in cameras:
            yield CameraPeriod(
                camera=cameras[name],
                uptime=own.uptime,
                lost=dict(sorted(own.lost.items())),
                lost_on=own.lost_on,
            )


def _picture(zone: Zone, school: School, plan: Plan | None, seen: Mapping[str, Seen]) -> Met | None:
    """Hold the pictures of a zone's cameras of the last day against what is asked of them."""
    asked = None if plan is None else plan.requirement(school.kind, zone.kind, school.levels)
    cameras = [seen.get(c.id) for c in school.cameras if c.zone == zone.id]
    need = len(cameras) if asked is None or asked.min_cameras is None else asked.min_cameras
    if asked is None or asked.required is False or not need:
        return None
    return picture_met(asked.picture, need, cameras)


def _met(sums: ZoneSums, plan: Plan | None) -> Met | None:
    """Compare with the share that the plan asks for; None: it asks for none, or of nothing.

    With a day of which nobody can say what was required nothing is known of the whole.
    """
    if plan is None or sums.seconds is None:
        return None
    return met_over(sums.seconds, plan.uptime_required_percent, untold=bool(sums.unset_days))
