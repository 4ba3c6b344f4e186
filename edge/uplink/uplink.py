"""What goes to the centre and when: changes at once, a watermark with vitals now and then.

One task owns all state. It wakes on an event of the link, on ``poke`` (something new is in the
spool) and every second; ``_send_due`` then sends what ``forwarding.Window`` allows, of the running
boot's spool first, then of former ones'.

A report that holds segments also holds a watermark, so that the centre knows at once up to when the
new segment holds. The last watermarks of former boots go along until an ack answers such a report.
"""

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Iterable
from typing import Final, Protocol

from edge.clock import Clock
from edge.forwarding import ClockOffset, Limits, Window
from edge.spool import Spool
from edge.uplink.link import Connected, Disconnected, Link, LinkEvent, Received
from wire.codec import MAX_BYTES, VERSION, WireError, decode_ack, decode_command, encode
from wire.messages import Ack, BootStory, Command, Item, Reply, Report, Vitals, Watermark
from wire.topics import Leaf
from wire.vocabulary import Objection

log = logging.getLogger(__name__)

_TICK_S: Final = 1.0
_MS: Final = 1000
_AFTER_FAILURE_S: Final = 5.0
_REPORTS_KEPT: Final = 8
_ASKED_KEPT: Final = 64
_ITEMS_MAX_BYTES: Final = MAX_BYTES * 2 // 5


class Source(Protocol):
    """What the agent says of itself in each report."""

    def story(self, offset_ms: int | None) -> BootStory:
        """Return the running boot's story."""
        ...

    async def watermark(self, sent: int = 0) -> Watermark:
        """Return a watermark as of now, saved; numbers up to ``sent`` are about to be published."""
        ...

    def say_again(self) -> None:
        """Put every open segment into the spool once more."""
        ...

    async def vitals(self, offset_ms: int | None) -> Vitals:
        """Return the agent's health."""
        ...


