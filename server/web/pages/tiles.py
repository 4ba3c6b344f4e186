"""A school as a tile on the front page: its worst required place decides."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from server.domain.coverage import SchoolCoverage
from server.domain.shortfall import CameraNow, Lack
from server.domain.units import School
from server.web.pages.looks import AgentLook, SchoolLook
from server.web.pages.places import Point, points_of, rank
from wire.vocabulary import State


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


def tile(look: SchoolLook) -> Tile:
    """Sum one school up."""
    points = tuple(points_of(look))
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


def tile_order(tile: Tile) -> tuple[int, int, str]:
    """Sort by this for the worst first; of the good ones, those with broken spare cameras."""
    return rank(tile.state), not tile.spare, tile.school.name


def _spare(coverage: SchoolCoverage) -> tuple[CameraNow, ...]:
    """Return broken cameras of which no required place is short."""
    return tuple(
        camera
        for zone in coverage.zones
        if zone.need is None or zone.lack is None
        for camera in zone.cameras
        if camera.live.state in {State.DOWN, State.DEGRADED}
    )
