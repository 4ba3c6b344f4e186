"""The fault register in the book of records: kind ``fault``, one record each.

What the system saw and what people wrote stand in one entry; whoever changed it last, and when,
stands in its revisions.
"""

from dataclasses import dataclass
from typing import Final

import msgspec

from server.domain.faults import FaultEntry
from server.storage import Put, Record, Store

KIND: Final = "fault"
BY: Final = "vonggac"
"""In whose name the system writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFault:
    """An entry with the revision that says it."""

    entry: FaultEntry
    record: Record


def entry_in(record: Record) -> FaultEntry:
    """Return the content of a record of this kind."""
    return msgspec.json.decode(record.data, type=FaultEntry)


def put_of(name: str, entry: FaultEntry, *, expected: int) -> Put:
    """Return the revision that follows ``expected`` (0: a new entry)."""
    return Put(
        kind=KIND,
        id=name,
        expected=expected,
        data=msgspec.json.encode(entry),
        school=entry.school,
        day=entry.since,
    )


async def load_faults(store: Store, schools: list[str] | None = None) -> list[KeptFault]:
    """Return the entries of some schools, or all, by the day since when."""
    records = await store.records(KIND, schools=schools)
    return [KeptFault(entry=entry_in(r), record=r) for r in records]
