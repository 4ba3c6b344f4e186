"""From what the store holds to what is true of a set of schools at one moment. Pure.

Figures are sums of the days that were read; drawings carry the live state up to now.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from server.domain.calendar import local_date, local_day
from server.domain.clocks import Grade
from server.domain.coverage import SchoolCoverage, cover, with_seconds
from server.domain.incident.signals import Aspect
from server.domain.interval import Interval
from server.domain.liveness import (
    CARRY_MARGIN_S,
    LiveState,
    Presence,
    carried,
    live_state,
    presence,
)
from server.domain.plan import Plan
from server.domain.timeline import Timeline, build
from server.domain.units import Agent, Camera, Organisation, School, Zone
from server.storage.incident_rows import IncidentRow
from server.storage.rows import AgentSeen
from server.web.pages.counting import data_until, met_by_zone, monday_of, off_of, within
from server.web.pages.looks import AgentLook, CameraLook, Off, Reading, SchoolLook, Setting, Survey
from server.web.pages.warnings import warnings_of
from wire.vocabulary import State

MORNING_H: Final = 7


def survey(setting: Setting, reading: Reading, schools: Iterable[School]) -> Survey:
    """Work out what is true of ``schools`` at the reading's moment."""
    presences = presences_of(setting, reading.heard, reading.now)
    looks = tuple(look_at(setting, reading, presences, school) for school in schools)
    return Survey(
        setting=setting,
        now=reading.now,
        window=reading.window,
        schools=looks,
        incidents=tuple(reading.incidents),
        incidents_of=incidents_by_school(reading.incidents, setting.organisation),
    )


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
    plan, began = setting.plan, reading.began.get(school.id)
    past = tuple(sorted(reading.days.get(school.id, ()), key=lambda row: row.day))
    today = local_date(reading.now)
    return SchoolLook(
        school=school,
        at=reading.now,
        began=began,
        cameras=cameras,
        agents=tuple(_agent(reading, presences, school, agent) for agent in school.agents),
        coverage=with_seconds(
            cover_at(plan, school, cameras, None),
            met_by_zone(within(past, monday_of(reading.now), today)),
        ),
        until=data_until(cameras, reading.now),
        past=past,
        yesterday=_cover_then(plan, school, cameras, reading, reading.now - timedelta(days=1)),
        morning=_cover_then(plan, school, cameras, reading, _morning(reading.now)),
        closed=tuple(
            d
            for d in reading.closed
            if d.school == school.id and began is not None and d.day >= local_date(began)
        ),
        off=off_of(setting, school, reading.window),
    )


def incidents_by_school(
    rows: Iterable[IncidentRow], organisation: Organisation
) -> dict[str, tuple[IncidentRow, ...]]:
    """Return the incidents of each school, and the wider ones that its gate PCs are a part of."""
    found: dict[str, list[IncidentRow]] = {}
    for row in rows:
        own = row.incident.school
        for school in (own,) if own else _part_of(row, organisation):
            found.setdefault(school, []).append(row)
    return {school: tuple(mine) for school, mine in found.items()}


def _part_of(row: IncidentRow, organisation: Organisation) -> Iterable[str]:
    members = (m.subject for m in row.incident.members if m.subject.aspect is Aspect.AGENT)
    known = (organisation.agent(subject.id) for subject in members)
    return dict.fromkeys(pair[0].id for pair in known if pair is not None)


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
        warnings=warnings_of(agent.id, reading.heard.get(agent.id), reading.signs, reading.now),
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
        vouched=max((c.end for c in claims if c.clock is not Grade.SUSPECT), default=None)
        if heard
        else None,
        facts=reading.facts.get(camera.id),
    )


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
    began = reading.began.get(school.id)
    if not reading.window.start <= moment < reading.now or began is None or moment < began:
        return None
    lives = {c.camera.id: state_at(c.timeline, moment) for c in cameras}
    return cover(school, plan, timelines={}, live=lives, counted=())


def cover_at(
    plan: Plan,
    school: School,
    cameras: Iterable[CameraLook],
    counted: Sequence[Interval] | None,
    off: Off | None = None,
) -> SchoolCoverage:
    """Hold the school against the plan with these cameras' states and timelines."""
    looks = tuple(cameras)
    return cover(
        school,
        plan,
        timelines={c.camera.id: c.timeline for c in looks},
        live={c.camera.id: c.live for c in looks},
        counted=counted,
        off=off,
    )


def state_at(timeline: Timeline, moment: datetime) -> LiveState:
    """Return what the timeline says of one past moment, as a state to be held against the plan."""
    for span in timeline:
        if span.interval.contains(moment):
            return LiveState(state=span.state, cause=span.cause, since=span.interval.start)
    return LiveState(state=State.UNKNOWN)
