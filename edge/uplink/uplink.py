"""What goes to the centre and when: the present first, what is left of the past beside it.

One task owns all state. It sleeps until the next thing that is due or an event (of the link, or
``poke``: something new is in the spool), so that an idle agent costs nothing; then it sends what
the two lanes' windows allow: ``present`` first, and ``history`` (what former boots left) beside it,
once the centre has answered on this connection.

On a new connection the first report tells the present. An agent that comes back with much in its
running spool begins a new boot first, whose spool is short: the centre need not have the past to
know the present. So does one whose clock has drifted from what is told of its boot.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from random import Random
from typing import Final

from edge.clock import Clock
from edge.forwarding import HISTORY, LIVE, Limits
from edge.spool import Spool, SpoolError
from edge.uplink.history import History
from edge.uplink.link import Connected, Disconnected, Link, LinkEvent, Received
from edge.uplink.present import Present
from edge.uplink.reports import Reports
from edge.uplink.source import Source
from wire.codec import VERSION, WireError, decode_ack, decode_command, encode
from wire.messages import Command, Reply
from wire.topics import Leaf
from wire.vocabulary import Objection

log = logging.getLogger(__name__)

_MS: Final = 1000
_AFTER_FAILURE_S: Final = 5.0
_AFTER_MANY_S: Final = 60.0
_LEAST_SLEEP_S: Final = 0.01
_MUCH_ITEMS: Final = 200
_OFFER_EVERY_MS: Final = 24 * 3_600_000
_OFFER_AFTER_FAILURE_MS: Final = 3_600_000
_OFF_MS: Final = 2_000


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
        limits: Limits = LIVE,
        history_limits: Limits = HISTORY,
        random: Random | None = None,
    ) -> None:
        self.on_command: Callable[[Command], None] = self._refuse
        self._link = link
        self._spool = spool
        self._clock = clock
        self._source = source
        random = random or Random()  # noqa: S311 (jitter)
        self._reports = reports = Reports(link, spool, clock, source)
        self._present = Present(
            spool=spool,
            reports=reports,
            clock=clock,
            source=source,
            watermark_every_s=watermark_every_s,
            limits=limits,
            random=random,
        )
        self._history = History(
            spool=spool, reports=reports, clock=clock, limits=history_limits, random=random
        )
        self._events: asyncio.Queue[LinkEvent | None] = asyncio.Queue()
        self._connected = False
        self._has_arrived = False  # this connection has been dealt with
        self._is_heard = False  # the centre has answered on this connection
        self._is_said = False  # what is open was said again, and nothing was answered since
        self._turn_for: str | None = None  # why a new boot is to begin
        self._disconnected_why = ""
        self.heard_ms: int | None = None  # when the centre last acknowledged anything of ours
        self._next_offer_ms = clock.ms()
        self._pause_s = _AFTER_FAILURE_S

    @property
    def offset_ms(self) -> int | None:
        """Server clock minus edge clock as last measured."""
        return self._reports.offset_ms

    @property
    def connected(self) -> bool:
        """Whether the broker is there."""
        return self._connected

    def corrected_utc_ms(self) -> int:
        """Return the time as the centre's clock shows it, as far as that is known."""
        return int(self._clock.now().timestamp() * _MS) + (self.offset_ms or 0)

    def reply(self, reply: Reply) -> None:
        """Answer a command of the centre; without a connection nobody waits for it any more."""
        if self._connected:
            self._link.publish(Leaf.REPLY, encode(reply))

    def poke(self, spool: str | None = None) -> None:
        """Something new is in ``spool``, the running boot's if None."""
        if spool not in {None, self._present.lane.spool}:
            self._history.look_again()
        if self._connected and self._events.empty():
            self._events.put_nowait(None)

    async def run(self) -> None:
        """Forward until cancelled."""
        self._link.start(self._events.put_nowait)
        while True:
            try:
                await self.run_once()
                self._pause_s = _AFTER_FAILURE_S
            except SpoolError as error:
                log.warning("the spool can't be written now: %s", error)
                await self._begin_again()
            except Exception:
                log.exception("forwarding failed; trying again")
                await self._begin_again()

    async def run_once(self) -> None:
        """Wait for an event or for what is due, and send what is to be sent."""
        try:
            async with asyncio.timeout(self._sleep_s()):
                await self._take(await self._events.get())
        except TimeoutError:
            pass
        while not self._events.empty():
            await self._take(self._events.get_nowait())
        await self._offer_again()
        if self._connected:
            await self._send_due()

    async def close(self) -> None:
        """Send a last watermark if there is a connection, say goodbye, end the link."""
        if self._connected:
            self._present.tell_now()
            with contextlib.suppress(SpoolError):  # a full disk; our boot's last watermark stands
                await self._present.send()
        await self._link.close()

    async def _begin_again(self) -> None:
        """Forget what is under way and wait, longer each time: a disk may be broken for days."""
        self._present.from_the_start()
        self._history.from_the_start()
        await self._clock.wait(self._pause_s)
        self._pause_s = min(self._pause_s * 2, _AFTER_MANY_S)

    # ---------------------------------------------------------------- when

    def _sleep_s(self) -> float:
        """Return how long nothing is due, if nothing happens."""
        now_ms = self._clock.ms()
        dues = [self._next_offer_ms]
        if self._connected:
            dues.append(self._present.due_ms(now_ms))
            past_ms = self._history.due_ms(now_ms)
            if self._is_heard and past_ms is not None:
                dues.append(past_ms)
        return max((min(dues) - now_ms) / _MS, _LEAST_SLEEP_S)

    async def _offer_again(self) -> None:
        """Try again what was set aside: a newer centre may take it."""
        if self._clock.ms() < self._next_offer_ms:
            return
        self._next_offer_ms = self._clock.ms() + _OFFER_EVERY_MS
        try:
            count = await self._spool.offer_again()
        except SpoolError:  # a full disk
            self._next_offer_ms = self._clock.ms() + _OFFER_AFTER_FAILURE_MS
            return
        if count:
            log.info("%d items that were set aside are tried again", count)

    # ---------------------------------------------------------------- what comes

    async def _take(self, event: LinkEvent | None) -> None:
        match event:
            case Connected():
                log.info("connected to the centre's broker")
                self._connected, self._disconnected_why = True, ""
                self._has_arrived = self._is_heard = False
                self._present.lane.window = self._present.lane.window.restarted()
                self._history.restarted()
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
        is_ours, was_silent = self._reports.answered(ack), self._present.is_silent
        if ack.spool == self._present.lane.spool:
            await self._present.acked(ack)
        elif not await self._history.acked(ack):
            log.debug("an ack for another spool, %s, is ignored", ack.spool)
        if is_ours:
            self._is_heard, self._is_said = True, False
            self.heard_ms = self._clock.ms()
            if was_silent:  # the broker was there, the centre was not: it comes back to us
                self._has_arrived = False
            await self._compare_clocks()

    async def _compare_clocks(self) -> None:
        """Tell the centre's time of the running boot, once; a drift from it wants a new boot."""
        centre, source = self._reports.centre, self._source
        told, wall_ms = source.measured, source.wall_zero_utc_ms()
        if better := centre.to_tell(told, wall_ms):
            await source.tell_measured(better)
            off_ms = better.zero_utc_ms - wall_ms
            if told is None and abs(off_ms) > _OFF_MS:  # all that was told stands at a wrong time
                log.warning("this clock is %.1f s off the centre's", -off_ms / _MS)
                self._present.tell_now()
        elif told is not None and centre.contradicts(told.zero_utc_ms):
            self._turn_for = "this clock has drifted from the centre's"

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

    # ---------------------------------------------------------------- a new connection, a new boot

    async def _arrive(self) -> None:
        """Have the first report of a connection tell the present."""
        self._has_arrived = True
        self._present.tell_now()
        if len(await self._spool.peek(self._present.lane.spool, 0, _MUCH_ITEMS + 1)) > _MUCH_ITEMS:
            self._turn_for = "much is waiting to be sent"
        if not self._is_said:  # the centre's database may be a new or a restored one
            self._source.say_again()
            self._is_said = True

    async def _turn_over(self) -> None:
        why, self._turn_for = self._turn_for, None
        centre, told = self._reports.centre, self._source.measured
        if told is not None and centre.contradicts(told.zero_utc_ms):
            told = centre.best
        if await self._source.turn_over(told):
            log.info("a new boot begins: %s", why)
        if self._spool.running != self._present.lane.spool:
            self._history.take_over(self._present.begin_anew())
            self._present.tell_now()

    async def _send_due(self) -> None:
        if not self._has_arrived:
            await self._arrive()
        if self._turn_for:
            await self._turn_over()
        await self._present.send()
        if self._is_heard:
            await self._history.send()
