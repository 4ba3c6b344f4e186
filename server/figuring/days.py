"""The days of schools as numbers: roll-ups where they are closed, a fresh count elsewhere.

Periods add them up, and so do the live pages: there is no other way to a figure of a past day.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final, TypeVar

from server.domain.basis import Basis
from server.domain.calendar import local_date
from server.domain.dayrow import DayRow, row_of
from server.domain.register import Membership
from server.figuring.counting import DAYS_AT_ONCE, SCHOOLS_AT_ONCE, Wanted, count_days
from server.figuring.ground import Ground, days_wanted, watched_since
from server.storage.closed_bulk import DayRows

T = TypeVar("T")

_CHUNK: Final = SCHOOLS_AT_ONCE * DAYS_AT_ONCE


async def school_days(
    ground: Ground, stays: Sequence[Membership], *, rollups: bool = True
) -> dict[str, list[DayRow]]:
    """Return the days of some schools, as far as they are over, in no order.

    Some of a school's days may lie outside its stay. Without ``rollups`` every day is counted anew.
    Raises ``StoreError``.
    """
    rows = await _closed(ground, stays) if rollups and stays else DayRows()
    await _count_others(ground, stays, rows)
    return rows.days


async def school_bases(ground: Ground, stay: Membership) -> dict[date, Basis]:
    """Return what a school's days are counted under, without counting. Raises ``StoreError``."""
    rows = await _closed(ground, [stay])
    found = {row.day: row.basis for row in rows.days.get(stay.school, ())}
    missing = days_wanted(
        ground, stay.school, stay.first, stay.last, have=found.keys(), older=rows.older
    )
    return found | {wanted.day: wanted.basis for wanted in missing}


async def _closed(ground: Ground, stays: Sequence[Membership]) -> DayRows:
    """Return the roll-ups, but those of days before a school was watched.

    A school whose agent has not told yet is closed from when the first of all told; once its own
    begins, the days before are nobody's promise, as in a fresh count.
    """
    rows = await ground.store.day_rows(
        {stay.school for stay in stays},
        min(stay.first for stay in stays),
        max(stay.last for stay in stays),
    )
    for school, days in rows.days.items():
        began = watched_since(ground.register, school, ground.first_told)
        days[:] = [row for row in days if began is not None and row.day >= local_date(began)]
    return rows


async def _count_others(ground: Ground, stays: Sequence[Membership], rows: DayRows) -> None:
    """Count the days that have no roll-up, and add them to ``rows``."""
    for chunk in await asyncio.to_thread(_missing, ground, stays, rows):
        for some in batches(chunk, _CHUNK):
            figures = await count_days(ground.store, some)
            for one, counted in zip(some, figures, strict=True):
                rows.days[one.school].append(row_of(one.day, one.basis, counted))


def _missing(ground: Ground, stays: Iterable[Membership], rows: DayRows) -> list[Sequence[Wanted]]:
    """Return the days that have no roll-up, those near each other together."""
    by_chunk: dict[int, list[Wanted]] = {}
    for stay in stays:
        have = {row.day for row in rows.days.setdefault(stay.school, [])}
        missing = days_wanted(
            ground, stay.school, stay.first, stay.last, have=have, older=rows.older
        )
        for wanted in missing:
            by_chunk.setdefault(wanted.day.toordinal() // DAYS_AT_ONCE, []).append(wanted)
    return [chunk for _, chunk in sorted(by_chunk.items())]


def batches(things: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """Yield so many things at a time."""
    for start in range(0, len(things), size):
        yield things[start : start + size]
