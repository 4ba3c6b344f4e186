"""The floor: the very same rows into the very same tables with no logic at all.

What a run of ours has put into its database is read back, and put into a second database of the
same kind by raw ``asyncpg`` (COPY into a temporary table, merge) or raw ``sqlite3``
(``executemany``), 5,000 rows to a transaction, with the same durability. Sources and boots, which
rows refer to, are there before the clock starts.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg

from tests.bench.ingest_world import Database, Rows

BATCH: Final = 5000
_PARENTS: Final = ("source", "boot")

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Taken:
    """Rows of one table, with their columns' names."""

    table: str
    columns: tuple[str, ...]
    rows: list[Row]


async def take(rows: Rows, serial: int) -> tuple[list[Taken], list[Taken]]:
    """Return what a run has stored: the rows that others refer to, and the run's own."""
    like = f"'{serial:08x}-%'"
    boots = f"SELECT id FROM boot WHERE uuid LIKE {like}"
    parents = [await _read(rows, name, "") for name in _PARENTS]
    own = [
        await _read(rows, "segment", f"WHERE boot_id IN ({boots}) ORDER BY number, boot_id"),
        await _read(rows, "gate_event", f"WHERE id LIKE {like} ORDER BY occurred_ms, agent"),
    ]
    return parents, [taken for taken in own if taken.rows]


async def _read(rows: Rows, table: str, where: str) -> Taken:
    if rows.url.startswith("sqlite:"):
        names = await rows.fetch(f"SELECT name FROM pragma_table_info('{table}') ORDER BY cid")
    else:
        names = await rows.fetch(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = $1::text::regclass"
            " AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            table,
        )
    columns = tuple(name for (name,) in names)
    found = await rows.fetch(f"SELECT {', '.join(columns)} FROM {table} {where}")
    return Taken(table, columns, found)


async def put(database: Database, url: str, parents: list[Taken], own: list[Taken]) -> float:
    """Put the rows into the second database; return the seconds that the run's own took."""
    if database is Database.SQLITE:
        return _put_sqlite(url, parents, own)
    return await _put_postgresql(url, parents, own)


def _put_sqlite(url: str, parents: list[Taken], own: list[Taken]) -> float:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        _insert(connection, parents)
        began = time.perf_counter()
        _insert(connection, own)
        return time.perf_counter() - began
    finally:
        connection.close()


def _insert(connection: sqlite3.Connection, tables: list[Taken]) -> None:
    for taken in tables:
        marks = ", ".join("?" * len(taken.columns))
        insert = f"INSERT INTO {taken.table} VALUES ({marks}) ON CONFLICT DO NOTHING"
        for batch in _batches(taken.rows):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(insert, batch)
            connection.execute("COMMIT")


async def _put_postgresql(url: str, parents: list[Taken], own: list[Taken]) -> float:
    connection = await asyncpg.connect(url)
    try:
        await _merge(connection, parents)
        began = time.perf_counter()
        await _merge(connection, own)
        return time.perf_counter() - began
    finally:
        await connection.close()


async def _merge(connection: "asyncpg.Connection", tables: list[Taken]) -> None:
    for taken in tables:
        name = f"floor_{taken.table}"
        columns = ", ".join(taken.columns)
        await connection.execute(
            f"CREATE TEMP TABLE {name} ON COMMIT DELETE ROWS AS"
            f" SELECT {columns} FROM {taken.table} WITH NO DATA"
        )
        merge = (
            f"INSERT INTO {taken.table} ({columns}) SELECT {columns} FROM {name}"
            " ON CONFLICT DO NOTHING"
        )
        for batch in _batches(taken.rows):
            async with connection.transaction():
                await connection.copy_records_to_table(name, records=batch, columns=taken.columns)
                await connection.execute(merge)


def _batches(rows: list[Row]) -> Iterator[Sequence[Row]]:
    for first in range(0, len(rows), BATCH):
        yield rows[first : first + BATCH]
