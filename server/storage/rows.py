"""What the store hands out: frozen values, times as aware UTC datetimes.

Nothing here knows SQL. Names follow docs/contracts.md.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from wire.messages import BootStory, Item, Range, Recording, Refusal, Vitals, Watermark


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """One report after ingest has looked at it: what is to be committed, and what was refused.

    Attributes:
        agent: From the authenticated topic, never from the payload.
        spool: The spool that the items' numbers belong to.
        sent_utc_ms: The edge clock when it sent the report.
        received_utc_ms: This server's clock when it arrived.
        boots: Stories of the boots that items and watermarks name.
        items: What passed the rules.
        watermarks: What the agent vouches for.
        vitals: How the agent is.
        refused: Items that will never be taken; they count as received, so that nothing waits.
        kept_from: The spool holds nothing below this number, so nothing waits for it either.
        after: The spool holds nothing between this number and the last item but ``items`` and
            ``refused``; None where that isn't known.
        late: It came as history: it amends the past and is nobody's present.
        gates: Those that its events are of.
    """

    agent: str
    spool: str
    sent_utc_ms: int
    received_utc_ms: int
    boots: tuple[BootStory, ...] = ()
    items: tuple[Item, ...] = ()
    watermarks: tuple[Watermark, ...] = ()
    vitals: Vitals | None = None
    refused: tuple[Refusal, ...] = ()
    kept_from: int = 1
    after: int | None = None
    late: bool = False
    gates: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How much of one spool is committed: all up to ``through``, and ``ranges`` beyond it."""

    through: int = 0
    ranges: tuple[Range, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSeen:
    """What the centre knows of one agent, registered or not.

    Attributes:
        agent: Its name.
        last_report_at: When its newest report arrived (server clock).
        last_report_until: UTC of the newest watermark that counts.
        online_hint: What its retained status last said; a hint, never the proof of silence.
        hint_at: When ``online_hint`` last changed (server clock).
        clock_offset_ms: Server clock minus edge clock, as the agent last measured it.
        items_at: When the newest report arrived that told of cameras: brought items other than gate
            events, or held a camera back.
        vitals: Its own health as last told.
        vitals_at: When ``vitals`` arrived.
        gap_count: Spool items that it had to drop, all told.
        refused_count: Items and payloads of it that were refused, all told (repeats count).
    """

    agent: str
    last_report_at: datetime | None = None
    last_report_until: datetime | None = None
    online_hint: bool | None = None
    hint_at: datetime | None = None
    clock_offset_ms: int | None = None
    items_at: datetime | None = None
    vitals: Vitals | None = None
    vitals_at: datetime | None = None
    gap_count: int = 0
    refused_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraFacts:
    """What the agent last measured of one camera; see ``wire.messages.CameraFacts``.

    ``loss`` is a share, 0 to 1. ``unchecked`` holds words of ``vocabulary.Cause``, or newer ones.
    """

    at: datetime
    codec: str | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    kbit_s: float | None = None
    loss: float | None = None
    jitter_ms: float | None = None
    unchecked: tuple[str, ...] = ()
    clock_offset_ms: int | None = None
    recording: Recording | None = None
    unseen_s: int | None = None


class CameraView(NamedTuple):
    """How an agent looks at a camera.

    ``host``: where it is in its school's network, None if not told; ``unseen_s``: for how long the
    agent does not look between two looks, 0 if it always does.
    """

    host: str | None = None
    unseen_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GateEventRow:
    """One passage or act at a gate.

    ``occurred_at`` is the device's time, ``accepted_at`` the edge's when it saved the event,
    ``received_at`` this server's of the commit. ``clock_suspect``: the edge clock was known to be
    over two seconds wrong, or the event lies in the future.
    """

    agent: str
    id: str
    gate: str
    kind: str
    direction: str | None
    subject: str | None
    reader: str | None
    note: str | None
    occurred_at: datetime
    accepted_at: datetime
    received_at: datetime
    clock_suspect: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GateCount:
    """How many events one gate had of one kind and direction."""

    gate: str
    kind: str
    direction: str | None
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusalRow:
    """Something that was not taken, and why. ``seq`` is None for a payload as a whole."""

    agent: str
    at: datetime
    what: str
    reason: str
    seq: int | None = None


class Role(StrEnum):
    """What a person may do: look at pages, or act on cameras and see pictures as well."""

    VIEWER = "viewer"
    OFFICER = "officer"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person who may sign in. ``password_hash`` is Argon2id's encoded form."""

    id: int
    name: str
    password_hash: str
    created_at: datetime
    disabled: bool = False
    role: Role = Role.VIEWER

    @property
    def may_act(self) -> bool:
        """Whether commands and pictures of cameras are for this person."""
        return self.role is Role.OFFICER


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser. The cookie's token is never stored, only its hash."""

    token_hash: str
    user: User
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Something that a person did to a camera, or saw of it.

    ``action`` is a word of ``wire.vocabulary.Verb``, ``detail`` says which (a piece of evidence and
    its side), ``outcome`` what came of it; None while it is under way.
    """

    id: int
    at: datetime
    person: str
    action: str
    camera: str
    detail: str | None = None
    outcome: str | None = None
