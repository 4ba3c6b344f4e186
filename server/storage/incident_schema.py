"""The tables of incidents: what was observed, what became of it, who was told.

Who deletes: observations older than ``incidents.KEEP_OBSERVATIONS``; nothing else is deleted.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from server.storage.schema import RowId, metadata

incident = Table(
    "incident",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("root", String(200), nullable=False),
    Column("school", String(64)),
    Column("unit", String(64)),
    Column("severity", String(16), nullable=False),
    Column("phase", String(16), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("began_ms", BigInteger, nullable=False),
    Column("opened_ms", BigInteger, nullable=False),
    Column("tell_ms", BigInteger),
    Column("told_ms", BigInteger),  # when the first letter of it was due, or will be
    Column("ended_ms", BigInteger),
    Column("closed_ms", BigInteger),
    Column("retold_began_ms", BigInteger),  # what late history made of the two times
    Column("retold_ended_ms", BigInteger),
    Column("acknowledged_ms", BigInteger),
    Column("acknowledged_by", String(64)),
    Column("assigned_to", String(64)),
    Column("body", Text, nullable=False),  # JSON, an encoded ``domain.incident.model.Incident``
    Column("folded", Text, nullable=False),  # what a search looks in
    Index(None, "open", "opened_ms"),
    Index(None, "school", "opened_ms"),
    Index(None, "opened_ms"),
)

incident_step = Table(
    "incident_step",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("incident_id", String(36), ForeignKey("incident.id"), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("step", String(32), nullable=False),
    Column("person", String(64)),  # NULL: the engine
    Column("text", Text, nullable=False),
    Index(None, "incident_id"),
)

observation = Table(
    "observation",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("aspect", String(16), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("signal", String(16), nullable=False),
    Column("cause", String(64), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("detail", Text),
    Index(None, "at_ms"),
)

engine_memory = Table(
    "engine_memory",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),  # zlib
)

letter = Table(
    "letter",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("incident_id", String(36), ForeignKey("incident.id")),
    Column("occasion", String(16), nullable=False),
    Column("receiver", String(200), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("address", String(320), nullable=False),
    Column("language", String(8), nullable=False),
    Column("at_ms", BigInteger, nullable=False),  # from when on it was to be sent
    Column("created_ms", BigInteger, nullable=False),
    Column("next_ms", BigInteger),  # NULL: done or given up
    Column("attempts", Integer, nullable=False),
    Column("done_ms", BigInteger),
    Column("outcome", Text),
    Column("body", Text),  # of letters that have no incident
    Index(None, "next_ms"),
    Index(None, "incident_id"),
)

delivery = Table(
    "delivery",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("letter", String(64), nullable=False),
    Column("channel", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Column("ok", Boolean, nullable=False),
    Column("detail", Text, nullable=False),
    Index(None, "letter"),
    Index(None, "channel", "at_ms"),
)
