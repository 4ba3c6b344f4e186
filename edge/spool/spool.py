"""Begin, append, peek, ack: the spool as the agent's parts use it."""

import asyncio
import sqlite3
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from edge.spool import aside, boots
from edge.spool.boots import Backlog
from edge.spool.events import Saved, append_event, known_event
from edge.spool.file import open_file
from edge.spool.gaps import append_gap, tell_wreck
from edge.spool.items import Row, delete, find, least, need, read
from edge.spool.packing import item
from edge.spool.reserve import Reserve
from edge.spool.room import give_back, make_room, room_within, used_bytes
from edge.spool.tellings import append_segment
from edge.spool.writer import Jobs, Runner, Writer
from wire.messages import BootStory, Gap, GateEvent, Hold, Item, Range, Refusal, Segment, Watermark

_FULL: Final = "the spool is full of events that the centre has not got yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """How full the file is, all spools together.

    ``bytes`` are used of ``max_bytes``; ``last_seq`` is the running boot's last number; ``refused``
    counts what is set aside.
    """

    items: int
    bytes: int
    max_bytes: int
    last_seq: int
    refused: int


class Spool:
    """The agent's memory: one file, in it a spool for each boot.

    Every method returns after the sync; all may raise ``SpoolError``. ``running`` is the spool of
    the boot that began last, empty before the first.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        max_bytes: int,
        reopen: Callable[[], sqlite3.Connection],
        reserve: Reserve,
        runner: Callable[[Jobs], Runner] = Writer,
    ) -> None:
        self.running = ""
        self._story: BootStory | None = None
        self._max_bytes = max_bytes
        self._former = boots.newest(connection)
        self._reserve = reserve
        jobs = Jobs(connection, reopen=lambda: self._resume(reopen()), reserve=reserve)
        self._runner = runner(jobs)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        agent: str,
        max_bytes: int,
        reserve_bytes: int = 0,
        runner: Callable[[Jobs], Runner] = Writer,
    ) -> "Spool":
        """Open or begin the file in ``folder``; keep so many bytes for a full disk.

        Raises ``SpoolError``.
        """
        connection = open_file(folder, agent=agent)
        reopen = partial(open_file, folder, agent=agent, is_broken=True)
        reserve = Reserve(folder, reserve_bytes)
        return cls(connection, max_bytes=max_bytes, reopen=reopen, reserve=reserve, runner=runner)

    def _make_room(
        self, connection: sqlite3.Connection, running: str, *, refusal: str | None
    ) -> None:
        """Make room for an append; on a full disk, within the pages that the file has."""
        limit = self._max_bytes
        if self._reserve.is_tight:
            own = room_within(connection, self._reserve.size // 2)
            limit, refusal = min(limit, own), "the disk is full"
        make_room(connection, running, limit, former=self._former, refusal=refusal)

    def _resume(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """Go on with the running boot in a file that was mended."""
        if self._story:
            connection.execute("BEGIN IMMEDIATE")
            boots.resume(connection, self._story)
            tell_wreck(connection, self._story.id)
            connection.execute("COMMIT")
        return connection

    def close(self) -> None:
        """Finish what is under way and close the file."""
        self._runner.close()

    async def begin(self, story: BootStory) -> None:
        """Begin a boot and its spool; from then on gate events go there."""

        def work(connection: sqlite3.Connection) -> None:
            boots.begin(connection, story)
            tell_wreck(connection, story.id)

        await self._runner.submit(work)
        self.running, self._story = story.id, story

    def submit(self, segments: Sequence[Segment]) -> "asyncio.Future[tuple[int, ...]]":
        """Begin ``append`` now: what is asked for after this call comes after it."""
        running, kept = self.running, tuple(segments)

        def work(connection: sqlite3.Connection) -> tuple[int, ...]:
            seqs = tuple(append_segment(connection, each, former=self._former) for each in kept)
            self._make_room(connection, running, refusal=None)
            return seqs

        return self._runner.submit(work)

    async def append(self, segments: Sequence[Segment]) -> tuple[int, ...]:
        """Keep segments, each in the spool of its boot; return their numbers.

        The boots must have begun in this process. Old segments give way when there's no room.
        """
        return await self.submit(segments)

    async def append_event(self, event: GateEvent) -> Saved:
        """Keep a gate event, once for all repeats of its id. Raises ``SpoolFull``."""
        running = self.running

        def work(connection: sqlite3.Connection) -> Saved:
            known = known_event(connection, event)
            if known:
                return known
            self._make_room(connection, running, refusal=_FULL)
            return append_event(connection, running, event)

        return await self._runner.submit(work)

    async def peek(self, spool: str, after: int, limit: int) -> tuple[Item, ...]:
        """Return up to ``limit`` items with numbers over ``after``, in order."""

        def work(connection: sqlite3.Connection) -> list[Row]:
            place = find(connection, spool)
            return read(connection, place, after, limit) if place else []

        return tuple(item(*row) for row in await self._runner.submit(work))

    async def tell_lost(self, gap: Gap) -> None:
        """Tell in the running spool of what was lost before it could be kept."""
        running = self.running
        await self._runner.submit(lambda c: append_gap(c, running, gap))

    async def kept_from(self, spool: str) -> int:
        """Return the least number that is still held; the next one to be given if none is."""

        def work(connection: sqlite3.Connection) -> int:
            return least(connection, need(connection, spool))

        return await self._runner.submit(work)

    async def standing(self, spool: str, items: tuple[Item, ...]) -> tuple[int, tuple[Item, ...]]:
        """Return the least number that is held, and those of ``items`` that still are.

        Between a look at them and the note that they are sent, a later telling may have replaced
        one: it must not go any more, for the later one counts as never told.
        """

        def work(connection: sqlite3.Connection) -> tuple[int, tuple[Item, ...]]:
            place = need(connection, spool)
            sql = "SELECT seq FROM items WHERE spool = ? AND seq BETWEEN ? AND ?"
            span = (items[0].seq, items[-1].seq) if items else (1, 0)
            held = {seq for (seq,) in connection.execute(sql, (place.number, *span))}
            return least(connection, place), tuple(i for i in items if i.seq in held)

        return await self._runner.submit(work)

    async def backlog(self) -> tuple[Backlog, ...]:
        """Return what former spools still have for the centre, the oldest first."""
        running = self.running
        return await self._runner.submit(lambda c: boots.backlog(c, running))

    async def ack(
        self,
        spool: str,
        through: int,
        ranges: Sequence[Range] = (),
        refused: Sequence[Refusal] = (),
    ) -> None:
        """Delete what the centre has committed; set aside what it will never take."""

        def work(connection: sqlite3.Connection) -> None:
            place = find(connection, spool)
            if place is None:
                return
            aside.set_aside(connection, place, refused)
            delete(connection, place, [(0, through), *((r.first, r.last) for r in ranges)])
            boots.forget(connection, self._former)
            give_back(connection)

        await self._runner.submit(work)

    async def set_aside(self, spool: str, refusals: Sequence[Refusal]) -> None:
        """Take items out of the queue, to be kept with the reason and counted."""
        await self.ack(spool, 0, refused=refusals)

    async def offer_again(self) -> int:
        """Put what was set aside into the running spool, under new numbers; return how many."""
        running = self.running
        return await self._runner.submit(lambda c: aside.offer_again(c, running))

    async def save_watermark(
        self, story: BootStory, *, until_ms: int, held: tuple[Hold, ...], sent: int = 0
    ) -> Watermark:
        """Overwrite the boot's watermark; return it with the last number of its spool so far.

        Jobs run in order, so that number covers every segment whose append was asked for before.
        ``sent`` is the highest number of its spool that is about to be published.
        """
        if story.id == self.running:
            self._story = story

        def work(connection: sqlite3.Connection) -> Watermark:
            boots.mark_sent(connection, story.id, sent)
            return boots.save_watermark(connection, story, until_ms=until_ms, held=held)

        return await self._runner.submit(work)

    async def mark_sent(self, spool: str, through: int) -> None:
        """Note, before it is done, that numbers up to ``through`` are published."""
        await self._runner.submit(lambda c: boots.mark_sent(c, spool, through))

    async def watermarks_delivered(self, delivered: Collection[Watermark]) -> None:
        """Forget these watermarks: the centre has committed them. Revised ones stay."""

        def work(connection: sqlite3.Connection) -> None:
            boots.delivered(connection, delivered)
            boots.forget(connection, self._former)

        await self._runner.submit(work)

    async def save_boot(self, story: BootStory) -> None:
        """Renew what is known of a boot's time."""
        await self._runner.submit(lambda c: boots.save_story(c, story))

    async def stories(self, names: Collection[str]) -> tuple[BootStory, ...]:
        """Return what is known of these boots' time, the oldest boot first."""
        return await self._runner.submit(lambda c: boots.stories(c, names))

    async def stats(self) -> Stats:
        """Return how full the file is."""
        running = self.running

        def work(connection: sqlite3.Connection) -> Stats:
            place = find(connection, running)
            (items,) = connection.execute("SELECT coalesce(sum(items), 0) FROM spools").fetchone()
            return Stats(
                items=items,
                bytes=used_bytes(connection),
                max_bytes=self._max_bytes,
                last_seq=place.last_seq if place else 0,
                refused=aside.count(connection),
            )

        return await self._runner.submit(work)
