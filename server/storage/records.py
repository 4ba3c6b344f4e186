"""What people write down, revision by revision: nothing is overwritten, two writers never mix.

A *record* is ``(kind, id)``; its content is JSON whose meaning is its kind's. A ``Put`` names the
revision that its writer has seen, so whoever writes second is told so. Several puts are one
transaction: all or none.
"""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from server.storage.database import Database, in_batches, many
from server.storage.errors import PoisonError, StoreError
from server.storage.late import day_of, number_of
from server.storage.records_schema import kept_file, record, record_revision
from server.storage.times import moment_of, ms_of

LARGEST_FILE: Final = 20 * 1024 * 1024
_LONGEST_ID: Final = 128


class ConflictError(StoreError):
    """Somebody else wrote the record first; ``found`` is the revision that stands (0: none)."""

    def __init__(self, kind: str, name: str, found: int) -> None:
        super().__init__(f"{kind} {name} was changed by somebody else meanwhile")
        self.kind = kind
        self.name = name
        self.found = found


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One revision of a record.

    Attributes:
        revision: Counts from 1.
        school, unit, day: What it is about, for finding it; its content is in ``data`` (JSON).
        by: Who wrote this revision, and ``at`` when.
        gone: It was taken away by this revision; its content says what it was.
    """

    kind: str
    id: str
    revision: int
    school: str | None
    unit: str | None
    day: date | None
    data: bytes
    by: str
    at: datetime
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """A revision to be written. ``expected``: the one that its writer has seen; 0: none yet."""

    kind: str
    id: str
    expected: int
    data: bytes
    school: str | None = None
    unit: str | None = None
    day: date | None = None
    gone: bool = False


class Content(NamedTuple):
    """What a record says, and by which revision: as much as a long list needs."""

    id: str
    revision: int
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """A file by its SHA-256, with the name and media type that it came with."""

    sha256: str
    name: str
    media: str
    data: bytes
    by: str
    at: datetime


class Records(Database):
    """The store's part for what people write."""

    async def record(self, kind: str, name: str) -> Record | None:
        """Return the newest revision of a record, also of one that is gone."""
        query = select(record).where(record.c.kind == kind, record.c.id == name)
        async with self.reading() as connection:
            row = (await connection.execute(query)).first()
        return None if row is None else _record(row)

    async def record_history(self, kind: str, name: str) -> list[Record]:
        """Return every revision, the oldest first."""
        past = record_revision
        query = select(past).where(past.c.kind == kind, past.c.id == name)
        async with self.reading() as connection:
            rows = await connection.execute(query.order_by(past.c.revision))
            return [_record(row) for row in rows]

    async def records(
        self,
        kind: str,
        *,
        schools: Collection[str] | None = None,
        first: date | None = None,
        last: date | None = None,
        gone: bool = False,
    ) -> list[Record]:
        """Return the newest revisions of a kind, by day (none first) and id.

        ``schools``: only those about one of these; ``first`` and ``last``: only of these days, both
        included; ``gone``: also what was taken away.
        """
        query = _wanted(select(record), kind, first, last)
        if not gone:
            query = query.where(record.c.gone.is_(False))
        async with self.reading() as connection:
            found = [_record(row) for row in await _rows(connection, query, schools)]
        return sorted(found, key=lambda r: (r.day or date.min, r.id))

    async def contents(
        self,
        kind: str,
        *,
        schools: Collection[str] | None = None,
        first: date | None = None,
        last: date | None = None,
    ) -> list[Content]:
        """Return what stands of a kind, in any order; the rest as ``records`` has it.

        A province has tens of thousands of them: without who and when they take a third.
        """
        columns = select(record.c.id, record.c.revision, record.c.data)
        query = _wanted(columns, kind, first, last).where(record.c.gone.is_(False))
        async with self.reading() as connection:
            rows = await _rows(connection, query, schools)
            return [Content(row.id, row.revision, row.data) for row in rows]

    async def count_revisions(self, kinds: Collection[str]) -> int:
        """Return how many revisions of these kinds there are: it grows with every change."""
        query = select(func.count()).where(record_revision.c.kind.in_(kinds))
        async with self.reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def put_records(self, puts: Sequence[Put], *, by: str, now: datetime) -> None:
        """Write all of them, or none. Raises ``ConflictError``, ``PoisonError`` for bad ids."""
        for put in puts:
            if not 0 < len(put.id) <= _LONGEST_ID:
                raise PoisonError(f"a record's id has 1 to {_LONGEST_ID} characters: {put.id!r}")
        try:
            async with self.writing() as connection:
                await _refuse_conflicts(connection, puts)
                rows = [_row(put, by, now) for put in puts]
                await many(connection, record_revision.insert(), rows)
                await many(connection, self._newest(), rows)
        except PoisonError:
            # Another server wrote between our look and our insert; the same look says what.
            async with self.reading() as connection:
                await _refuse_conflicts(connection, puts)
            raise

    async def erase_record(self, kind: str, name: str, data: bytes) -> None:
        """Put ``data`` in place of what every revision of a record said; who and when stay.

        The one way in which content leaves the book: for personal data whose time is over.
        """
        async with self.writing() as connection:
            for table in (record, record_revision):
                about = (table.c.kind == kind) & (table.c.id == name)
                await connection.execute(table.update().where(about).values(data=data.decode()))

    def _newest(self) -> Any:
        insert = self.upsert(record)
        keys = {"kind", "id"}
        told = {c.name: insert.excluded[c.name] for c in record.c if c.name not in keys}
        return insert.on_conflict_do_update(index_elements=["kind", "id"], set_=told)

    async def keep_file(self, data: bytes, *, name: str, media: str, by: str, now: datetime) -> str:
        """Keep a file; return its SHA-256 in hex. One that is kept already stays as it is.

        Raises ``PoisonError`` for more than ``LARGEST_FILE`` bytes.
        """
        if len(data) > LARGEST_FILE:
            raise PoisonError(f"{name} is larger than {LARGEST_FILE // 2**20} MiB")
        digest = hashlib.sha256(data).hexdigest()
        row = {
            "sha256": digest,
            "name": name[:200],
            "media": media[:100],
            "data": data,
            "person": by,
            "at_ms": ms_of(now),
        }
        async with self.writing() as connection:
            await many(connection, self.upsert(kept_file).on_conflict_do_nothing(), [row])
        return digest

    async def kept_file(self, sha256: str) -> KeptFile | None:
        """Return a file by the SHA-256 of its content."""
        query = select(kept_file).where(kept_file.c.sha256 == sha256)
        async with self.reading() as connection:
            row = (await connection.execute(query)).first()
        if row is None:
            return None
        return KeptFile(
            sha256=row.sha256,
            name=row.name,
            media=row.media,
            data=row.data,
            by=row.person,
            at=moment_of(row.at_ms),
        )


