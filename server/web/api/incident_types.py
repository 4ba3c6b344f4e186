"""What the API says of incidents. Times are UTC, durations whole seconds."""

from datetime import datetime

import msgspec

from server.web.api.camera_types import Answer
from server.web.incidentdeeds import Scope


class MemberOut(Answer, frozen=True):
    """A subject that is or was a part of it: ``aspect`` says of what ``id`` is the id."""

    aspect: str
    id: str
    cause: str
    since: datetime
    until: datetime | None
    detail: str | None


class IncidentOut(Answer, frozen=True):
    """One incident.

    ``headline`` is in the asker's language. ``affected``: cameras by id; ``required``: zones by id.
    ``sure``: whether the root is certain or concluded; ``why``: the evidence in figures.
    """

    id: str
    headline: str
    kind: str
    root: str
    school: str | None
    unit: str | None
    severity: str
    phase: str
    members: tuple[MemberOut, ...]
    affected: tuple[str, ...]
    required: tuple[str, ...]
    began_at: datetime
    opened_at: datetime
    tell_at: datetime | None
    told_at: datetime | None
    held: str
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    assigned_to: str | None
    ended_at: datetime | None
    closed_at: datetime | None
    sure: bool
    why: dict[str, int | str]


class IncidentsOut(Answer, frozen=True):
    """Incidents, newest first; ``next`` is the ``before`` of the next page, null at the end."""

    incidents: tuple[IncidentOut, ...]
    next: str | None


class StepOut(Answer, frozen=True):
    """One line of its course; ``by`` null: the system."""

    at: datetime
    step: str
    by: str | None
    text: str


class LetterOut(Answer, frozen=True):
    """A message: to whom by name, over which channel, and what came of it. No address is told.

    ``done_at`` null with ``next_at`` null: given up.
    """

    id: str
    occasion: str
    receiver: str
    channel: str
    at: datetime
    attempts: int
    next_at: datetime | None
    done_at: datetime | None


class IncidentStoryOut(Answer, frozen=True):
    """An incident with what to do, its course and its messages."""

    incident: IncidentOut
    steps: tuple[str, ...]
    course: tuple[StepOut, ...]
    letters: tuple[LetterOut, ...]


class ResponseOut(Answer, frozen=True):
    """Medians in seconds of a unit (by id) or a contractor (by name); empty: of all."""

    name: str
    incidents: int
    acknowledged_after_s: int | None
    over_after_s: int | None


class ResponsesOut(Answer, frozen=True):
    """How soon incidents of the last ``days`` days were taken on, and were over."""

    days: int
    all: ResponseOut
    units: tuple[ResponseOut, ...]
    contractors: tuple[ResponseOut, ...]


class AssignIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """To whom it is handed."""

    to: str


class NoteIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A note."""

    text: str


class PauseIn(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A pause of alerts: until when (with its offset), why, and of what."""

    until: datetime
    reason: str
    scope: Scope = Scope.HERE


class PauseMade(Answer, frozen=True):
    """A pause that was made: its id."""

    id: str
