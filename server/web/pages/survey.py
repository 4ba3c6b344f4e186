"""From what the store holds to what is true of a set of schools at one moment. Pure.

``Reading`` is what was fetched, ``Survey`` what follows from it. Claims end at the newest
watermark, up to a minute behind now. Figures therefore count a school's time only up to where all
its cameras that are heard have been vouched for; the minute that is still to come is not "not
known", it is not over yet. Drawings carry the live state up to now. Nor does the time count before
a school's first agent began to watch: nobody had promised to look.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from server.domain.calendar import (
    counted_time,
    local_date,
    local_dates,
    local_day,
    local_week,
)
from server.domain.coverage import PointSums, SchoolCoverage, cover, roll_up
from server.domain.interval import Interval
from server.domain.liveness import (
    CARRY_MARGIN_S,
    LiveState,
    Presence,
    carried,
    live_state,
    presence,
)
from server.domain.plan import MeasuredOver, Plan
from server.domain.points import MetSeconds, ZoneSpan, met_spans, split_seconds
from server.domain.timeline import Claim, Timeline, build
from server.domain.units import Agent, Camera, Organisation, School, Zone
from server.domain.uptime import Availability, DayAvailability, availability, by_day, sum_of
from server.storage.rows import AgentSeen, AlertRow, CameraFacts
from wire.vocabulary import State

MORNING_H: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What does not change while the server runs."""

    organisation: Organisation
    plan: Plan
    silent_after_s: int
    listening_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was fetched for some schools: claims by camera id over ``window``, which ends at now."""

    now: datetime
    window: Interval
    claims: Mapping[str, Sequence[Claim]]
    heard: Mapping[str, AgentSeen] = field(default_factory=dict)
    alerts: Sequence[AlertRow] = ()
    facts: Mapping[str, CameraFacts] = field(default_factory=dict)
    first_told: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLook:
    """One gate PC now."""

    school: School
    agent: Agent
    presence: Presence
    seen: AgentSeen | None
    cameras: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLook:
    """One camera now and over the reading's window.

    Attributes:
        timeline: What was claimed, no further than the edge has vouched: figures come from it.
        drawn: The same with the live state carried to now: drawings come from it.
        vouched: The end of the newest claim of a camera that is heard; else None.
    """

    school: School
    zone: Zone
    camera: Camera
    live: LiveState
    timeline: Timeline
    drawn: Timeline
    vouched: datetime | None = None
    facts: CameraFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMet:
    """Required seconds of one local day, split."""

    day: date
    seconds: MetSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolLook:
    """One school now. It is good for as long as nothing is reported: see ``readings``.

    Attributes:
        at: The moment of looking.
        began: When the first of its agents began to watch; none has: when the first of all did.
            Time before that doesn't count. None: nobody watches yet, nothing counts.
        presences: Of all its agents.
        coverage: Now, and scored over this week so far.
        counted: The time that counts of the whole window up to ``until``.
        until: Up to where its cameras have been vouched for.
        week: Its cameras' seconds over seven local days, added up.
        days: The same by day, over the whole window.
        met_days: Required seconds by day; empty where the plan sets no hours.
        yesterday: It against the plan a day ago; None where the window does not reach.
        morning: Its points at seven o'clock today; None before that.
        alerts: Its open alerts.
    """

    school: School
    at: datetime
    began: datetime | None
    cameras: tuple[CameraLook, ...]
    agents: tuple[AgentLook, ...]
    coverage: SchoolCoverage
    counted: tuple[Interval, ...]
    until: datetime
    week: Availability
    days: tuple[DayAvailability, ...]
    met_days: tuple[DayMet, ...]
    yesterday: SchoolCoverage | None
    morning: SchoolCoverage | None
    alerts: tuple[AlertRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Some schools at one moment."""

    setting: Setting
    now: datetime
    window: Interval
    schools: tuple[SchoolLook, ...]

    @property
    def sums(self) -> PointSums:
        """The points of all schools, added up."""
        return roll_up(look.coverage for look in self.schools)

    @property
    def agents(self) -> tuple[AgentLook, ...]:
        """All gate PCs."""
        return tuple(a for look in self.schools for a in look.agents)

    @property
    def cameras(self) -> tuple[CameraLook, ...]:
        """All cameras."""
        return tuple(c for look in self.schools for c in look.cameras)