class Uplink:
    """The forwarding loop. ``run`` until cancelled, then ``close``."""

    def __init__(
        self,
        *,
        link: Link,
        spool: Spool,
        clock: Clock,
        source: Source,
        watermark_every_s: float,
        limits: Limits | None = None,
    ) -> None:
        self.on_command: Callable[[Command], None] = self._refuse
        self._link = link
        self._spool = spool
        self._clock = clock
        self._source = source
        self._watermark_every_ms = round(watermark_every_s * _MS)
        self._limits = limits or Limits()
        self._windows: dict[str, Window] = {}  # by spool
        self._offset = ClockOffset()
        self._events: asyncio.Queue[LinkEvent | None] = asyncio.Queue()
        self._connected = False
        self._disconnected_why = ""
        self._next_watermark_ms = 0
        self._last_sent_utc_ms = 0
        self._asked: deque[int] = deque(maxlen=_ASKED_KEPT)  # sent_utc_ms since the clock was set
        self._steps = 0
        self._former: dict[int, tuple[str, ...]] = {}  # sent_utc_ms: whose watermarks went along

    @property
    def offset_ms(self) -> int | None:
        """Server clock minus edge clock as last measured."""
        return self._offset.offset_ms

    def corrected_utc_ms(self) -> int:
        """Return the time as the centre's clock shows it, as far as that is known."""
        return self._utc_ms() + (self.offset_ms or 0)

    def reply(self, reply: Reply) -> None:
        """Answer a command of the centre; without a connection nobody waits for it any more."""
        if self._connected:
            self._link.publish(Leaf.REPLY, encode(reply))

    def poke(self) -> None:
        """Something new is in the spool."""
        if self._connected and self._events.empty():
            self._events.put_nowait(None)

    async def run(self) -> None:
        """Forward until cancelled."""
        self._link.start(self._events.put_nowait)
        while True:
            try:
                await self.run_once()
            except Exception:
                log.exception("forwarding failed; trying again")
                self._restart()
                await self._clock.wait(_AFTER_FAILURE_S)

    async def run_once(self) -> None:
        """Take one event, or none for a second, and send what is due."""
        try:
            async with asyncio.timeout(_TICK_S):
                event = await self._events.get()
        except TimeoutError:
            event = None
        await self._take(event)
        await self._send_due()

    async def close(self) -> None:
        """Send a last watermark if there is a connection, say goodbye, end the link."""
        if self._connected:
            await self._send(self._spool.running, (), with_vitals=True)
        await self._link.close()

    def _restart(self) -> None:
        self._windows = {spool: w.restarted() for spool, w in self._windows.items()}

    async def _take(self, event: LinkEvent | None) -> None:
        match event:
            case Connected():
                log.info("connected to the centre's broker")
                self._connected, self._disconnected_why = True, ""
                self._restart()
                self._next_watermark_ms = self._clock.ms()
                self._source.say_again()  # the centre's database may be a new or a restored one
            case Disconnected(why):
                if why != self._disconnected_why:  # not at each of many tries
                    log.warning("%s; everything is kept until there is", why)
                self._connected, self._disconnected_why = False, why
            case Received(Leaf.ACK, payload):
                await self._take_ack(payload)
            case Received(_, payload):
                self._take_command(payload)
            case None:
                pass

    async def _take_ack(self, payload: bytes) -> None:
        try:
            ack = decode_ack(payload)
        except WireError as error:
            log.warning("an ack that can't be read: %s", error)
            return
        if ack.spool not in self._windows:
            log.warning("an ack for another spool, %s, is ignored", ack.spool)
            return
        await self._take_good_ack(ack)

    async def _take_good_ack(self, ack: Ack) -> None:
        self._measure_offset(ack)
        self._windows[ack.spool], done = self._windows[ack.spool].acked(ack)
        for refusal in done.refused:
            log.error("the centre refused item %d: %s", refusal.seq, refusal.reason)
        await self._spool.ack(ack.spool, done.through, done.ranges, done.refused)
        if boots := self._former.pop(ack.sent_utc_ms, ()):
            await self._spool.watermarks_delivered(boots)

    def _measure_offset(self, ack: Ack) -> None:
        """Compare clocks, if this is the answer to a report by the clock as it is set now."""
        self._notice_steps()
        if ack.sent_utc_ms in self._asked:
            self._offset = self._offset.after(ack, self._utc_ms())

    def _notice_steps(self) -> None:
        """Once the clock has been set, what was measured before means nothing."""
        steps = self._source.story(None).steps
        if steps != self._steps:
            self._steps, self._offset = steps, ClockOffset()
            self._asked.clear()

    def _take_command(self, payload: bytes) -> None:
        try:
            command = decode_command(payload)
        except WireError as error:
            log.warning("a command that can't be read: %s", error)
            return
        self.on_command(command)

    def _refuse(self, command: Command) -> None:
        """Nobody here obeys commands."""
        text = f"{Objection.UNKNOWN_VERB}: this agent obeys no commands"
        self.reply(Reply(v=VERSION, id=command.id, ok=False, text=text))

    async def _send_due(self) -> None:
        """Send as many reports as the window allows, and a watermark when its time has come."""
        if not self._connected:
            return
        now_ms = self._clock.ms()
        await self._send_items(self._spool.running, (), now_ms)
        if now_ms >= self._next_watermark_ms:
            self._next_watermark_ms = now_ms + self._watermark_every_ms
            await self._send(self._spool.running, (), with_vitals=True)
        for former in await self._spool.backlog():
            await self._send_items(former.spool, former.watermarks, now_ms)

    async def _send_items(self, spool: str, marks: tuple[Watermark, ...], now_ms: int) -> None:
        window = self._windows.get(spool, Window(limits=self._limits))
        if window.overdue(now_ms):
            waited_s = window.limits.resend_after_ms // _MS
            log.warning("the centre has not answered for %d s", waited_s)
            window = window.lost(now_ms, random.random())  # noqa: S311 (jitter)
        self._windows[spool] = window
        while room := self._windows[spool].room(now_ms):
            items = _fitting(await self._spool.peek(spool, self._windows[spool].cursor, room))
            if items or marks:
                await self._send(spool, items, marks)
            if not items:
                break

    async def _send(
        self,
        spool: str,
        items: tuple[Item, ...],
        marks: tuple[Watermark, ...] = (),
        *,
        with_vitals: bool = False,
    ) -> None:
        """Publish one report and note it."""
        sent = items[-1].seq if items else 0
        former = marks
        if spool != self._spool.running:
            await self._spool.mark_sent(spool, sent)
        elif with_vitals or any(item.segment for item in items):
            marks = (await self._source.watermark(sent),)
        else:
            await self._spool.mark_sent(spool, sent)
        self._notice_steps()
        vitals = await self._source.vitals(self.offset_ms) if with_vitals else None
        sent_utc_ms = self._sent_utc_ms()
        self._asked.append(sent_utc_ms)
        window = self._windows.get(spool, Window(limits=self._limits))
        report = Report(
            v=VERSION,
            spool=spool,
            sent_utc_ms=sent_utc_ms,
            boots=await self._boots(items, marks),
            kept_from=await self._spool.kept_from(spool),
            after=window.cursor if items else None,
            items=items,
            watermarks=marks,
            vitals=vitals,
        )
        self._link.publish(Leaf.REPORT, encode(report))
        self._windows[spool] = window.sent([item.seq for item in items], self._clock.ms())
        if former:
            recent = list(self._former.items())[-_REPORTS_KEPT:]
            self._former = dict(recent) | {sent_utc_ms: tuple(mark.boot for mark in former)}

    async def _boots(
        self, items: Iterable[Item], marks: Iterable[Watermark]
    ) -> tuple[BootStory, ...]:
        running = self._source.story(self.offset_ms)
        told = (item.segment or item.gap for item in items)
        named = {each.boot for each in told if each and each.boot} | {m.boot for m in marks}
        others = await self._spool.stories(named - {running.id})
        return (*others, running)

    def _utc_ms(self) -> int:
        return int(self._clock.now().timestamp() * _MS)

    def _sent_utc_ms(self) -> int:
        """Return the time, but not that of a report just sent: acks are told apart by it."""
        now, last = self._utc_ms(), self._last_sent_utc_ms
        self._last_sent_utc_ms = last + 1 if 0 <= last - now < _MS else now
        return self._last_sent_utc_ms


def _fitting(items: tuple[Item, ...]) -> tuple[Item, ...]:
    """Return the first items that fit one report; at least one, if there is one."""
    count, size = 0, 0
    for item in items:
        size += len(encode(item))
        if count and size > _ITEMS_MAX_BYTES:
            break
        count += 1
    return items[:count]
