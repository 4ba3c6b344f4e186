"""Closed days, what amends them, and the marks of what is still to be looked at again.

A closed day is inserted once and never changed; a better value is a row beside it. Both databases
take the same statements, and a second server that does the same changes nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256

import msgspec
from sqlalchemy import Row, bindparam, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.domain.basis import Basis
from server.domain.figures import Amendment, ClosedDay, DayFigures
from server.storage.closed_rows import basis_in, figures_in, text_of
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

    async def closed_through(self, *, first: date, now: datetime) -> dict[str, date]:
        """Return the newest closed day, from ``first`` on, of each school that has one.

        What was closed after ``now``, by a clock that ran ahead, is none until it is amended.
        """
        found: dict[str, date] = {}
        async with self.reading() as connection:
            for table, at_ms in (
                (closed_day, closed_day.c.closed_ms),
                (amended_day, amended_day.c.at_ms),
            ):
                newest = select(table.c.school, func.max(table.c.day).label("day"))
                recent = newest.where(table.c.day >= number_of(first), at_ms <= ms_of(now))
                query = recent.group_by(table.c.school)
                for row in await connection.execute(query):
                    day = day_of(row.day)
                    found[row.school] = max(day, found.get(row.school, day))
        return found

    async def close_days(self, days: Sequence[NewClosedDay], *, now: datetime) -> None:
        """Insert days; one that is closed already stays as it is."""
        async with self.writing() as connection:
            bases = await self._basis_ids(connection, ((d.school, d.basis) for d in days))
            rows = [
                {
                    "school": d.school,
                    "day": number_of(d.day),
                    "basis_id": bases[d.school, _digest(d.basis)],
                    "closed_ms": ms_of(now),
                    "figures": text_of(d.figures),
                }
                for d in days
            ]
            await many(connection, self.upsert(closed_day).on_conflict_do_nothing(), rows)

    async def _basis_ids(
        self, connection: AsyncConnection, bases: Iterable[tuple[str, Basis]]
    ) -> dict[tuple[str, str], int]:
        """Return the numbers of bases by school and digest; new ones are inserted first."""
        rows = {(s, _digest(basis)): msgspec.json.encode(basis).decode() for s, basis in bases}
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
        async with self.writing() as connection:
            changed = ((d.school, d.amendments[-1].basis) for d in days)
            bases = await self._basis_ids(
                connection, ((school, basis) for school, basis in changed if basis is not None)
            )
            rows = [_amended(d, bases) for d in days]
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
    better = select(amended_day).where(
        amended_day.c.school.in_(schools), amended_day.c.day.between(*days)
    )
    changed = (await connection.execute(better.order_by(amended_day.c.at_ms))).all()
    query = select(closed_day).where(
        closed_day.c.school.in_(schools), closed_day.c.day.between(*days)
    )
    if not unchanged:
        if not changed:
            return []
        query = query.where(closed_day.c.day.in_(sorted({row.day for row in changed})))
    rows = (await connection.execute(query)).all()
    named = {number for row in changed if (number := basis_in(row.figures)) is not None}
    bases = await bases_by_number(connection, named | {row.basis_id for row in rows})
    amendments: dict[tuple[str, int], list[Amendment]] = {}
    for row in changed:
        amendments.setdefault((row.school, row.day), []).append(_amendment(row, bases))
    return [
        ClosedDay(
            school=row.school,
            day=day_of(row.day),
            basis=bases[row.basis_id],
            closed_at=moment_of(row.closed_ms),
            figures=figures_in(row.figures),
            amendments=tuple(amendments.get((row.school, row.day), ())),
        )
        for row in rows
        if unchanged or (row.school, row.day) in amendments
    ]


async def bases_by_number(
    connection: AsyncConnection, numbers: Collection[int]
) -> dict[int, Basis]:
    """Return bases by their numbers."""
    found: dict[int, Basis] = {}
    for some in in_batches(sorted(numbers)):
        query = select(figure_basis.c.id, figure_basis.c.content).where(figure_basis.c.id.in_(some))
        for row in await connection.execute(query):
            found[row.id] = msgspec.json.decode(row.content, type=Basis)
    return found


def _amendment(row: Row[tuple[object, ...]], bases: Mapping[int, Basis]) -> Amendment:
    number = basis_in(row.figures)
    return Amendment(
        at=moment_of(row.at_ms),
        agents=tuple(row.agents.split()),
        figures=figures_in(row.figures),
        basis=None if number is None else bases[number],
    )


def _amended(day: ClosedDay, bases: Mapping[tuple[str, str], int]) -> dict[str, object]:
    new = day.amendments[-1]
    number = None if new.basis is None else bases[day.school, _digest(new.basis)]
    return {
        "school": day.school,
        "day": number_of(day.day),
        "at_ms": ms_of(new.at),
        "agents": " ".join(new.agents),
        "figures": text_of(new.figures, basis=number),
    }


def _digest(basis: Basis) -> str:
    return sha256(msgspec.json.encode(basis)).hexdigest()
