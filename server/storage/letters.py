"""Letters: who is to be told, by which way, and what came of each attempt.

``telling`` writes them. A letter is done only after its channel said so, and its id is the same at
each attempt. Of one incident, receiver and way, the letter that it is over waits until those before
it have left or were given up.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, case, exists, func, insert, select, update

from server.domain.incident.model import Severity
from server.domain.paging.people import Occasion, Way
from server.storage.database import Database
from server.storage.folding import clean
from server.storage.incident_rows import ChannelHealth, DeliveryRow, LetterRow
from server.storage.incident_schema import delivery, incident, letter
from server.storage.times import moment_of, moment_or_none, ms_of


class Letters(Database):
    """The store's part for letters."""

    async def letters_due(
        self, *, now: datetime, channel: str | None = None, limit: int = 200
    ) -> list[LetterRow]:
        """Return letters to send now, of one channel if named.

        Digests first, for they speak for many; then the urgent, then openings before the rest, by
        age.
        """
        query = _due(now) if channel is None else _due(now).where(letter.c.channel == channel)
        async with self.reading() as connection:
            rows = await connection.execute(query.limit(limit))
            return [letter_row(row) for row in rows]

    async def letter_tried(
        self, tried: LetterRow, *, ok: bool, detail: str, now: datetime, next_at: datetime | None
    ) -> None:
        """Log one attempt; ``next_at`` None ends the letter, delivered or given up."""
        outcome = clean(detail[:500])
        log = {
            "letter": tried.id,
            "channel": tried.way.channel,
            "at_ms": ms_of(now),
            "ok": ok,
            "detail": outcome,
        }
        done = {
            "attempts": tried.attempts + 1,
            "next_ms": None if next_at is None else ms_of(next_at),
            "done_ms": ms_of(now) if ok else None,
            "outcome": outcome,
        }
        async with self.writing() as connection:
            await connection.execute(insert(delivery).values(log))
            await connection.execute(update(letter).where(letter.c.id == tried.id).values(done))

    async def settle_letters(self, names: Sequence[str], *, outcome: str, now: datetime) -> None:
        """End letters that another one speaks for (a digest), or that nobody needs any more."""
        change = update(letter).where(letter.c.id.in_(names), letter.c.next_ms.is_not(None))
        done = change.values(next_ms=None, done_ms=ms_of(now), outcome=clean(outcome[:500]))
        async with self.writing() as connection:
            await connection.execute(done)

    async def letters_of(self, name: str) -> list[LetterRow]:
        """Return an incident's letters, the oldest first."""
        query = select(letter).where(letter.c.incident_id == name)
        return await self._letters(query.order_by(letter.c.created_ms, letter.c.id))

    async def letters_since(self, start: datetime, *, limit: int = 1000) -> list[LetterRow]:
        """Return letters that were written since then, the newest first."""
        query = select(letter).where(letter.c.created_ms >= ms_of(start))
        return await self._letters(query.order_by(letter.c.created_ms.desc()).limit(limit))

    async def _letters(self, query: Select[Any]) -> list[LetterRow]:
        async with self.reading() as connection:
            return [letter_row(row) for row in await connection.execute(query)]

    async def deliveries(
        self, limit: int = 100, *, channel: str | None = None, letter: str | None = None
    ) -> list[DeliveryRow]:
        """Return the newest attempts, newest first; of one channel or one letter, if named."""
        query = select(delivery).order_by(delivery.c.id.desc()).limit(limit)
        if channel is not None:
            query = query.where(delivery.c.channel == channel)
        if letter is not None:
            query = query.where(delivery.c.letter == letter)
        async with self.reading() as connection:
            return [_delivery(row) for row in await connection.execute(query)]

    async def channel_health(self) -> dict[str, ChannelHealth]:
        """Return how each channel does that anything was ever sent by."""
        ok_ms = func.max(case((delivery.c.ok, delivery.c.at_ms)))
        last = select(delivery.c.channel, ok_ms.label("ok_ms")).group_by(delivery.c.channel)
        seen = last.subquery()
        failed = and_(
            delivery.c.channel == seen.c.channel,
            delivery.c.ok.is_(False),
            delivery.c.at_ms > func.coalesce(seen.c.ok_ms, -1),
        )
        query = select(
            seen.c.channel,
            seen.c.ok_ms,
            func.min(delivery.c.at_ms).label("failing_ms"),
            func.max(delivery.c.id).label("last_id"),
        ).select_from(seen.outerjoin(delivery, failed))
        query = query.group_by(seen.c.channel, seen.c.ok_ms)
        async with self.reading() as connection:
            rows = (await connection.execute(query)).all()
            ids = [row.last_id for row in rows if row.last_id is not None]
            errors = select(delivery.c.id, delivery.c.detail).where(delivery.c.id.in_(ids))
            told = {row.id: row.detail for row in await connection.execute(errors)}
        return {
            row.channel: ChannelHealth(
                last_ok_at=moment_or_none(row.ok_ms),
                failing_since=moment_or_none(row.failing_ms),
                last_error=told.get(row.last_id),
            )
            for row in rows
        }


def _due(now: datetime) -> Select[Any]:
    earlier = letter.alias("earlier")
    waits = exists().where(
        and_(
            earlier.c.incident_id == letter.c.incident_id,
            earlier.c.receiver == letter.c.receiver,
            earlier.c.channel == letter.c.channel,
            earlier.c.address == letter.c.address,
            earlier.c.next_ms.is_not(None),
            earlier.c.occasion != Occasion.RECOVERED,
            letter.c.occasion == Occasion.RECOVERED,
        )
    )
    speaks_for_many = letter.c.occasion == Occasion.DIGEST
    rank = case((speaks_for_many, 0), (incident.c.severity == Severity.URGENT, 1), else_=2)
    later = case((letter.c.occasion == Occasion.RECOVERED, 1), else_=0)
    return (
        select(letter)
        .select_from(letter.outerjoin(incident, incident.c.id == letter.c.incident_id))
        .where(letter.c.next_ms <= ms_of(now), ~waits)
        .order_by(later, rank, letter.c.next_ms, letter.c.created_ms, letter.c.id)
    )


def letter_row(row: Row[Any]) -> LetterRow:
    """Return a row of ``letter`` as a value."""
    return LetterRow(
        id=row.id,
        incident=row.incident_id,
        occasion=Occasion(row.occasion),
        receiver=row.receiver,
        way=Way(channel=row.channel, address=row.address),
        language=row.language,
        at=moment_of(row.at_ms),
        created_at=moment_of(row.created_ms),
        next_at=moment_or_none(row.next_ms),
        attempts=row.attempts,
        done_at=moment_or_none(row.done_ms),
        outcome=row.outcome,
        body=row.body,
    )


def _delivery(row: Row[Any]) -> DeliveryRow:
    return DeliveryRow(
        letter=row.letter,
        channel=row.channel,
        at=moment_of(row.at_ms),
        ok=row.ok,
        detail=row.detail,
    )
