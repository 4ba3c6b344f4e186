"""What can still be read of a broken spool, put into a new file under its old spools and numbers.

Nothing is believed without its checksum. What was deleted may come again: the centre takes a repeat
for one. Whatever is missing by the old file's own count is told as a ``Gap`` of the next boot.
"""

import contextlib
import mmap
import sqlite3
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import msgspec

from edge.spool.packing import GATE_EVENT, SEGMENT, WORDS, is_uuid, thing, unseal
from edge.spool.pages import Record, Value, records
from wire.messages import BootStory, GateEvent, Segment, Watermark

LOST: Final = "lost"
"""Key in ``meta``: how many items a broken file has cost, until a boot tells of it."""
_SKIPPED: Final = 1_000_000
"""So far ahead go a salvaged spool's next numbers: the last ones given may not have been found."""
_MARGIN: Final = 5
"""Columns of an item after its ``tries``."""


@dataclass(frozen=True, slots=True)
class Wreck:
    """What was found in a broken file beside its items: rows of ``schema``'s tables, by their keys.

    ``told`` names the boots that segments speak of.
    """

    meta: dict[str, str] = field(default_factory=dict)
    spools: dict[int, tuple[str, int, int, int, int]] = field(default_factory=dict)
    boots: dict[int, tuple[str, int, bytes, bytes | None]] = field(default_factory=dict)
    aside: dict[int, tuple[Value, ...]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)


def salvage(connection: sqlite3.Connection, path: Path) -> tuple[Wreck, int]:
    """Fill a new file's tables with what can be read of the one at ``path`` and of its log.

    Returns what was found and how many items are lost: at least one where the old file's own count
    was not found. Raises ``OSError``.
    """
    found, log = Wreck(), b""
    with contextlib.suppress(FileNotFoundError):
        log = path.with_name(f"{path.name}-wal").read_bytes()
    if path.stat().st_size:
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as main:
            for record in records(main, log):
                _take(connection, found, record)
    return found, _settle(connection, found)


def _take(connection: sqlite3.Connection, found: Wreck, record: Record) -> None:
    """Keep a record if it is one of ours and undamaged; a later telling of the same row counts."""
    match record.values:
        case (("agent" | "agent_sum" | "lost") as key, str(value)):
            found.meta[key] = value
        case (None, str(id_), int(last), int(sent), int(segment), int(items)):
            known = found.spools.get(record.rowid)
            if is_uuid(id_) and (known is None or last >= known[1]):
                counted = items if record.is_current else 0
                found.spools[record.rowid] = (id_, last, sent, segment, counted)
        case (None, str(), int(spool), bytes(story), mark) if mark is None or isinstance(
            mark, bytes
        ):
            _take_boot(found, record.rowid, spool, story, mark)
        case (None, int(kind), bytes(body), _, int(), str()):
            if unseal(body, kind) is not None and kind in WORDS:
                found.aside[record.rowid] = record.values[1:]
        case (int(spool), int(seq), int(kind), bytes(body), int(), *rest) if len(rest) == _MARGIN:
            sound = unseal(body, spool, seq, kind)
            if sound is not None and kind in WORDS:
                _take_item(connection, found, record.values, sound)


def _take_boot(found: Wreck, number: int, spool: int, story: bytes, mark: bytes | None) -> None:
    body = unseal(story)
    if body is None:
        return
    boot = msgspec.json.decode(body, type=BootStory).id
    known = found.boots.get(number)
    if known and _until(known[3]) > _until(mark):
        mark = known[3]
    found.boots[number] = (boot, spool, story, mark if _until(mark) >= 0 else None)


def _until(mark: bytes | None) -> int:
    body = unseal(mark)
    return -1 if body is None else msgspec.json.decode(body, type=Watermark).until_ms


def _take_item(
    connection: sqlite3.Connection, found: Wreck, row: tuple[Value, ...], body: bytes
) -> None:
    connection.execute("INSERT OR IGNORE INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    if row[2] == SEGMENT:
        held = thing(SEGMENT, body)
        if isinstance(held, Segment):
            found.told.add(held.boot)
    if row[2] == GATE_EVENT:  # so that a repeat of one that is held is known for one
        held = thing(GATE_EVENT, body)
        if isinstance(held, GateEvent):
            values = (uuid.UUID(held.id).bytes, row[1], held.accepted_utc_ms)
            sql = "INSERT OR IGNORE INTO events (id, seq, accepted_utc_ms) VALUES (?, ?, ?)"
            connection.execute(sql, values)


def _settle(connection: sqlite3.Connection, found: Wreck) -> int:
    """Give every item its spool and boot; return how many are lost."""
    for number, boot in found.boots.items():
        connection.execute("INSERT OR IGNORE INTO boots VALUES (?, ?, ?, ?, ?)", (number, *boot))
    insert = "INSERT INTO aside VALUES (?, ?, ?, ?, ?, ?)"
    connection.executemany(insert, ((place, *row) for place, row in found.aside.items()))
    expected, unplaced = (
        sum(row[-1] for row in found.spools.values()),
        _forget_untold(connection, found),
    )
    sql = "SELECT spool, count(*), max(seq) FROM items GROUP BY spool"
    held = {spool: (count, last) for spool, count, last in connection.execute(sql)}
    is_counted = bool(found.spools) and held.keys() <= found.spools.keys()
    _name_spools(found, list(held))
    for number, (id_, last_seq, sent_seq, last_segment, _) in found.spools.items():
        count, highest = held.get(number, (0, 0))
        last = max(last_seq, highest) + _SKIPPED
        row = (number, id_, last, sent_seq, last_segment, count)
        connection.execute("INSERT OR IGNORE INTO spools VALUES (?, ?, ?, ?, ?, ?)", row)
    kept = sum(count for count, _ in held.values())
    return int(max(expected - kept, unplaced, 0 if is_counted else 1))


def _forget_untold(connection: sqlite3.Connection, found: Wreck) -> int:
    """Delete segments whose boot's story is lost, for nobody can place them; return how many."""
    untold = found.told - {boot[0] for boot in found.boots.values()}
    if not untold:
        return 0
    gone = []
    for spool, seq, sealed in connection.execute(
        "SELECT spool, seq, body FROM items WHERE kind = ?", (SEGMENT,)
    ):
        body = unseal(sealed, spool, seq, SEGMENT)
        held = thing(SEGMENT, body) if body is not None else None
        if isinstance(held, Segment) and held.boot in untold:
            gone.append((spool, seq))
    connection.executemany("DELETE FROM items WHERE spool = ? AND seq = ?", gone)
    return len(gone)


def _name_spools(found: Wreck, held: list[int]) -> None:
    """Name spools whose rows were not found: by a boot of theirs, or anew."""
    for boot, spool, _, _ in found.boots.values():
        found.spools.setdefault(spool, (boot, 0, 0, 0, 0))
    for spool in held:
        found.spools.setdefault(spool, (str(uuid.uuid4()), 0, 0, 0, 0))
