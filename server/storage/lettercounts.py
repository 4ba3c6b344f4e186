"""How many letters wait, and how many never left: by channel, for who watches the centre."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select

from server.storage.database import Database
from server.storage.incident_schema import delivery, letter
from server.storage.times import moment_or_none, ms_of


class LettersWaiting(NamedTuple):
    """Letters of one channel that have not left, and since when the oldest of them should have."""

    letters: int
    oldest_at: datetime | None


class LetterCounts(Database):
    """The store's part that counts letters."""

    async def letters_waiting(self, now: datetime) -> dict[str, LettersWaiting]:
        """Return what should have left and waits, by channel; what is for later does not."""
        query = select(letter.c.channel, func.count(), func.min(letter.c.at_ms))
        query = query.where(letter.c.next_ms.is_not(None), letter.c.at_ms <= ms_of(now))
        query = query.group_by(letter.c.channel)
        async with self.reading() as connection:
            rows = (await connection.execute(query)).all()
        return {name: LettersWaiting(count, moment_or_none(at)) for name, count, at in rows}

    async def letters_given_up(self, start: datetime, end: datetime) -> dict[str, int]:
        """Return how many were tried for the last time in [start, end), in vain, by channel.

        Most are given up a day after they were due, so when they were due says nothing.
        """
        last = select(func.max(delivery.c.at_ms)).where(delivery.c.letter == letter.c.id)
        query = select(letter.c.channel, func.count()).where(
            letter.c.next_ms.is_(None),
            letter.c.done_ms.is_(None),
            last.scalar_subquery().between(ms_of(start), ms_of(end) - 1),
        )
        async with self.reading() as connection:
            rows = (await connection.execute(query.group_by(letter.c.channel))).all()
        return {name: int(count) for name, count in rows}
