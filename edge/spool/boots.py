"""Boots and their spools: begun, told of, and forgotten once nothing speaks of them any more."""

import sqlite3
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import msgspec

from edge.spool.items import find, need
from edge.spool.packing import seal, unseal
from wire.messages import BootStory, Hold, Watermark

_BEYOND: Final = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What a former spool still has for the centre.

    Attributes:
        spool: Its name on the wire.
        items: How many items it holds.
        last_seq: The highest number that it ever gave.
        watermarks: The last ones of its boots that have not been delivered.
    """

    spool: str
    items: int
    last_seq: int
    watermarks: tuple[Watermark, ...]


def newest(connection: sqlite3.Connection) -> int:
    """Return the number of the spool that began last, 0 if none did."""
    return int(connection.execute("SELECT coalesce(max(number), 0) FROM spools").fetchone()[0])


def begin(connection: sqlite3.Connection, story: BootStory) -> None:
    """Note a boot and a spool of its name. Raises ``sqlite3.IntegrityError`` for a known one."""
    number = connection.execute("INSERT INTO spools (id) VALUES (?)", (story.id,)).lastrowid
    connection.execute(
        "INSERT INTO boots (id, spool, story) VALUES (?, ?, ?)", (story.id, number, seal(story))
    )


def resume(connection: sqlite3.Connection, story: BootStory) -> None:
    """Begin the running boot again if a mended file has lost it, far above any number given."""
    place = find(connection, story.id)
    if place is None:
        sql = "INSERT INTO spools (id, last_seq) VALUES (?, ?)"
        number = connection.execute(sql, (story.id, _BEYOND)).lastrowid
    else:
        number = place.number
    connection.execute(
        "INSERT OR IGNORE INTO boots (id, spool, story) VALUES (?, ?, ?)",
        (story.id, number, seal(story)),
    )


def save_story(connection: sqlite3.Connection, story: BootStory) -> None:
    """Renew what is known of a boot's time."""
    sql = "UPDATE boots SET story = ? WHERE id = ?"
    connection.execute(sql, (seal(story), story.id))


def save_watermark(
    connection: sqlite3.Connection, story: BootStory, *, until_ms: int, held: tuple[Hold, ...]
) -> Watermark:
    """Overwrite a boot's watermark and story; return it with its spool's last number so far."""
    place = need(connection, story.id)
    mark = Watermark(boot=story.id, until_ms=until_ms, after_seq=place.last_seq, held=held)
    sql = "UPDATE boots SET story = ?, watermark = ? WHERE id = ?"
    connection.execute(sql, (seal(story), seal(mark), story.id))
    return mark


def watermark(connection: sqlite3.Connection, boot: str) -> Watermark | None:
    """Return a boot's last watermark, None if it has none (any more)."""
    row = connection.execute("SELECT watermark FROM boots WHERE id = ?", (boot,)).fetchone()
    body = unseal(row[0]) if row else None
    return None if body is None else msgspec.json.decode(body, type=Watermark)


def mark_sent(connection: sqlite3.Connection, spool: str, through: int) -> None:
    """Note that numbers up to ``through`` are about to be published."""
    sql = "UPDATE spools SET sent_seq = max(sent_seq, ?) WHERE id = ?"
    connection.execute(sql, (through, spool))


def backlog(connection: sqlite3.Connection, running: str) -> tuple[Backlog, ...]:
    """Return all spools but ``running`` that have something for the centre, oldest first."""
    marks = _marks(connection)
    sql = "SELECT number, id, items, last_seq FROM spools WHERE id <> ? ORDER BY number"
    found = (
        Backlog(spool=id_, items=items, last_seq=last, watermarks=tuple(marks[number]))
        for number, id_, items, last in connection.execute(sql, (running,))
    )
    return tuple(each for each in found if each.items or each.watermarks)


def delivered(connection: sqlite3.Connection, marks: Collection[Watermark]) -> None:
    """Forget these watermarks; one that was revised while the former was under way stays."""
    sql = "UPDATE boots SET watermark = NULL WHERE id = ?"
    known = [mark.boot for mark in marks if watermark(connection, mark.boot) == mark]
    connection.executemany(sql, [(boot,) for boot in known])


def stories(connection: sqlite3.Connection, boots: Collection[str]) -> tuple[BootStory, ...]:
    """Return what is known of these boots' time, the oldest boot first."""
    sql = "SELECT number, story FROM boots WHERE id = ?"
    found = (connection.execute(sql, (boot,)).fetchone() for boot in set(boots))
    bodies = (unseal(story) for _, story in sorted(row for row in found if row))
    return tuple(msgspec.json.decode(body, type=BootStory) for body in bodies if body is not None)


def forget(connection: sqlite3.Connection, former: int) -> None:
    """Drop boots and spools up to the number ``former`` that nothing speaks of any more.

    Those that began in this process stay: a late closing may still need them.
    """
    connection.execute(
        """DELETE FROM boots WHERE spool <= ? AND watermark IS NULL
           AND NOT (SELECT items FROM spools WHERE number = spool)
           AND number NOT IN (SELECT boot FROM items WHERE boot NOT NULL)
           AND number NOT IN (SELECT boot FROM aside WHERE boot NOT NULL)""",
        (former,),
    )
    connection.execute(
        "DELETE FROM spools WHERE number <= ? AND items = 0"
        " AND number NOT IN (SELECT spool FROM boots)",
        (former,),
    )


def _marks(connection: sqlite3.Connection) -> defaultdict[int, list[Watermark]]:
    """Return the undelivered watermarks by the number of their spool, the oldest boot's first."""
    found: defaultdict[int, list[Watermark]] = defaultdict(list)
    sql = "SELECT spool, watermark FROM boots WHERE watermark NOT NULL ORDER BY number"
    for spool, sealed in connection.execute(sql):
        body = unseal(sealed)
        if body is not None:
            found[spool].append(msgspec.json.decode(body, type=Watermark))
    return found
