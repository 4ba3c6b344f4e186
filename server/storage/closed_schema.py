"""The tables of closed figures. Days are local dates, kept as whole days since 1970-01-01.

A closed day is one row per school: its cameras' seconds stand in it by their place in the ``basis``
that they were counted under, so that a city's day is 3,000 rows and not 45,000. Nothing here is
ever changed: a better value is a further row of ``amended_day``. Only marks of ``late_day`` go.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from server.storage.schema import RowId, metadata

figure_basis = Table(  # hours, places and cameras that figures were counted under
    "figure_basis",
    metadata,
    Column("id", RowId, primary_key=True),
    Column("school", String(64), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of the content
    Column("content", Text, nullable=False),
    UniqueConstraint("school", "digest"),
)

closed_day = Table(
    "closed_day",
    metadata,
    Column("school", String(64), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("basis_id", RowId, ForeignKey("figure_basis.id"), nullable=False),
    Column("closed_ms", BigInteger, nullable=False),
    Column("figures", Text, nullable=False),
)

amended_day = Table(
    "amended_day",
    metadata,
    Column("school", String(64), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("at_ms", BigInteger, primary_key=True, autoincrement=False),
    Column("agents", Text, nullable=False),  # whose history it was, a space between two
    Column("figures", Text, nullable=False),
)

late_day = Table(  # days before today of which something arrived; the closer looks at them again
    "late_day",
    metadata,
    Column("agent", String(64), primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("touches", BigInteger, nullable=False),  # rises; a mark goes only if it is unchanged
)
