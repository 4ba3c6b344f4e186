"""What who sends letters asks of them, beside ``letters``: bundles, and what has just left."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import and_, exists, func, select, update

from server.domain.paging.people import Call, Occasion, Way
from server.domain.paging.posting import Door
from server.storage.database import in_batches
from server.storage.folding import clean
from server.storage.incident_rows import LetterRow
from server.storage.incident_schema import delivery, letter
from server.storage.letters import letter_row
from server.storage.telling import Telling
from server.storage.times import moment_of, ms_of

BUNDLED: Final = "bundled"
"""The outcome of a letter for which a digest speaks."""

_WAITING: Final = (
    select(letter.c.channel, func.min(letter.c.next_ms).label("next_ms"))
    .where(letter.c.next_ms.is_not(None))
    .group_by(letter.c.channel)
)


class Posting(Telling):
    """The store's part for who sends letters."""

    async def letter(self, name: str) -> LetterRow | None:
        """Return one letter."""
        async with self.reading() as connection:
            row = (await connection.execute(select(letter).where(letter.c.id == name))).first()
        return None if row is None else letter_row(row)

    async def channels_waiting(self) -> dict[str, datetime]:
        """Return when the next letter of each channel is to be sent, of those that have any."""
        async with self.reading() as connection:
            rows = await connection.execute(_WAITING)
            return {row.channel: moment_of(row.next_ms) for row in rows}

    async def letters_about(self, incidents: Collection[str]) -> dict[str, list[LetterRow]]:
        """Return the letters of these incidents, by incident; those without any are missing."""
        found: dict[str, list[LetterRow]] = defaultdict(list)
        async with self.reading() as connection:
            for some in in_batches(sorted(incidents)):
                query = select(letter).where(letter.c.incident_id.in_(some))
                for row in await connection.execute(query.order_by(letter.c.at_ms, letter.c.id)):
                    found[row.incident_id].append(letter_row(row))
        return found

    async def letters_left(self, channel: str, *, since: datetime) -> dict[Door, list[datetime]]:
        """Return when letters left by a channel from ``since`` on, by receiver and way."""
        query = (
            select(letter.c.receiver, letter.c.address, delivery.c.at_ms)
            .join(delivery, delivery.c.letter == letter.c.id)
            .where(delivery.c.channel == channel, delivery.c.at_ms >= ms_of(since), delivery.c.ok)
        )
        found: dict[Door, list[datetime]] = defaultdict(list)
        async with self.reading() as connection:
            for row in await connection.execute(query):
                door = Door(row.receiver, Way(channel=channel, address=row.address))
                found[door].append(moment_of(row.at_ms))
        return found

    async def bundle_letters(
        self, bundle: Call, members: Collection[str], *, body: str, now: datetime
    ) -> None:
        """Put the letter that speaks for its members, and end those, in one transaction."""
        async with self.writing() as connection:
            await self._insert_letters(connection, [bundle], now, {bundle.id: body})
            for some in in_batches(sorted(members)):
                mine = letter.c.id.in_(some) & letter.c.next_ms.is_not(None)
                done = {"next_ms": None, "done_ms": ms_of(now), "outcome": clean(BUNDLED)}
                await connection.execute(update(letter).where(mine).values(done))

    async def overtaken_letters(self, *, now: datetime) -> list[str]:
        """Return letters that have not left of incidents whose end is due by the same way.

        The message that it is over says all that the earlier one would have said.
        """
        over = letter.alias("over")
        due = exists().where(
            and_(
                over.c.incident_id == letter.c.incident_id,
                over.c.receiver == letter.c.receiver,
                over.c.channel == letter.c.channel,
                over.c.address == letter.c.address,
                over.c.occasion == Occasion.RECOVERED,
                over.c.next_ms <= ms_of(now),
            )
        )
        waiting = (letter.c.next_ms > 0) & (letter.c.occasion != Occasion.RECOVERED)
        async with self.reading() as connection:
            return list(
                (await connection.execute(select(letter.c.id).where(waiting, due))).scalars()
            )
