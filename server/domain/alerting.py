"""Which alerts to open and close, from what is true *now*.

Two rules: a camera that watches a gate is down for longer than N seconds; an agent is silent. Only
a condition that holds now opens an alert, dated when it became true: late data that amends the
past rings no bell. A camera whose agents are all silent is held back: its agent's alert speaks for
it, and an alert that is open stays open, because nobody can tell that it is over.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.liveness import LiveState, Presence


class Rule(StrEnum):
    """What an alert is about."""

    GATE_CAMERA_DOWN = "gate_camera_down"
    AGENT_SILENT = "agent_silent"


class Reason(StrEnum):
    """Why a decision was taken."""

    DOWN_TOO_LONG = "down_too_long"
    SILENT_TOO_LONG = "silent_too_long"
    NOT_DOWN_ANY_MORE = "not_down_any_more"
    REPORTS_AGAIN = "reports_again"
    NOT_CONFIGURED = "not_configured"
    AGENT_SILENT = "agent_silent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long trouble may last before it is told. ``agent_silent_s`` is in the presences."""

    gate_camera_down_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFact:
    """A gate camera now: its school, its agents (any of which may see it) and its live state."""

    camera: str
    school: str
    agents: tuple[str, ...]
    live: LiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentFact:
    """An agent now."""

    agent: str
    school: str
    presence: Presence


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlert:
    """An alert that is open. ``subject`` is the camera's or the agent's id, by its rule."""

    id: int
    rule: Rule
    subject: str
    began_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Open an alert. ``subject`` as in ``OpenAlert``; ``state`` and ``cause`` as seen now."""

    rule: Rule
    school: str
    subject: str
    state: str
    cause: str | None
    began_at: datetime
    reason: Reason

    @property
    def camera(self) -> str | None:
        """The camera that it is about."""
        return self.subject if self.rule is Rule.GATE_CAMERA_DOWN else None

    @property
    def agent(self) -> str | None:
        """The agent that it is about."""
        return self.subject if self.rule is Rule.AGENT_SILENT else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """Close an alert. ``ended_at`` is when the trouble was over, not when it was noticed."""

    alert: int
    rule: Rule
    subject: str
    ended_at: datetime
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Do nothing about a camera, because of another trouble that explains it."""

    rule: Rule
    subject: str
    reason: Reason


Decision = Open | Close | Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What to do now, and when a condition that is true already will last long enough."""

    decisions: tuple[Decision, ...]
    look_again_at: datetime | None


def step(
    now: datetime,
    *,
    cameras: Iterable[CameraFact],
    agents: Iterable[AgentFact],
    open_alerts: Iterable[OpenAlert],
    limits: Limits,
) -> Outcome:
    """Decide. Asking again with the same facts and the alerts opened decides nothing new."""
    raise NotImplementedError
