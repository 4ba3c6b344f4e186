"""What the centre has seen of each agent: presence, vitals, refusals."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.domain.units import Source
from server.storage.boots import BootKey
from server.storage.database import Database, many, moment_of, moment_or_none, ms_of
from server.storage.folding import clean
from server.storage.merging import Boot
from server.storage.rows import AgentSeen, Intake, RefusalRow
from server.storage.schema import REFUSALS_KEPT, agent_seen, gap, refusal, source
from wire.messages import Vitals

_LIMIT = 2**53


class Seen(Database):
    """The store's part for presence."""

    async def agents(self) -> dict[str, AgentSeen]:
        """Return every agent that was ever heard of, by name."""
        async with self.reading() as connection:
            rows = await connection.execute(select(agent_seen))
            return {row.agent: _agent_seen(row) for row in rows}

    async def unregistered(self, registered: Collection[Source] = ()) -> list[Source]:
        """Return the sources that were heard of but are not among ``registered``."""
        known = set(registered)
        async with self.reading() as connection:
            rows = await connection.execute(select(source.c.agent, source.c.camera))
            return sorted(s for s in (Source(r.agent, r.camera) for r in rows) if s not in known)

    async def note_status(self, agent: str, *, online: bool, now: datetime) -> bool:
        """Keep an agent's presence hint; return whether it changed."""
        new = self.upsert(agent_seen)
        statement = new.on_conflict_do_update(
            index_elements=["agent"],
            set_={k: new.excluded[k] for k in ("online_hint", "hint_ms")},
            where=agent_seen.c.online_hint.is_distinct_from(new.excluded.online_hint),
        )
        row = {"agent": agent, "online_hint": online, "hint_ms": ms_of(now)}
        async with self.writing() as connection:
            return (await connection.execute(statement, row)).rowcount > 0

    async def note_refused(self, rows: Sequence[RefusalRow]) -> None:
        """Keep refusals of payloads as a whole."""
        async with self.writing() as connection:
            await note_refusals(connection, rows)
            new = self.upsert(agent_seen)
            counted = new.on_conflict_do_update(
                index_elements=["agent"],
                set_={"refused_count": agent_seen.c.refused_count + new.excluded.refused_count},
            )
            await many(connection, counted, [{"agent": r.agent, "refused_count": 1} for r in rows])

    async def refusals(self, limit: int = 100) -> list[RefusalRow]:
        """Return the newest refusals, newest first."""
        query = select(refusal).order_by(refusal.c.id.desc()).limit(limit)
        async with self.reading() as connection:
            return [
                RefusalRow(
                    agent=r.agent, at=moment_of(r.at_ms), what=r.what, reason=r.reason, seq=r.seq
                )
                for r in await connection.execute(query)
            ]


async def note_reports(
    database: Database,
    connection: AsyncConnection,
    intakes: Sequence[Intake],
    boots: Mapping[BootKey, Boot],
) -> None:
    """Note that agents have reported, how they are and how far they vouch."""
    rows: dict[str, dict[str, Any]] = {}
    for i in intakes:
        row = rows.setdefault(i.agent, {"agent": i.agent, "refused_count": 0, **_NOTHING})
        row["last_report_ms"] = i.received_utc_ms
        row["refused_count"] += len(i.refused)
        marks = [boots[i.agent, story.id] for story in i.boots]
        untils = [b.zero_ms + b.mark.until_ms for b in marks if b.mark is not None]
        row["last_until_ms"] = max(untils, default=row["last_until_ms"])
        if i.vitals is not None:
            row["vitals"] = clean(msgspec.json.encode(i.vitals).decode())
            row["vitals_ms"] = i.received_utc_ms
        offset = _offset(i)
        if offset is not None:
            row["clock_offset_ms"] = offset
    new = database.upsert(agent_seen)
    kept = ("last_until_ms", "clock_offset_ms", "vitals", "vitals_ms")
    changes = {k: func.coalesce(new.excluded[k], agent_seen.c[k]) for k in kept}
    changes["last_report_ms"] = new.excluded.last_report_ms
    changes["refused_count"] = agent_seen.c.refused_count + new.excluded.refused_count
    statement = new.on_conflict_do_update(index_elements=["agent"], set_=changes)
    await many(connection, statement, list(rows.values()))
    await _count_gaps(connection, intakes)


_NOTHING: dict[str, Any] = dict.fromkeys(
    ("last_report_ms", "last_until_ms", "clock_offset_ms", "vitals", "vitals_ms")
)


def _offset(intake: Intake) -> int | None:
    told = [b.offset_ms for b in intake.boots]
    if intake.vitals is not None:
        told.append(intake.vitals.clock_offset_ms)
    known = [o for o in told if o is not None and abs(o) < _LIMIT]
    return known[-1] if known else None


async def _count_gaps(connection: AsyncConnection, intakes: Sequence[Intake]) -> None:
    """Count anew where a gap came in: adding up would count a repeat twice."""
    agents = {i.agent for i in intakes if any(x.gap is not None for x in i.items)}
    if not agents:
        return
    query = select(gap.c.agent, func.sum(gap.c.count).label("n")).group_by(gap.c.agent)
    found = await connection.execute(query.where(gap.c.agent.in_(agents)))
    rows = [{"b_agent": r.agent, "gap_count": min(int(r.n), _LIMIT)} for r in found]
    await many(
        connection, update(agent_seen).where(agent_seen.c.agent == bindparam("b_agent")), rows
    )


def refusal_rows(intakes: Iterable[Intake]) -> list[RefusalRow]:
    """Return the items that the reports had refused."""
    return [
        RefusalRow(
            agent=i.agent,
            at=moment_of(i.received_utc_ms),
            what="item",
            reason=r.reason,
            seq=r.seq,
        )
        for i in intakes
        for r in i.refused
    ]


async def note_refusals(connection: AsyncConnection, rows: Sequence[RefusalRow]) -> None:
    """Keep refusals, the newest ``REFUSALS_KEPT`` of all."""
    if not rows:
        return
    values = [
        {
            "agent": r.agent,
            "at_ms": ms_of(r.at),
            "what": r.what,
            "reason": clean(r.reason[:500]),
            "seq": r.seq,
        }
        for r in rows
    ]
    await connection.execute(insert(refusal), values)
    newest = (await connection.execute(select(func.max(refusal.c.id)))).scalar_one()
    await connection.execute(delete(refusal).where(refusal.c.id <= newest - REFUSALS_KEPT))


def _agent_seen(row: Row[Any]) -> AgentSeen:
    return AgentSeen(
        agent=row.agent,
        last_report_at=moment_or_none(row.last_report_ms),
        last_report_until=moment_or_none(row.last_until_ms),
        online_hint=row.online_hint,
        hint_at=moment_or_none(row.hint_ms),
        clock_offset_ms=row.clock_offset_ms,
        vitals=_vitals(row.vitals),
        vitals_at=moment_or_none(row.vitals_ms),
        gap_count=row.gap_count,
        refused_count=row.refused_count,
    )


def _vitals(text: str | None) -> Vitals | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Vitals)
    except msgspec.MsgspecError:  # written by another version of this program: wait for the next
        return None
