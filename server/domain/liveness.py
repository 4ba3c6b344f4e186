"""Whether an agent is heard, and what a camera is doing *now*.

Claims end at the newest watermark, up to a minute behind now. While the agent reports, the last
claimed state is carried to now: no news is no change. Once it is silent nothing is carried, and
the camera is ``unknown`` from the end of its last claim, not from the moment of noticing.

A last will only hints. It proves silence once it is ``HINT_GRACE_S`` old without a newer report
(a flapping link sends wills by the dozen). A server that has only just begun to listen
(``listening_since``) has no right to call anybody silent: until it has listened for as long as an
agent may be quiet, the agent is ``awaited``: its cameras are unknown, and no bell rings.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from server.domain.timeline import Claim
from wire.vocabulary import State

HINT_GRACE_S: Final = 10
CARRY_MARGIN_S: Final = 30


class Heard(Protocol):
    """What the server has heard of one agent (``server.storage.AgentSeen`` is one)."""

    @property
    def last_report_at(self) -> datetime | None:
        """Server time of the newest report's receipt."""
        ...

    @property
    def online_hint(self) -> bool | None:
        """The newest retained status."""
        ...

    @property
    def hint_at(self) -> datetime | None:
        """Server time of that status' receipt."""
        ...


class PresenceKind(StrEnum):
    """The server's view of an agent."""

    REPORTING = "reporting"
    AWAITED = "awaited"
    SILENT = "silent"
    NEVER_SEEN = "never_seen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Presence:
    """An agent's presence. ``since``: silent or awaited since this last report; else None."""

    kind: PresenceKind
    why: str
    since: datetime | None = None

    @property
    def reporting(self) -> bool:
        """Whether the agent's word holds now."""
        return self.kind is PresenceKind.REPORTING


class UnknownWhy(StrEnum):
    """Why nobody can say what a camera does."""

    AGENT_SILENT = "agent_silent"
    AGENT_AWAITED = "agent_awaited"
    AGENT_NEVER_SEEN = "agent_never_seen"
    NOT_REPORTED = "not_reported"
    """The agent reports, but not (or no longer) about this camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """What a camera does now.

    Attributes:
        since: Since when this state *and cause*; None when nothing was ever claimed.
        state_since: Since when this state, whatever its causes.
        trouble_since: Since when not up, whatever the state; None while up.
        why: Set exactly when the state is unknown.
        claimed_until: The end of the newest claim: how far the edge has vouched.
    """

    state: State
    cause: str | None = None
    detail: str | None = None
    since: datetime | None = None
    state_since: datetime | None = None
    trouble_since: datetime | None = None
    why: UnknownWhy | None = None
    claimed_until: datetime | None = None


def presence(
    heard: Heard | None,
    now: datetime,
    *,
    silent_after_s: int,
    listening_since: datetime | None = None,
) -> Presence:
    """Tell whether an agent is reporting, silent (since its last report) or was never seen."""
    raise NotImplementedError


def live_state(
    claims: Iterable[Claim],
    presences: Mapping[str, Presence],
    now: datetime,
    *,
    carry_s: int,
) -> LiveState:
    """Return what one camera does now.

    ``claims`` are those of all its sources, at least the ones that reach into the last hour (older
    ones only make ``since`` reach further back). ``presences`` is keyed by agent; a source is
    ``agent/camera``. ``carry_s``: how old a claim's end may be and still be carried to now; give
    the seconds of silence that are allowed plus ``CARRY_MARGIN_S``.
    """
    raise NotImplementedError
