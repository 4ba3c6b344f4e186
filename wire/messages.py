"""Message types. JSON on the wire; times are whole milliseconds.

Two kinds of time, never mixed:

* ``*_ms`` inside a boot (``start_ms``, ``until_ms`` ...): milliseconds since that boot's origin on
  a monotonic clock that counts through sleep. They never move against each other.
* ``*_utc_ms``: milliseconds since 1970-01-01T00:00:00Z by the clock of whoever wrote them.

A boot is one run of one agent, or a part of one: an agent that comes back with a backlog begins a
new one, so that the present need not wait for the past. ``BootStory`` ties its origin to UTC; a
wrong clock is corrected afterwards for the whole boot at once.

Identity: a segment is ``(agent, boot, number)``; a gate event is ``(agent, id)``; a spool item is
``(agent, spool, seq)``, where each boot has a ``spool`` of its own: numbers that one process gives
out can't be given by another, be it a cloned disk or a restored one. The agent's name never stands
in a payload: it is the topic's.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from wire.topics import ID_PATTERN
from wire.vocabulary import State

# \Z, not $: that one lets a line's end pass, with which a name would be another name.
Id = Annotated[str, Meta(pattern=ID_PATTERN.removesuffix("$") + r"\Z")]
Uuid = Annotated[str, Meta(pattern=r"^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
Ms = Annotated[int, Meta(ge=0, le=10**14)]
Count = Annotated[int, Meta(ge=0, le=2**53)]
Seq = Annotated[int, Meta(ge=1, le=2**53)]
Text = Annotated[str, Meta(max_length=500)]
Word = Annotated[str, Meta(max_length=64)]


class Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """Base of every wire type: frozen, by keyword, defaults left out.

    None can be part of a cycle, so the garbage collector need not look through them: a sixth of the
    time from a report's bytes to its commit.
    """


class BootStory(Message, frozen=True):
    """What one run of an agent knows of its own time.

    Attributes:
        id: Names the run.
        origin_utc_ms: The edge clock's reading of the boot's origin (now minus elapsed), as of the
            last time it was looked at; it moves when the edge clock is stepped.
        offset_ms: Server clock minus edge clock as last measured through an ack, or None.
        steps: How often the edge clock has jumped by over a second during this run.
        machine: Where it runs, for people (host name, address): two machines that use one agent's
            name are told apart by it.
    """

    id: Uuid
    origin_utc_ms: Ms
    offset_ms: int | None = None
    steps: Count = 0
    machine: Text | None = None


class Segment(Message, frozen=True):
    """A span of time in which one camera's state and cause did not change.

    ``end_ms`` None means open: it holds as far as a watermark says.
    ``cause`` is a word of ``vocabulary.Cause``, or one that a newer agent knows; ``up`` has none.
    """

    boot: Uuid
    number: Seq
    camera: Id
    state: State
    start_ms: Ms
    end_ms: Ms | None = None
    cause: Word | None = None
    detail: Text | None = None


class Hold(Message, frozen=True):
    """A camera whose open segment a watermark does not vouch for, and its last good moment."""

    camera: Id
    last_good_ms: Ms


class Watermark(Message, frozen=True):
    """All open segments of ``boot`` hold until ``until_ms``, but those in ``held``.

    It counts only once every spool item up to ``after_seq`` is committed; the largest counts.
    """

    boot: Uuid
    until_ms: Ms
    after_seq: Count = 0
    held: tuple[Hold, ...] = ()


class GateEvent(Message, frozen=True):
    """One passage or act at a gate, acknowledged to its sender only after the spool's sync.

    ``occurred_utc_ms`` is the device's time; ``accepted_utc_ms`` the edge's when it took it.
    ``subject`` is a code, never a name. ``kind`` is the caller's word. Three kinds tell how the
    gate itself stands: ``forced`` (opened without a pass), ``held_open`` (open for longer than its
    controller allows), ``closed`` (shut again: all is well).
    """

    id: Uuid
    gate: Id
    kind: Word
    occurred_utc_ms: Ms
    accepted_utc_ms: Ms
    direction: Word | None = None
    subject: Word | None = None
    reader: Word | None = None
    note: Text | None = None


class Recording(Message, frozen=True):
    """What a recorder answered of one camera's recordings; None is what it did not tell.

    ``gaps`` counts the holes over a minute within the span that was asked for; ``disk`` is ``ok``,
    ``full``, ``error`` or ``none``.
    """

    asked_utc_ms: Ms
    oldest_utc_ms: Ms | None = None
    newest_utc_ms: Ms | None = None
    gaps: Count | None = None
    disk: Word | None = None


class CameraFacts(Message, frozen=True):
    """What the agent has measured of one camera's stream over the last minute or so.

    ``jitter_ms`` is the interarrival jitter of RFC 3550. ``unchecked`` names the causes that can't
    be told of this camera now (a scene too plain, a bit rate too low), and never the reason that it
    is down. ``clock_offset_ms`` is the camera's own clock minus the agent's. ``host`` is where the
    camera's address points to, name or IP address, with the port where it is not the usual one,
    never with a user or a password: cameras of one recorder have one. It is told of every camera,
    also of one whose stream was never measured. ``unseen_s`` is the longest time between two looks
    at a camera that is visited, or that shares its recorder's sessions with others; None: it is
    watched without a break.
    """

    camera: Id
    host: Word | None = None
    codec: Word | None = None
    width: Count | None = None
    height: Count | None = None
    fps: float | None = None
    kbit_s: float | None = None
    loss: float | None = None
    jitter_ms: float | None = None
    unchecked: tuple[Word, ...] = ()
    clock_offset_ms: int | None = None
    recording: Recording | None = None
    unseen_s: Count | None = None


class Gap(Message, frozen=True):
    """Spool items that were dropped for want of room, counted and never silent.

    They lay between ``first_seq`` and ``last_seq``; other items in between may well have been kept.
    Dropped segments were ``boot``'s, of ``cameras``, between ``start_ms`` and ``end_ms``.
    """

    first_seq: Seq
    last_seq: Seq
    kind: Word
    count: Count
    reason: Text
    boot: Uuid | None = None
    start_ms: Ms | None = None
    end_ms: Ms | None = None
    cameras: tuple[Id, ...] = ()


class Vitals(Message, frozen=True):
    """The agent's own health. Sizes in bytes, shares 0 to 1 of one core or of the whole.

    ``cameras`` empty: what was told of them last still stands. ``set_aside`` counts spool items
    that the centre did not take, however often they were sent.
    """

    version: Word
    uptime_s: Count
    cpu: float
    memory: Count
    disk_free: Count
    spool_items: Count
    spool_bytes: Count
    clock_offset_ms: int | None = None
    platform: Text | None = None
    cameras: tuple[CameraFacts, ...] = ()
    lag_ms: Count = 0
    spool_max_bytes: Count = 0
    set_aside: Count = 0


class Item(Message, frozen=True):
    """One spool item on its way: its number and exactly one thing."""

    seq: Seq
    segment: Segment | None = None
    gate_event: GateEvent | None = None
    gap: Gap | None = None

    def __post_init__(self) -> None:
        """Raise ``ValueError`` unless exactly one thing is carried."""
        if (self.segment is None) + (self.gate_event is None) + (self.gap is None) != 2:  # noqa: PLR2004 (of three)
            raise ValueError("an item carries exactly one of segment, gate_event, gap")


class Report(Message, frozen=True):
    """What one agent sends: a batch of spool items, what it vouches for, and how it is.

    ``items`` are in rising ``seq``, all of one ``spool``, whose numbers start at 1 and are never
    used twice. ``boots`` holds the story of every boot that ``items`` or ``watermarks`` mention,
    and last that of the running one. The spool holds nothing below ``kept_from``, nothing between
    ``after`` and the first item and nothing between two items: a centre that has never seen those
    numbers (they were compacted or dropped, or its database is new) must not wait for them.
    """

    v: Word
    spool: Uuid
    sent_utc_ms: Ms
    boots: tuple[BootStory, ...]
    kept_from: Seq = 1
    after: Count | None = None
    items: Annotated[tuple[Item, ...], Meta(max_length=5000)] = ()
    watermarks: tuple[Watermark, ...] = ()
    vitals: Vitals | None = None


class Status(Message, frozen=True):
    """Retained presence. ``online`` false is the last will: a hint, never the proof of silence."""

    v: Word
    online: bool
    version: Word = ""


class Range(Message, frozen=True):
    """Sequence numbers ``first`` to ``last``, both included."""

    first: Seq
    last: Seq


class Refusal(Message, frozen=True):
    """Items that the server will never take, and why; the edge sets them aside."""

    seq: Seq
    reason: Text


class Ack(Message, frozen=True):
    """What is committed to the database: everything up to ``through``, and ``ranges`` beyond it.

    ``sent_utc_ms`` echoes the report, ``server_utc_ms`` is the server's time halfway from its
    receipt to this ack: with the edge's time of receipt they measure the clock offset as NTP does,
    however long the commit took.
    """

    v: Word
    spool: Uuid
    through: Count
    server_utc_ms: Ms
    sent_utc_ms: Ms
    ranges: tuple[Range, ...] = ()
    refused: tuple[Refusal, ...] = ()


class Command(Message, frozen=True):
    """A request of the centre to an agent; ``verb`` is a word of ``vocabulary.Verb``.

    An agent does nothing that has expired by its own corrected clock. ``evidence`` names the piece
    of evidence and ``side`` which of its two pictures, for ``evidence_picture``.
    """

    v: Word
    id: Uuid
    verb: Word
    expires_utc_ms: Ms
    camera: Id | None = None
    evidence: Word | None = None
    side: Word | None = None


class Evidence(Message, frozen=True):
    """A change of what a camera's picture was judged to be, of which two pictures are kept.

    ``cause`` is what began, None for a recovery; ``before_utc_ms`` None where no picture from
    before the change was at hand.
    """

    id: Word
    camera: Id
    after_utc_ms: Ms
    cause: Word | None = None
    before_utc_ms: Ms | None = None


class Reply(Message, frozen=True):
    """An agent's answer to a command. ``picture`` is a JPEG of at most 320 px width.

    The ``text`` of one that is not ``ok`` begins with a word of ``vocabulary.Objection``.
    """

    v: Word
    id: Uuid
    ok: bool
    text: Text = ""
    evidence: Annotated[tuple[Evidence, ...], Meta(max_length=500)] = ()
    picture: Annotated[bytes, Meta(max_length=120_000)] | None = None
