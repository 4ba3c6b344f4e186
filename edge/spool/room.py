"""What gives way when the spool is full: the oldest segments, counted in a ``Gap``."""

import sqlite3
from collections.abc import Callable
from typing import Final

from edge.spool.writer import SpoolFull
from wire.messages import Gap

_DROPPED_AT_ONCE: Final = 500
"""Enough that a full spool gathers few gaps, few enough that little is lost at a time."""


def used_bytes(connection: sqlite3.Connection) -> int:
    """Return the bytes of the file's pages that hold something."""
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int((pages - free) * size)


def make_room(
    connection: sqlite3.Connection,
    max_bytes: int,
    append: Callable[[sqlite3.Connection, Gap], int],
    *,
    may_overflow: bool,
) -> None:
    """Drop the oldest segments until the file is under its limit.

    With no segment left to drop, raises ``SpoolFull``, unless ``may_overflow``.
    """
    while used_bytes(connection) >= max_bytes:
        sql = "SELECT seq FROM items WHERE kind = 'segment' ORDER BY seq LIMIT ?"
        seqs = [row[0] for row in connection.execute(sql, (_DROPPED_AT_ONCE,))]
        if not seqs and not may_overflow:
            raise SpoolFull("the spool is full of events that the centre has not got yet")
        if not seqs:
            return
        connection.executemany("DELETE FROM items WHERE seq = ?", [(seq,) for seq in seqs])
        append(connection, _gap(seqs))


def _gap(seqs: list[int]) -> Gap:
    return Gap(
        first_seq=seqs[0],
        last_seq=seqs[-1],
        kind="segment",
        count=len(seqs),
        reason="the spool was full",
    )
