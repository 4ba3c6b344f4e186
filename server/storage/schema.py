"""The tables. Times are whole milliseconds since 1970 UTC unless a column says otherwise.

Segments stay on their boot's own axis: a boot's ``zero_ms`` (UTC of its origin, wrong edge clock
taken off) puts them on the UTC axis when they are read, so that one better story of a boot moves
all its segments at once and none against another. Small integer keys for boots and sources keep a
segment at about half the bytes of text keys.

A quiet minute of an agent changes two rows: its boot's watermark and what was seen of it. No index
holds a column of those that changes, and on PostgreSQL their pages keep room (``fillfactor``, set
by the migration), so that such an update stays on its page and leaves nothing for a vacuum.

Who deletes: spool ranges and pending watermarks vanish when they merge; refusals beyond the newest
``REFUSALS_KEPT`` are dropped; sessions when they end or expire; marks of late days when they were
looked at. Nothing else is deleted.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

REFUSALS_KEPT: Final = 10_000
IS_DOOR: Final = "kind IN ('closed', 'forced', 'held_open')"
"""Events that tell how a gate itself stands: few, and looked for every few seconds."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
RowId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only for plain INTEGER


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


boot = Table(
    "boot",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("agent", String(64), nullable=False),
    Column("uuid", String(36), nullable=False),
    Column("origin_utc_ms", BigInteger, nullable=False),
    Column("offset_ms", BigInteger),
    Column("steps", BigInteger, nullable=False),
    Column("told_utc_ms", BigInteger, nullable=False),  # sent_utc_ms of the report that told it
    Column("zero_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),  # no claim of this boot reaches past it
    Column("until_ms", BigInteger),  # the effective watermark, with its held cameras
    Column("until_seq", BigInteger),
    Column("held", Text),
    Column("machine", Text),  # where it runs, for people
    Column(
        "latest_zero_ms", BigInteger
    ),  # its origin cannot be later: received, less what it claims
    UniqueConstraint("agent", "uuid"),
)

source = Table(
    "source",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("agent", String(64), nullable=False),
    Column("camera", String(64), nullable=False),
    UniqueConstraint("agent", "camera"),
)

segment = Table(
    "segment",
    metadata,
    # A segment is (boot, number); the camera leads the key, so that one camera's lie together and
    # no plan can be tempted to walk a whole boot.
    # They refer to rows of ``source`` and ``boot`` without a constraint: nothing is deleted there,
    # and PostgreSQL took two thirds of an insert's time to see that it wasn't.
    Column("source_id", RowId, primary_key=True, autoincrement=False),
    Column("boot_id", RowId, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger),  # NULL: open
    Column("state", String(16), nullable=False),
    Column("cause", String(64)),
    Column("detail", Text),
    # One camera's segments of one boot that end after a moment, and the few that are open.
    Index("ix_segment_closed", "source_id", "boot_id", "end_ms", **_where("end_ms IS NOT NULL")),
    Index("ix_segment_open", "source_id", "boot_id", **_where("end_ms IS NULL")),
    sqlite_with_rowid=False,
)

spool = Table(
    "spool",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("agent", String(64), nullable=False),
    Column("uuid", String(36), nullable=False),
    Column("through", BigInteger, nullable=False),
    Column("ranges", Text, nullable=False),  # JSON [[first, last], ...] beyond ``through``
    # Watermarks whose after_seq is not yet reached: JSON [[boot, until_ms, after_seq, held], ...].
    Column("waiting", Text, nullable=False, server_default="[]"),
    UniqueConstraint("agent", "uuid"),
)

gap = Table(
    "gap",
    metadata,
    Column("agent", String(64), primary_key=True),
    Column("spool", String(36), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("last_seq", BigInteger, nullable=False),
    Column("kind", String(64), nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("boot", String(36)),  # of what was dropped: its boot, span on that boot's axis, cameras
    Column("start_ms", BigInteger),
    Column("end_ms", BigInteger),
    Column("cameras", Text),  # words, a space between two
)

gate_event = Table(
    "gate_event",
    metadata,
    Column("agent", String(64), primary_key=True),
    Column("id", String(36), primary_key=True),
    Column("gate", String(64), nullable=False),
    Column("kind", String(64), nullable=False),
    Column("direction", String(64)),
    Column("subject", String(64)),
    Column("reader", String(64)),
    Column("note", Text),
    Column("occurred_ms", BigInteger, nullable=False),
    Column("accepted_ms", BigInteger, nullable=False),
    Column("received_ms", BigInteger, nullable=False),
    Column("clock_suspect", Boolean, nullable=False),
    Column("folded", Text, nullable=False),  # what a search looks in: lower case, marks removed
    Index(None, "gate", "occurred_ms"),
    Index(None, "occurred_ms"),
    Index("ix_gate_event_door", "occurred_ms", **_where(IS_DOOR)),
)

agent_seen = Table(
    "agent_seen",
    metadata,
    Column("agent", String(64), primary_key=True),
    Column("last_report_ms", BigInteger),
    Column("last_until_ms", BigInteger),
    Column("online_hint", Boolean),
    Column("hint_ms", BigInteger),
    Column("clock_offset_ms", BigInteger),
    Column("items_ms", BigInteger),  # the newest report that told of cameras: not of the gate alone
    Column("vitals", Text),
    Column("vitals_ms", BigInteger),
    Column("gap_count", BigInteger, nullable=False, server_default="0"),
    Column("refused_count", BigInteger, nullable=False, server_default="0"),
)

agent_facts = Table(
    "agent_facts",
    metadata,
    Column("agent", String(64), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("cameras", Text, nullable=False),  # JSON [{...}, ...], as on the wire
)

refusal = Table(
    "refusal",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("agent", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("what", String(64), nullable=False),
    Column("reason", Text, nullable=False),
    Column("seq", BigInteger),
)
