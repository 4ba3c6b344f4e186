"""Closed days as bare numbers: what periods of many schools are added up from.

A year of 3,000 schools is a million rows, so no value is made for each camera of each day.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.domain.basis import Basis
from server.domain.dayrow import DayRow
from server.domain.period import AmendedDay
from server.storage.closed import bases_by_number
from server.storage.closed_rows import Written, figures_in, numbers_in
from server.storage.closed_schema import amended_day, closed_day
from server.storage.database import Database, in_batches
from server.storage.late import day_of, number_of
from server.storage.times import moment_of


@dataclass(slots=True)
class DayRows:
    """Closed days as they are known now.

    Attributes:
        days: By school, in no order.
        older: Days whose places were not kept apart, with the basis to count them again under.
    """

    days: dict[str, list[DayRow]] = field(default_factory=dict)
    older: dict[tuple[str, date], Basis] = field(default_factory=dict)


class ClosedNumbers(Database):
    """The store's part for adding closed days up."""

    async def day_rows(self, schools: Collection[str], first: date, last: date) -> DayRows:
        """Return the closed days of some schools, both ends included."""
        found = DayRows({school: [] for school in schools})
        bases: dict[int, Basis] = {}
        async with self.reading() as connection:
            for names in in_batches(sorted(schools)):
                await _read(connection, names, (number_of(first), number_of(last)), bases, found)
        return found


async def _read(
    connection: AsyncConnection,
    schools: list[str],
    days: tuple[int, int],
    bases: dict[int, Basis],
    found: DayRows,
) -> None:
    newest: dict[tuple[str, int], tuple[Row[Any], Written | None]] = {}
    own: dict[tuple[str, int], int] = {}
    amended = select(amended_day).where(
        amended_day.c.school.in_(schools), amended_day.c.day.between(*days)
    )
    for row in await connection.execute(amended.order_by(amended_day.c.at_ms)):
        numbers = numbers_in(row.figures)
        newest[row.school, row.day] = (row, numbers)
        if numbers is not None and numbers.basis is not None:
            own[row.school, row.day] = numbers.basis
    query = select(closed_day).where(
        closed_day.c.school.in_(schools), closed_day.c.day.between(*days)
    )
    rows = (await connection.execute(query)).all()
    wanted = {row.basis_id for row in rows} | set(own.values())
    bases.update(await bases_by_number(connection, wanted - bases.keys()))
    dates: dict[int, date] = {}
    for school, number, basis_id, closed_ms, text in rows:
        day = dates.get(number) or dates.setdefault(number, day_of(number))
        key = (school, number)
        basis = bases[own.get(key, basis_id)]
        better = newest.get(key)
        numbers = numbers_in(text) if better is None else better[1]
        if numbers is None:
            found.older[school, day] = basis
            continue
        change = None if better is None else _amended(day, closed_ms, text, better[0])
        found.days[school].append(
            DayRow(day, basis, numbers.cameras, numbers.places, numbers.lost, change)
        )


def _amended(day: date, closed_ms: int, closed: str, row: Row[Any]) -> AmendedDay:
    before, after = figures_in(closed), figures_in(row.figures)
    return AmendedDay(
        day=day,
        closed_at=moment_of(closed_ms),
        at=moment_of(row.at_ms),
        agents=tuple(row.agents.split()),
        closed=before.met,
        known=after.met,
        closed_uptime=before.total,
        known_uptime=after.total,
    )
