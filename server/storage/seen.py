"""What the centre has seen of each agent: presence, vitals, refusals."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, Row, Select, bindparam, null, or_, select

from server.domain.units import Source
from server.storage.database import Database
from server.storage.noting import payload_refusal_steps, status_steps
from server.storage.rows import AgentSeen, RefusalRow
from server.storage.schema import agent_seen, refusal, source
from server.storage.times import moment_of, moment_or_none, ms_of
from wire.messages import Vitals

_FROM: Final = bindparam("from_ms", type_=BigInteger)
_HEARD: Final[Select[Any]] = select(
    *(c for c in agent_seen.c if c.name not in {"vitals", "vitals_ms"}),
    null().label("vitals"),
    null().label("vitals_ms"),
)
_NEWS: Final[Select[Any]] = _HEARD.where(
    or_(agent_seen.c.last_report_ms >= _FROM, agent_seen.c.hint_ms >= _FROM)
)


class Seen(Database):
    """The store's part for presence."""

    async def agents(self) -> dict[str, AgentSeen]:
        """Return every agent that was ever heard of, by name."""
        async with self.reading() as connection:
            rows = await connection.execute(select(agent_seen))
            return {row.agent: _agent_seen(row) for row in rows}

    async def heard(self, *, since: datetime | None = None) -> dict[str, AgentSeen]:
        """Return the same without vitals, which are most of the work: for whoever asks often.

        ``since``: only agents of which something arrived from then on.
        """
        query, asked = (_HEARD, {}) if since is None else (_NEWS, {"from_ms": ms_of(since)})
        async with self.reading() as connection:
            return {row.agent: _agent_seen(row) for row in await connection.execute(query, asked)}

    async def vitals_since(self, start: datetime) -> list[AgentSeen]:
        """Return the agents that have told their vitals from ``start`` on."""
        query = select(agent_seen).where(agent_seen.c.vitals_ms >= ms_of(start))
        async with self.reading() as connection:
            return [_agent_seen(row) for row in await connection.execute(query)]

    async def unregistered(self, registered: Collection[Source] = ()) -> list[Source]:
        """Return the sources that were heard of but are not among ``registered``."""
        known = set(registered)
        async with self.reading() as connection:
            rows = await connection.execute(select(source.c.agent, source.c.camera))
            return sorted(s for s in (Source(r.agent, r.camera) for r in rows) if s not in known)

    async def note_statuses(self, online: Mapping[str, bool], *, now: datetime) -> frozenset[str]:
        """Keep agents' presence hints; return whose changed."""
        return await self.run(lambda: status_steps(online, now_ms=ms_of(now)))

    async def note_refused(self, rows: Sequence[RefusalRow]) -> None:
        """Keep refusals of payloads as a whole."""
        await self.run(lambda: payload_refusal_steps(rows))

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


def _agent_seen(row: Row[Any]) -> AgentSeen:
    return AgentSeen(
        agent=row.agent,
        last_report_at=moment_or_none(row.last_report_ms),
        last_report_until=moment_or_none(row.last_until_ms),
        online_hint=row.online_hint,
        hint_at=moment_or_none(row.hint_ms),
        clock_offset_ms=row.clock_offset_ms,
        items_at=moment_or_none(row.items_ms),
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
