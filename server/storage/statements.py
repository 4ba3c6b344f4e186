"""What a commit asks of a database, as values: no connection, no waiting, no dialect.

A commit is a generator (``commit.commit_steps``) that yields these and is sent rows; a driver runs
it to its end in one transaction. So all decisions are made once, whatever the database, and can be
driven inline (``commit_sqlite``) or over a network (``commit_postgresql``).

The texts below are both databases' SQL but for how parameters come in. SQLite runs a statement once
per row of parameters. PostgreSQL gets all rows at once, as arrays that it unnests, because there
every statement is a round trip.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Boolean, Integer
from sqlalchemy.schema import Table

Values = tuple[Any, ...]


@dataclass(frozen=True)
class Query:
    """A SELECT for one key; ``{name}`` in ``select`` stands where the key's column ``name`` does.

    ``keys`` are columns of a table, whose types they have.
    """

    table: Table
    keys: tuple[str, ...]
    select: str

    @cached_property
    def once(self) -> str:
        """Return the text for one key, its parameters as ``?1``."""
        marks = {key: f"?{n}" for n, key in enumerate(self.keys, 1)}
        return self.select.format(**marks)

    @cached_property
    def for_arrays(self) -> str:
        """Return the text for many keys, its parameters as ``$1``, an array per column."""
        one = self.select.format(**{key: f"k.{key}" for key in self.keys})
        keys = _unnested(self.table, self.keys, alias="k")
        return f"SELECT q.* FROM {keys} CROSS JOIN LATERAL ({one}) q"  # noqa: S608 (our own words)


@dataclass(frozen=True)
class Into:
    """An INSERT of rows with these columns; ``clash`` is its ``ON CONFLICT ...``, if any."""

    table: Table
    columns: tuple[str, ...]
    clash: str = ""

    @cached_property
    def once(self) -> str:
        """Return the text for one row, its parameters as ``?``."""
        marks = ", ".join("?" for _ in self.columns)
        return f"{self._head} VALUES ({marks}) {self.clash}"

    @cached_property
    def for_arrays(self) -> str:
        """Return the text for many rows, an array per column."""
        return self.reading(_unnested(self.table, self.columns, alias="r"))

    def reading(self, rows: str) -> str:
        """Return the text that takes its rows from another relation with the same columns."""
        names = ", ".join(self.columns)
        return f"{self._head} SELECT {names} FROM {rows} {self.clash}"  # noqa: S608 (our own words)

    @property
    def _head(self) -> str:
        return f"INSERT INTO {self.table.name} ({', '.join(self.columns)})"


@dataclass(frozen=True)
class Change:
    """An UPDATE of the row that ``key`` names; the key's value is each row's first."""

    table: Table
    key: str
    columns: tuple[str, ...]

    @cached_property
    def once(self) -> str:
        """Return the text for one row, its parameters as ``?1``."""
        news = ", ".join(f"{c} = ?{n}" for n, c in enumerate(self.columns, 2))
        return f"UPDATE {self.table.name} SET {news} WHERE {self.key} = ?1"  # noqa: S608 (our own words)

    @cached_property
    def for_arrays(self) -> str:
        """Return the text for many rows, an array per column."""
        news = ", ".join(f"{c} = r.{c}" for c in self.columns)
        rows = _unnested(self.table, (self.key, *self.columns), alias="r")
        where = f"{self.table.name}.{self.key} = r.{self.key}"
        return f"UPDATE {self.table.name} SET {news} FROM {rows} WHERE {where}"  # noqa: S608 (our own words)


@dataclass(frozen=True, slots=True)
class Lock:
    """Let nobody else commit reports of these agents until the transaction ends."""

    agents: Sequence[str]


@dataclass(frozen=True, slots=True)
class Fetch:
    """Ask ``query`` for each key; the answer is all rows, in any order."""

    query: Query
    keys: Sequence[Values]


@dataclass(frozen=True, slots=True)
class Put:
    """Write rows; no two of them may have one key. The answer is empty."""

    into: Into | Change
    rows: Sequence[Values]


@dataclass(frozen=True, slots=True)
class Run:
    """Run a text without parameters. The answer is empty."""

    text: str


Statement = Lock | Fetch | Put | Run
Rows = Sequence[Sequence[Any]]
T = TypeVar("T")
Steps = Generator[Statement, Rows, T]


def fetch(query: Query, keys: Sequence[Values]) -> Steps[Rows]:
    """Ask, unless there is no key."""
    if not keys:
        return ()
    return (yield Fetch(query, keys))


def put(into: Into | Change, rows: Sequence[Values]) -> Steps[None]:
    """Write, unless there is no row."""
    if rows:
        yield Put(into, rows)


def _unnested(table: Table, columns: Sequence[str], *, alias: str) -> str:
    arrays = ", ".join(
        f"${n}::{_array_type(table, column)}[]" for n, column in enumerate(columns, 1)
    )
    return f"unnest({arrays}) AS {alias}({', '.join(columns)})"


def _array_type(table: Table, column: str) -> str:
    match table.c[column].type:
        case Boolean():
            return "boolean"
        case BigInteger():
            return "bigint"
        case Integer():
            return "integer"
        case _:
            return "text"  # of any length: what is too long must be refused, not cut in silence
