"""What a school's local day is counted under: its time, its places and its cameras.

A figure means something only together with its ``Basis``. A closed day is counted again under the
basis that it was closed under, so that a new plan or a moved camera never looks like late history;
only a day off or announced work that is entered afterwards gives it a new one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from server.domain.calendar import Maintenance, SchoolHours, counted_time, local_day
from server.domain.exceptions import NONE, Exceptions
from server.domain.interval import Interval, subtract, union
from server.domain.plan import MeasuredOver, Plan
from server.domain.required import Required, required_time
from server.domain.units import School, Source


class Part(NamedTuple):
    """A part of a local day in seconds since its midnight, ``[start_s, end_s)``."""

    start_s: int
    end_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTime:
    """What of a day counts.

    Attributes:
        required: When its places must be watched; none: a day off; None: nobody says.
        counted: The time over which uptime is counted.
    """

    required: tuple[Part, ...] | None
    counted: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A zone that needs so many of its cameras to be up."""

    zone: str
    need: int
    cameras: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneWork:
    """Parts of the day that don't count for one zone and its cameras."""

    zone: str
    cameras: tuple[str, ...]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a school's figures of one day are counted under.

    Attributes:
        plan: The plan's id; empty where none was in force.
        version: The plan's version.
        hours: Days that were closed before ``time`` was kept: which time counts, by weekday, for
            uptime and places alike; None: all of it for uptime, and no place is scored.
        places: The zones whose number of cameras the plan sets.
        cameras: Every camera with its eyes, in a fixed order.
        time: Which time counts; None: see ``hours``.
        counts: Causes of a degraded picture that still counts as watched, sorted.
        off: Announced work on some zones.
    """

    plan: str
    version: str
    hours: SchoolHours | None = None
    places: tuple[Place, ...]
    cameras: tuple[tuple[str, tuple[Source, ...]], ...]
    time: DayTime | None = None
    counts: tuple[str, ...] = ()
    off: tuple[ZoneWork, ...] = ()

    @property
    def unset(self) -> bool:
        """Whether nobody says which hours are required."""
        return self.hours is None if self.time is None else self.time.required is None

    def required(self, day: date) -> tuple[Interval, ...]:
        """Return when places must be watched; nothing where nobody says."""
        if self.time is None:
            return () if self.hours is None else counted_time(self.hours, local_day(day))
        return spans_of(day, self.time.required or ())

    def counted(self, day: date) -> tuple[Interval, ...]:
        """Return the time over which uptime is counted."""
        if self.time is None:
            return counted_time(self.hours, local_day(day))
        return spans_of(day, self.time.counted)


def basis_on(
    plan: Plan | None, school: School, day: date, *, exceptions: Exceptions = NONE
) -> Basis:
    """Return what a school's day is counted under. ``plan``: the one in force; None: none is."""
    return Basis(
        plan="" if plan is None else plan.id,
        version="" if plan is None else plan.version,
        places=() if plan is None else places_of(plan, school),
        cameras=tuple((c.id, c.sources) for c in school.cameras),
        time=day_time(plan, school, day, exceptions=exceptions),
        counts=() if plan is None else tuple(sorted(plan.counts_degraded)),
        off=_zone_works(school, day, exceptions),
    )


def with_exceptions(
    basis: Basis, plan: Plan | None, school: School, day: date, *, exceptions: Exceptions
) -> Basis:
    """Return a closed day's basis with the time that the present ``exceptions`` leave of it."""
    return replace(
        basis,
        time=day_time(plan, school, day, exceptions=exceptions),
        off=_zone_works(school, day, exceptions),
    )


def places_of(plan: Plan, school: School) -> tuple[Place, ...]:
    """Return the zones whose number of cameras the plan sets."""
    needs = (
        (z.id, plan.required_cameras(school.kind, z.kind, school.levels)) for z in school.zones
    )
    return tuple(
        Place(zone=zone, need=need, cameras=cameras_in(school, zone))
        for zone, need in needs
        if need is not None
    )


def cameras_in(school: School, zone: str) -> tuple[str, ...]:
    """Return the ids of a zone's cameras."""
    return tuple(c.id for c in school.cameras if c.zone == zone)


def day_time(
    plan: Plan | None, school: School, day: date, *, exceptions: Exceptions = NONE
) -> DayTime:
    """Return what of a school's local day counts."""
    window = local_day(day)
    asked = required_of(plan, school, window, exceptions=exceptions)
    return DayTime(
        required=None if asked.unset else parts_of(day, asked.spans),
        counted=parts_of(day, counted_of(plan, school, window, exceptions=exceptions)),
    )


def required_of(
    plan: Plan | None, school: School, window: Interval, *, exceptions: Exceptions = NONE
) -> Required:
    """Return when a school's places must be watched, less work on the whole school."""
    if plan is None:
        return Required(spans=(), unset=(window,))
    return required_time(
        plan.calendar,
        plan.hours(school.kind, school.levels),
        window,
        school=school.id,
        extra=exceptions.days_off_of(school.id),
        maintenance=_whole_school(school, window, exceptions),
    )


def counted_of(
    plan: Plan | None, school: School, window: Interval, *, exceptions: Exceptions = NONE
) -> tuple[Interval, ...]:
    """Return the time over which a school's cameras' uptime is counted.

    The required time, where the plan says so and sets hours; else all of it, less work on the
    whole school.
    """
    if (
        plan is not None
        and plan.measured_over is MeasuredOver.SCHOOL_HOURS
        and plan.hours(school.kind, school.levels) is not None
    ):
        return required_of(plan, school, window, exceptions=exceptions).spans
    return counted_time(None, window, maintenance=_whole_school(school, window, exceptions))


def spans_of(day: date, parts: Iterable[Part]) -> tuple[Interval, ...]:
    """Return parts of a local day as spans of UTC."""
    midnight = local_day(day).start
    return tuple(
        Interval(midnight + timedelta(seconds=p.start_s), midnight + timedelta(seconds=p.end_s))
        for p in parts
    )


def parts_of(day: date, spans: Sequence[Interval]) -> tuple[Part, ...]:
    """Return spans of UTC within a local day as parts of it."""
    midnight = local_day(day).start
    return tuple(
        Part(int((s.start - midnight).total_seconds()), int((s.end - midnight).total_seconds()))
        for s in spans
    )


def without(
    spans: Iterable[Interval], works: Iterable[ZoneWork], day: date
) -> tuple[Interval, ...]:
    """Return what work on zones leaves of some spans of a local day."""
    return subtract(spans, (span for work in works for span in spans_of(day, work.parts)))


def _whole_school(school: School, window: Interval, exceptions: Exceptions) -> list[Maintenance]:
    works = exceptions.works_of(school.id, window)
    return [work.maintenance for work in works if work.zones is None]


def off_by_zone(
    school: School, window: Interval, exceptions: Exceptions
) -> dict[str, tuple[Interval, ...]]:
    """Return what of ``window`` announced work on zones takes away, by zone."""
    found: dict[str, list[Interval]] = {}
    for work in exceptions.works_of(school.id, window):
        cut = work.maintenance.interval.cut(window)
        for zone in work.zones or ():
            if cut is not None:
                found.setdefault(zone, []).append(cut)
    return {zone: union(spans) for zone, spans in found.items()}


def _zone_works(school: School, day: date, exceptions: Exceptions) -> tuple[ZoneWork, ...]:
    off = off_by_zone(school, local_day(day), exceptions)
    return tuple(
        ZoneWork(zone=z.id, cameras=cameras_in(school, z.id), parts=parts_of(day, off[z.id]))
        for z in school.zones
        if z.id in off
    )
