"""The floor: the very same rows into the very same tables with no logic at all.

Raw ``sqlite3`` (``executemany``) or raw ``asyncpg`` (``COPY`` into a temporary table and a merge),
a transaction per batch, with the same durability. The rows are made before the clock starts, and
the boots and sources that they refer to are there.
"""

import sqlite3
import time
from collections.abc import Sequence

import asyncpg

from server.storage.boots import NEW_BOOT, boot_values
from server.storage.commit_rows import GATE_EVENT, SEGMENT, SOURCE, gate_event_rows, segment_rows
from server.storage.commit_sqlite import connect
from server.storage.joining import Standing, join
from server.storage.rows import Intake
from server.storage.statements import Into, Values

Batch = list[tuple[Into, list[Values]]]


def floor_batches(
    warm: Sequence[Intake], batches: Sequence[Sequence[Intake]]
) -> tuple[Batch, list[Batch]]:
    """Return the rows that others refer to, and those of each batch."""
    everything = [*warm, *(i for batch in batches for i in batch)]
    boots = join(Standing(), everything).boots
    numbers = {key: n for n, key in enumerate(sorted(boots), 1)}
    cameras = {
        (i.agent, x.segment.camera) for i in everything for x in i.items if x.segment is not None
    }
    sources = {key: n for n, key in enumerate(sorted(cameras), 1)}
    parents: Batch = [
        (NEW_BOOT, [(*key, *boot_values(boots[key])) for key in sorted(boots)]),
        (SOURCE, sorted(cameras)),
    ]
    rows: list[Batch] = [
        [(SEGMENT, segment_rows(b, numbers, sources)), (GATE_EVENT, gate_event_rows(b, boots))]
        for b in batches
    ]
    return parents, rows


def put_sqlite(path: str, parents: Batch, rows: Sequence[Batch]) -> float:
    """Put the rows; return the seconds that those of the batches took."""
    connection = connect(path)
    try:
        _sqlite_batch(connection, parents)
        began = time.perf_counter()
        for batch in rows:
            _sqlite_batch(connection, batch)
        return time.perf_counter() - began
    finally:
        connection.close()


def _sqlite_batch(connection: sqlite3.Connection, batch: Batch) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for into, rows in batch:
        connection.executemany(_plain(into).once, rows)
    connection.execute("COMMIT")


async def put_postgresql(url: str, parents: Batch, rows: Sequence[Batch]) -> float:
    """Put the rows; return the seconds that those of the batches took."""
    connection = await asyncpg.connect(url)
    try:
        for into in (NEW_BOOT, SOURCE, SEGMENT, GATE_EVENT):
            columns = ", ".join(into.columns)
            await connection.execute(
                f"CREATE TEMP TABLE floor_{into.table.name} ON COMMIT DELETE ROWS"
                f" AS SELECT {columns} FROM {into.table.name} LIMIT 0"
            )
        await _postgresql_batch(connection, parents)
        began = time.perf_counter()
        for batch in rows:
            await _postgresql_batch(connection, batch)
        return time.perf_counter() - began
    finally:
        await connection.close()


async def _postgresql_batch(connection: "asyncpg.Connection", batch: Batch) -> None:
    async with connection.transaction():
        for into, rows in batch:
            if rows:
                name = f"floor_{into.table.name}"
                await connection.copy_records_to_table(name, records=rows, columns=into.columns)
                await connection.execute(_plain(into).reading(name))


def _plain(into: Into) -> Into:
    return Into(into.table, into.columns, "ON CONFLICT DO NOTHING")
