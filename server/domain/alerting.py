"""Which alerts to open and close, from what is true *now*.

Two rules: a camera that watches a gate is down for longer than N seconds; an agent is silent. Only
a condition that holds now opens an alert, dated when it became true: late data that amends the
past rings no bell. A camera whose agents are all silent is held back: its agent's alert speaks for
it, and an alert that is open stays open, because nobody can tell that it is over.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import assert_never

from server.domain.liveness import LiveState, Presence, PresenceKind
from wire.vocabulary import State


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
    """Nobody looks after the camera, or its agent has only just come back and is catching up."""
    AGENT_NOT_HEARD = "agent_not_heard"
    """This server has not listened for long enough, or the agent has never reported."""
    NOT_REPORTED = "not_reported"
    """The agent reports, but not about this camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long trouble may last before it is told, in seconds."""

    gate_camera_down_s: int
    agent_silent_s: int


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


class Condition(StrEnum):
    """How a rule stands for one subject now."""

    CLEAR = "clear"
    PENDING = "pending"
    """True, but not yet for long enough."""
    TRUE = "true"
    CANNOT_TELL = "cannot_tell"
    GONE = "gone"
    """The subject is no longer configured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """A rule held against one subject. ``at``: since when it is true, or when it was over."""

    rule: Rule
    school: str
    subject: str
    condition: Condition
    reason: Reason
    at: datetime
    state: str = ""
    cause: str | None = None
    due_at: datetime | None = None


def step(
    now: datetime,
    *,
    cameras: Iterable[CameraFact],
    agents: Iterable[AgentFact],
    open_alerts: Iterable[OpenAlert],
    limits: Limits,
) -> Outcome:
    """Decide. Asking again with the same facts and the alerts opened decides nothing new."""
    opened: defaultdict[tuple[Rule, str], list[OpenAlert]] = defaultdict(list)
    for alert in open_alerts:
        opened[alert.rule, alert.subject].append(alert)
    known = {a.agent: a for a in agents}
    speechless = {
        name
        for name, fact in known.items()
        if not fact.presence.reporting or (Rule.AGENT_SILENT, name) in opened
    }
    judged = [_judge_agent(a, now, limits) for a in known.values()]
    judged += [_judge_camera(c, now, limits, speechless) for c in cameras]
    judged += _gone(opened, judged, now)
    decisions = tuple(d for j in judged for d in _decide(j, opened.get((j.rule, j.subject), ())))
    due = [j.due_at for j in judged if j.condition is Condition.PENDING and j.due_at]
    return Outcome(decisions=decisions, look_again_at=min(due, default=None))


def _decide(judged: _Judged, opened: Sequence[OpenAlert]) -> Iterator[Decision]:
    """All transitions: what a condition means for the alerts that are open on its subject."""
    match judged.condition:
        case Condition.TRUE if not opened:
            yield Open(
                rule=judged.rule,
                school=judged.school,
                subject=judged.subject,
                state=judged.state,
                cause=judged.cause,
                began_at=judged.at,
                reason=judged.reason,
            )
        case Condition.CLEAR | Condition.GONE:
            for alert in opened:
                yield Close(
                    alert=alert.id,
                    rule=judged.rule,
                    subject=judged.subject,
                    ended_at=max(judged.at, alert.began_at),
                    reason=judged.reason,
                )
        case Condition.CANNOT_TELL if opened or judged.state == State.DOWN:
            yield Hold(rule=judged.rule, subject=judged.subject, reason=judged.reason)
        case Condition.TRUE | Condition.PENDING | Condition.CANNOT_TELL:
            return
        case _:
            assert_never(judged.condition)


def _judge_agent(fact: AgentFact, now: datetime, limits: Limits) -> _Judged:
    """Hold the silence rule against an agent; awaited and never seen ring no bell."""
    told = partial(
        _Judged,
        rule=Rule.AGENT_SILENT,
        school=fact.school,
        subject=fact.agent,
        state=fact.presence.kind,
        cause=fact.presence.why,
    )
    since = fact.presence.since
    match fact.presence.kind:
        case PresenceKind.SILENT if since is not None:
            due = since + timedelta(seconds=limits.agent_silent_s)
            condition = Condition.TRUE if due <= now else Condition.PENDING
            return told(condition=condition, reason=Reason.SILENT_TOO_LONG, at=since, due_at=due)
        case PresenceKind.REPORTING:
            return told(condition=Condition.CLEAR, reason=Reason.REPORTS_AGAIN, at=now)
        case _:
            return told(condition=Condition.CANNOT_TELL, reason=Reason.AGENT_NOT_HEARD, at=now)


def _judge_camera(
    fact: CameraFact, now: datetime, limits: Limits, speechless: Collection[str]
) -> _Judged:
    """Hold the gate rule against a camera; its agents' silence, or return, holds it back."""
    live = fact.live
    since = live.state_since or now
    told = partial(
        _Judged,
        rule=Rule.GATE_CAMERA_DOWN,
        school=fact.school,
        subject=fact.camera,
        state=live.state,
        cause=live.cause,
        at=since,
    )
    if speechless and all(a in speechless for a in fact.agents):
        return told(condition=Condition.CANNOT_TELL, reason=Reason.AGENT_SILENT)
    match live.state:
        case State.DOWN:
            due = since + timedelta(seconds=limits.gate_camera_down_s)
            condition = Condition.TRUE if due <= now else Condition.PENDING
            return told(condition=condition, reason=Reason.DOWN_TOO_LONG, due_at=due)
        case State.UP | State.DEGRADED:
            return told(condition=Condition.CLEAR, reason=Reason.NOT_DOWN_ANY_MORE)
        case State.UNKNOWN:
            return told(condition=Condition.CANNOT_TELL, reason=Reason.NOT_REPORTED)
        case _:
            assert_never(live.state)


def _gone(
    opened: Mapping[tuple[Rule, str], Sequence[OpenAlert]],
    judged: Iterable[_Judged],
    now: datetime,
) -> list[_Judged]:
    """Judge what has an open alert and is no longer configured."""
    if not opened:
        return []
    known = {(j.rule, j.subject) for j in judged}
    return [
        _Judged(
            rule=rule,
            school="",
            subject=subject,
            condition=Condition.GONE,
            reason=Reason.NOT_CONFIGURED,
            at=now,
        )
        for rule, subject in opened
        if (rule, subject) not in known
    ]
