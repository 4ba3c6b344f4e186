"""The running boot's spool: changes and gate events at once, a watermark each minute."""

import itertools
import logging
from random import Random
from typing import Final

from edge.clock import Clock
from edge.forwarding import Ask, Limits, Window
from edge.spool import Spool, SpoolError
from edge.uplink.aside import set_aside
from edge.uplink.lane import PAUSE_MS, Lane
from edge.uplink.reports import Reports
from edge.uplink.source import Source
from wire.messages import Ack, Item, Vitals, Watermark
from wire.topics import Leaf

log = logging.getLogger(__name__)

_MS: Final = 1000
_SOONEST_MS: Final = 5_000


class Present:
    """Sends what is now; ``send`` after anything has happened while there is a connection.

    A report that holds segments also holds a watermark, so that the centre knows at once up to when
    the new segment holds. A word out of turn is followed by the next one after a random part of the
    minute: of thousands of agents that a restarted broker lets in at once no two stay in step.
    """

    def __init__(
        self,
        *,
        spool: Spool,
        reports: Reports,
        clock: Clock,
        source: Source,
        watermark_every_s: float,
        limits: Limits,
        random: Random,
    ) -> None:
        self._spool = spool
        self._reports = reports
        self._clock = clock
        self._source = source
        self._watermark_every_ms = round(watermark_every_s * _MS)
        self._limits = limits
        self._random = random
        self._next_watermark_ms = 0
        self._is_out_of_turn = True
        self.is_silent = False  # the centre has not answered for too long
        self._is_stuck = False  # the disk takes nothing
        self.lane = self._begin()

    def _begin(self) -> Lane:
        window = Window.begin(self._limits)
        return Lane(spool=self._spool.running, leaf=Leaf.REPORT, window=window)

    def begin_anew(self) -> Lane:
        """Go over to the spool that runs now; return the former one's lane."""
        former, self.lane = self.lane, self._begin()
        return former

    def from_the_start(self) -> None:
        """Send everything again, a little later: the spool could not be written."""
        quiet_until_ms = self._clock.ms() + PAUSE_MS
        self.lane.window = self.lane.window.from_the_start(quiet_until_ms)

    def due_ms(self, now_ms: int) -> int:
        """Return when time alone will change something."""
        lost_ms = self.lane.window.due_ms(now_ms)
        next_ms = self._next_watermark_ms
        return next_ms if lost_ms is None else min(lost_ms, next_ms)

    def tell_now(self) -> None:
        """Have a report with watermark and vitals go at once."""
        self._next_watermark_ms = self._clock.ms()
        self._is_out_of_turn = True

    async def acked(self, ack: Ack) -> None:
        """Take an answer."""
        self.lane.window, done = self.lane.window.acked(ack, self._clock.ms())
        for refusal in done.refused:
            log.error("the centre refused item %d: %s", refusal.seq, refusal.reason)
        if done.count or done.refused:
            await self._spool.ack(ack.spool, done.through, done.ranges, done.refused)

    async def send(self) -> None:
        """Send what the window allows, and a watermark when its time has come."""
        await self._give_up()
        while batch := await self.lane.batch(self._spool, self._clock.ms()):
            if not await self._send(*batch):
                break
        if self._is_minute():
            await self._send(None, ())

    def _is_minute(self) -> bool:
        return self._clock.ms() >= self._next_watermark_ms

    def _until_next_ms(self) -> int:
        """Return how long to wait after a word."""
        every_ms, was_out_of_turn = self._watermark_every_ms, self._is_out_of_turn
        self._is_out_of_turn = False
        if not was_out_of_turn:
            return every_ms
        soonest_ms = min(_SOONEST_MS, every_ms)
        return soonest_ms + round((every_ms - soonest_ms) * self._random.random())

    async def _give_up(self) -> None:
        """Give up waiting for answers that are overdue."""
        lane, now_ms = self.lane, self._clock.ms()
        if lane.window.overdue(now_ms):
            lane.window, poison = lane.window.lost(now_ms, self._random.random())
            await set_aside(self._spool, lane.spool, poison)
        if lane.window.is_silent(now_ms) and not self.is_silent:
            log.warning("the centre does not answer; everything is kept and sent again")
        elif self.is_silent and not lane.window.is_silent(now_ms):
            log.info("the centre answers again")
        self.is_silent = lane.window.is_silent(now_ms)

    async def _send(self, ask: Ask | None, items: tuple[Item, ...]) -> bool:
        """Publish one report; False if its items can't go now."""
        lane, with_vitals = self.lane, self._is_minute()
        marks, items = await self._vouched(items, with_mark=with_vitals)
        if not items and not with_vitals:
            return False
        vitals = await self._vitals() if with_vitals else None
        after = ask.after if ask else None
        token = await self._reports.publish(
            lane.leaf, lane.spool, items=items, after=after, marks=marks, vitals=vitals
        )
        now_ms = self._clock.ms()
        if with_vitals:
            self._next_watermark_ms = now_ms + self._until_next_ms()
        if ask and items:
            lane.sent(ask, items, token=token, now_ms=now_ms)
        else:
            lane.window = lane.window.empty_sent(token=token, now_ms=now_ms)
        if ask and ask.until is not None:
            await self._reports.probe(lane)
        return bool(items)

    async def _vouched(
        self, items: tuple[Item, ...], *, with_mark: bool
    ) -> tuple[tuple[Watermark, ...], tuple[Item, ...]]:
        """Return the watermark that goes with items, and the items that may go.

        On a disk that takes nothing only what never gives way may go: gate events.
        """
        sent = items[-1].seq if items else 0
        try:
            if with_mark or any(item.segment for item in items):
                mark = await self._source.watermark(sent)
                self._is_stuck = False
                return ((mark,) if mark.boot == self.lane.spool else ()), items
            await self._spool.mark_sent(self.lane.spool, sent)
        except SpoolError as error:
            if not self._is_stuck:  # not with each report
                log.warning("only gate events can be sent now: %s", error)
            self._is_stuck = True
            return (), tuple(itertools.takewhile(lambda item: item.gate_event, items))
        return (), items

    async def _vitals(self) -> Vitals | None:
        try:
            return await self._source.vitals(self._reports.offset_ms)
        except SpoolError:
            return None
