"""Incidents: one trouble with one root, and what becomes of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from server.domain.incident.signals import Subject


class Kind(StrEnum):
    """What is at the root, from the widest to the narrowest."""

    CENTRE = "centre"
    """This server itself: its broker, database, disk or line. It says so, nothing of cameras."""
    LINE = "line"
    """Many schools at once: their common line, or the centre's."""
    SCHOOL = "school"
    """All gate PCs of a school: its power or its uplink."""
    AGENT = "agent"
    """One gate PC: off, or cut off, or its program ended."""
    NETWORK = "network"
    """Cameras of several addresses behind one agent at once: a switch, or their power."""
    RECORDER = "recorder"
    """Channels of one address at once."""
    CREDENTIALS = "credentials"
    """Many cameras refuse the password at once: it was changed."""
    CAMERA = "camera"
    """One camera gives no picture."""
    PICTURE = "picture"
    """Covered, turned away, blurred, black, frozen: a picture that is of no use."""
    STREAM = "stream"
    """A poor stream: lossy, slow."""
    RECORDING = "recording"
    """The recorder has gaps, or keeps too little."""
    GATE_DOOR = "gate_door"
    """A gate was forced, or is held open."""
    GATE_STREAM = "gate_stream"
    """No gate events come although the gate is in use."""
    CLOCK = "clock"
    SPOOL = "spool"
    CERTIFICATE = "certificate"
    CHANNEL = "channel"
    """A way out that keeps failing: told on another."""


class Severity(StrEnum):
    """How soon people must hear of it."""

    URGENT = "urgent"
    """At once, at any hour."""
    NORMAL = "normal"
    """Within working hours."""
    NOTED = "noted"
    """In the inbox alone."""


class Phase(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    RECOVERING = "recovering"
    """All is well again, but not for long enough to believe it."""
    UNSTABLE = "unstable"
    """It comes and goes: one message says so, and it ends after a long calm."""
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A subject that is or was a part of an incident. Times in UTC; ``until`` None: it still is."""

    subject: Subject
    cause: str
    since: datetime
    until: datetime | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One trouble with one root.

    Attributes:
        id: Stable: made of kind, root and ``began_at``, so that a repeat is the same incident.
        root: What failed, e.g. ``network:<agent id>``, ``recorder:<agent id>/<host>``,
            ``school:<id>``, ``line:<unit id>``, ``camera:<id>``, ``centre:broker``;
            a network is named by the first of the agents that look into it.
        school: None where it is of several or of none. ``unit``: of a ``LINE``.
        members: What is in trouble by it, first first.
        affected: Ids of the cameras that nobody can tell of, or that are down, by it.
        required: Ids of the zones that the plan wants watched and that it touches.
        began_at: When the trouble truly began; ``opened_at``: when the engine opened it.
        tell_at: From when on it is to be told; None: never (noted, silenced, under maintenance).
        held: Why it is not told at once: ``noted``, ``off_hours``, or a person's words (the reason
            of a silence or of announced work); empty if it is.
        ended_at: When all was well again; ``closed_at``: when the engine believed it.
        sure: Whether the root is certain, or concluded ("nghi do ...").
        why: The evidence in facts for words: e.g. {"cameras": 3, "of": 9, "within_s": 4}.
    """

    id: str
    kind: Kind
    root: str
    school: str | None
    unit: str | None = None
    severity: Severity
    phase: Phase = Phase.OPEN
    members: tuple[Member, ...]
    affected: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    began_at: datetime
    opened_at: datetime
    tell_at: datetime | None
    held: str = ""
    ended_at: datetime | None = None
    closed_at: datetime | None = None
    sure: bool = True
    why: tuple[tuple[str, int | str], ...] = ()


class Step(StrEnum):
    """What happened to an incident."""

    OPENED = "opened"
    """It may be unstable from its beginning: who has failed often before is not given another name
    for it later."""
    JOINED = "joined"
    """Its members are not what they were (more, fewer, another cause); not told."""
    WIDENED = "widened"
    """Its root turned out to be wider (a camera's is the recorder's): not told again.

    Where people were told and do not know the half by that (one gate PC of a line), the wider root
    is opened, and told, and the narrower incident absorbed."""
    WORSENED = "worsened"
    """Its severity rose, so that it is to be told now."""
    RETIMED = "retimed"
    """A silence was made, lengthened or ended, so that it is told at another time than was said:
    what was to be told is told then."""
    UNSTABLE = "unstable"
    EASED = "eased"
    """All is well at the moment, not yet for long enough to believe it; not told."""
    RETURNED = "returned"
    """It came back before it was believed to be over; not told."""
    RECOVERED = "recovered"
    """Closed because all is well. Of one that was absorbed it comes once more, after that: for
    those who were told of it and of none of its heirs."""
    ABSORBED = "absorbed"
    """Closed because a wider incident explains it, or its subject is gone; not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One step of one incident, at the engine's time ``at``; ``incident`` is how it stands after.

    ``into``: of ``ABSORBED``, the incident that explains it. ``heirs``: of the ``RECOVERED`` of one
    that was absorbed, the incidents that took it over: who was told of one of them hears of that
    one's end.
    """

    at: datetime
    step: Step
    incident: Incident
    into: str | None = None
    heirs: tuple[str, ...] = ()
