"""Receivers, rotas and policies in the book of records, and the directory made of them.

A receiver's addresses are personal data: they stand in the record of kind ``receiver`` and in the
letters to them, nowhere else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Generic, TypeVar

import msgspec

from server.domain.paging.directory import Directory, directory_of
from server.domain.paging.people import Policy, Receiver, Rota
from server.domain.units import Organisation
from server.storage import Put, Record, Store

RECEIVER: Final = "receiver"
ROTA: Final = "rota"
POLICY: Final = "policy"
PAGING_TOPICS: Final = frozenset(f"records:{kind}" for kind in (RECEIVER, ROTA, POLICY))

Entry = Receiver | Rota | Policy
T = TypeVar("T", Receiver, Rota, Policy)
_KINDS: Final[Mapping[type, str]] = {Receiver: RECEIVER, Rota: ROTA, Policy: POLICY}
_TYPES: Final[Mapping[str, type[Entry]]] = {RECEIVER: Receiver, ROTA: Rota, POLICY: Policy}


@dataclass(frozen=True, slots=True)
class Kept(Generic[T]):
    """What stands, and the revision that says it."""

    value: T
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What was taken away by ``revision``, who did it, and when."""

    value: Entry
    revision: int
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PagingBook:
    """Everything that people wrote of who is told, by id."""

    receivers: Mapping[str, Kept[Receiver]] = field(default_factory=dict)
    rotas: Mapping[str, Kept[Rota]] = field(default_factory=dict)
    policies: Mapping[str, Kept[Policy]] = field(default_factory=dict)

    def directory(
        self,
        organisation: Organisation,
        *,
        channels: Iterable[str],
        contact_ways: tuple[tuple[str, str], ...] = (),
        language: str = "vi",
    ) -> Directory:
        """Return who can be told; see ``directory_of``."""
        return directory_of(
            organisation,
            receivers={name: kept.value for name, kept in self.receivers.items()},
            rotas={name: kept.value for name, kept in self.rotas.items()},
            policies=tuple(self.policies[name].value for name in sorted(self.policies)),
            channels=tuple(channels),
            contact_ways=contact_ways,
            language=language,
        )


async def load_book(store: Store) -> PagingBook:
    """Return what stands. Raises ``StoreError``."""
    return PagingBook(
        receivers=_read(await store.records(RECEIVER), Receiver),
        rotas=_read(await store.records(ROTA), Rota),
        policies=_read(await store.records(POLICY), Policy),
    )


async def load_removed(store: Store, kind: str) -> list[Removed]:
    """Return what was taken away of a kind and never entered again, the newest first.

    Raises ``StoreError``.
    """
    found = [r for r in await store.records(kind, gone=True) if r.gone]
    return [_removed(r) for r in sorted(found, key=lambda r: (r.at, r.id), reverse=True)]


async def load_one_removed(store: Store, kind: str, name: str) -> Removed | None:
    """Return what was taken away under an id; None: it stands, or never did."""
    record = await store.record(kind, name)
    return _removed(record) if record is not None and record.gone else None


def _removed(record: Record) -> Removed:
    return Removed(
        value=msgspec.json.decode(record.data, type=_TYPES[record.kind]),
        revision=record.revision,
        by=record.by,
        at=record.at,
    )


def kind_of(entry: Entry) -> str:
    """Return the kind of record that an entry is."""
    return _KINDS[type(entry)]


def put_entry(entry: Entry, *, expected: int, gone: bool = False) -> Put:
    """Return the revision of an entry that follows ``expected`` (0: a new one)."""
    return Put(
        kind=kind_of(entry),
        id=entry.id,
        expected=expected,
        data=msgspec.json.encode(entry),
        gone=gone,
    )


def _read(records: Iterable[Record], kind: type[T]) -> dict[str, Kept[T]]:
    return {r.id: Kept(msgspec.json.decode(r.data, type=kind), r.revision) for r in records}
