"""From changes to letters, inside the transaction of the changes.

A letter's id is its call's, so that putting it again changes nothing. Who escalates and who closes
an incident both hold its row, so that nobody is told of what is over, and whoever was told in
between hears of the end.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.domain.incident.model import Change
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call, Occasion, Way
from server.domain.paging.standing import concerned, page
from server.storage.database import Database, in_batches, many
from server.storage.folding import clean
from server.storage.incident_rows import Brought
from server.storage.incident_schema import delivery, incident, letter
from server.storage.times import moment_of, ms_of

_WHILE_OPEN: Final = frozenset({Occasion.ESCALATED, Occasion.HANDOVER})
"""Letters that only an incident that is still open leads to."""
_GONE_OUT: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""The time of a call that may have left: it lies before any change, so nothing withdraws it."""


class Telling(Database):
    """The store's part that writes letters."""

    async def put_letters(
        self, calls: Sequence[Call], *, bodies: Mapping[str, str] | None = None, now: datetime
    ) -> int:
        """Write letters that are not there yet; return how many are new.

        Of what is over meanwhile neither escalations nor hand-overs are written, of what was taken
        on no escalations. ``bodies``: JSON by call id, of those that have no incident.
        """
        asked = {c.incident for c in calls if c.occasion in _WHILE_OPEN and c.incident}
        async with self.writing() as connection:
            open_ = await _open(connection, asked)
            fitting = [c for c in calls if _is_wanted(c, open_)]
            new = await self._insert_letters(connection, fitting, now, bodies or {})
            await _note_told(connection, sorted(asked & open_.keys()))
            return new

    async def page_changes(
        self,
        connection: AsyncConnection,
        changes: Sequence[Change],
        directory: Directory,
        now: datetime,
    ) -> None:
        """Write what changes lead to, and take back what they make void.

        The incidents' rows are written by now, and so held against whoever escalates.
        """
        names = sorted({c.incident.id for c in changes})
        standing = await _standing(connection, concerned(changes), now)
        paged = page(changes, directory, standing)
        for some in in_batches(sorted(paged.withdrawn)):
            untried = letter.c.id.in_(some) & (letter.c.attempts == 0)
            await connection.execute(delete(letter).where(untried))
        await self._insert_letters(connection, paged.calls, now, {})
        await _note_told(connection, names)

    async def _insert_letters(
        self,
        connection: AsyncConnection,
        calls: Sequence[Call],
        now: datetime,
        bodies: Mapping[str, str],
    ) -> int:
        new = 0
        put = self.upsert(letter).on_conflict_do_nothing()
        for call in calls:
            row = _values(call, now) | {"body": clean(bodies.get(call.id))}
            new += (await connection.execute(put.values(row))).rowcount
        return new


async def note_brought(connection: AsyncConnection, brought: Sequence[Brought]) -> None:
    """End letters that left before they could be written; what is no letter is no news."""
    for one in brought:
        mine = (letter.c.id == one.letter) & letter.c.next_ms.is_not(None)
        query = select(letter.c.channel).where(mine)
        channel = (await connection.execute(query)).scalar_one_or_none()
        if channel is None:
            continue
        outcome, at_ms = clean(one.detail[:500]), ms_of(one.at)
        done = {"next_ms": None, "done_ms": at_ms, "outcome": outcome, "attempts": 1}
        await connection.execute(update(letter).where(mine).values(done))
        log = {"letter": one.letter, "channel": channel, "at_ms": at_ms, "ok": True}
        await connection.execute(insert(delivery).values(log | {"detail": outcome}))


async def _open(connection: AsyncConnection, names: Collection[str]) -> dict[str, bool]:
    """Hold these incidents' rows; return those that are open, and whether they are anybody's."""
    found: dict[str, bool] = {}
    for some in in_batches(sorted(names)):
        query = select(incident.c.id, incident.c.acknowledged_ms)
        query = query.where(incident.c.id.in_(some), incident.c.open.is_(True))
        rows = await connection.execute(query.with_for_update())
        found |= {row.id: row.acknowledged_ms is not None for row in rows}
    return found


def _is_wanted(call: Call, open_: Mapping[str, bool]) -> bool:
    """Tell whether a letter is still to be written; ``open_``: as ``_open`` has it."""
    if call.occasion not in _WHILE_OPEN or call.incident is None:
        return True
    taken = open_.get(call.incident)
    return taken is not None and not (taken and call.occasion is Occasion.ESCALATED)


async def _standing(
    connection: AsyncConnection, names: Sequence[str], now: datetime
) -> dict[str, dict[str, Call]]:
    """Return the calls that these incidents have had so far, by incident and id."""
    found: dict[str, dict[str, Call]] = {name: {} for name in names}
    for some in in_batches(list(names)):
        query = select(letter).where(letter.c.incident_id.in_(some))
        for row in await connection.execute(query.order_by(letter.c.at_ms, letter.c.id)):
            found[row.incident_id][row.id] = _call(row, now)
    return found


async def _note_told(connection: AsyncConnection, names: Sequence[str]) -> None:
    """Keep with each incident when it is first told; withdrawn letters are none any more."""
    first = select(func.min(letter.c.at_ms)).where(letter.c.incident_id == incident.c.id)
    change = update(incident).where(incident.c.id == bindparam("b_id"))
    change = change.values(told_ms=first.scalar_subquery())
    await many(connection, change, [{"b_id": name} for name in names])


def _values(call: Call, now: datetime) -> dict[str, Any]:
    return {
        "id": call.id,
        "incident_id": call.incident,
        "occasion": call.occasion,
        "receiver": call.receiver,
        "channel": call.way.channel,
        "address": call.way.address,
        "language": call.language,
        "at_ms": ms_of(call.at),
        "created_ms": ms_of(now),
        "next_ms": ms_of(call.at),
        "attempts": 0,
    }


def _call(row: Row[Any], now: datetime) -> Call:
    call = Call(
        id=row.id,
        incident=row.incident_id,
        occasion=Occasion(row.occasion),
        receiver=row.receiver,
        way=Way(channel=row.channel, address=row.address),
        language=row.language,
        at=moment_of(row.at_ms),
    )
    may_have_left = row.attempts > 0 or row.at_ms <= ms_of(now)
    return replace(call, at=_GONE_OUT) if may_have_left else call
