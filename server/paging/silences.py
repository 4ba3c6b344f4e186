"""Silences in the book of records: kind ``silence``. Who asked for one, and when, is its record's.

A silence that was ended early has a later revision with an earlier end: it is never taken away, so
that a replay of the past finds it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import msgspec

from server.domain.incident.quiet import Silence
from server.storage import Put, Record, Store

SILENCE: Final = "silence"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSilence:
    """A silence as it stands: its record's id and revision, who wrote that one, and when."""

    id: str
    revision: int
    silence: Silence
    by: str
    at: datetime


def put_silence(name: str, silence: Silence, *, expected: int) -> Put:
    """Return the revision of a silence that follows ``expected`` (0: a new one)."""
    return Put(
        kind=SILENCE,
        id=name,
        expected=expected,
        data=msgspec.json.encode(silence),
        school=silence.school,
    )


async def load_silences(store: Store) -> list[KeptSilence]:
    """Return every silence, also those that are over; what ends last first. Raises StoreError."""
    found = [_kept(record) for record in await store.records(SILENCE)]
    return sorted(found, key=lambda k: (k.silence.until, k.id), reverse=True)


async def load_silence(store: Store, name: str) -> KeptSilence | None:
    """Return one silence. Raises ``StoreError``."""
    record = await store.record(SILENCE, name)
    return None if record is None or record.gone else _kept(record)


def told(silences: Sequence[KeptSilence]) -> tuple[Silence, ...]:
    """Return what they say."""
    return tuple(kept.silence for kept in silences)


def _kept(record: Record) -> KeptSilence:
    read = msgspec.json.decode(record.data, type=Silence)
    return KeptSilence(
        id=record.id,
        revision=record.revision,
        silence=replace(read, start=read.start.astimezone(UTC), until=read.until.astimezone(UTC)),
        by=record.by,
        at=record.at,
    )
