"""Imports and exports with their effects: files in, records out, all or nothing."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from server.domain.flaws import Kinds
from server.domain.plan import Plan
from server.domain.register import Register
from server.register.cells import Words
from server.register.entries import Row
from server.register.exporting import Table, exported
from server.register.importing import Imported, imported
from server.register.reading import MOST_ROWS, SheetError, rows_of
from server.register.stored import Stored, load
from server.storage import Store
from server.texts.tongue import N_


class File(NamedTuple):
    """A file as it was handed in."""

    name: str
    data: bytes


class Tried(NamedTuple):
    """What an import would do, and the register that it was tried on."""

    stored: Stored
    imported: Imported


async def try_import(store: Store, files: Iterable[File], *, plan: Plan, day: date) -> Tried:
    """Read files and try them on the register as it stands. Raises ``SheetError``."""
    rows = await asyncio.to_thread(_rows, tuple(files))
    if len(rows) > MOST_ROWS:
        raise SheetError(N_("The file has more than %(most)s rows."), most=f"{MOST_ROWS}")
    stored = await load(store)
    kinds = Kinds(known=plan.zones.keys(), forbidden=plan.forbidden_zones)
    found = await asyncio.to_thread(
        imported, stored.register, rows, words=words_of(plan), kinds=kinds, day=day
    )
    return Tried(stored, found)


async def write_import(store: Store, tried: Tried, *, by: str, now: datetime) -> None:
    """Write an import that is clean, in one transaction.

    Raises ``ConflictError`` where somebody has changed one of its units or schools since it was
    tried; then nothing is written.
    """
    if not tried.imported.clean:
        raise ValueError("an import with mistakes is never written")
    puts = list(tried.stored.puts(tried.imported.units, tried.imported.schools))
    if puts:
        await store.put_records(puts, by=by, now=now)


def _rows(files: Sequence[File]) -> list[Row]:
    return [row for file in files for row in rows_of(file.data, file.name)]


def tables_of(
    register: Register, *, plan: Plan, day: date | None, personal: bool
) -> Sequence[Table]:
    """Return the register's sheets as of a day, or all of its history.

    ``personal``: with those of personal data.
    """
    return exported(register, words=words_of(plan), day=day, personal=personal)


def words_of(plan: Plan) -> Words:
    """Return how the plan's places are called in sheets."""
    return Words(zone_kinds={kind: zone.vi for kind, zone in plan.zones.items()})
