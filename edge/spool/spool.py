"""Append, peek, ack: the spool as the agent's parts use it."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from edge.spool.file import open_file
from edge.spool.room import make_room, used_bytes
from edge.spool.writer import Writer
from wire.messages import (
    BootStory,
    Gap,
    GateEvent,
    Hold,
    Item,
    Range,
    Refusal,
    Segment,
    Watermark,
)

Thing: TypeAlias = Segment | GateEvent | Gap

_REMEMBERED_EVENTS: Final = 100_000
"""So many numbers back a repeated event's id is known; the centre knows the older ones."""
_TYPES: Final[dict[str, type[Thing]]] = {"segment": Segment, "gate_event": GateEvent, "gap": Gap}
_KINDS: Final = {type_: kind for kind, type_ in _TYPES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A gate event's place. ``is_new`` is False for a repeat of an id."""

    seq: int
    accepted_utc_ms: int
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How full the spool is. ``refused`` counts what the centre will never take."""

    items: int
    bytes: int
    last_seq: int
    refused: int


class Spool:
    """The agent's memory. Every method returns after the sync; all may raise ``SpoolError``."""

    def __init__(self, connection: sqlite3.Connection, *, max_bytes: int) -> None:
        self.id = str(_meta(connection, "spool"))
        self._max_bytes = max_bytes
        self._writer = Writer(connection)

    @classmethod
    def open(cls, folder: Path, *, agent: str, max_bytes: int) -> "Spool":
        """Open or begin the spool in ``folder``. Raises ``SpoolError``."""
        return cls(open_file(folder, agent=agent), max_bytes=max_bytes)

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._writer.close()

    async def append(self, segments: Sequence[Segment]) -> tuple[int, ...]:
        """Keep segments; return their numbers. Old segments give way when there's no room."""
        return await self.submit(segments)

    def submit(self, segments: Sequence[Segment]) -> "asyncio.Future[tuple[int, ...]]":
        """Begin ``append`` now: what is asked for after this call comes after it."""
        return self._writer.submit(self._append_segments(tuple(segments)))

    async def append_event(self, event: GateEvent) -> Saved:
        """Keep a gate event, once for all repeats of its id. Raises ``SpoolFull``."""

        def work(connection: sqlite3.Connection) -> Saved:
            known = _known_event(connection, event.id)
            if known:
                return known
            make_room(connection, self._max_bytes, _append, may_overflow=False)
            seq = _append(connection, event)
            _remember_event(connection, event, seq)
            return Saved(seq=seq, accepted_utc_ms=event.accepted_utc_ms, is_new=True)

        return await self._writer.do(work)

    async def kept_from(self) -> int:
        """Return the least number that is still held; the next one to be given if none is."""
        sql = "SELECT min(seq) FROM items"

        def work(connection: sqlite3.Connection) -> int:
            (least,) = connection.execute(sql).fetchone()
            return int(_meta(connection, "last_seq")) + 1 if least is None else int(least)

        return await self._writer.do(work)

    async def peek(self, after: int, limit: int) -> tuple[Item, ...]:
        """Return up to ``limit`` items with numbers over ``after``, in order."""
        sql = "SELECT seq, kind, body FROM items WHERE seq > ? ORDER BY seq LIMIT ?"
        rows = await self._writer.do(lambda c: c.execute(sql, (after, limit)).fetchall())
        return tuple(_item(*row) for row in rows)

    async def ack(
        self, through: int, ranges: Sequence[Range] = (), refused: Sequence[Refusal] = ()
    ) -> None:
        """Delete what the centre has committed; set aside what it will never take."""

        def work(connection: sqlite3.Connection) -> None:
            for refusal in refused:
                _set_aside(connection, refusal)
            spans = [(0, through), *((span.first, span.last) for span in ranges)]
            connection.executemany("DELETE FROM items WHERE seq BETWEEN ? AND ?", spans)
            _forget_boots(connection)

        await self._writer.do(work)

    async def save_watermark(
        self, story: BootStory, *, until_ms: int, held: tuple[Hold, ...]
    ) -> Watermark:
        """Overwrite the boot's watermark; return it with the last number given so far.

        Jobs run in order, so that number covers every segment whose append was asked for before.
        """

        def work(connection: sqlite3.Connection) -> Watermark:
            last = int(_meta(connection, "last_seq"))
            mark = Watermark(boot=story.id, until_ms=until_ms, after_seq=last, held=held)
            _save_boot(connection, story, msgspec.json.encode(mark))
            return mark

        return await self._writer.do(work)

    async def save_boot(self, story: BootStory) -> None:
        """Write down the running boot before its first segment."""
        await self._writer.do(lambda c: _save_boot(c, story, None))

    async def former_watermarks(self, running: str) -> tuple[Watermark, ...]:
        """Return earlier boots' last watermarks that have not been delivered yet."""
        sql = "SELECT watermark FROM boots WHERE watermark NOT NULL AND id <> ? ORDER BY number"
        rows = await self._writer.do(lambda c: c.execute(sql, (running,)).fetchall())
        return tuple(msgspec.json.decode(row[0], type=Watermark) for row in rows)

    async def watermarks_delivered(self, boots: Collection[str]) -> None:
        """Forget the watermarks of these (former) boots: the centre has committed them."""

        def work(connection: sqlite3.Connection) -> None:
            sql = "UPDATE boots SET watermark = NULL WHERE id = ?"
            connection.executemany(sql, [(boot,) for boot in boots])
            _forget_boots(connection)

        await self._writer.do(work)

    async def stories(self, boots: Collection[str]) -> tuple[BootStory, ...]:
        """Return what is known of these boots' time."""

        def work(connection: sqlite3.Connection) -> tuple[BootStory, ...]:
            rows = connection.execute("SELECT id, story FROM boots ORDER BY number").fetchall()
            wanted = (story for boot, story in rows if boot in boots)
            return tuple(msgspec.json.decode(story, type=BootStory) for story in wanted)

        return await self._writer.do(work)

    async def stats(self) -> Stats:
        """Return how full the spool is."""

        def work(connection: sqlite3.Connection) -> Stats:
            (items,) = connection.execute("SELECT count(*) FROM items").fetchone()
            (refused,) = connection.execute("SELECT count(*) FROM refused").fetchone()
            last = int(_meta(connection, "last_seq"))
            return Stats(items=items, bytes=used_bytes(connection), last_seq=last, refused=refused)

        return await self._writer.do(work)

    def _append_segments(
        self, segments: tuple[Segment, ...]
    ) -> Callable[[sqlite3.Connection], tuple[int, ...]]:
        def work(connection: sqlite3.Connection) -> tuple[int, ...]:
            seqs = tuple(_append(connection, segment) for segment in segments)
            make_room(connection, self._max_bytes, _append, may_overflow=True)
            return seqs

        return work


def _meta(connection: sqlite3.Connection, key: str) -> str:
    return str(connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()[0])


def _append(connection: sqlite3.Connection, thing: Thing) -> int:
    """Give the next number and keep ``thing`` under it."""
    seq = int(_meta(connection, "last_seq")) + 1
    connection.execute("UPDATE meta SET value = ? WHERE key = 'last_seq'", (str(seq),))
    boot = thing.boot if isinstance(thing, Segment) else None
    row = (seq, _KINDS[type(thing)], boot, msgspec.json.encode(thing))
    connection.execute("INSERT INTO items (seq, kind, boot, body) VALUES (?, ?, ?, ?)", row)
    return seq


def _item(seq: int, kind: str, body: bytes) -> Item:
    match msgspec.json.decode(body, type=_TYPES[kind]):
        case Segment() as segment:
            return Item(seq=seq, segment=segment)
        case GateEvent() as event:
            return Item(seq=seq, gate_event=event)
        case Gap() as gap:
            return Item(seq=seq, gap=gap)


def _known_event(connection: sqlite3.Connection, event: str) -> Saved | None:
    sql = "SELECT seq, accepted_utc_ms FROM events WHERE id = ?"
    row = connection.execute(sql, (event,)).fetchone()
    return Saved(seq=row[0], accepted_utc_ms=row[1], is_new=False) if row else None


def _remember_event(connection: sqlite3.Connection, event: GateEvent, seq: int) -> None:
    row = (event.id, seq, event.accepted_utc_ms)
    connection.execute("INSERT INTO events (id, seq, accepted_utc_ms) VALUES (?, ?, ?)", row)
    connection.execute("DELETE FROM events WHERE seq <= ?", (seq - _REMEMBERED_EVENTS,))


def _set_aside(connection: sqlite3.Connection, refusal: Refusal) -> None:
    sql = """INSERT OR REPLACE INTO refused (seq, kind, body, reason)
             SELECT seq, kind, body, ? FROM items WHERE seq = ?"""
    connection.execute(sql, (refusal.reason, refusal.seq))
    connection.execute("DELETE FROM items WHERE seq = ?", (refusal.seq,))


def _save_boot(connection: sqlite3.Connection, story: BootStory, mark: bytes | None) -> None:
    """Insert or renew a boot; its watermark stays if ``mark`` is None."""
    sql = """INSERT INTO boots (id, number, story, watermark)
             VALUES (?, (SELECT coalesce(max(number), 0) + 1 FROM boots), ?, ?)
             ON CONFLICT (id) DO UPDATE SET story = excluded.story,
             watermark = coalesce(excluded.watermark, watermark)"""
    connection.execute(sql, (story.id, msgspec.json.encode(story), mark))


def _forget_boots(connection: sqlite3.Connection) -> None:
    """Drop boots that nothing speaks of any more; the newest stays."""
    connection.execute(
        """DELETE FROM boots WHERE watermark IS NULL
           AND number < (SELECT max(number) FROM boots)
           AND id NOT IN (SELECT boot FROM items WHERE boot NOT NULL)"""
    )
