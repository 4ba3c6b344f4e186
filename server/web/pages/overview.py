"""The district's front page: is every place that the plan requires being watched, right now?"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from typing import Final

from server.domain.calendar import local_date, local_day, school_hours
from server.domain.coverage import CameraNow, Lack, PointSums, SchoolCoverage, ZoneCoverage, roll_up
from server.domain.interval import Interval
from server.domain.points import Met, MetSeconds
from server.domain.units import School, Unit
from server.domain.uptime import Availability
from server.storage.rows import AlertRow
from server.web.charts import DayBar
from server.web.pages.bars import day_bar
from server.web.pages.looks import AgentLook, CameraLook, DayMet, SchoolLook, Survey
from wire.vocabulary import State

WORST_FIRST: Final = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.UP)
_DAYS: Final = 14
_CLOCK_WRONG_MS: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One required place: its state and since when it has been so."""

    school: School
    zone: ZoneCoverage
    state: State
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """One school as a tile: its worst required place decides."""

    school: School
    state: State | None
    since: datetime | None
    points: tuple[Point, ...]
    cameras: Counter[State]
    spare: tuple[CameraNow, ...]
    reason: CameraNow | None
    lacking: Point | None
    silent: AgentLook | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One school in the table."""

    school: School
    sums: PointSums
    state: State | None
    cameras: Counter[State]
    week: Availability
    days: tuple[DayBar, ...]
    alerts: int
    heard_at: datetime | None
    silent: AgentLook | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Places that nobody can tell of, because one gate PC is not heard."""

    look: AgentLook
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Required places whose answer is not what it was a day ago."""

    worse: tuple[Point, ...]
    lost_sight: tuple[Point, ...]
    better: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePcs:
    """The gate PCs, summed up."""

    total: int
    reporting: int
    unheard: tuple[AgentLook, ...]
    waiting: int
    clock_wrong: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything on the front page."""

    now: datetime
    until: datetime
    unit: Unit | None
    in_hours: bool | None
    hours_end: datetime | None
    schools: int
    cameras: int
    sums: PointSums
    points: tuple[Point, ...]
    states: Counter[State]
    silences: tuple[Silence, ...]
    not_installed: tuple[Point, ...]
    mark: Fraction | None
    mark_source: str | None
    unset: tuple[tuple[School, ZoneCoverage], ...]
    yesterday: PointSums | None
    morning: PointSums | None
    tiles: tuple[Tile, ...]
    alerts: tuple[tuple[School, AlertRow], ...]
    unhandled: int
    gate_pcs: GatePcs
    changes: Changes
    trend: tuple[DayMet, ...]
    rows: tuple[Row, ...]

    @property
    def unknown_points(self) -> int:
        """How many points nobody can tell of."""
        return self.sums.possible - self.sums.certain

    @property
    def silent_points(self) -> int:
        """How many points nobody can tell of because a gate PC is not heard."""
        return sum(silence.points for silence in self.silences)

    @property
    def lost(self) -> tuple[Point, ...]:
        """The points that are surely not watched."""
        return tuple(p for p in self.points if p.state in {State.DOWN, State.DEGRADED})


