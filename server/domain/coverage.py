"""Is every place that the plan says must be watched really being watched?

A *point* is one zone instance whose number of cameras the plan sets. It is met at a moment when
that many of its cameras are up. Unknown cameras make a range: sure (``certain``) and at best
(``possible``). A point counts as a whole: 1 of 2 is not met, and there is no "partly". Zones for
which the plan sets no number are shown and never scored.

Sums are sums of points and of seconds, never averages of shares.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from server.domain.interval import Interval, subtract
from server.domain.liveness import LiveState
from server.domain.plan import Plan, Requirement
from server.domain.points import (
    Met,
    MetSeconds,
    PointSums,
    ZoneSpan,
    met_by,
    met_spans,
    split_seconds,
    watched,
)
from server.domain.shortfall import (
    NEVER_CLAIMED,
    CameraNow,
    Lack,
    Shortfall,
    lack_of,
    shortfall,
)
from server.domain.timeline import SEVERITY, Timeline
from server.domain.units import School, Zone
from wire.vocabulary import State


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
    off: Mapping[str, Sequence[Interval]] | None = None,
) -> SchoolCoverage:
    """Hold a school against the plan.

    ``timelines`` and ``live`` are keyed by camera id; a camera without one is unknown.
    ``counted``: the required time (``basis.required_of``); None: hours are unset, so nothing is
    scored over time. ``off``: announced work on single zones, by zone, whose time doesn't count.
    """
    zones = tuple(
        _cover_zone(
            school,
            zone,
            plan,
            timelines=timelines,
            live=live,
            counted=None if counted is None else subtract(counted, (off or {}).get(zone.id, ())),
        )
        for zone in school.zones
    )
    declared = {z.kind for z in school.zones}
    return SchoolCoverage(
        school=school,
        zones=zones,
        status=worst(z.status for z in zones),
        sums=sum((_points(z) for z in zones), PointSums()),
        shortfalls=tuple(
            short
            for z in zones
            if (short := _shortfall(school, z, plan.counts_degraded)) is not None
        ),
        undeclared=tuple(
            kind
            for kind, asked in plan.asked(school.kind, school.levels).items()
            if asked.required and kind not in declared
        ),
    )


def with_seconds(covered: SchoolCoverage, seconds: Mapping[str, MetSeconds]) -> SchoolCoverage:
    """Return a school with these required seconds, by zone; they may be of zones that are gone."""
    return replace(
        covered,
        zones=tuple(replace(z, seconds=seconds.get(z.zone.id)) for z in covered.zones),
        sums=replace(covered.sums, seconds=sum(seconds.values(), MetSeconds())),
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
    need = plan.required_cameras(school.kind, zone.kind, school.levels)
    cameras = tuple(
        CameraNow(id=c.id, name=c.name, live=live.get(c.id, NEVER_CLAIMED))
        for c in school.cameras
        if c.zone == zone.id
    )
    states = [watched(c.live.state, c.live.cause, plan.counts_degraded) for c in cameras]
    certain = states.count(State.UP)
    possible = certain + states.count(State.UNKNOWN)
    spans = None
    if need is not None and counted is not None:
        own = {c.id: timelines.get(c.id, ()) for c in cameras}
        spans = met_spans(need, own, counted, counts=plan.counts_degraded)
    return ZoneCoverage(
        zone=zone,
        need=need,
        requirement=plan.requirement(school.kind, zone.kind, school.levels),
        cameras=cameras,
        certain=certain,
        possible=possible,
        met=None if need is None else met_by(need, certain, possible),
        status=None if need is None else _status(need, states),
        lack=None if need is None else lack_of(need, states),
        seconds=None if spans is None else split_seconds(spans),
        evidence=tuple(s for s in spans or () if s.met is not Met.MET),
    )


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


def _shortfall(school: School, zone: ZoneCoverage, counts: Collection[str]) -> Shortfall | None:
    """Say what a point is short of; None: nothing, or the plan sets no number."""
    if zone.need is None:
        return None
    return shortfall(school.id, zone.zone, need=zone.need, cameras=zone.cameras, counts=counts)
