"""Gate events: each kept once, however often its sender repeats itself."""

import sqlite3
import uuid
from dataclasses import dataclass
from typing import Final

from edge.spool.items import need, put
from wire.messages import GateEvent

_REMEMBERED: Final = 100_000
"""So many events back a repeated event's id is known; the centre knows the older ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A gate event's place. ``is_new`` is False for a repeat of an id."""

    seq: int
    accepted_utc_ms: int
    is_new: bool


def known_event(connection: sqlite3.Connection, event: GateEvent) -> Saved | None:
    """Return where an event of this id was put before."""
    sql = "SELECT seq, accepted_utc_ms FROM events WHERE id = ?"
    row = connection.execute(sql, (uuid.UUID(event.id).bytes,)).fetchone()
    return Saved(seq=row[0], accepted_utc_ms=row[1], is_new=False) if row else None


def append_event(connection: sqlite3.Connection, spool: str, event: GateEvent) -> Saved:
    """Keep an event that ``known_event`` doesn't know."""
    seq = put(connection, need(connection, spool), event)
    sql = "INSERT INTO events (id, seq, accepted_utc_ms) VALUES (?, ?, ?)"
    row = (uuid.UUID(event.id).bytes, seq, event.accepted_utc_ms)
    place = connection.execute(sql, row).lastrowid or 0
    connection.execute("DELETE FROM events WHERE place <= ?", (place - _REMEMBERED,))
    return Saved(seq=seq, accepted_utc_ms=event.accepted_utc_ms, is_new=True)
