"""Boots, their pending watermarks and spools: loading them, and writing back what changed."""

import json
from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage.database import insert_id, many
from server.storage.merging import Boot, Mark
from server.storage.rows import Progress
from server.storage.schema import boot, spool, watermark
from wire.messages import BootStory, Range

BootKey = tuple[str, str]
SpoolKey = tuple[str, str]
Pending = dict[tuple[int, str], frozenset[Mark]]
"""Waiting marks by boot number and spool."""


async def load_boots(connection: AsyncConnection, keys: Collection[BootKey]) -> dict[BootKey, Boot]:
    """Return those of the boots (agent, uuid) that are known."""
    query = select(boot).where(
        boot.c.agent.in_({k[0] for k in keys}), boot.c.uuid.in_({k[1] for k in keys})
    )
    return {(row.agent, row.uuid): _boot(row) for row in await connection.execute(query)}


async def load_boots_by_id(connection: AsyncConnection, ids: Collection[int]) -> dict[int, Boot]:
    """Return boots by number."""
    if not ids:
        return {}
    query = select(boot).where(boot.c.id.in_(ids))
    return {row.id: _boot(row) for row in await connection.execute(query)}


async def save_boot(connection: AsyncConnection, value: Boot) -> int:
    """Insert or update one boot; return its number."""
    row = {
        "agent": value.agent,
        "uuid": value.uuid,
        "origin_utc_ms": value.story.origin_utc_ms,
        "offset_ms": value.story.offset_ms,
        "steps": value.story.steps,
        "told_utc_ms": value.told_utc_ms,
        "zero_ms": value.zero_ms,
        "last_ms": value.last_ms,
        "until_ms": value.mark.until_ms if value.mark else None,
        "until_seq": value.mark.after_seq if value.mark else None,
        "held": value.mark.held if value.mark else None,
    }
    if value.id is None:
        return await insert_id(connection, boot, row)
    await connection.execute(update(boot).where(boot.c.id == value.id).values(row))
    return value.id


async def save_boots(connection: AsyncConnection, changed: Iterable[Boot]) -> None:
    """Update boots that have a number, in one prepared statement."""
    rows = [
        {
            "b_id": b.id,
            "origin_utc_ms": b.story.origin_utc_ms,
            "offset_ms": b.story.offset_ms,
            "steps": b.story.steps,
            "told_utc_ms": b.told_utc_ms,
            "zero_ms": b.zero_ms,
            "last_ms": b.last_ms,
            "until_ms": b.mark.until_ms if b.mark else None,
            "until_seq": b.mark.after_seq if b.mark else None,
            "held": b.mark.held if b.mark else None,
        }
        for b in changed
    ]
    await many(connection, update(boot).where(boot.c.id == bindparam("b_id")), rows)


async def load_pending(connection: AsyncConnection, spools: Collection[SpoolKey]) -> Pending:
    """Return the waiting watermarks of the spools (agent, uuid)."""
    found: dict[tuple[int, str], set[Mark]] = {}
    query = (
        select(watermark, boot.c.agent)
        .join(boot, boot.c.id == watermark.c.boot_id)
        .where(watermark.c.spool.in_({uuid for _, uuid in spools}))
    )
    for row in await connection.execute(query):
        if (row.agent, row.spool) in spools:
            mark = Mark(row.until_ms, row.after_seq, row.held)
            found.setdefault((row.boot_id, row.spool), set()).add(mark)
    return {key: frozenset(marks) for key, marks in found.items()}


_WAITING_KEPT: Final = 1000  # of one boot and spool; the largest stay


async def save_pending(connection: AsyncConnection, before: Pending, after: Pending) -> None:
    """Write the difference; of marks with one ``after_seq`` only the largest is kept."""
    gone: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for key in before.keys() | after.keys():
        kept = _largest_per_seq(after.get(key, frozenset()))
        known = before.get(key, frozenset())
        name = {"b_id": key[0], "b_spool": key[1]}
        gone += [{**name, "b_seq": m.after_seq} for m in known - kept]
        new += [
            {
                "boot_id": key[0],
                "spool": key[1],
                "after_seq": m.after_seq,
                "until_ms": m.until_ms,
                "held": m.held,
            }
            for m in kept - known
        ]
    old = delete(watermark).where(
        watermark.c.boot_id == bindparam("b_id"),
        watermark.c.spool == bindparam("b_spool"),
        watermark.c.after_seq == bindparam("b_seq"),
    )
    await many(connection, old, gone)
    await many(connection, insert(watermark), new)


def _largest_per_seq(marks: frozenset[Mark]) -> frozenset[Mark]:
    best: dict[int, Mark] = {}
    for mark in sorted(marks)[-_WAITING_KEPT:]:
        best[mark.after_seq] = mark
    return frozenset(best.values())


async def load_spools(
    connection: AsyncConnection, keys: Collection[SpoolKey]
) -> dict[SpoolKey, Progress]:
    """Return those of the spools (agent, uuid) that are known."""
    query = select(spool).where(
        spool.c.agent.in_({k[0] for k in keys}), spool.c.uuid.in_({k[1] for k in keys})
    )
    return {
        (row.agent, row.uuid): Progress(
            through=row.through,
            ranges=tuple(Range(first=f, last=t) for f, t in json.loads(row.ranges)),
        )
        for row in await connection.execute(query)
    }


async def save_spools(
    connection: AsyncConnection, upsert: Any, changed: dict[SpoolKey, Progress]
) -> None:
    """Insert or update; ``upsert`` is the dialect's INSERT of ``spool``."""
    rows = [
        {
            "agent": agent,
            "uuid": uuid,
            "through": p.through,
            "ranges": json.dumps([[r.first, r.last] for r in p.ranges]),
        }
        for (agent, uuid), p in changed.items()
    ]
    statement = upsert.on_conflict_do_update(
        index_elements=["agent", "uuid"],
        set_={"through": upsert.excluded.through, "ranges": upsert.excluded.ranges},
    )
    await many(connection, statement, rows)


def _boot(row: Row[Any]) -> Boot:
    mark = None if row.until_ms is None else Mark(row.until_ms, row.until_seq, row.held)
    return Boot(
        id=row.id,
        agent=row.agent,
        uuid=row.uuid,
        story=BootStory(
            id=row.uuid, origin_utc_ms=row.origin_utc_ms, offset_ms=row.offset_ms, steps=row.steps
        ),
        told_utc_ms=row.told_utc_ms,
        last_ms=row.last_ms,
        mark=mark,
    )
