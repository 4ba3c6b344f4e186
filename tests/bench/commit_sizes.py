"""What a row weighs on each database, indexes counted in."""

import sqlite3

import asyncpg

from server.storage import Store
from tests.bench.commit_load import Sender, quiet

TABLES = ("segment", "gate_event", "boot", "spool", "agent_seen")
_AGENTS = 200


async def bytes_per_row(url: str) -> dict[str, float]:
    """Fill a new database as agents do, and return bytes per row of each table.

    Rows come in time's order of 200 agents; each has reported 20 quiet minutes on top.
    """
    store = await Store.open(url)
    senders = [Sender(n) for n in range(1, _AGENTS + 1)]
    for _ in range(20):
        for n in range(0, _AGENTS, 50):
            await store.commit([s.report(segments=16, events=16) for s in senders[n : n + 50]])
        await store.commit(quiet(senders))
    await store.close()
    return await _postgresql(url) if url.startswith("postgresql") else _sqlite(url)


async def _postgresql(url: str) -> dict[str, float]:
    connection = await asyncpg.connect(url)
    found = {}
    for table in TABLES:
        rows = await connection.fetchval(f"SELECT count(*) FROM {table}")
        size = await connection.fetchval("SELECT pg_total_relation_size($1::text::regclass)", table)
        found[table] = round(size / rows, 1)
    hot = await connection.fetchrow(
        "SELECT sum(n_tup_hot_upd) / greatest(sum(n_tup_upd), 1) AS hot FROM pg_stat_user_tables"
        " WHERE relname IN ('boot', 'agent_seen')"
    )
    await connection.close()
    return {**found, "hot_updates": round(float(hot["hot"] or 0), 3)}


def _sqlite(url: str) -> dict[str, float]:
    connection = sqlite3.connect(url.removeprefix("sqlite:///"))
    try:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        sizes: dict[str, int] = dict(connection.execute(
            "SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name"
            " GROUP BY m.tbl_name"
        ))  # fmt: skip
        counts = {t: connection.execute(f"SELECT count(*) FROM {t}").fetchone()[0] for t in TABLES}
    finally:
        connection.close()
    return {t: round(sizes[t] / counts[t], 1) for t in TABLES}