def survey(setting: Setting, reading: Reading, schools: Iterable[School]) -> Survey:
    """Work out what is true of ``schools`` at the reading's moment."""
    presences = presences_of(setting, reading.heard, reading.now)
    looks = tuple(look_at(setting, reading, presences, school) for school in schools)
    return Survey(setting=setting, now=reading.now, window=reading.window, schools=looks)


def presences_of(
    setting: Setting, heard: Mapping[str, AgentSeen], now: datetime
) -> dict[str, Presence]:
    """Return the presence of every agent of the organisation."""
    return {
        agent.id: presence(
            heard.get(agent.id),
            now,
            silent_after_s=setting.silent_after_s,
            listening_since=setting.listening_since,
        )
        for school in setting.organisation.schools
        for agent in school.agents
    }


def look_at(
    setting: Setting, reading: Reading, presences: Mapping[str, Presence], school: School
) -> SchoolLook:
    """Work out what is true of one school."""
    zones = {zone.id: zone for zone in school.zones}
    cameras = tuple(
        _camera(setting, reading, presences, school, zones[camera.zone], camera)
        for camera in school.cameras
    )
    until = data_until(cameras, reading.now)
    plan, began = setting.plan, _began(reading, school)
    counted = since(counted_of(plan, school, reading.window.start, until), began)
    week = scored_week(plan, school, until)
    return SchoolLook(
        school=school,
        at=reading.now,
        began=began,
        cameras=cameras,
        agents=tuple(_agent(reading, presences, school, agent) for agent in school.agents),
        coverage=cover_at(plan, school, cameras, None if week is None else since(week, began)),
        counted=counted,
        until=until,
        week=uptime(cameras, last_days(counted, until, 7)),
        days=days_of(cameras, counted),
        met_days=_met_days(plan, school, cameras, counted),
        yesterday=_cover_then(plan, school, cameras, reading, reading.now - timedelta(days=1)),
        morning=_cover_then(plan, school, cameras, reading, _morning(reading.now)),
        alerts=tuple(a for a in reading.alerts if a.school == school.id),
    )


def _met_days(
    plan: Plan, school: School, cameras: Sequence[CameraLook], counted: Sequence[Interval]
) -> tuple[DayMet, ...]:
    """Split the required time of every scored place by day and add the places up."""
    if plan.hours(school.kind) is None or not counted:
        return ()
    spans = [
        span for zone in school.zones for span in _judged(plan, school, zone, cameras, counted)
    ]
    days = local_dates(Interval(counted[0].start, counted[-1].end))
    return tuple(
        DayMet(day=day, seconds=split_seconds(_within(spans, local_day(day)))) for day in days
    )


def _judged(
    plan: Plan,
    school: School,
    zone: Zone,
    cameras: Sequence[CameraLook],
    counted: Sequence[Interval],
) -> list[ZoneSpan]:
    need = plan.required_cameras(school.kind, zone.kind)
    timelines = {c.camera.id: c.timeline for c in cameras if c.zone.id == zone.id}
    return [] if need is None else met_spans(need, timelines, counted)


def _within(spans: Iterable[ZoneSpan], day: Interval) -> Iterator[ZoneSpan]:
    for span in spans:
        cut = span.interval.cut(day)
        if cut is not None:
            yield replace(span, interval=cut)


def _began(reading: Reading, school: School) -> datetime | None:
    own = [reading.first_told[a.id] for a in school.agents if a.id in reading.first_told]
    first = min(own or reading.first_told.values(), default=None)
    return None if first is None else first.replace(microsecond=0)  # claims are whole seconds, too


def since(spans: Sequence[Interval], began: datetime | None) -> tuple[Interval, ...]:
    """Return what of ``spans`` lies at or after ``began``; nothing for None."""
    if began is None:
        return ()
    return tuple(Interval(max(s.start, began), s.end) for s in spans if s.end > began)


def _morning(now: datetime) -> datetime:
    return local_day(local_date(now)).start + timedelta(hours=MORNING_H)


