"""Tellings of segments: what says less gives way to what says more, as long as nobody heard it.

Offline, a segment costs one item: its open telling goes when the close is appended, which says all
of it. What was sent stays until it is acknowledged: a report under way still speaks of it.
"""

import sqlite3

from edge.spool.file import SpoolError
from edge.spool.items import Telling, delete, each, need, put
from wire.messages import Segment


def append_segment(connection: sqlite3.Connection, segment: Segment, *, former: int) -> int:
    """Keep one telling in the spool of the segment's boot; return its number.

    Raises ``SpoolError`` for a spool that began in another process (up to the number ``former``):
    only the process that began a spool gives its numbers, so no two can give the same.

    The segment stays *whole* while all that was told of it before has given way unsent. A segment
    of this spool comes with numbers that rise by their first tellings; one that comes out of turn
    is taken, but never as whole.
    """
    place = need(connection, segment.boot)
    if place.number <= former:
        raise SpoolError(f"the boot {segment.boot} is of a former run")
    unsent = connection.execute(  # +seq: by the index of segments, not a walk through all numbers
        "SELECT seq, is_whole FROM items WHERE number NOT NULL"
        " AND camera = ? AND spool = ? AND number = ? AND is_open AND +seq > ?",
        (segment.camera, place.number, segment.number, place.sent_seq),
    ).fetchall()
    if unsent:
        delete(connection, place, each([seq for seq, _ in unsent]))
    is_first = segment.number > place.last_segment
    if is_first:
        sql = "UPDATE spools SET last_segment = ? WHERE number = ?"
        connection.execute(sql, (segment.number, place.number))
    telling = Telling(
        camera=segment.camera,
        number=segment.number,
        is_open=segment.end_ms is None,
        is_whole=is_first or any(whole for _, whole in unsent),
    )
    return put(connection, place, segment, telling=telling)
