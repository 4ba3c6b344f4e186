"""One transaction for a batch of reports: all of it is committed, or none.

Everything is idempotent: a report that comes twice changes nothing. What needs comparing (stories,
watermarks, spool progress) is loaded, merged by ``merging``'s pure functions and written back under
a lock; segments, gate events and gaps are upserts in the database.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from server.domain.units import Source
from server.storage import boots as boots_
from server.storage import facts, seen
from server.storage.boots import BootKey, SpoolKey
from server.storage.database import Database, many
from server.storage.folding import clean, fold
from server.storage.merging import Boot, first_told, mark_of, reach, received, settle, tell
from server.storage.rows import Intake, Progress
from server.storage.schema import gap, gate_event, segment, source, spool
from wire.messages import GateEvent

FUTURE_MS = 5_000
"""A gate event further ahead of this server's clock than this has a suspect clock."""


class Writing(Database):
    """The store's part that takes reports in."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self._sources: dict[Source, int] = {}  # numbers never change and rows are never deleted

    async def commit(self, intakes: Sequence[Intake]) -> dict[SpoolKey, Progress]:
        """Commit reports; return how far each (agent, spool) is committed now.

        Raises ``PoisonError`` if the database will never take one of them (nothing was committed;
        find it by halves), ``UnavailableError`` to try again later.
        """
        if not intakes:
            return {}
        async with self.writing() as connection:
            await self._lock(connection, sorted({i.agent for i in intakes}))
            known = await _tell_stories(connection, intakes)
            wanted = {
                Source(i.agent, x.segment.camera) for i in intakes for x in i.items if x.segment
            }
            wanted |= {
                Source(i.agent, f.camera) for i in intakes if i.vitals for f in i.vitals.cameras
            }
            numbers = await self._number_sources(connection, wanted)
            await self._put_segments(connection, intakes, known, numbers)
            await self._put_gate_events(connection, intakes)
            await self._put_gaps(connection, intakes)
            progress = await self._advance(connection, intakes)
            settled = await _settle_watermarks(connection, intakes, known, progress)
            await seen.note_reports(self, connection, intakes, settled)
            await facts.note_facts(self, connection, intakes, numbers)
            await seen.note_refusals(connection, seen.refusal_rows(intakes))
        self._sources.update(numbers)
        return progress

    async def _lock(self, connection: AsyncConnection, agents: list[str]) -> None:
        if self.is_postgresql:
            lock = (
                "SELECT pg_advisory_xact_lock(hashtextextended(a, 0))"
                " FROM unnest(CAST(:agents AS text[])) a"
            )
            await connection.execute(text(lock), {"agents": agents})

    async def _number_sources(
        self, connection: AsyncConnection, wanted: Collection[Source]
    ) -> dict[Source, int]:
        missing = [s for s in wanted if s not in self._sources]
        if missing:
            rows = [{"agent": s.agent, "camera": s.camera} for s in sorted(missing)]
            await many(connection, self.upsert(source).on_conflict_do_nothing(), rows)
            query = select(source).where(source.c.agent.in_({s.agent for s in missing}))
            found = {Source(r.agent, r.camera): r.id for r in await connection.execute(query)}
            return {s: self._sources[s] if s in self._sources else found[s] for s in wanted}
        return {s: self._sources[s] for s in wanted}

    async def _put_segments(
        self,
        connection: AsyncConnection,
        intakes: Sequence[Intake],
        known: Mapping[BootKey, Boot],
        numbers: Mapping[Source, int],
    ) -> None:
        rows = [
            {
                "boot_id": known[intake.agent, s.boot].id,
                "number": s.number,
                "source_id": numbers[Source(intake.agent, s.camera)],
                "start_ms": s.start_ms,
                "end_ms": s.end_ms,
                "state": s.state.value,
                "cause": clean(s.cause),
                "detail": clean(s.detail),
            }
            for intake in intakes
            for s in (item.segment for item in intake.items)
            if s is not None
        ]
        new = self.upsert(segment)
        # Closed beats open; of two ends the earlier; start, camera and boot never change.
        closing = new.on_conflict_do_update(
            index_elements=["source_id", "boot_id", "number"],
            set_={k: new.excluded[k] for k in ("end_ms", "state", "cause", "detail")},
            where=(new.excluded.end_ms.is_not(None))
            & or_(segment.c.end_ms.is_(None), new.excluded.end_ms < segment.c.end_ms),
        )
        await many(connection, closing, rows)

    async def _put_gate_events(
        self, connection: AsyncConnection, intakes: Sequence[Intake]
    ) -> None:
        rows = [
            _gate_event_row(intake, item.gate_event)
            for intake in intakes
            for item in intake.items
            if item.gate_event is not None
        ]
        await many(connection, self.upsert(gate_event).on_conflict_do_nothing(), rows)

    async def _put_gaps(self, connection: AsyncConnection, intakes: Sequence[Intake]) -> None:
        rows = [
            {
                "agent": intake.agent,
                "spool": intake.spool,
                "seq": item.seq,
                "first_seq": item.gap.first_seq,
                "last_seq": item.gap.last_seq,
                "kind": clean(item.gap.kind),
                "count": item.gap.count,
                "reason": clean(item.gap.reason),
                "received_ms": intake.received_utc_ms,
            }
            for intake in intakes
            for item in intake.items
            if item.gap is not None
        ]
        await many(connection, self.upsert(gap).on_conflict_do_nothing(), rows)

    async def _advance(
        self, connection: AsyncConnection, intakes: Sequence[Intake]
    ) -> dict[SpoolKey, Progress]:
        keys = {(i.agent, i.spool) for i in intakes}
        before = await boots_.load_spools(connection, keys)
        after = {key: before.get(key, Progress()) for key in keys}
        for intake in intakes:
            key = (intake.agent, intake.spool)
            after[key] = received(after[key], _spans(intake))
        changed = {k: p for k, p in after.items() if p != before.get(k)}
        await boots_.save_spools(connection, self.upsert(spool), changed)
        return after


async def _tell_stories(
    connection: AsyncConnection, intakes: Sequence[Intake]
) -> dict[BootKey, Boot]:
    """Merge what the reports tell of their boots; afterwards every boot has a number."""
    keys = {(i.agent, story.id) for i in intakes for story in i.boots}
    if not keys:
        return {}
    before = await boots_.load_boots(connection, keys)
    now = dict(before)
    for intake in intakes:
        for story in intake.boots:
            key, told = (intake.agent, story.id), intake.sent_utc_ms
            if key in now:
                now[key] = tell(now[key], story, told_utc_ms=told)
            else:
                now[key] = first_told(intake.agent, story, told_utc_ms=told)
        for uuid, ms in _reaches(intake):
            known = now[intake.agent, uuid]
            now[intake.agent, uuid] = reach(known, ms, received_utc_ms=intake.received_utc_ms)
    for key in sorted(now.keys() - before.keys()):
        now[key] = replace(now[key], id=await boots_.save_boot(connection, now[key]))
    await boots_.save_boots(
        connection, (b for k, b in now.items() if k in before and b != before[k])
    )
    return now


async def _settle_watermarks(
    connection: AsyncConnection,
    intakes: Sequence[Intake],
    known: Mapping[BootKey, Boot],
    progress: Mapping[SpoolKey, Progress],
) -> dict[BootKey, Boot]:
    """Let watermarks count whose spool prefix is in; return the boots as they are now."""
    before = await boots_.load_pending(connection, progress.keys())
    waiting = {key: set(marks) for key, marks in before.items()}
    for intake in intakes:
        for w in intake.watermarks:
            number = known[intake.agent, w.boot].id
            assert number is not None  # _tell_stories numbered it
            waiting.setdefault((number, intake.spool), set()).add(mark_of(w))
    by_id = {b.id: b for b in known.values() if b.id is not None}
    others = {number for number, _ in waiting} - by_id.keys()
    by_id |= await boots_.load_boots_by_id(connection, others)
    after: boots_.Pending = {}
    changed: dict[int, Boot] = {}
    for (number, name), marks in waiting.items():
        current = by_id[number]
        through = progress[current.agent, name].through
        best, after[number, name] = settle(current.mark, marks, through=through)
        if best != current.mark:
            by_id[number] = changed[number] = replace(current, mark=best)
    await boots_.save_pending(connection, before, after)
    await boots_.save_boots(connection, changed.values())
    return {(b.agent, b.uuid): b for b in by_id.values()}


def _reaches(intake: Intake) -> list[tuple[str, int]]:
    ends = [(w.boot, w.until_ms) for w in intake.watermarks]
    segments = [item.segment for item in intake.items if item.segment is not None]
    return ends + [(s.boot, max(s.start_ms, s.end_ms or 0)) for s in segments]


def _spans(intake: Intake) -> list[tuple[int, int]]:
    spans = [(1, intake.kept_from - 1), *((item.seq, item.seq) for item in intake.items)]
    spans += [(refused.seq, refused.seq) for refused in intake.refused]
    spans += [(x.gap.first_seq, x.gap.last_seq) for x in intake.items if x.gap is not None]
    return spans


def _gate_event_row(intake: Intake, event: GateEvent) -> dict[str, Any]:
    wrong = any(abs(b.offset_ms or 0) > 2000 for b in intake.boots)  # noqa: PLR2004 (merging.OFFSET_COUNTS_MS)
    words = (event.kind, event.direction, event.subject, event.reader, event.note)
    return {
        "agent": intake.agent,
        "id": event.id,
        "gate": event.gate,
        "kind": clean(event.kind),
        "direction": clean(event.direction),
        "subject": clean(event.subject),
        "reader": clean(event.reader),
        "note": clean(event.note),
        "occurred_ms": event.occurred_utc_ms,
        "accepted_ms": event.accepted_utc_ms,
        "received_ms": intake.received_utc_ms,
        "clock_suspect": wrong or event.occurred_utc_ms > intake.received_utc_ms + FUTURE_MS,
        "folded": fold(clean(" ".join(w for w in words if w)) or ""),
    }
