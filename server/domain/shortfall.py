"""What a point lacks now: which cameras, how many, and since when. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from server.domain.liveness import LiveState, UnknownWhy
from server.domain.points import watched
from server.domain.timeline import SEVERITY
from server.domain.units import Zone
from wire.vocabulary import State

NEVER: Final = datetime.min.replace(tzinfo=UTC)
NEVER_CLAIMED: Final = LiveState(state=State.UNKNOWN, why=UnknownWhy.AGENT_NEVER_SEEN)


class Lack(StrEnum):
    """What a point lacks; also why it has the state that it has."""

    NOT_INSTALLED = "not_installed"
    NOT_WORKING = "not_working"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraNow:
    """One camera of a zone and what it does now."""

    id: str
    name: str
    live: LiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What is missing where, and since when.

    Attributes:
        missing: How many cameras short, unknown ones taken as not working.
        missing_for_sure: The same with unknown ones taken as working.
        since: Since when the point has been short; None: never complete, or not known.
        cameras: The cameras that fail it, the first to act on first.
    """

    school: str
    zone: Zone
    lack: Lack
    need: int
    missing: int
    missing_for_sure: int
    since: datetime | None
    cameras: tuple[CameraNow, ...]


def lack_of(need: int, states: Sequence[State]) -> Lack | None:
    """Say what a point lacks: cameras, working ones, or certainty."""
    up, unknown = states.count(State.UP), states.count(State.UNKNOWN)
    if up >= need:
        return None
    if len(states) < need:
        return Lack.NOT_INSTALLED
    return Lack.NOT_KNOWN if up + unknown >= need else Lack.NOT_WORKING


def shortfall(
    school: str,
    zone: Zone,
    *,
    need: int,
    cameras: Sequence[CameraNow],
    counts: Collection[str] = (),
) -> Shortfall | None:
    """Say what a point is short of, with the cameras that were lost first in front; None: it isn't.

    ``cameras`` are those of the zone; ``counts``: causes of a degraded picture that still counts.
    """
    states = [watched(c.live.state, c.live.cause, counts) for c in cameras]
    lack, certain = lack_of(need, states), states.count(State.UP)
    if lack is None:
        return None
    failing = sorted(
        (c for c, s in zip(cameras, states, strict=True) if s is not State.UP),
        key=lambda c: (-SEVERITY[c.live.state], c.live.trouble_since or NEVER, c.id),
    )
    return Shortfall(
        school=school,
        zone=zone,
        lack=lack,
        need=need,
        missing=need - certain,
        missing_for_sure=max(0, need - certain - states.count(State.UNKNOWN)),
        since=_short_since(need, len(cameras), failing),
        cameras=tuple(failing),
    )


def _short_since(need: int, installed: int, failing: Sequence[CameraNow]) -> datetime | None:
    """Return when the point lost the camera that it can't do without; None: it never had enough.

    Looks at each camera's current trouble alone: the point has been short at least since then.
    """
    spare = installed - need
    if spare < 0:
        return None
    dated = sorted(c.live.trouble_since or NEVER for c in failing)
    return None if dated[spare] == NEVER else dated[spare]
