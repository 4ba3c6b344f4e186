"""Claims and gate events, read back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, ScalarSelect, Select, and_, case, func, select, text, tuple_

from server.domain.clocks import Grade
from server.domain.interval import Interval, whole_second
from server.domain.timeline import Claim
from server.domain.units import Source
from server.storage.clocks import first_zeros, grades_near
from server.storage.database import Database, in_batches
from server.storage.folding import fold
from server.storage.merging import Mark
from server.storage.rows import GateCount, GateEventRow
from server.storage.schema import IS_DOOR, boot, gate_event, segment, source
from server.storage.times import LAST_MS, moment_of, ms_of
from wire.vocabulary import State

_STATES: Final = {state.value: state for state in State}
_LOOKED_AT: Final = 20
_TOLD: Final = (
    source.c.agent,
    source.c.camera,
    boot.c.uuid,
    boot.c.zero_ms,
    segment.c.number,
    segment.c.start_ms,
    segment.c.end_ms,
    segment.c.state,
    segment.c.cause,
    segment.c.detail,
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
                for query in claims_queries(some, window):
                    for row in await connection.execute(query):
                        known = found.get(Source(row[0], row[1]))
                        if known is not None:
                            clock = clocks.get((row[0], row[2]), Grade.ASSUMED)
                            known.append(_claim(row, clock))
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
        query = select(gate_event).where(text(IS_DOOR), gate_event.c.occurred_ms >= ms_of(since))
        query = query.order_by(gate_event.c.occurred_ms, gate_event.c.id)
        async with self.reading() as connection:
            return [_gate_event(row) for row in await connection.execute(query)]

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


def claims_queries(agents: list[str], window: Interval) -> list[Select[Any]]:
    """Return the query for closed segments that end in or after the window, and for open ones.

    A segment is cut where a later one begins, also where that one is over before the window: it is
    looked up for those that run into the window, and for open ones.

    A row is ``_TOLD``, that cut, and of an open segment its boot's watermark.
    """
    start, end = ms_of(window.start), ms_of(window.end)
    base = (
        select(*_TOLD)
        .select_from(source)
        .join(boot, boot.c.agent == source.c.agent)
        .join(segment, and_(segment.c.source_id == source.c.id, segment.c.boot_id == boot.c.id))
        .where(
            source.c.agent.in_(agents),
            boot.c.zero_ms < end,
            boot.c.zero_ms + boot.c.last_ms >= start,
            segment.c.start_ms < end - boot.c.zero_ms,
        )
    )
    entered = case((segment.c.start_ms < start - boot.c.zero_ms, _cut())).label("cut_ms")
    marks = (_cut().label("cut_ms"), boot.c.until_ms, boot.c.until_seq, boot.c.held)
    return [
        base.add_columns(entered).where(segment.c.end_ms >= start - boot.c.zero_ms),
        base.add_columns(*marks).where(segment.c.end_ms.is_(None)),
    ]


def _cut() -> ScalarSelect[int]:
    """Return where a later segment of the same camera and boot begins.

    An agent's later segments begin later, so the next few tell. To look at all of them for each one
    would let a single agent hold up every reader.
    """
    later = segment.alias("later")
    following = (
        select(later.c.start_ms)
        .where(
            later.c.source_id == segment.c.source_id,
            later.c.boot_id == segment.c.boot_id,
            later.c.number > segment.c.number,
        )
        .order_by(later.c.number)
        .limit(_LOOKED_AT)
        .correlate(segment)
        .subquery()
    )
    return select(func.min(following.c.start_ms)).scalar_subquery()


def _claim(row: Sequence[Any], clock: Grade) -> Claim:
    """Unpack a row at once: a district's month has three hundred thousand."""
    agent, camera, uuid, zero_ms, number, start_ms, end_ms, state, cause, detail, cut_ms, *mark = (
        row
    )
    is_open = end_ms is None
    if is_open:
        end_ms = start_ms if mark[0] is None else Mark(*mark).last_good_ms().get(camera, mark[0])
    if cut_ms is not None and cut_ms < end_ms:
        end_ms = cut_ms
    return Claim(
        source=f"{agent}/{camera}",
        boot=uuid,
        number=number,
        state=_STATES[state],
        start=_second(zero_ms + start_ms),
        end=_second(zero_ms + max(end_ms, start_ms)),
        open=is_open,
        cause=cause,
        detail=detail,
        clock=clock,
    )


def _second(ms: int) -> datetime:
    return whole_second(min(max(ms, 0), LAST_MS))


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
