"""What the centre did not take: out of the queue, kept with the reason, offered again later."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from edge.spool.items import Place, delete, each, need, put
from edge.spool.packing import Damage, seal, thing, unseal
from wire.messages import Refusal

_TRIES: Final = 30


def set_aside(connection: sqlite3.Connection, place: Place, refusals: Sequence[Refusal]) -> None:
    """Move items out of the queue."""
    for refusal in refusals:
        sql = "SELECT kind, body, boot, tries FROM items WHERE spool = ? AND seq = ?"
        row = connection.execute(sql, (place.number, refusal.seq)).fetchone()
        if row is None:
            continue
        kind, sealed, boot, tries = row
        body = unseal(sealed, place.number, refusal.seq, kind)
        if body is None:
            raise Damage(f"item {refusal.seq} of the spool {place.id} is damaged")
        held = thing(kind, body)
        own = "SELECT number FROM boots WHERE id = ?"
        if boot is None and getattr(held, "boot", None):
            (boot,) = connection.execute(own, (place.id,)).fetchone() or (None,)
        connection.execute(
            "INSERT INTO aside (kind, body, boot, tries, reason) VALUES (?, ?, ?, ?, ?)",
            (kind, seal(held, kind), boot, tries + 1, refusal.reason),
        )
        delete(connection, place, each([refusal.seq]))


def offer_again(connection: sqlite3.Connection, spool: str) -> int:
    """Put what was set aside into ``spool`` under new numbers; return how many.

    An old number would be deleted by the next ack, which counts it as dealt with.
    """
    place = need(connection, spool)
    sql = "SELECT place, kind, body, tries FROM aside WHERE tries <= ? ORDER BY place"
    rows = connection.execute(sql, (_TRIES,)).fetchall()
    for at, kind, sealed, tries in rows:
        body = unseal(sealed, kind)
        if body is not None:
            put(connection, place, thing(kind, body), tries=tries)
        connection.execute("DELETE FROM aside WHERE place = ?", (at,))
    return len(rows)


def count(connection: sqlite3.Connection) -> int:
    """Return how many things are set aside."""
    return int(connection.execute("SELECT count(*) FROM aside").fetchone()[0])
