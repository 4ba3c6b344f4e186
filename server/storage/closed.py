"""Closed days, what amends them, and the marks of what is still to be looked at again.

A closed day is inserted once and never changed; a better value is a row beside it. Both databases
take the same statements, and a second server that does the same changes nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

import msgspec
from sqlalchemy import Row, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.domain.figures import Amendment, Basis, ClosedDay, DayFigures
from server.domain.points import MetSeconds
from server.domain.uptime import Availability
from server.storage.closed_schema import amended_day, closed_day, figure_basis, late_day
from server.storage.database import Database, in_batches, many
from server.storage.late import day_of, number_of
from server.storage.times import moment_of, ms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NewClosedDay:
    """A school's day that is to be closed; see ``ClosedDay``."""

    school: str
    day: date
    basis: Basis
    figures: DayFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class LateMark:
    """Something of a past day arrived from an agent. ``touches`` rises with every commit."""

    agent: str
    day: date
    touches: int


class Closed(Database):
    """The store's part for closed figures."""

    async def closed_through(self) -> dict[str, date]:
        """Return the newest closed day of each school that has one."""
        query = select(closed_day.c.school, func.max(closed_day.c.day).label("day"))
        async with self.reading() as connection:
            rows = await connection.execute(query.group_by(closed_day.c.school))
            return {row.school: day_of(row.day) for row in rows}

    async def close_days(self, days: Sequence[NewClosedDay], *, now: datetime) -> None:
        """Insert days; one that is closed already stays as it is."""
        async with self.writing() as connection:
            bases = await self._basis_ids(connection, days)
            rows = [
                {
                    "school": d.school,
                    "day": number_of(d.day),
                    "basis_id": bases[d.school, _digest(d.basis)],
                    "closed_ms": ms_of(now),
                    "figures": _written(d.figures),
                }
                for d in days
            ]
            await many(connection, self.upsert(closed_day).on_conflict_do_nothing(), rows)

    async def _basis_ids(
        self, connection: AsyncConnection, days: Iterable[NewClosedDay]
    ) -> dict[tuple[str, str], int]:
        """Return the numbers of the bases by school and digest; new ones are inserted first."""
        rows = {(d.school, _digest(d.basis)): msgspec.json.encode(d.basis).decode() for d in days}
        found = await _known_bases(connection, rows)
        new = [
            {"school": school, "digest": digest, "content": content}
            for (school, digest), content in rows.items()
            if (school, digest) not in found
        ]
        if not new:
            return found
        await many(connection, self.upsert(figure_basis).on_conflict_do_nothing(), new)
        return await _known_bases(connection, rows)

    async def closed_days(
        self, schools: Collection[str], first: date, last: date, *, unchanged: bool = True
    ) -> list[ClosedDay]:
        """Return the closed days of some schools, both ends included, in order of day.

        Without ``unchanged`` those alone that were amended.
        """
        found: list[ClosedDay] = []
        async with self.reading() as connection:
            for names in in_batches(sorted(schools)):
                within = (number_of(first), number_of(last))
                found += await _read(connection, names, within, unchanged=unchanged)
        return sorted(found, key=lambda d: (d.day, d.school))

    async def amend_days(self, days: Sequence[ClosedDay]) -> None:
        """Insert the last amendment of each day; one of the same moment stays as it is."""
        rows = [
            {
                "school": d.school,
                "day": number_of(d.day),
                "at_ms": ms_of(d.amendments[-1].at),
                "agents": " ".join(d.amendments[-1].agents),
                "figures": _written(d.amendments[-1].figures),
            }
            for d in days
        ]
        async with self.writing() as connection:
            await many(connection, self.upsert(amended_day).on_conflict_do_nothing(), rows)

    async def late_marks(self, limit: int) -> list[LateMark]:
        """Return what is to be looked at again, the oldest days first."""
        query = select(late_day).order_by(late_day.c.day, late_day.c.agent).limit(limit)
        async with self.reading() as connection:
            return [
                LateMark(agent=row.agent, day=day_of(row.day), touches=row.touches)
                for row in await connection.execute(query)
            ]

    async def clear_marks(self, marks: Collection[LateMark]) -> None:
        """Delete marks that have not been touched again since they were read."""
        gone = delete(late_day).where(
            late_day.c.agent == bindparam("b_agent"),
            late_day.c.day == bindparam("b_day"),
            late_day.c.touches == bindparam("b_touches"),
        )
        rows = [
            {"b_agent": m.agent, "b_day": number_of(m.day), "b_touches": m.touches} for m in marks
        ]
        async with self.writing() as connection:
            await many(connection, gone, rows)


