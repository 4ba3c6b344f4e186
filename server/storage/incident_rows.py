"""What the store hands out about incidents and letters. Frozen values, times as aware UTC."""

from dataclasses import dataclass
from datetime import datetime

from server.domain.incident.model import Change, Incident, Kind
from server.domain.incident.signals import Observation
from server.domain.paging.directory import Directory
from server.domain.paging.people import Occasion, Way


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentRow:
    """An incident as the engine has it, and what people have made of it.

    Attributes:
        began_at, ended_at: As they are known now: late history may differ from ``incident``'s own.
        told_at: When the first letter of it was due, or will be; None: nobody is told.
        acknowledged_at, acknowledged_by: When somebody took it on, and who (a user's name, or a
            receiver's where it was by a link).
        assigned_to: Whose it is, where it was handed over.
    """

    incident: Incident
    began_at: datetime
    ended_at: datetime | None = None
    told_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    assigned_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One line of an incident's history.

    ``step`` is a word of ``domain.incident.model.Step``, or ``acknowledged``, ``assigned``,
    ``note`` or ``silenced``; ``by`` is None for the engine's; ``text`` is the note,
    to whom it was handed, or for ``absorbed`` the incident that explains it.
    """

    incident: str
    at: datetime
    step: str
    by: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentFilter:
    """Which incidents are wanted; what is None or empty does not restrict.

    ``mine``: acknowledged by, or handed to, this person. ``text`` looks in ids, causes and details
    without marks; ``named`` are schools that it also means (their names are not in the database).
    ``opened_from`` and ``opened_to``: half-open.
    """

    open: bool | None = None
    told: bool | None = None
    acknowledged: bool | None = None
    mine: str | None = None
    kinds: frozenset[Kind] = frozenset()
    schools: frozenset[str] | None = None
    text: str = ""
    named: frozenset[str] = frozenset()
    opened_from: datetime | None = None
    opened_to: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineState:
    """What the engine remembers, encoded (None: nothing yet), and the version that it has."""

    version: int = 0
    memory: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A message that left while there was no database: its letter's id, when, what was answered."""

    letter: str
    at: datetime
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentBatch:
    """All that one look leads to; it is written as a whole or not at all.

    ``directory``: who is told of the changes, in the same transaction. ``brought``: which of their
    letters have left already.
    """

    memory: bytes
    directory: Directory
    observations: tuple[Observation, ...] = ()
    changes: tuple[Change, ...] = ()
    brought: tuple[Brought, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """One message to one receiver over one way; ``id`` is its call's, over every attempt.

    ``at``: from when on it was to be sent. ``next_at`` None: done, or given up if ``done_at`` is
    None too. ``outcome``: what the last attempt came to. ``body``: JSON, where no incident is.
    """

    id: str
    incident: str | None
    occasion: Occasion
    receiver: str
    way: Way
    language: str
    at: datetime
    created_at: datetime
    next_at: datetime | None
    attempts: int = 0
    done_at: datetime | None = None
    outcome: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRow:
    """One attempt to deliver a letter."""

    letter: str
    channel: str
    at: datetime
    ok: bool
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """How a channel does: its last success, and since when every attempt after that has failed."""

    last_ok_at: datetime | None
    failing_since: datetime | None
    last_error: str | None = None
