"""Incidents: what one look leads to, written as a whole, and what people do about them.

The engine's memory has a version. Whoever writes second, with a memory that is no longer the
newest, changes nothing and is told so: two servers can never tell one trouble twice.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage.database import many
from server.storage.folding import clean
from server.storage.incident_codec import (
    ENGINES_OWN,
    deed_values,
    incident_values,
    observation_values,
    step_values,
)
from server.storage.incident_rows import EngineState, IncidentBatch
from server.storage.incident_schema import engine_memory, incident, incident_step, observation
from server.storage.telling import Telling, note_brought
from server.storage.times import ms_of

KEEP_OBSERVATIONS: Final = timedelta(days=60)
_ENGINE: Final = "incidents"
_QUICKLY: Final = 1
"""zlib's level: a city's memory of 0.8 MB is a tenth of that after 2 ms, and is written often."""

_VERSION: Final = select(engine_memory.c.version).where(engine_memory.c.name == _ENGINE)


class Incidents(Telling):
    """The store's part that changes incidents; ``Inbox`` reads them."""

    async def load_engine(self) -> EngineState:
        """Return what the engine remembered when it last wrote."""
        query = select(engine_memory).where(engine_memory.c.name == _ENGINE)
        async with self.reading() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return EngineState()
        return EngineState(version=row.version, memory=zlib.decompress(row.body))

    async def engine_version(self) -> int:
        """Return the version of the engine's memory: 0 before anybody wrote one."""
        async with self.reading() as connection:
            return int((await connection.execute(_VERSION)).scalar_one_or_none() or 0)

    async def change_incidents(self, batch: IncidentBatch, *, expected: int, now: datetime) -> bool:
        """Write all of it in one transaction, or nothing; tell whether it was written.

        ``expected`` is the version of the memory that the batch began with. If another server has
        written since, nothing is written, and the caller loads the engine anew.
        """
        newest = {c.incident.id: incident_values(c.incident) for c in batch.changes}
        seen = [observation_values(o) for o in batch.observations]
        async with self.writing() as connection:
            if not await self._advance_engine(connection, batch.memory, expected):
                return False
            await many(connection, insert(observation), seen)
            await many(connection, self._newest_incidents(), list(newest.values()))
            await many(connection, insert(incident_step), [step_values(c) for c in batch.changes])
            await self.page_changes(connection, batch.changes, batch.directory, now)
            await note_brought(connection, batch.brought)
        return True

    async def _advance_engine(
        self, connection: AsyncConnection, memory: bytes, expected: int
    ) -> bool:
        """Take the memory's next version; False if somebody else has."""
        row = {"name": _ENGINE, "version": expected + 1, "body": zlib.compress(memory, _QUICKLY)}
        if expected == 0:
            first = self.upsert(engine_memory).values(row).on_conflict_do_nothing()
            return (await connection.execute(first)).rowcount > 0
        mine = (engine_memory.c.name == _ENGINE) & (engine_memory.c.version == expected)
        change = update(engine_memory).where(mine).values(row)
        return (await connection.execute(change)).rowcount > 0

    def _newest_incidents(self) -> Any:
        put = self.upsert(incident)
        own = {name: put.excluded[name] for name in ENGINES_OWN}
        return put.on_conflict_do_update(index_elements=["id"], set_=own)

    async def acknowledge_incident(self, name: str, *, by: str, now: datetime) -> bool:
        """Note that ``by`` takes an open incident on; False if it is closed or already taken."""
        change = update(incident).where(
            incident.c.id == name, incident.c.open.is_(True), incident.c.acknowledged_ms.is_(None)
        )
        change = change.values(acknowledged_ms=ms_of(now), acknowledged_by=by)
        async with self.writing() as connection:
            if (await connection.execute(change)).rowcount == 0:
                return False
            await _note(connection, name, "acknowledged", by=by, text="", now=now)
        return True

    async def assign_incident(self, name: str, to: str, *, by: str, now: datetime) -> bool:
        """Hand an open incident to ``to``, a user's or receiver's name; False if it is closed."""
        change = update(incident).where(incident.c.id == name, incident.c.open.is_(True))
        async with self.writing() as connection:
            if (await connection.execute(change.values(assigned_to=clean(to)))).rowcount == 0:
                return False
            await _note(connection, name, "assigned", by=by, text=to, now=now)
        return True

    async def note_incident(
        self, name: str, text: str, *, by: str, now: datetime, step: str = "note"
    ) -> bool:
        """Add a line to an incident's history, also a closed one's; False if there is none.

        ``step``: ``note``, or ``silenced`` for a silence that was made from here.
        """
        async with self.writing() as connection:
            found = await connection.execute(select(incident.c.id).where(incident.c.id == name))
            if found.first() is None:
                return False
            await _note(connection, name, step, by=by, text=text, now=now)
        return True

    async def retell_incidents(
        self, times: Sequence[tuple[str, datetime, datetime | None]]
    ) -> None:
        """Set when troubles really began and, of closed ones, ended: (incident, began, ended)."""
        known = update(incident).where(incident.c.id == bindparam("b_id"))
        began = known.values(retold_began_ms=bindparam("b_began"))
        over = known.values(retold_ended_ms=bindparam("b_ended"))
        starts = [{"b_id": n, "b_began": ms_of(start)} for n, start, _ in times]
        ends = [{"b_id": n, "b_ended": ms_of(end)} for n, _, end in times if end is not None]
        async with self.writing() as connection:
            await many(connection, began, starts)
            await many(connection, over, ends)

    async def drop_old_observations(self, now: datetime) -> None:
        """Delete what nobody replays any more."""
        old = observation.c.at_ms < ms_of(now - KEEP_OBSERVATIONS)
        async with self.writing() as connection:
            await connection.execute(delete(observation).where(old))


async def _note(
    connection: AsyncConnection, name: str, step: str, *, by: str, text: str, now: datetime
) -> None:
    values = deed_values(name, step, by=by, text=text, now=now)
    await connection.execute(insert(incident_step).values(values))
