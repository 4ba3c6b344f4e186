"""Alerts, the outbox and the delivery log.

An alert and its letters are written in one transaction, so that no crash can leave one without the
other. At most one alert of a key is open: whoever inserts it second changes nothing and sends
nothing. A letter is done only after its transport said so; its id is the same at each attempt.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, and_, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage.database import Database, many
from server.storage.folding import clean
from server.storage.incident_schema import delivery
from server.storage.rows import AlertRow, Letter, NewAlert
from server.storage.schema import alert, outbox
from server.storage.times import moment_of, moment_or_none, ms_of


class Alerts(Database):
    """The store's part for alerts."""

    async def alerts(self, *, open_only: bool = False, limit: int = 200) -> list[AlertRow]:
        """Return alerts, newest first."""
        query = select(alert).order_by(alert.c.id.desc()).limit(limit)
        if open_only:
            query = query.where(alert.c.open_key.is_not(None))
        async with self.reading() as connection:
            return [alert_of(row) for row in await connection.execute(query)]

    async def alert(self, alert_id: int) -> AlertRow | None:
        """Return one alert."""
        async with self.reading() as connection:
            row = (await connection.execute(select(alert).where(alert.c.id == alert_id))).first()
        return None if row is None else alert_of(row)

    async def acknowledge(self, alert_id: int, user: str, *, now: datetime) -> bool:
        """Note that ``user`` takes an open alert on; False if it is closed or already taken."""
        change = update(alert).where(
            alert.c.id == alert_id,
            alert.c.open_key.is_not(None),
            alert.c.acknowledged_ms.is_(None),
        )
        async with self.writing() as connection:
            done = await connection.execute(
                change.values(acknowledged_ms=ms_of(now), acknowledged_by=user)
            )
        return done.rowcount > 0

    async def change_alerts(
        self,
        *,
        opened: Sequence[NewAlert] = (),
        closed: Sequence[tuple[int, datetime]] = (),
        transports: Collection[str] = (),
        now: datetime,
    ) -> int:
        """Open and close alerts, with a letter per transport; return how many really changed.

        ``closed`` are numbers of alerts with the moment at which their trouble ended. Opening what
        is open, or closing what is closed, changes nothing and sends nothing.
        """
        changed = 0
        async with self.writing() as connection:
            for new in opened:
                number = await self._open(connection, new, now)
                changed += await _post(connection, number, "opened", transports, now)
            for number, ended_at in closed:
                change = update(alert).where(alert.c.id == number, alert.c.open_key.is_not(None))
                done = await connection.execute(
                    change.values(open_key=None, ended_ms=ms_of(ended_at), closed_ms=ms_of(now))
                )
                found = number if done.rowcount > 0 else None
                changed += await _post(connection, found, "recovered", transports, now)
        return changed

    async def _open(self, connection: AsyncConnection, new: NewAlert, now: datetime) -> int | None:
        row = {
            "key": new.key,
            "open_key": new.key,
            "rule": new.rule,
            "school": new.school,
            "camera": new.camera,
            "agent": new.agent,
            "zone": new.zone,
            "state": new.state,
            "cause": clean(new.cause),
            "note": clean(new.note),
            "began_ms": ms_of(new.began_at),
            "opened_ms": ms_of(now),
        }
        statement = self.upsert(alert).values(row).on_conflict_do_nothing()
        number = (await connection.execute(statement.returning(alert.c.id))).scalar_one_or_none()
        return None if number is None else int(number)

    async def due_letters(self, *, now: datetime, limit: int = 50) -> list[Letter]:
        """Return letters to send now, oldest first; one waits for the same alert's one before."""
        async with self.reading() as connection:
            rows = await connection.execute(_due(now).limit(limit))
            return [_letter(row) for row in rows]

    async def next_letter_at(self) -> datetime | None:
        """Return when the next letter is due, or None if there is none."""
        query = select(outbox.c.next_ms).where(outbox.c.next_ms.is_not(None))
        async with self.reading() as connection:
            row = (await connection.execute(query.order_by(outbox.c.next_ms).limit(1))).first()
        return None if row is None else moment_of(row.next_ms)

    async def delivered(
        self, letter: Letter, *, ok: bool, detail: str, now: datetime, next_at: datetime | None
    ) -> None:
        """Log one attempt; ``next_at`` None ends the letter, delivered or given up."""
        change = update(outbox).where(outbox.c.id == letter.id)
        log = {
            "letter": letter.id,
            "channel": letter.transport,
            "at_ms": ms_of(now),
            "ok": ok,
            "detail": clean(detail[:500]),
        }
        async with self.writing() as connection:
            await connection.execute(insert(delivery).values(log))
            await connection.execute(
                change.values(
                    attempts=letter.attempts + 1,
                    next_ms=None if next_at is None else ms_of(next_at),
                    done_ms=ms_of(now) if ok else None,
                )
            )


async def _post(
    connection: AsyncConnection,
    number: int | None,
    reason: str,
    transports: Collection[str],
    now: datetime,
) -> int:
    if number is None:
        return 0
    rows = [
        {
            "id": str(uuid.uuid4()),
            "alert_id": number,
            "reason": reason,
            "transport": transport,
            "created_ms": ms_of(now),
            "next_ms": ms_of(now),
            "attempts": 0,
        }
        for transport in transports
    ]
    await many(connection, insert(outbox), rows)
    return 1


def _due(now: datetime) -> Select[Any]:
    earlier = outbox.alias("earlier")
    waits = exists().where(
        and_(
            earlier.c.alert_id == outbox.c.alert_id,
            earlier.c.transport == outbox.c.transport,
            earlier.c.reason == "opened",
            outbox.c.reason != "opened",
            earlier.c.next_ms.is_not(None),
        )
    )
    letter = (
        outbox.c.id.label("letter_id"),
        outbox.c.reason,
        outbox.c.transport,
        outbox.c.attempts,
        outbox.c.created_ms,
    )
    return (
        select(*letter, alert)
        .join(alert, alert.c.id == outbox.c.alert_id)
        .where(outbox.c.next_ms <= ms_of(now), ~waits)
        .order_by(outbox.c.next_ms, outbox.c.created_ms)
    )


def _letter(row: Row[Any]) -> Letter:
    return Letter(
        id=row.letter_id,
        alert=alert_of(row),
        reason=row.reason,
        transport=row.transport,
        attempts=row.attempts,
        created_at=moment_of(row.created_ms),
    )


def alert_of(row: Row[Any]) -> AlertRow:
    """Return a row of ``alert`` as a value."""
    return AlertRow(
        id=row.id,
        key=row.key,
        rule=row.rule,
        school=row.school,
        camera=row.camera,
        agent=row.agent,
        zone=row.zone,
        state=row.state,
        cause=row.cause,
        note=row.note,
        began_at=moment_of(row.began_ms),
        opened_at=moment_of(row.opened_ms),
        acknowledged_at=moment_or_none(row.acknowledged_ms),
        acknowledged_by=row.acknowledged_by,
        ended_at=moment_or_none(row.ended_ms),
        closed_at=moment_or_none(row.closed_ms),
    )
