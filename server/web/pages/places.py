"""The required places, one by one: the state of each, since when, and what changed in a day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from server.domain.coverage import ZoneCoverage
from server.domain.points import Met
from server.domain.shortfall import Lack
from server.domain.units import School
from server.web.pages.looks import AgentLook, SchoolLook, Survey
from wire.vocabulary import State

_WORST_FIRST: Final = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.UP)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One required place: its state and since when it has been so."""

    school: School
    zone: ZoneCoverage
    state: State
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Places that nobody can tell of, because one gate PC is not heard.

    A place at which two such PCs look counts with the first of them only, so silences add up.
    """

    look: AgentLook
    points: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Required places whose answer is not what it was a day ago."""

    worse: tuple[Point, ...]
    lost_sight: tuple[Point, ...]
    better: tuple[Point, ...]


def points_of(look: SchoolLook) -> Iterable[Point]:
    """Return the places of a school of which the plan requires cameras."""
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


def point_order(point: Point) -> tuple[int, str, str]:
    """Sort by this for the worst first, then by name."""
    return rank(point.state), point.school.name, point.zone.zone.name


def silences(survey: Survey, points: Sequence[Point]) -> tuple[Silence, ...]:
    """Return the gate PCs that are not heard, each with the places nobody can tell of for that."""
    left: dict[str, list[Point]] = {}
    for point in points:
        if point.zone.lack is Lack.NOT_KNOWN:
            left.setdefault(point.school.id, []).append(point)
    sums: list[Silence] = []
    for look in survey.agents:
        here = left.get(look.school.id, []) if not look.presence.reporting else []
        eyes = _eyes(look)
        hidden = [p for p in here if any(c.id in eyes for c in p.zone.cameras)]
        if hidden:
            sums.append(Silence(look=look, points=len(hidden)))
            left[look.school.id] = [p for p in here if p not in hidden]
    return tuple(sums)


def _eyes(look: AgentLook) -> frozenset[str]:
    """Return the cameras that a gate PC watches."""
    agent = look.agent.id
    return frozenset(
        camera.id
        for camera in look.school.cameras
        if any(source.agent == agent for source in camera.sources)
    )


def changes(survey: Survey) -> Changes:
    """Compare each required place with the same moment a day ago."""
    worse, lost_sight, better = [], [], []
    for look in survey.schools:
        before = {z.zone.id: z.met for z in look.yesterday.zones} if look.yesterday else {}
        for point in points_of(look):
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


def _since(zone: ZoneCoverage) -> datetime | None:
    """Return since when the place has its state, by the cameras that give it."""
    moments = [c.live.state_since for c in zone.cameras if c.live.state is zone.status]
    known = [m for m in moments if m is not None]
    return min(known) if known else None


def rank(state: State | None) -> int:
    """Return how far from the worst a state is; what has no state comes last."""
    return len(_WORST_FIRST) if state is None else _WORST_FIRST.index(state)
