"""What can still be read of a broken spool, put into a new file under its old spools and numbers.

Nothing is believed without its checksum. What was deleted may come again: the centre takes a repeat
for one. Whatever is missing by the old file's own count is told as a ``Gap`` of the next boot.
"""

import contextlib
import sqlite3
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from edge.spool.packing import GATE_EVENT, SEGMENT, WORDS, is_uuid, thing, unseal
from edge.spool.pages import Record, records
from wire.messages import BootStory, GateEvent, Segment, Watermark

LOST: Final = "lost"
"""Key in ``meta``: how many items a broken file has cost, until a boot tells of it."""
_SKIPPED: Final = 1_000_000
"""So far ahead go a salvaged spool's next numbers: the last ones given may not have been found."""


@dataclass(frozen=True, slots=True)
class Wreck:
    """What was found in a broken file: rows of the tables of ``schema``, by their keys."""

    meta: dict[str, str] = field(default_factory=dict)
    spools: dict[int, tuple[str, int, int, int, int]] = field(default_factory=dict)
    boots: dict[int, tuple[str, int, bytes, bytes | None]] = field(default_factory=dict)
    items: dict[tuple[int, int], tuple[object, ...]] = field(default_factory=dict)
    aside: dict[int, tuple[object, ...]] = field(default_factory=dict)


def search(path: Path) -> Wreck:
    """Read what can be read of the file at ``path`` and of its log. Raises ``OSError``."""
    main, log = path.read_bytes(), b""
    with contextlib.suppress(FileNotFoundError):
        log = path.with_name(f"{path.name}-wal").read_bytes()
    found = Wreck()
    for record in records(main, log):
        _take(found, record)
    return found


def refill(connection: sqlite3.Connection, found: Wreck) -> int:
    """Put what was found into a new file's tables; return how many items are lost.

    At least one is, where the old file's own count was not found.
    """
    is_counted = bool(found.spools) and {spool for spool, _ in found.items} <= found.spools.keys()
    _name_spools(found)
    kept = {key: row for key, row in found.items.items() if _has_story(found, row)}
    expected = sum(spool[-1] for spool in found.spools.values())
    held, highest = Counter(number for number, _ in kept), dict[int, int]()
    for number, seq in kept:
        highest[number] = max(seq, highest.get(number, 0))
    for number, (id_, last_seq, sent_seq, last_segment, _) in found.spools.items():
        last = max(last_seq, highest.get(number, 0)) + _SKIPPED
        row = (number, id_, last, sent_seq, last_segment, held[number])
        connection.execute("INSERT OR IGNORE INTO spools VALUES (?, ?, ?, ?, ?, ?)", row)
    for number, boot in found.boots.items():
        connection.execute("INSERT OR IGNORE INTO boots VALUES (?, ?, ?, ?, ?)", (number, *boot))
    insert = "INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    connection.executemany(insert, kept.values())
    insert = "INSERT INTO aside VALUES (?, ?, ?, ?, ?, ?)"
    connection.executemany(insert, ((place, *row) for place, row in found.aside.items()))
    _remember_events(connection, kept)
    return max(expected - len(kept), len(found.items) - len(kept), 0 if is_counted else 1)


def _take(found: Wreck, record: Record) -> None:
    """Keep a record if it is one of ours and undamaged; a later telling of the same row counts."""
    match record.values:
        case (("agent" | "agent_sum" | "lost") as key, str(value)):
            found.meta[key] = value
        case (None, str(id_), int(last), int(sent), int(segment), int(items)):
            known = found.spools.get(record.rowid)
            if is_uuid(id_) and (known is None or last >= known[1]):
                counted = items if record.is_current else 0
                found.spools[record.rowid] = (id_, last, sent, segment, counted)
        case (None, str(), int(spool), bytes(story), (None | bytes()) as mark):
            _take_boot(found, record.rowid, spool, story, mark)
        case (None, int(kind), bytes(body), (None | int()), int(), str()):
            if unseal(body, kind) is not None and kind in WORDS:
                found.aside[record.rowid] = record.values[1:]
        case (int(spool), int(seq), int(kind), bytes(body), int(), *rest) if len(rest) == 5:  # noqa: PLR2004 (see ``schema``)
            if unseal(body, spool, seq, kind) is not None and kind in WORDS:
                found.items[spool, seq] = record.values


def _take_boot(found: Wreck, number: int, spool: int, story: bytes, mark: bytes | None) -> None:
    body = unseal(story)
    if body is None:
        return
    boot = msgspec.json.decode(body, type=BootStory).id
    known = found.boots.get(number)
    if mark is None or unseal(mark) is None or (known and _until(known[3]) > _until(mark)):
        mark = known[3] if known else None
    found.boots[number] = (boot, spool, story, mark)


def _until(mark: bytes | None) -> int:
    body = unseal(mark)
    return -1 if body is None else msgspec.json.decode(body, type=Watermark).until_ms


def _name_spools(found: Wreck) -> None:
    """Give every item a spool: by its boot's name, or a new one, if its row was not found."""
    for boot, spool, _, _ in found.boots.values():
        found.spools.setdefault(spool, (boot, 0, 0, 0, 0))
    for spool, _ in found.items:
        found.spools.setdefault(spool, (str(uuid.uuid4()), 0, 0, 0, 0))


def _has_story(found: Wreck, row: tuple[object, ...]) -> bool:
    """Tell whether the time of what an item says is known; without, nobody can place it."""
    kind, sealed = row[2], row[3]
    if kind != SEGMENT or not isinstance(sealed, bytes):
        return True
    held = thing(SEGMENT, sealed[4:])
    return isinstance(held, Segment) and any(held.boot == boot[0] for boot in found.boots.values())


def _remember_events(
    connection: sqlite3.Connection, kept: Mapping[tuple[int, int], tuple[object, ...]]
) -> None:
    """Know the ids of the events that are held, so that a repeat of one is a repeat."""
    insert = "INSERT OR IGNORE INTO events (id, seq, accepted_utc_ms) VALUES (?, ?, ?)"
    for (_, seq), row in sorted(kept.items()):
        if row[2] == GATE_EVENT and isinstance(row[3], bytes):
            held = thing(GATE_EVENT, row[3][4:])
            if isinstance(held, GateEvent):
                values = (uuid.UUID(held.id).bytes, seq, held.accepted_utc_ms)
                connection.execute(insert, values)
