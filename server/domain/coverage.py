"""Is every place that the plan says must be watched really being watched?

A *point* is one zone instance whose number of cameras the plan sets. It is met at a moment when
that many of its cameras are up. Unknown cameras make a range: sure (``certain``) and at best
(``possible``). A point counts as a whole: 1 of 2 is not met, and there is no "partly". Zones for
which the plan sets no number are shown and never scored.

Sums are sums of points and of seconds, never averages of shares.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import Final

from server.domain.interval import Interval, union
from server.domain.liveness import LiveState, UnknownWhy
from server.domain.plan import Plan, Requirement
from server.domain.timeline import SEVERITY, Timeline
from server.domain.units import School, Zone
from wire.vocabulary import State

NEVER: Final = datetime.min.replace(tzinfo=UTC)
NEVER_CLAIMED: Final = LiveState(state=State.UNKNOWN, why=UnknownWhy.AGENT_NEVER_SEEN)


class Met(StrEnum):
    """Whether a point had its number of working cameras."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"


class Lack(StrEnum):
    """What a point lacks; also why it has the state that it has."""

    NOT_INSTALLED = "not_installed"
    NOT_WORKING = "not_working"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetSeconds:
    """Required seconds of one or many points, split; they sum to the required time."""

    met: int = 0
    not_met: int = 0
    cannot_tell: int = 0

    @property
    def required(self) -> int:
        """All required seconds."""
        return self.met + self.not_met + self.cannot_tell

    @property
    def low(self) -> Fraction | None:
        """The sure share; None when nothing is required."""
        return Fraction(self.met, self.required) if self.required else None

    @property
    def high(self) -> Fraction | None:
        """The share if all that cannot be told was met; None as above."""
        return Fraction(self.met + self.cannot_tell, self.required) if self.required else None

    def __add__(self, other: "MetSeconds") -> "MetSeconds":
        return MetSeconds(
            met=self.met + other.met,
            not_met=self.not_met + other.not_met,
            cannot_tell=self.cannot_tell + other.cannot_tell,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSpan:
    """Evidence: required time in which a point was not met, or nobody can tell.

    ``certain`` and ``possible`` count its cameras that were up; ``failing`` names the others.
    """

    interval: Interval
    met: Met
    certain: int
    possible: int
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraNow:
    """One camera of a zone and what it does now."""

    id: str
    name: str
    live: LiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCoverage:
    """One zone instance against the plan.

    Attributes:
        need: How many working cameras the plan asks for; None is unset: nothing below is scored.
        requirement: The plan's words (with source and advice), if it has any for this kind.
        cameras: The zone's cameras, in configuration order, with their live states.
        certain: How many are up now.
        possible: How many are up or unknown now.
        met: Whether the point is met now; None when unset.
        status: The tile's state now; None when unset. Down, degraded, unknown, up, in this order;
            a broken spare does not show in it, a spare with a spoilt picture does.
        lack: Why it is not met; None when it is, or when unset.
        seconds: Required time, split; None when unset (number or hours).
        evidence: The spans that are not met or cannot be told, in order.
    """

    zone: Zone
    need: int | None
    requirement: Requirement | None
    cameras: tuple[CameraNow, ...]
    certain: int
    possible: int
    met: Met | None
    status: State | None
    lack: Lack | None
    seconds: MetSeconds | None
    evidence: tuple[ZoneSpan, ...]

    @property
    def installed(self) -> int:
        """How many cameras exist."""
        return len(self.cameras)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSums:
    """Points of a zone, a school or a district, and their required seconds. Adding sums them.

    Attributes:
        required: Points.
        installed: Points with as many cameras as needed.
        certain: Points met now for sure.
        possible: Points that may be met now.
        seconds: Their required time, split.
        unset_zones: Zones for which the plan sets no number: not scored.
    """

    required: int = 0
    installed: int = 0
    certain: int = 0
    possible: int = 0
    seconds: MetSeconds = MetSeconds()
    unset_zones: int = 0

    def __add__(self, other: "PointSums") -> "PointSums":
        return PointSums(
            required=self.required + other.required,
            installed=self.installed + other.installed,
            certain=self.certain + other.certain,
            possible=self.possible + other.possible,
            seconds=self.seconds + other.seconds,
            unset_zones=self.unset_zones + other.unset_zones,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What is missing where, and since when.

    Attributes:
        missing: How many cameras short (at best, for ``not_known``: at worst).
        since: Since when the point has been short; None: never complete, or not known.
        cameras: The cameras that fail it, the first to act on first.
    """

    school: str
    zone: Zone
    lack: Lack
    need: int
    missing: int
    since: datetime | None
    cameras: tuple[CameraNow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCoverage:
    """A school against the plan.

    Attributes:
        status: The state of its worst point; None when the plan sets no number for any zone.
        sums: Its points.
        undeclared: Kinds of zones that the plan requires and of which the school has no instance:
            shown, not scored (the school may have no such place).
    """

    school: School
    zones: tuple[ZoneCoverage, ...]
    status: State | None
    sums: PointSums
    shortfalls: tuple[Shortfall, ...]
    undeclared: tuple[str, ...]


def cover(
    school: School,
    plan: Plan,
    *,
    timelines: Mapping[str, Timeline],
    live: Mapping[str, LiveState],
    counted: Sequence[Interval] | None,
) -> SchoolCoverage:
    """Hold a school against the plan.

    ``timelines`` and ``live`` are keyed by camera id; a camera without one is unknown.
    ``counted``: the required time (``calendar.counted_time``); None: hours are unset, so nothing is
    scored over time.
    """
    zones = tuple(
        _cover_zone(school, zone, plan, timelines=timelines, live=live, counted=counted)
        for zone in school.zones
    )
    declared = {z.kind for z in school.zones}
    return SchoolCoverage(
        school=school,
        zones=zones,
        status=worst(z.status for z in zones),
        sums=sum((_points(z) for z in zones), PointSums()),
        shortfalls=tuple(s for z in zones for s in _shortfall(school, z)),
        undeclared=tuple(
            kind
            for kind, asked in plan.requirements.get(school.kind, {}).items()
            if asked.required and kind not in declared
        ),
    )


def roll_up(schools: Iterable[SchoolCoverage]) -> PointSums:
    """Sum points and seconds."""
    return sum((s.sums for s in schools), PointSums())


def worst(states: Iterable[State | None]) -> State | None:
    """Return the state that stands for all: down, degraded, unknown, up; None of none."""
    scored = [s for s in states if s is not None]
    return max(scored, key=SEVERITY.__getitem__, default=None)


def _cover_zone(
    school: School,
    zone: Zone,
    plan: Plan,
    *,
    timelines: Mapping[str, Timeline],
    live: Mapping[str, LiveState],
    counted: Sequence[Interval] | None,
) -> ZoneCoverage:
    """Hold one zone instance against the plan."""
    need = plan.required_cameras(school.kind, zone.kind)
    cameras = tuple(
        CameraNow(id=c.id, name=c.name, live=live.get(c.id, NEVER_CLAIMED))
        for c in school.cameras
        if c.zone == zone.id
    )
    states = [c.live.state for c in cameras]
    certain = states.count(State.UP)
    possible = certain + states.count(State.UNKNOWN)
    spans = None
    if need is not None and counted is not None:
        spans = _met_spans(need, {c.id: timelines.get(c.id, ()) for c in cameras}, counted)
    return ZoneCoverage(
        zone=zone,
        need=need,
        requirement=plan.requirement(school.kind, zone.kind),
        cameras=cameras,
        certain=certain,
        possible=possible,
        met=None if need is None else _met(need, certain, possible),
        status=None if need is None else _status(need, states),
        lack=None if need is None else _lack(need, states),
        seconds=None if spans is None else _split(spans),
        evidence=tuple(s for s in spans or () if s.met is not Met.MET),
    )


def _met(need: int, certain: int, possible: int) -> Met:
    """Compare what is needed with what is up for sure and at best."""
    if certain >= need:
        return Met.MET
    return Met.CANNOT_TELL if possible >= need else Met.NOT_MET


def _status(need: int, states: Sequence[State]) -> State:
    """Return the tile's state.

    Short for certain: down if a camera is down or was never installed, else degraded. Otherwise a
    spoilt picture still shows (a covered lens that answers), a broken spare does not.
    """
    up, unknown = states.count(State.UP), states.count(State.UNKNOWN)
    if up + unknown < need and (State.DOWN in states or len(states) < need):
        return State.DOWN
    if State.DEGRADED in states:
        return State.DEGRADED
    return State.UP if up >= need else State.UNKNOWN


def _lack(need: int, states: Sequence[State]) -> Lack | None:
    """Say what a point lacks: cameras, working ones, or certainty."""
    up, unknown = states.count(State.UP), states.count(State.UNKNOWN)
    if up >= need:
        return None
    if len(states) < need:
        return Lack.NOT_INSTALLED
    return Lack.NOT_KNOWN if up + unknown >= need else Lack.NOT_WORKING


def _points(zone: ZoneCoverage) -> PointSums:
    """Return a zone as a sum of one point, or none where the plan sets no number."""
    if zone.need is None:
        return PointSums(unset_zones=1)
    return PointSums(
        required=1,
        installed=int(zone.installed >= zone.need),
        certain=int(zone.certain >= zone.need),
        possible=int(zone.possible >= zone.need),
        seconds=zone.seconds or MetSeconds(),
    )


def _shortfall(school: School, zone: ZoneCoverage) -> Iterator[Shortfall]:
    """Say what a point is short of, with the cameras that were lost first in front."""
    if zone.need is None or zone.lack is None:
        return
    failing = sorted(
        (c for c in zone.cameras if c.live.state is not State.UP),
        key=lambda c: (-SEVERITY[c.live.state], c.live.trouble_since or NEVER, c.id),
    )
    yield Shortfall(
        school=school.id,
        zone=zone.zone,
        lack=zone.lack,
        need=zone.need,
        missing=zone.need - zone.certain,
        since=_short_since(zone.need, zone.cameras),
        cameras=tuple(failing),
    )


def _short_since(need: int, cameras: Sequence[CameraNow]) -> datetime | None:
    """Return when the point lost the camera that it can't do without; None: it never had enough.

    Looks at each camera's current trouble alone: the point has been short at least since then.
    """
    losses = [c.live.trouble_since for c in cameras if c.live.state is not State.UP]
    spare = len(cameras) - need
    if spare < 0:
        return None
    dated = sorted(loss or NEVER for loss in losses)
    return None if dated[spare] == NEVER else dated[spare]


def _split(spans: Iterable[ZoneSpan]) -> MetSeconds:
    """Sum spans by verdict."""
    seconds = Counter[Met]()
    for span in spans:
        seconds[span.met] += span.interval.seconds
    return MetSeconds(
        met=seconds[Met.MET],
        not_met=seconds[Met.NOT_MET],
        cannot_tell=seconds[Met.CANNOT_TELL],
    )


def _met_spans(
    need: int, timelines: Mapping[str, Timeline], counted: Iterable[Interval]
) -> list[ZoneSpan]:
    """Cut required time at every change of one of the zone's cameras and judge each piece."""
    moves = sorted(
        (at, camera, state)
        for camera, timeline in timelines.items()
        for at, state in _changes(timeline)
    )
    states = dict.fromkeys(timelines, State.UNKNOWN)
    found: list[ZoneSpan] = []
    reached = 0
    for span in union(counted):
        start = span.start
        while start < span.end:
            while reached < len(moves) and moves[reached][0] <= start:
                states[moves[reached][1]] = moves[reached][2]
                reached += 1
            end = min(span.end, moves[reached][0]) if reached < len(moves) else span.end
            _append(found, _judge_span(Interval(start, end), need, states))
            start = end
    return found


def _changes(timeline: Timeline) -> Iterator[tuple[datetime, State]]:
    """Yield when a camera turns to which state; after its timeline it is unknown."""
    for span in timeline:
        yield span.interval.start, span.state
    if timeline:
        yield timeline[-1].interval.end, State.UNKNOWN


def _judge_span(interval: Interval, need: int, states: Mapping[str, State]) -> ZoneSpan:
    """Judge a stretch in which nothing changes."""
    certain = sum(s is State.UP for s in states.values())
    possible = certain + sum(s is State.UNKNOWN for s in states.values())
    return ZoneSpan(
        interval=interval,
        met=_met(need, certain, possible),
        certain=certain,
        possible=possible,
        failing=tuple(c for c, s in states.items() if s is not State.UP),
    )


def _append(found: list[ZoneSpan], span: ZoneSpan) -> None:
    """Add a span, or lengthen the last one if it touches and says the same."""
    last = found[-1] if found else None
    if last is not None and last.interval.end == span.interval.start:
        longer = replace(last, interval=Interval(last.interval.start, span.interval.end))
        if longer == replace(span, interval=longer.interval):
            found[-1] = longer
            return
    found.append(span)
