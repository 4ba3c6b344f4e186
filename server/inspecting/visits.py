"""Inspections in the book of records: kind ``inspection``, one record each, a revision per change.

A confirmed paper and the further ones that correct it are revisions of the same record.
"""

import uuid
from dataclasses import dataclass
from typing import Final

import msgspec

from server.domain.inspection import Visit
from server.storage import Put, Record, Store

KIND: Final = "inspection"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A visit with the revision that says it."""

    visit: Visit
    record: Record


def visit_in(record: Record) -> Visit:
    """Return the content of a record of this kind."""
    return msgspec.json.decode(record.data, type=Visit)


def put_of(name: str, visit: Visit, *, expected: int) -> Put:
    """Return the revision that follows ``expected`` (0: a new visit)."""
    return Put(
        kind=KIND,
        id=name,
        expected=expected,
        data=msgspec.json.encode(visit),
        school=visit.school,
        day=visit.planned,
    )


def new_name() -> str:
    """Return the id of a new visit."""
    return uuid.uuid4().hex


async def load_visit(store: Store, name: str) -> Kept | None:
    """Return a visit as it stands."""
    record = await store.record(KIND, name)
    if record is None or record.gone:
        return None
    return Kept(visit=visit_in(record), record=record)


async def load_visits(store: Store) -> list[Kept]:
    """Return all visits, by day."""
    return [Kept(visit=visit_in(r), record=r) for r in await store.records(KIND)]