def _wanted(query: Select[Any], kind: str, first: date | None, last: date | None) -> Select[Any]:
    query = query.where(record.c.kind == kind)
    if first is not None:
        query = query.where(record.c.day >= number_of(first))
    if last is not None:
        query = query.where(record.c.day <= number_of(last))
    return query


async def _rows(
    connection: AsyncConnection, query: Select[Any], schools: Collection[str] | None
) -> Iterable[Row[Any]]:
    if schools is None:
        return list(await connection.execute(query))
    found: list[Row[Any]] = []
    for names in in_batches(sorted(schools)):
        found += await connection.execute(query.where(record.c.school.in_(names)))
    return found


async def _refuse_conflicts(connection: AsyncConnection, puts: Sequence[Put]) -> None:
    """Compare what each writer has seen with what stands."""
    by_kind: dict[str, dict[str, int]] = {}
    for put in puts:
        wanted = by_kind.setdefault(put.kind, {})
        if put.id in wanted:
            raise PoisonError(f"{put.kind} {put.id} stands twice in one transaction")
        wanted[put.id] = put.expected
    for kind, wanted in by_kind.items():
        standing: dict[str, int] = {}
        for names in in_batches(sorted(wanted)):
            query = select(record.c.id, record.c.revision)
            query = query.where(record.c.kind == kind, record.c.id.in_(names))
            standing |= {row.id: row.revision for row in await connection.execute(query)}
        for name, expected in wanted.items():
            if standing.get(name, 0) != expected:
                raise ConflictError(kind, name, standing.get(name, 0))


def _row(put: Put, by: str, now: datetime) -> dict[str, Any]:
    return {
        "kind": put.kind,
        "id": put.id,
        "revision": put.expected + 1,
        "school": put.school,
        "unit": put.unit,
        "day": None if put.day is None else number_of(put.day),
        "data": put.data.decode(),
        "gone": put.gone,
        "person": by,
        "at_ms": ms_of(now),
    }


def _record(row: Row[Any]) -> Record:
    return Record(
        kind=row.kind,
        id=row.id,
        revision=row.revision,
        school=row.school,
        unit=row.unit,
        day=None if row.day is None else day_of(row.day),
        data=row.data.encode(),
        by=row.person,
        at=moment_of(row.at_ms),
        gone=row.gone,
    )
