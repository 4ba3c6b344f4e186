"""What gives way when the spool is full: the oldest segments of whichever camera has most.

Only whole segments go, of which the centre was never sent anything: were the close of one dropped
whose beginning it knows, it would stretch that segment over the hole. What goes is told in a
``Gap``; gate events never go.
"""

import sqlite3
from collections.abc import Iterable
from functools import reduce
from typing import Final

from edge.spool.boots import watermark
from edge.spool.gaps import append_gap, later
from edge.spool.items import delete, each, need
from edge.spool.packing import SEGMENT, thing, unseal
from edge.spool.writer import SpoolFull
from wire.messages import Gap, Segment

_DROPPED_AT_ONCE: Final = 500
"""Enough that a full spool looks for room now and then only, few enough to be fair."""
_SHARE: Final = 4
"""Of the camera that has most, at most so small a part goes before cameras are compared again."""
_STEP_PAGES: Final = 512
_MAY_GO: Final = (
    "FROM items JOIN spools ON spools.number = items.spool"
    " WHERE items.number NOT NULL AND items.is_whole AND items.seq > spools.sent_seq"
)


def used_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes of the file's pages that hold something."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)


def room_within(connection: sqlite3.Connection, left: int) -> int:
    """Return how many bytes may be used if the file must not grow and ``left`` stay free."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * size) - left


def make_room(
    connection: sqlite3.Connection,
    running: str,
    max_bytes: int,
    *,
    former: int,
    refusal: str | None,
) -> None:
    """Drop segments until the file is under its limit, told in the spool ``running``.

    Spools up to the number ``former`` began in another process: no more will come of them. With
    none left to drop, raises ``SpoolFull`` with ``refusal``; without one, it overflows.
    """
    while used_bytes(connection) >= max_bytes:
        if _drop_some(connection, running, former):
            continue
        if refusal:
            raise SpoolFull(refusal)
        return


def give_back(connection: sqlite3.Connection) -> None:
    """Make the file smaller by a step, if over half of it is free: a backlog has been delivered.

    Earlier it would move pages about that the next days fill again.
    """
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    if free > max(pages // 2, 2 * _STEP_PAGES):  # so much is kept for a full disk
        for _ in range(_STEP_PAGES):  # one by one: ``execute`` stops after the first anyway
            connection.execute("PRAGMA incremental_vacuum(1)")


def _drop_some(connection: sqlite3.Connection, running: str, former: int) -> bool:
    """Drop segments of one camera and one boot; False if none may go.

    What is closed goes first, then what former processes left open; what is open now is the
    present, and of a boot that has just turned nobody knows yet how far it will have held.
    """
    closed = _drop(connection, running, f"{_MAY_GO} AND NOT items.is_open")
    return closed or _drop(connection, running, f"{_MAY_GO} AND spools.number <= {former}")


def _drop(connection: sqlite3.Connection, running: str, which: str) -> bool:
    fullest = connection.execute(
        f"SELECT items.camera, count(*) {which} GROUP BY items.camera ORDER BY 2 DESC LIMIT 1",
    ).fetchone()
    if fullest is None:
        return False
    camera, held = fullest
    most = min(_DROPPED_AT_ONCE, held // _SHARE + 1)
    rows = connection.execute(
        f"SELECT spools.id, items.seq, items.body {which}"
        " AND items.camera = :camera ORDER BY items.spool, items.number LIMIT :most",
        {"camera": camera, "most": most},
    ).fetchall()
    boot = rows[0][0]
    bodies = {seq: body for spool, seq, body in rows if spool == boot}
    place = need(connection, boot)
    segments = [_segment(body, place.number, seq) for seq, body in bodies.items()]
    mark = watermark(connection, boot)
    until_ms = mark.until_ms if mark else None
    gap = _gap(boot, camera, sorted(bodies), segments, until_ms=until_ms)
    append_gap(connection, running, gap)
    delete(connection, place, each(list(bodies)))
    return True


def _segment(sealed: bytes, spool: int, seq: int) -> Segment | None:
    body = unseal(sealed, spool, seq, SEGMENT)
    held = thing(SEGMENT, body) if body is not None else None
    return held if isinstance(held, Segment) else None


def _gap(
    boot: str,
    camera: str,
    seqs: list[int],
    segments: Iterable[Segment | None],
    *,
    until_ms: int | None,
) -> Gap:
    """Tell of segments that went; one that was left open held until the boot's last watermark."""
    known = [segment for segment in segments if segment is not None]
    ends = [until_ms if segment.end_ms is None else segment.end_ms for segment in known]
    return Gap(
        first_seq=seqs[0],
        last_seq=seqs[-1],
        kind="segment",
        count=len(seqs),
        reason="the spool was full",
        boot=boot,
        start_ms=min((segment.start_ms for segment in known), default=None),
        end_ms=reduce(later, ends) if ends else None,
        cameras=(camera,),
    )
