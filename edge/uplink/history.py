"""What is left of former boots, the oldest first, on a topic of its own beside the present.

A former boot's items go first. Its last watermark goes alone after them: then nothing is left below
the number that it waits for, and the centre lets it count at once.
"""

import logging
from random import Random
from typing import Final

from edge.clock import Clock
from edge.forwarding import LONELY_TRIES, MARK, Limits, Window
from edge.spool import Backlog, Spool
from edge.uplink.aside import set_aside
from edge.uplink.lane import PAUSE_MS, Lane
from edge.uplink.progress import Progress
from edge.uplink.reports import Reports
from wire.messages import Ack, Watermark
from wire.topics import Leaf

log = logging.getLogger(__name__)

_MARKS_AT_ONCE: Final = 100


class History:
    """Sends former boots; ``send`` after anything has happened."""

    def __init__(
        self, *, spool: Spool, reports: Reports, clock: Clock, limits: Limits, random: Random
    ) -> None:
        self._spool = spool
        self._reports = reports
        self._clock = clock
        self._limits = limits
        self._random = random
        self._lane: Lane | None = None
        self._left: dict[str, Window] = {}  # by spool: lanes of boots that ran until now
        self._marks: tuple[Watermark, ...] = ()  # under way
        self._done: set[str] = set()  # spools in which nothing was found at the last look
        self._are_marks_lost = False  # at least once
        self._mark_tries = 0  # how often they were passed over
        self._quiet_until_ms = 0
        self._look = True
        self._progress: Progress | None = None

    def look_again(self) -> None:
        """Former boots may have something again."""
        self._look = True
        self._done.clear()

    def take_over(self, lane: Lane) -> None:
        """Go on with a lane whose boot has just become a former one."""
        self._left[lane.spool] = lane.window.under(self._limits)
        self.look_again()

    def restarted(self) -> None:
        """Begin on a new connection."""
        if self._lane:
            self._lane.window = self._lane.window.restarted()
        self._left = {spool: window.restarted() for spool, window in self._left.items()}
        self.look_again()

    def from_the_start(self) -> None:
        """Send everything again, a little later: the spool could not be written."""
        self._lane = None
        self._left.clear()
        self.look_again()
        self._quiet_until_ms = self._now() + PAUSE_MS

    def due_ms(self, now_ms: int) -> int | None:
        """Return when time alone will change something."""
        if now_ms < self._quiet_until_ms:
            return self._quiet_until_ms
        return self._lane.window.due_ms(now_ms) if self._lane else None

    async def send(self) -> None:
        """Send as much as the window allows."""
        if self._now() < self._quiet_until_ms:
            return
        while lane := await self._current():
            await self._give_up(lane)
            await self._send_items(lane)
            if lane.window.under_way or lane.window.again or not lane.window.next(self._now()):
                return
            if await self._send_marks(lane):
                return
            self._done.add(lane.spool)
            self._lane, self._look = None, True

    async def acked(self, ack: Ack) -> bool:
        """Take an answer; False if it is about none of ours."""
        lane = self._lane
        if lane and lane.spool == ack.spool:
            lane.window, done = lane.window.acked(ack, self._now())
        elif window := self._left.get(ack.spool):
            self._left[ack.spool], done = window.acked(ack, self._now())
        else:
            return False
        for refusal in done.refused:
            log.error("the centre refused item %d: %s", refusal.seq, refusal.reason)
        await self._spool.ack(ack.spool, done.through, done.ranges, done.refused)
        if done.marks:
            self._are_marks_lost, self._mark_tries = False, 0
            await self._spool.watermarks_delivered(self._marks)
        self._note(done.count)
        return True

    def _now(self) -> int:
        return self._clock.ms()

    async def _current(self) -> Lane | None:
        """Return the lane of the oldest spool that has something; None if none has."""
        if self._lane or not self._look:
            return self._lane
        self._look = False
        backlog = [one for one in await self._spool.backlog() if one.spool not in self._done]
        self._tell(backlog)
        if not backlog:
            return None
        spool = backlog[0].spool
        window = self._left.pop(spool, None) or Window.begin(self._limits)
        self._are_marks_lost, self._mark_tries = False, 0
        self._lane = Lane(spool=spool, leaf=Leaf.HISTORY, window=window)
        return self._lane

    async def _give_up(self, lane: Lane) -> None:
        """Give up waiting for what is overdue; what the centre can't read is set aside."""
        overdue = lane.window.overdue(self._now())
        if not overdue:
            return
        lane.window, poison = lane.window.lost(self._now(), self._random.random())
        if any(MARK in report.seqs for report in overdue):
            self._are_marks_lost = True
            self._mark_tries += not lane.window.trouble
        await set_aside(self._spool, lane.spool, poison)

    async def _send_items(self, lane: Lane) -> None:
        while batch := await lane.batch(self._spool, self._now()):
            ask, items = batch
            await self._spool.mark_sent(lane.spool, items[-1].seq)
            token = await self._reports.publish(lane.leaf, lane.spool, items=items, after=ask.after)
            lane.sent(ask, items, token=token, now_ms=self._now())
            if ask.until is not None:
                await self._reports.probe(lane)

    async def _send_marks(self, lane: Lane) -> bool:
        """Send the last watermarks of a spool that has nothing else; False if there are none."""
        if self._mark_tries >= LONELY_TRIES:
            log.error("the centre never takes the last watermark of %s: left for later", lane.spool)
            return False
        for former in await self._spool.backlog():
            if former.spool == lane.spool and former.watermarks:
                marks = self._marks = former.watermarks[:_MARKS_AT_ONCE]
                token = await self._reports.publish(lane.leaf, lane.spool, marks=marks)
                lane.window = lane.window.marks_sent(token=token, now_ms=self._now())
                if self._are_marks_lost:
                    await self._reports.probe(lane)
                return True
        return False

    # ---------------------------------------------------------------- the log

    def _tell(self, backlog: list[Backlog]) -> None:
        items = sum(one.items for one in backlog)
        if self._progress is None:
            self._progress = Progress.begin(items, self._now())
            if self._progress:
                log.info("%d items of %d earlier runs are being sent", items, len(backlog))
        elif not backlog:
            log.info("all earlier runs have reached the centre")
            self._progress = None

    def _note(self, count: int) -> None:
        if self._progress is None:
            return
        self._progress = self._progress.after(count)
        if told := self._progress.due(self._now()):
            self._progress, line = told
            log.info("%s", line)
