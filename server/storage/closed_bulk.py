"""Closed days as bare numbers: what periods of many schools are added up from.

A year of 3,000 schools is a million rows, so no value is made for each camera of each day.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

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
    """Read some schools' days; ``bases`` are those that are known already, and grow."""
    newest = await _newest(connection, schools, days)
    query = select(closed_day).where(
        closed_day.c.school.in_(schools), closed_day.c.day.between(*days)
    )
    rows = (await connection.execute(query)).all()
    wanted = {row.basis_id for row in rows} | {b.basis for b in newest.values() if b.basis}
    bases.update(await bases_by_number(connection, wanted - bases.keys()))
    dates: dict[int, date] = {}
    for school, number, basis_id, closed_ms, text in rows:
        day = dates.get(number) or dates.setdefault(number, day_of(number))
        better = newest.get((school, number))
        basis = bases[(better.basis if better else None) or basis_id]
        numbers = better.numbers if better else numbers_in(text)
        if numbers is None:
            found.older[school, day] = basis
            continue
        change = _amended(day, closed_ms, text, better.row) if better else None
        found.days[school].append(
            DayRow(day, basis, numbers.cameras, numbers.places, numbers.lost, change)
        )


class _Newest(NamedTuple):
    """A day's last amendment, and the number of the last basis that one of them gave the day."""

    row: Row[Any]
    numbers: Written | None
    basis: int | None


async def _newest(
    connection: AsyncConnection, schools: list[str], days: tuple[int, int]
) -> dict[tuple[str, int], _Newest]:
    query = select(amended_day).where(
        amended_day.c.school.in_(schools), amended_day.c.day.between(*days)
    )
    found: dict[tuple[str, int], _Newest] = {}
    for row in await connection.execute(query.order_by(amended_day.c.at_ms)):
        numbers, before = numbers_in(row.figures), found.get((row.school, row.day))
        own = None if numbers is None else numbers.basis
        kept = None if before is None else before.basis
        found[row.school, row.day] = _Newest(row, numbers, own or kept)
    return found


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
