"""Reading incidents: the inbox, one incident with its history, what was observed."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from server.domain.incident.model import Kind
from server.domain.incident.signals import Observation
from server.storage.database import Database, in_batches
from server.storage.folding import fold
from server.storage.incident_codec import incident_row, observation_of, step_row
from server.storage.incident_rows import IncidentFilter, IncidentRow, StepRow
from server.storage.incident_schema import incident, incident_step, observation
from server.storage.times import ms_of

_ALL = IncidentFilter()


class Inbox(Database):
    """The store's part that reads incidents."""

    async def incidents(
        self,
        wanted: IncidentFilter = _ALL,
        *,
        limit: int = 200,
        before: tuple[datetime, str] | None = None,
    ) -> list[IncidentRow]:
        """Return incidents, the newest first.

        ``before``: only those behind this one in the list: its (incident.opened_at, incident.id).
        """
        query = _where(select(incident), wanted)
        if before is not None:
            at, name = ms_of(before[0]), before[1]
            same = and_(incident.c.opened_ms == at, incident.c.id < name)
            query = query.where(or_(incident.c.opened_ms < at, same))
        query = query.order_by(incident.c.opened_ms.desc(), incident.c.id.desc()).limit(limit)
        async with self.reading() as connection:
            return [incident_row(row) for row in await connection.execute(query)]

    async def count_incidents(self, wanted: IncidentFilter = _ALL) -> int:
        """Return how many there are."""
        query = _where(select(func.count()).select_from(incident), wanted)
        async with self.reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def incident(self, name: str) -> IncidentRow | None:
        """Return one incident."""
        async with self.reading() as connection:
            found = await connection.execute(select(incident).where(incident.c.id == name))
            row = found.first()
        return None if row is None else incident_row(row)

    async def incidents_of(self, names: Collection[str]) -> dict[str, IncidentRow]:
        """Return these incidents by id."""
        found: dict[str, IncidentRow] = {}
        async with self.reading() as connection:
            for some in in_batches(sorted(names)):
                rows = await connection.execute(select(incident).where(incident.c.id.in_(some)))
                found |= {row.id: incident_row(row) for row in rows}
        return found

    async def incident_steps(self, name: str) -> list[StepRow]:
        """Return an incident's history, the oldest first."""
        query = select(incident_step).where(incident_step.c.incident_id == name)
        query = query.order_by(incident_step.c.at_ms, incident_step.c.id)
        async with self.reading() as connection:
            return [step_row(row) for row in await connection.execute(query)]

    async def observations(self, start: datetime, end: datetime) -> list[Observation]:
        """Return what was observed in [start, end), in the order in which it was."""
        query = select(observation).where(
            observation.c.at_ms >= ms_of(start), observation.c.at_ms < ms_of(end)
        )
        query = query.order_by(observation.c.at_ms, observation.c.id)
        async with self.reading() as connection:
            return [observation_of(row) for row in await connection.execute(query)]

    async def retellable(
        self, *, ended_after: datetime, schools: Collection[str] | None = None, limit: int
    ) -> list[IncidentRow]:
        """Return lost cameras' incidents that are open or ended later, the newest first."""
        query = select(incident).where(
            incident.c.kind == Kind.CAMERA,
            or_(incident.c.ended_ms.is_(None), incident.c.ended_ms > ms_of(ended_after)),
        )
        query = query.order_by(incident.c.opened_ms.desc()).limit(limit)
        found: list[IncidentRow] = []
        async with self.reading() as connection:
            if schools is None:
                return [incident_row(row) for row in await connection.execute(query)]
            for names in in_batches(sorted(schools)):
                rows = await connection.execute(query.where(incident.c.school.in_(names)))
                found += [incident_row(row) for row in rows]
        return found[:limit]


def _where(query: Select[Any], wanted: IncidentFilter) -> Select[Any]:
    table = incident.c
    for value, column in (
        (wanted.told, table.told_ms),
        (wanted.acknowledged, table.acknowledged_ms),
    ):
        if value is not None:
            query = query.where(column.is_not(None) if value else column.is_(None))
    if wanted.open is not None:
        query = query.where(table.open.is_(wanted.open))
    if wanted.mine is not None:
        mine = or_(table.acknowledged_by == wanted.mine, table.assigned_to == wanted.mine)
        query = query.where(mine)
    if wanted.kinds:
        query = query.where(table.kind.in_(sorted(wanted.kinds)))
    if wanted.schools is not None:
        query = query.where(table.school.in_(sorted(wanted.schools)))
    if wanted.opened_from is not None:
        query = query.where(table.opened_ms >= ms_of(wanted.opened_from))
    if wanted.opened_to is not None:
        query = query.where(table.opened_ms < ms_of(wanted.opened_to))
    return query.where(_means(wanted)) if wanted.text else query


def _means(wanted: IncidentFilter) -> ColumnElement[bool]:
    """Every word of the text stands in the incident's, or its school is named by it."""
    words = [incident.c.folded.contains(w, autoescape=True) for w in fold(wanted.text).split()]
    return or_(and_(*words), incident.c.school.in_(sorted(wanted.named)))
