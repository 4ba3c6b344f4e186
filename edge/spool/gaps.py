"""What was lost, told as items of the running spool: counted, with boot, cameras and span."""

import sqlite3
from typing import Final

import msgspec

from edge.spool.items import Place, delete, each, need, put
from edge.spool.packing import GAP, thing, unseal
from edge.spool.salvage import LOST
from wire.messages import Gap

_MOST: Final = 1000
"""Gaps become one up to so many lost items, so that they never outgrow what they free."""


def append_gap(connection: sqlite3.Connection, spool: str, gap: Gap) -> None:
    """Tell of a loss in ``spool``; one with the last gap if that is of the same kind and unsent."""
    place = need(connection, spool)
    last = _last_unsent(connection, place)
    if last is not None and _may_join(last[1], gap):
        delete(connection, place, each([last[0]]))
        gap = _joined(last[1], gap)
    put(connection, place, gap)


def tell_wreck(connection: sqlite3.Connection, running: str) -> None:
    """Tell what a broken file has cost, once."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (LOST,)).fetchone()
    if row is None:
        return
    number = need(connection, running).last_seq + 1
    reason = "the spool's file was broken"
    gap = Gap(first_seq=number, last_seq=number, kind="unknown", count=int(row[0]), reason=reason)
    append_gap(connection, running, gap)
    connection.execute("DELETE FROM meta WHERE key = ?", (LOST,))


def _last_unsent(connection: sqlite3.Connection, place: Place) -> tuple[int, Gap] | None:
    row = connection.execute(
        "SELECT seq, body FROM items WHERE kind = 3 AND spool = ? AND seq > ?"
        " ORDER BY seq DESC LIMIT 1",
        (place.number, place.sent_seq),
    ).fetchone()
    body = unseal(row[1], place.number, row[0], GAP) if row else None
    last = thing(GAP, body) if body is not None else None
    return (row[0], last) if isinstance(last, Gap) else None


def _may_join(former: Gap, gap: Gap) -> bool:
    is_same = (former.boot, former.kind, former.reason) == (gap.boot, gap.kind, gap.reason)
    return is_same and former.count + gap.count <= _MOST


def _joined(former: Gap, gap: Gap) -> Gap:
    starts = [ms for ms in (former.start_ms, gap.start_ms) if ms is not None]
    return msgspec.structs.replace(
        gap,
        first_seq=min(former.first_seq, gap.first_seq),
        last_seq=max(former.last_seq, gap.last_seq),
        count=former.count + gap.count,
        start_ms=min(starts, default=None),
        end_ms=later(former.end_ms, gap.end_ms),
        cameras=tuple(sorted({*former.cameras, *gap.cameras})),
    )


def later(one: int | None, other: int | None) -> int | None:
    """Return the later end of two losses; if either is unknown, so are both."""
    return None if one is None or other is None else max(one, other)