async def _known_bases(
    connection: AsyncConnection, keys: Collection[tuple[str, str]]
) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for digests in in_batches(sorted({digest for _, digest in keys})):
        query = select(figure_basis.c.id, figure_basis.c.school, figure_basis.c.digest)
        for row in await connection.execute(query.where(figure_basis.c.digest.in_(digests))):
            found[row.school, row.digest] = row.id
    return found


async def _read(
    connection: AsyncConnection, schools: list[str], days: tuple[int, int], *, unchanged: bool
) -> list[ClosedDay]:
    amendments: dict[tuple[str, int], list[Amendment]] = {}
    better = select(amended_day).where(
        amended_day.c.school.in_(schools), amended_day.c.day.between(*days)
    )
    for row in await connection.execute(better.order_by(amended_day.c.at_ms)):
        amendments.setdefault((row.school, row.day), []).append(_amendment(row))
    query = (
        select(closed_day, figure_basis.c.content)
        .join(figure_basis, figure_basis.c.id == closed_day.c.basis_id)
        .where(closed_day.c.school.in_(schools), closed_day.c.day.between(*days))
    )
    if not unchanged:
        if not amendments:
            return []
        query = query.where(closed_day.c.day.in_(sorted({day for _, day in amendments})))
    bases: dict[int, Basis] = {}
    found = []
    for row in await connection.execute(query):
        if not unchanged and (row.school, row.day) not in amendments:
            continue
        if row.basis_id not in bases:
            bases[row.basis_id] = msgspec.json.decode(row.content, type=Basis)
        found.append(
            ClosedDay(
                school=row.school,
                day=day_of(row.day),
                basis=bases[row.basis_id],
                closed_at=moment_of(row.closed_ms),
                figures=_figures(row.figures),
                amendments=tuple(amendments.get((row.school, row.day), ())),
            )
        )
    return found


def _amendment(row: Row[tuple[object, ...]]) -> Amendment:
    return Amendment(
        at=moment_of(row.at_ms), agents=tuple(row.agents.split()), figures=_figures(row.figures)
    )


class _Written(msgspec.Struct, frozen=True, array_like=True):
    """Figures as they are stored: ``[[met, ...], [[up, degraded, ...], ...]]``."""

    met: tuple[int, int, int]
    cameras: tuple[tuple[int, int, int, int, int], ...]


def _written(figures: DayFigures) -> str:
    met = figures.met
    return msgspec.json.encode(
        _Written(
            met=(met.met, met.not_met, met.cannot_tell),
            cameras=tuple(
                (c.up, c.degraded, c.down, c.unknown, c.excluded) for c in figures.cameras
            ),
        )
    ).decode()


def _figures(text: str) -> DayFigures:
    read = msgspec.json.decode(text, type=_Written)
    met, not_met, cannot_tell = read.met
    return DayFigures(
        met=MetSeconds(met=met, not_met=not_met, cannot_tell=cannot_tell),
        cameras=tuple(
            Availability(up=up, degraded=degraded, down=down, unknown=unknown, excluded=excluded)
            for up, degraded, down, unknown, excluded in read.cameras
        ),
    )


def _digest(basis: Basis) -> str:
    return sha256(msgspec.json.encode(basis)).hexdigest()
