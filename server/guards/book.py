"""Guards in the book of records: kinds ``guard``, ``post``, ``shift`` and ``training``.

A guard's name and phone stand in the record of kind ``guard`` and nowhere else; everything else
names that record. When a guard leaves, both are erased from every revision (``leave``): the code,
the days and the training stay, so the past still counts, and nobody can say whose they were.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final, Generic, TypeVar

import msgspec

from server.domain.guards import Post, Rostered, Training
from server.storage import Content, Put, Store

GUARD: Final = "guard"
POST: Final = "post"
SHIFT: Final = "shift"
TRAINING: Final = "training"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A guard of one school.

    Attributes:
        code: What they type in at the gate: the ``subject`` of its shift events.
        name, phone: Empty once they have left.
        left: Their last day; None: they are still there.
    """

    school: str
    code: str
    name: str
    phone: str = ""
    since: date
    left: date | None = None


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What stands, and the revision that says it."""

    value: T
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """Everything that people wrote of guards, by record id."""

    guards: Mapping[str, Kept[Guard]] = field(default_factory=dict)
    posts: Mapping[str, Kept[Post]] = field(default_factory=dict)
    shifts: Mapping[str, Kept[Rostered]] = field(default_factory=dict)
    trainings: Mapping[str, Kept[Training]] = field(default_factory=dict)

    def trainings_of(self, guard: str) -> list[Training]:
        """Return one guard's trainings."""
        return [kept.value for kept in self.trainings.values() if kept.value.guard == guard]

    def there(self, day: date) -> dict[str, Kept[Guard]]:
        """Return the guards who have not left by a day."""
        return {
            name: kept
            for name, kept in self.guards.items()
            if kept.value.left is None or day <= kept.value.left
        }


Entry = Guard | Post | Rostered | Training
_KINDS: Final[Mapping[type, str]] = {
    Guard: GUARD,
    Post: POST,
    Rostered: SHIFT,
    Training: TRAINING,
}
KINDS: Final[Mapping[str, type]] = {kind: entry for entry, kind in _KINDS.items()}


def put_of(name: str, entry: Entry, *, expected: int, gone: bool = False) -> Put:
    """Return the revision of an entry that follows ``expected`` (0: a new one)."""
    return Put(
        kind=_KINDS[type(entry)],
        id=name,
        expected=expected,
        data=msgspec.json.encode(entry),
        school=entry.school,
        gone=gone,
    )


async def load_roster(store: Store, school: str | None = None) -> Roster:
    """Return what stands of one school, or of all. Raises ``StoreError``."""
    return await load_rosters(store, None if school is None else [school])


async def load_rosters(
    store: Store, schools: Collection[str] | None, *, shifts: bool = True
) -> Roster:
    """Return what stands of some schools, or (None) of all; without ``shifts`` no roster's entry.

    Raises ``StoreError``.
    """
    return Roster(
        guards=_read(await store.contents(GUARD, schools=schools), Guard),
        posts=_read(await store.contents(POST, schools=schools), Post),
        shifts=_read(await store.contents(SHIFT, schools=schools) if shifts else [], Rostered),
        trainings=_read(await store.contents(TRAINING, schools=schools), Training),
    )


async def load_entry(store: Store, kind: str, name: str) -> Kept[Entry] | None:
    """Return one entry as it stands; None where it never was, or was taken away."""
    record = await store.record(kind, name)
    if record is None or record.gone:
        return None
    return Kept(msgspec.json.decode(record.data, type=KINDS[kind]), record.revision)


async def leave(store: Store, name: str, kept: Kept[Guard], *, by: str, now: datetime) -> None:
    """Erase a guard's name and phone everywhere; ``kept`` names the last day.

    Erased first, noted after: a crash in between loses no more than the note.
    """
    nameless = replace(kept.value, name="", phone="")
    await store.erase_record(GUARD, name, msgspec.json.encode(replace(nameless, left=None)))
    await store.put_records([put_of(name, nameless, expected=kept.revision)], by=by, now=now)


def _read(found: list[Content], kind: type[T]) -> dict[str, Kept[T]]:
    reader = msgspec.json.Decoder(kind)
    return {one.id: Kept(reader.decode(one.data), one.revision) for one in sorted(found)}