def _cover_then(
    plan: Plan,
    school: School,
    cameras: Iterable[CameraLook],
    reading: Reading,
    moment: datetime,
) -> SchoolCoverage | None:
    """Hold the school against the plan at an earlier moment; None before the window or watch."""
    began = _began(reading, school)
    if not reading.window.start <= moment < reading.now or began is None or moment < began:
        return None
    lives = {c.camera.id: state_at(c.timeline, moment) for c in cameras}
    return cover(school, plan, timelines={}, live=lives, counted=())


def _agent(
    reading: Reading, presences: Mapping[str, Presence], school: School, agent: Agent
) -> AgentLook:
    watched = sum(any(s.agent == agent.id for s in c.sources) for c in school.cameras)
    return AgentLook(
        school=school,
        agent=agent,
        presence=presences[agent.id],
        seen=reading.heard.get(agent.id),
        cameras=watched,
    )


def _camera(
    setting: Setting,
    reading: Reading,
    presences: Mapping[str, Presence],
    school: School,
    zone: Zone,
    camera: Camera,
) -> CameraLook:
    claims = reading.claims.get(camera.id, ())
    carry_s = setting.silent_after_s + CARRY_MARGIN_S
    live = live_state(camera.sources, claims, presences, reading.now, carry_s=carry_s)
    stretched = carried(claims, presences, reading.now, carry_s=carry_s)
    heard = live.state is not State.UNKNOWN
    return CameraLook(
        school=school,
        zone=zone,
        camera=camera,
        live=live,
        timeline=build(claims, reading.window),
        drawn=build(stretched, reading.window),
        vouched=max((c.end for c in claims), default=None) if heard else None,
        facts=reading.facts.get(camera.id),
    )


def cover_at(
    plan: Plan,
    school: School,
    cameras: Iterable[CameraLook],
    counted: Sequence[Interval] | None,
) -> SchoolCoverage:
    """Hold the school against the plan with these cameras' states and timelines."""
    looks = tuple(cameras)
    return cover(
        school,
        plan,
        timelines={c.camera.id: c.timeline for c in looks},
        live={c.camera.id: c.live for c in looks},
        counted=counted,
    )


def data_until(cameras: Iterable[CameraLook], now: datetime) -> datetime:
    """Return up to where the cameras that are heard have all been vouched for; now if none is."""
    return min([now, *(c.vouched for c in cameras if c.vouched is not None)])


def counted_of(
    plan: Plan, school: School, start: datetime, until: datetime
) -> tuple[Interval, ...]:
    """Return the time that counts for uptime between two moments: the plan's hours, else all."""
    if start >= until:
        return ()
    hours = plan.hours(school.kind) if plan.measured_over is MeasuredOver.SCHOOL_HOURS else None
    return counted_time(hours, Interval(start, until))


def scored_week(plan: Plan, school: School, until: datetime) -> tuple[Interval, ...] | None:
    """Return this week's required time so far; None where the plan sets no hours."""
    hours = plan.hours(school.kind)
    week = local_week(local_date(until))
    if hours is None:
        return None
    return counted_time(hours, Interval(week.start, until)) if week.start < until else ()


def last_days(counted: Sequence[Interval], until: datetime, days: int) -> tuple[Interval, ...]:
    """Return the counted time of the last ``days`` local days, today's part included."""
    first = local_day(local_date(until) - timedelta(days=days - 1)).start
    if first >= until:
        return ()
    recent = Interval(first, until)
    return tuple(cut for span in counted if (cut := span.cut(recent)) is not None)


def uptime(cameras: Iterable[CameraLook], counted: Sequence[Interval]) -> Availability:
    """Add the cameras' availability up over the counted time."""
    return sum_of(availability(camera.timeline, counted) for camera in cameras)


def days_of(
    cameras: Iterable[CameraLook], counted: Sequence[Interval]
) -> tuple[DayAvailability, ...]:
    """Add the cameras' days up."""
    sums: dict[date, Availability] = {}
    for camera in cameras:
        for day in by_day(camera.timeline, counted):
            sums[day.day] = sums.get(day.day, Availability()) + day.availability
    return tuple(DayAvailability(day=day, availability=total) for day, total in sums.items())


def state_at(timeline: Timeline, moment: datetime) -> LiveState:
    """Return what the timeline says of one past moment, as a state to be held against the plan."""
    for span in timeline:
        if span.interval.contains(moment):
            return LiveState(state=span.state, cause=span.cause, since=span.interval.start)
    return LiveState(state=State.UNKNOWN)
