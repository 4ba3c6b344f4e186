"""The register as records: one of kind ``unit`` or ``school`` for each, content as JSON.

``told`` is what the ``units:`` file said when it was last taken in, as records of kind
``units_file``, so that a later file can be compared with it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

import msgspec

from server.domain.histories import SchoolHistory, UnitHistory
from server.domain.register import Register
from server.storage import Put, Record, Store

UNIT: Final = "unit"
SCHOOL: Final = "school"
FILE: Final = "units_file"
_WHOLE: Final = "file"

History = TypeVar("History", UnitHistory, SchoolHistory)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A register and the revision of each of its records, by kind and id."""

    register: Register = field(default_factory=Register)
    revisions: Mapping[tuple[str, str], int] = field(default_factory=dict)

    def puts(
        self, units: Iterable[UnitHistory] = (), schools: Iterable[SchoolHistory] = ()
    ) -> Iterator[Put]:
        """Yield what makes these units and schools the next revisions."""
        for unit in units:
            yield Put(
                kind=UNIT,
                id=unit.id,
                expected=self.revisions.get((UNIT, unit.id), 0),
                data=msgspec.json.encode(unit),
                unit=unit.id,
            )
        for school in schools:
            yield Put(
                kind=SCHOOL,
                id=school.id,
                expected=self.revisions.get((SCHOOL, school.id), 0),
                data=msgspec.json.encode(school),
                school=school.id,
            )


async def load(store: Store, known: Stored | None = None) -> Stored:
    """Read the register; of ``known`` whatever has not changed is kept as it is."""
    known = known or Stored()
    units, schools = await store.records(UNIT), await store.records(SCHOOL)
    revisions = {(r.kind, r.id): r.revision for r in (*units, *schools)}
    new = [r for r in (*units, *schools) if known.revisions.get((r.kind, r.id)) != r.revision]
    if not new:
        return known
    register = known.register.with_changes(
        [msgspec.json.decode(r.data, type=UnitHistory) for r in new if r.kind == UNIT],
        [msgspec.json.decode(r.data, type=SchoolHistory) for r in new if r.kind == SCHOOL],
    )
    return Stored(register=register, revisions=revisions)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the file said when it was last taken in. ``digest`` is "" where none ever was."""

    register: Register
    digest: str
    revisions: Mapping[str, int]

    def puts(self, new: Register) -> Iterator[Put]:
        """Yield what makes ``new`` that which was told."""
        yield self._put(_WHOLE, msgspec.json.encode(digest_of(new)))
        for prefix, before, after in (
            (UNIT, self.register.units, new.units),
            (SCHOOL, self.register.schools, new.schools),
        ):
            for name in before.keys() | after.keys():
                if before.get(name) != after.get(name):
                    told = after.get(name) or before[name]
                    data = msgspec.json.encode(told)
                    yield self._put(f"{prefix}/{name}", data, gone=name not in after)

    def _put(self, name: str, data: bytes, *, gone: bool = False) -> Put:
        return Put(kind=FILE, id=name, expected=self.revisions.get(name, 0), data=data, gone=gone)


async def told_digest(store: Store) -> str:
    """Return the digest of the file that was last taken in; "" where none ever was."""
    found = await store.record(FILE, _WHOLE)
    return "" if found is None else msgspec.json.decode(found.data, type=str)


async def told(store: Store) -> Told:
    """Read what the file said when it was last taken in."""
    rows = {r.id: r for r in await store.records(FILE, gone=True)}
    there = [r for r in rows.values() if not r.gone]
    digest = rows.get(_WHOLE)
    return Told(
        register=Register().with_changes(
            _decoded(there, UNIT, UnitHistory), _decoded(there, SCHOOL, SchoolHistory)
        ),
        digest="" if digest is None else msgspec.json.decode(digest.data, type=str),
        revisions={name: r.revision for name, r in rows.items()},
    )


def digest_of(register: Register) -> str:
    """Return a SHA-256 of all that a register says, in its order, in hex."""
    whole = hashlib.sha256()
    for thing in (*register.units.values(), *register.schools.values()):
        whole.update(msgspec.json.encode(thing))
    return whole.hexdigest()


def _decoded(rows: Iterable[Record], prefix: str, kind: type[History]) -> list[History]:
    return [msgspec.json.decode(r.data, type=kind) for r in rows if r.id.startswith(f"{prefix}/")]