def overview(survey: Survey) -> Overview:
    """Build the front page."""
    points = tuple(sorted(_points(survey), key=_point_order))
    plan = survey.setting.plan
    percent = plan.uptime_required_percent
    alerts = _alerts(survey)
    in_hours, hours_end = _hours(survey)
    return Overview(
        now=survey.now,
        until=min((look.until for look in survey.schools), default=survey.now),
        unit=next(iter(survey.setting.organisation.units), None),
        in_hours=in_hours,
        hours_end=hours_end,
        schools=len(survey.schools),
        cameras=len(survey.cameras),
        sums=survey.sums,
        points=points,
        states=Counter(p.state for p in points),
        silences=_silences(survey, points),
        not_installed=tuple(p for p in points if p.zone.installed < (p.zone.need or 0)),
        mark=Fraction(percent) / 100 if percent is not None else None,
        mark_source=plan.uptime_source.ref if plan.uptime_source else None,
        unset=tuple(
            (look.school, zone)
            for look in survey.schools
            for zone in look.coverage.zones
            if zone.need is None
        ),
        yesterday=_then(look.yesterday for look in survey.schools),
        morning=_then(look.morning for look in survey.schools),
        tiles=tuple(sorted((tile(look) for look in survey.schools), key=_tile_order)),
        alerts=alerts,
        unhandled=sum(alert.acknowledged_at is None for _, alert in alerts),
        gate_pcs=gate_pcs(survey.agents),
        changes=_changes(survey),
        trend=_trend(survey),
        rows=rows(survey),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Schools and cameras whose name holds a text; without one, all schools."""

    now: datetime
    rows: tuple[Row, ...]
    cameras: tuple[CameraLook, ...]


def search(survey: Survey, query: str) -> Found:
    """Find schools and cameras by name; marks and case don't matter."""
    wanted = plain(query).split()

    def fits(*names: str) -> bool:
        text = plain(" ".join(names))
        return all(word in text for word in wanted)

    cameras = [c for c in survey.cameras if fits(c.camera.name, c.camera.id)] if wanted else []
    return Found(
        now=survey.now,
        rows=tuple(row for row in rows(survey) if fits(row.school.name, row.school.id)),
        cameras=tuple(sorted(cameras, key=lambda c: (_rank(c.live.state), c.camera.name))),
    )


def plain(text: str) -> str:
    """Return a text in lower case without Vietnamese marks, for finding."""
    bare = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


def worst(states: Iterable[State]) -> State | None:
    """Return the worst of some states."""
    return min(states, key=WORST_FIRST.index, default=None)


def tile(look: SchoolLook) -> Tile:
    """Sum one school up."""
    points = tuple(_points_of(look))
    state = look.coverage.status
    of_state = [p for p in points if p.state is state and p.state is not State.UP]
    since = [p.since for p in of_state if p.since is not None]
    failing = [c for p in of_state for c in p.zone.cameras if c.live.state is state]
    silent = [a for a in look.agents if not a.presence.reporting]
    return Tile(
        school=look.school,
        state=state,
        since=min(since) if since else None,
        points=points,
        cameras=Counter(c.live.state for c in look.cameras),
        spare=_spare(look.coverage),
        reason=failing[0] if failing else None,
        lacking=next((p for p in of_state if p.zone.lack is Lack.NOT_INSTALLED), None),
        silent=silent[0] if silent else None,
    )


def rows(survey: Survey) -> tuple[Row, ...]:
    """Build the table of schools, worst first."""
    built = (_row(look) for look in survey.schools)
    return tuple(sorted(built, key=lambda row: (_rank(row.state), row.school.name)))


def gate_pcs(agents: Sequence[AgentLook]) -> GatePcs:
    """Sum the gate PCs up."""
    seen = [a.seen for a in agents if a.seen is not None]
    return GatePcs(
        total=len(agents),
        reporting=sum(a.presence.reporting for a in agents),
        unheard=tuple(a for a in agents if not a.presence.reporting),
        waiting=sum(s.vitals.spool_items for s in seen if s.vitals is not None),
        clock_wrong=sum(abs(s.clock_offset_ms or 0) > _CLOCK_WRONG_MS for s in seen),
    )


def _points(survey: Survey) -> Iterable[Point]:
    return (point for look in survey.schools for point in _points_of(look))


def _points_of(look: SchoolLook) -> Iterable[Point]:
    shortfalls = {s.zone.id: s for s in look.coverage.shortfalls}
    for zone in look.coverage.zones:
        if zone.need is None or zone.status is None:
            continue
        short = shortfalls.get(zone.zone.id)
        broken = short is not None and zone.status is not State.UNKNOWN
        since = short.since if short is not None and broken else None
        yield Point(
            school=look.school,
            zone=zone,
            state=zone.status,
            since=since if since is not None else _since(zone),
        )


def _since(zone: ZoneCoverage) -> datetime | None:
    """Return since when the place has its state, by the cameras that give it."""
    moments = [c.live.state_since for c in zone.cameras if c.live.state is zone.status]
    known = [m for m in moments if m is not None]
    return min(known) if known else None


def _point_order(point: Point) -> tuple[int, str, str]:
    return _rank(point.state), point.school.name, point.zone.zone.name


def _tile_order(tile: Tile) -> tuple[int, int, str]:
    return _rank(tile.state), not tile.spare, tile.school.name


def _rank(state: State | None) -> int:
    return len(WORST_FIRST) if state is None else WORST_FIRST.index(state)


def _spare(coverage: SchoolCoverage) -> tuple[CameraNow, ...]:
    """Return broken cameras of which no required place is short."""
    return tuple(
        camera
        for zone in coverage.zones
        if zone.need is None or zone.lack is None
        for camera in zone.cameras
        if camera.live.state in {State.DOWN, State.DEGRADED}
    )


def _row(look: SchoolLook) -> Row:
    silent = [a for a in look.agents if not a.presence.reporting]
    heard = [a.seen.last_report_at for a in look.agents if a.seen and a.seen.last_report_at]
    return Row(
        school=look.school,
        sums=look.coverage.sums,
        state=look.coverage.status,
        cameras=Counter(c.live.state for c in look.cameras),
        week=look.week,
        days=tuple(day_bar(d) for d in look.days[-_DAYS:]),
        alerts=len(look.alerts),
        heard_at=max(heard) if heard else None,
        silent=silent[0] if silent else None,
    )


def _alerts(survey: Survey) -> tuple[tuple[School, AlertRow], ...]:
    found = [(look.school, alert) for look in survey.schools for alert in look.alerts]
    return tuple(
        sorted(found, key=lambda x: (x[1].acknowledged_at is not None, -x[1].began_at.timestamp()))
    )


def _silences(survey: Survey, points: Sequence[Point]) -> tuple[Silence, ...]:
    unheard = [a for a in survey.agents if not a.presence.reporting]
    sums: list[Silence] = []
    for look in unheard:
        eyes = {
            c.id for c in look.school.cameras if any(s.agent == look.agent.id for s in c.sources)
        }
        count = sum(
            p.zone.lack is Lack.NOT_KNOWN and any(c.id in eyes for c in p.zone.cameras)
            for p in points
            if p.school.id == look.school.id
        )
        if count:
            sums.append(Silence(look=look, points=count))
    return tuple(sums)


def _hours(survey: Survey) -> tuple[bool | None, datetime | None]:
    """Tell whether any school must be watched now, and until when today; None: hours are unset."""
    today = local_day(local_date(survey.now))
    spans: list[Interval] = []
    for kind in {look.school.kind for look in survey.schools}:
        hours = survey.setting.plan.hours(kind)
        if hours is not None:
            spans += school_hours(hours, today)
    known = any(survey.setting.plan.hours(look.school.kind) for look in survey.schools)
    inside = any(span.contains(survey.now) for span in spans)
    ends = [span.end for span in spans if span.end > survey.now]
    return (inside if known else None), (max(ends) if ends else None)


def _then(parts: Iterable[SchoolCoverage | None]) -> PointSums | None:
    """Add the schools' points of an earlier moment up; None where one is not known."""
    found = list(parts)
    known = [part for part in found if part is not None]
    return roll_up(known) if len(known) == len(found) else None


def _trend(survey: Survey) -> tuple[DayMet, ...]:
    """Add the schools' required seconds up by day; days without any are left out."""
    sums: dict[date, MetSeconds] = {}
    for look in survey.schools:
        for day in look.met_days:
            sums[day.day] = sums.get(day.day, MetSeconds()) + day.seconds
    return tuple(
        DayMet(day=day, seconds=seconds)
        for day, seconds in sorted(sums.items())
        if seconds.required
    )


def _changes(survey: Survey) -> Changes:
    """Compare each required place with the same moment a day ago."""
    worse, lost_sight, better = [], [], []
    for look in survey.schools:
        before = {z.zone.id: z.met for z in look.yesterday.zones} if look.yesterday else {}
        for point in _points_of(look):
            was, now = before.get(point.zone.zone.id), point.zone.met
            if was is None or was is now:
                continue
            if now is Met.NOT_MET:
                worse.append(point)
            elif now is Met.CANNOT_TELL:
                lost_sight.append(point)
            elif was is Met.NOT_MET:
                better.append(point)
    return Changes(worse=tuple(worse), lost_sight=tuple(lost_sight), better=tuple(better))
