"""Items of a spool: put under the next number, read in order, deleted.

Here as in the modules beside it, functions are parts of a job: they take the connection and leave
the transaction to ``writer``.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

from edge.spool.file import SpoolError
from edge.spool.packing import Damage, Thing, kind_of, seal, unseal
from wire.messages import GateEvent

Row = tuple[int, int, bytes]
"""An item as read: number, kind, and its JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One spool's row; see ``schema``."""

    number: int
    id: str
    last_seq: int
    sent_seq: int
    last_segment: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What the file notes beside a segment's body; see ``schema``."""

    camera: str
    number: int
    is_open: bool
    is_whole: bool


def find(connection: sqlite3.Connection, spool: str) -> Place | None:
    """Return the spool of this name, if the file has one."""
    sql = "SELECT number, id, last_seq, sent_seq, last_segment FROM spools WHERE id = ?"
    row = connection.execute(sql, (spool,)).fetchone()
    if row is None:
        return None
    number, id_, last_seq, sent_seq, last_segment = row
    return Place(
        number=number, id=id_, last_seq=last_seq, sent_seq=sent_seq, last_segment=last_segment
    )


def need(connection: sqlite3.Connection, spool: str) -> Place:
    """Return the spool of this name. Raises ``SpoolError`` if there is none."""
    place = find(connection, spool)
    if place is None:
        raise SpoolError(f"there is no spool {spool}" if spool else "no boot has begun")
    return place


def put(
    connection: sqlite3.Connection,
    place: Place,
    held: Thing,
    *,
    telling: Telling | None = None,
    tries: int = 0,
) -> int:
    """Give the spool's next number and keep ``held`` under it."""
    sql = "UPDATE spools SET last_seq = last_seq + 1, items = items + 1 WHERE number = ?"
    connection.execute(sql, (place.number,))
    sql = "SELECT last_seq FROM spools WHERE number = ?"
    (seq,) = connection.execute(sql, (place.number,)).fetchone()
    kind = kind_of(held)
    told = astuple(telling) if telling else (None,) * 4
    body = seal(held, place.number, seq, kind)
    row = (place.number, seq, kind, body, tries, _other_boot(connection, place, held), *told)
    connection.execute("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    return int(seq)


def read(connection: sqlite3.Connection, place: Place, after: int, limit: int) -> list[Row]:
    """Return up to ``limit`` items over the number ``after``, in order.

    Raises ``Damage`` where one is damaged, or where they are not all that should be there.
    """
    sql = "SELECT seq, kind, body FROM items WHERE spool = ? AND seq > ? ORDER BY seq LIMIT ?"
    rows = connection.execute(sql, (place.number, after, limit)).fetchall()
    if len(rows) < limit and after < least(connection, place):  # so these should be all
        sql = "SELECT items FROM spools WHERE number = ?"
        (count,) = connection.execute(sql, (place.number,)).fetchone()
        if count != len(rows):
            raise Damage(f"the spool {place.id} holds {len(rows)} items, not {count}")
    return [_sound(place, *row) for row in rows]


def _sound(place: Place, seq: int, kind: int, sealed: bytes) -> Row:
    body = unseal(sealed, place.number, seq, kind)
    if body is None:
        raise Damage(f"item {seq} of the spool {place.id} is damaged")
    return seq, kind, body


def delete(connection: sqlite3.Connection, place: Place, spans: Iterable[tuple[int, int]]) -> None:
    """Delete the items in these spans of numbers, both ends included."""
    sql = "DELETE FROM items WHERE spool = ? AND seq BETWEEN ? AND ?"
    rows = [(place.number, first, last) for first, last in spans]
    gone = connection.executemany(sql, rows).rowcount if rows else 0
    sql = "UPDATE spools SET items = items - ? WHERE number = ?"
    connection.execute(sql, (gone, place.number))


def each(seqs: Sequence[int]) -> list[tuple[int, int]]:
    """Return single numbers as spans."""
    return [(seq, seq) for seq in seqs]


def least(connection: sqlite3.Connection, place: Place) -> int:
    """Return the least number that is held; the next one to be given if none is."""
    sql = "SELECT min(seq) FROM items WHERE spool = ?"
    (seq,) = connection.execute(sql, (place.number,)).fetchone()
    return place.last_seq + 1 if seq is None else int(seq)


def _other_boot(connection: sqlite3.Connection, place: Place, held: Thing) -> int | None:
    """Return the number of the boot that an item speaks of, if it isn't its spool's own."""
    boot = None if isinstance(held, GateEvent) else held.boot
    if boot is None or boot == place.id:
        return None
    row = connection.execute("SELECT number FROM boots WHERE id = ?", (boot,)).fetchone()
    return int(row[0]) if row else None
