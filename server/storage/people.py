"""The tables of who may come in, and what they did there. See ``schema``."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, String, Table, Text

from server.storage.schema import RowId, metadata

user_account = Table(
    "user_account",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("password_hash", Text, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("disabled", Boolean, nullable=False),
    Column("role", String(16), nullable=False, server_default="officer"),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("user_id", RowId, ForeignKey("user_account.id"), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False),
)

agent_credential = Table(
    "agent_credential",
    metadata,
    Column("agent", String(64), primary_key=True),
    Column("secret_sha256", String(64), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

audit = Table(  # nothing deletes from it; names instead of keys, so that it outlives its people
    "audit",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("person", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("camera", String(64), nullable=False),
    Column("detail", Text),
    Column("outcome", String(64)),  # NULL: it was asked for, and the server ended meanwhile
    Index(None, "camera", "id"),
)
