"""Claims and gate events, read back."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Row, Select, bindparam, func, select, text, tuple_

from server.domain.clocks import Grade
from server.domain.interval import Interval
from server.domain.timeline import Claim
from server.domain.units import Source
from server.storage.claiming import CLAIMS, claim_of, claims_asked
from server.storage.clocks import first_zeros, grades_near
from server.storage.database import Database, in_batches
from server.storage.folding import fold
from server.storage.rows import GateCount, GateEventRow
from server.storage.schema import IS_DOOR, gate_event
from server.storage.times import moment_of, ms_of

_DOOR_EVENTS: Final = (
    select(gate_event)
    .where(text(IS_DOOR), gate_event.c.occurred_ms >= bindparam("from_ms", type_=BigInteger))
    .order_by(gate_event.c.occurred_ms, gate_event.c.id)
)


class Reading(Database):
    """The store's part that pages and rules read from."""

    async def claims(
        self, sources: Collection[Source], window: Interval
    ) -> dict[Source, list[Claim]]:
        """Return what was claimed of each source over ``window``; every source has an entry.

        An open claim ends at its boot's effective watermark, or at the camera's last good moment
        where the watermark holds the camera back; it is given even if it covers nothing yet, as
        the newest word on a camera. Claims reach beyond the window where they do. Those of a
        suspect clock are given, too, and marked as such.
        """
        found: dict[Source, list[Claim]] = {s: [] for s in sources}
        async with self.reading() as connection:
            agents = sorted({s.agent for s in sources})
            clocks = await grades_near(connection, agents, window)
            for some in in_batches(agents):
                asked = claims_asked(some, window)
                for query in CLAIMS:
                    for row in await connection.execute(query, asked):
                        known = found.get(Source(row[0], row[1]))
                        if known is not None:
                            clock = clocks.get((row[0], row[2]), Grade.ASSUMED)
                            known.append(claim_of(row, clock))
        return found

    async def first_told(self) -> dict[str, datetime]:
        """Return since when each agent has been telling: the origin of its first boot.

        A suspect clock's boots don't tell.
        """
        async with self.reading() as connection:
            zeros = await first_zeros(connection)
        return {agent: moment_of(zero_ms) for agent, zero_ms in zeros.items()}

    async def gate_events(
        self,
        *,
        gates: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        text: str | None = None,
        limit: int = 100,
        before: tuple[datetime, str] | None = None,
    ) -> list[GateEventRow]:
        """Return gate events, newest first.

        Args:
            gates: Only these gates; None is all of them.
            since: From this moment on (``occurred_at``).
            until: Before this moment.
            text: Each word must occur in kind, direction, subject, reader or note; marks and case
                don't matter.
            limit: At most so many.
            before: ``(occurred_at, id)`` of the last row of the page before.
        """
        query = _gate_query(select(gate_event), gates=gates, since=since, until=until)
        for word in fold(text or "").split():
            query = query.where(gate_event.c.folded.contains(word, autoescape=True))
        if before is not None:
            position = tuple_(gate_event.c.occurred_ms, gate_event.c.id)
            query = query.where(position < tuple_(ms_of(before[0]), before[1]))
        query = query.order_by(gate_event.c.occurred_ms.desc(), gate_event.c.id.desc())
        async with self.reading() as connection:
            return [_gate_event(row) for row in await connection.execute(query.limit(limit))]

    async def door_events(self, *, since: datetime) -> list[GateEventRow]:
        """Return events that tell how a gate itself stands (``IS_DOOR``), the oldest first."""
        asked = {"from_ms": ms_of(since)}
        async with self.reading() as connection:
            return [_gate_event(row) for row in await connection.execute(_DOOR_EVENTS, asked)]

    async def gate_counts(
        self,
        *,
        gates: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[GateCount]:
        """Return how many events there were by gate, kind and direction."""
        by = (gate_event.c.gate, gate_event.c.kind, gate_event.c.direction)
        query = _gate_query(
            select(*by, func.count().label("n")).group_by(*by),
            gates=gates,
            since=since,
            until=until,
        )
        async with self.reading() as connection:
            return [
                GateCount(gate=r.gate, kind=r.kind, direction=r.direction, count=r.n)
                for r in await connection.execute(query.order_by(*by))
            ]


def _gate_query(
    query: Select[Any],
    *,
    gates: Collection[str] | None,
    since: datetime | None,
    until: datetime | None,
) -> Select[Any]:
    if gates is not None:
        query = query.where(gate_event.c.gate.in_(sorted(gates)))
    if since is not None:
        query = query.where(gate_event.c.occurred_ms >= ms_of(since))
    if until is not None:
        query = query.where(gate_event.c.occurred_ms < ms_of(until))
    return query


def _gate_event(row: Row[Any]) -> GateEventRow:
    return GateEventRow(
        agent=row.agent,
        id=row.id,
        gate=row.gate,
        kind=row.kind,
        direction=row.direction,
        subject=row.subject,
        reader=row.reader,
        note=row.note,
        occurred_at=moment_of(row.occurred_ms),
        accepted_at=moment_of(row.accepted_ms),
        received_at=moment_of(row.received_ms),
        clock_suspect=row.clock_suspect,
    )
