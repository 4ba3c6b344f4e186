"""The tables of what people write down: plans, registers, inspections, rosters. See ``records``.

Every revision stays; ``record`` holds the newest of each once more, so that a list of some kind is
one range of an index. Days are whole days since 1970-01-01.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from server.storage.schema import metadata

record = Table(
    "record",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("revision", BigInteger, nullable=False),
    Column("school", String(64)),
    Column("unit", String(64)),
    Column("day", Integer),
    Column("data", Text, nullable=False),  # JSON
    Column("gone", Boolean, nullable=False),
    Column("person", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index(None, "kind", "school", "day"),
    Index(None, "kind", "day"),
)

record_revision = Table(
    "record_revision",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("id", String(128), primary_key=True),
    Column("revision", BigInteger, primary_key=True, autoincrement=False),
    Column("school", String(64)),
    Column("unit", String(64)),
    Column("day", Integer),
    Column("data", Text, nullable=False),
    Column("gone", Boolean, nullable=False),
    Column("person", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)

kept_file = Table(  # photographs, papers that were handed in, reports that were made
    "kept_file",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("media", String(100), nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("person", String(64), nullable=False),
    Column("at_ms", BigInteger, nullable=False),
)
