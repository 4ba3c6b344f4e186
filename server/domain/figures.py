"""The figures of one local day of one school, as they are closed, kept and later amended.

A figure means something only together with what it was counted under: the plan's hours, the places
with the number of cameras that each needs, and the cameras with their eyes. That is its ``Basis``.
A closed day is counted again under the basis that it was closed under, so that a new plan or a
moved camera never looks like late history. Pages count with the functions of this module too, so
that both agree to the second.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from server.domain.calendar import SchoolHours, counted_time, local_day
from server.domain.interval import Interval
from server.domain.plan import MeasuredOver, Plan
from server.domain.points import MetSeconds, ZoneSpan, met_spans, split_seconds
from server.domain.timeline import Timeline
from server.domain.units import School, Source
from server.domain.uptime import Availability, availability, sum_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A zone that needs so many of its cameras to be up."""

    zone: str
    need: int
    cameras: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a school's figures are counted under.

    Attributes:
        plan: The plan's id.
        version: The plan's version.
        hours: Which time counts; None: all of it.
        places: The scored places; none where the plan sets no hours for such a school.
        cameras: Every camera with its eyes, in a fixed order.
    """

    plan: str
    version: str
    hours: SchoolHours | None
    places: tuple[Place, ...]
    cameras: tuple[tuple[str, tuple[Source, ...]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """A school's day: each camera's seconds, in the order of its basis, and its places' seconds."""

    cameras: tuple[Availability, ...]
    met: MetSeconds

    @property
    def total(self) -> Availability:
        """All cameras added up."""
        return sum_of(self.cameras)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A day's figures as they are known since ``at``, after ``agents`` had sent history."""

    at: datetime
    agents: tuple[str, ...]
    figures: DayFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay:
    """A school's day as it was closed, and every better value since, oldest first."""

    school: str
    day: date
    basis: Basis
    closed_at: datetime
    figures: DayFigures
    amendments: tuple[Amendment, ...] = ()

    @property
    def known(self) -> DayFigures:
        """The figures as they are known now."""
        return self.amendments[-1].figures if self.amendments else self.figures


def hours_that_count(plan: Plan, school_kind: str) -> SchoolHours | None:
    """Return the hours over which uptime is counted; None: all the time."""
    return plan.hours(school_kind) if plan.measured_over is MeasuredOver.SCHOOL_HOURS else None


def since(spans: Sequence[Interval], began: datetime | None) -> tuple[Interval, ...]:
    """Return what of ``spans`` lies at or after ``began``; nothing for None."""
    if began is None:
        return ()
    return tuple(Interval(max(s.start, began), s.end) for s in spans if s.end > began)


def began_to_watch(school: School, first_told: Mapping[str, datetime]) -> datetime | None:
    """Return when the first of a school's agents began; none has: when the first of all did.

    Time before that doesn't count: nobody had promised to look. None: nobody watches yet.
    """
    own = [first_told[a.id] for a in school.agents if a.id in first_told]
    first = min(own or first_told.values(), default=None)
    return None if first is None else first.replace(microsecond=0)  # claims are whole seconds, too


def places_of(plan: Plan, school: School) -> tuple[Place, ...]:
    """Return the places that are scored over time: none where the plan sets no hours."""
    if plan.hours(school.kind) is None:
        return ()
    needs = ((z.id, plan.required_cameras(school.kind, z.kind)) for z in school.zones)
    return tuple(
        Place(zone=zone, need=need, cameras=tuple(c.id for c in school.cameras if c.zone == zone))
        for zone, need in needs
        if need is not None
    )


def judged(
    places: Iterable[Place], timelines: Mapping[str, Timeline], counted: Sequence[Interval]
) -> list[ZoneSpan]:
    """Hold each place against its cameras over the time that counts."""
    return [
        span
        for place in places
        for span in met_spans(place.need, {c: timelines[c] for c in place.cameras}, counted)
    ]


def basis_of(plan: Plan, school: School) -> Basis:
    """Return what a school's figures are counted under now."""
    return Basis(
        plan=plan.id,
        version=plan.version,
        hours=hours_that_count(plan, school.kind),
        places=places_of(plan, school),
        cameras=tuple((c.id, c.sources) for c in school.cameras),
    )


def figures_of(
    basis: Basis, day: date, *, began: datetime | None, timelines: Mapping[str, Timeline]
) -> DayFigures:
    """Count one whole local day. ``timelines``: of each camera of the basis, filling the day."""
    counted = since(counted_time(basis.hours, local_day(day)), began)
    return DayFigures(
        cameras=tuple(availability(timelines[camera], counted) for camera, _ in basis.cameras),
        met=split_seconds(judged(basis.places, timelines, counted)),
    )
