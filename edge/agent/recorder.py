"""Sightings in, segments into the spool; and what the uplink says of the agent.

A crash at any point loses at most what was not yet in the spool: time that becomes "unknown", and
none that becomes falsely "up". What a full disk refused waits in memory, and until it is saved no
watermark vouches for its cameras beyond what the spool knows of them.

Going over into a new boot, in this order: (1) all changes are saved, or it is not done now;
(2) the new boot begins in the spool; (3) changes that came meanwhile are saved; (4) in one instant,
with nothing awaited: the builder turns, what is open in the new boot goes into the spool's line,
and behind it the former boot's last watermark as of that instant. Killed before 4, the former boot
is vouched for up to its last watermark, ten seconds at most; within 4, either boot for what of it
is in the file. All else is unknown.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import msgspec

from edge.agent.boot import Boot
from edge.agent.facts import FactsTold, told_host
from edge.agent.unsaved import Unsaved
from edge.clock import Clock
from edge.config import EdgeConfig, WatchConfig
from edge.forwarding import Measured
from edge.segments import Builder, Patience
from edge.sighting import Sighting
from edge.spool import Spool, SpoolError
from edge.vitals import Gauge
from wire.messages import BootStory, CameraFacts, Hold, Segment, Vitals, Watermark
from wire.vocabulary import State

log = logging.getLogger(__name__)

_MS: Final = 1000
_LATE_S: Final = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Former:
    """The boot before the turn: up to when its next last watermark vouches, and what it held."""

    boot: Boot
    until_ms: int
    held: tuple[Hold, ...] | None = None


class Recorder:
    """Keeps what watchers see; it is the uplink's ``Source``."""

    def __init__(
        self, config: EdgeConfig, *, boot: Boot, spool: Spool, gauge: Gauge, clock: Clock
    ) -> None:
        self.on_saved: Callable[[str], None] = lambda _: None
        self._boot = boot
        self._unsure: list[Boot] = []  # former boots of which the centre's time is not sure
        self._spool = spool
        self._gauge = gauge
        self._clock = clock
        self._hosts = {camera.id: told_host(camera.watch_url) for camera in config.cameras}
        self._facts = {
            name: CameraFacts(camera=name, host=host) for name, host in self._hosts.items()
        }
        self._told = FactsTold()
        self._unsaved = Unsaved()
        self._saving: set[asyncio.Future[Any]] = set()
        self._is_flushing = False
        self._lock = asyncio.Lock()
        self._rest_ms: int | None = None
        self._vouched_ms = boot.origin_ms
        self._former: _Former | None = None
        patience = {camera.id: _patience(camera.watch) for camera in config.cameras}
        self._builder = Builder(boot.id, boot.origin_ms, patience=patience)

    def see(self, sighting: Sighting) -> None:
        """Take one sighting."""
        changes = self._builder.step(sighting)
        for change in changes:
            if change.end_ms is None:
                log.info("camera %s: %s %s", change.camera, change.state, change.cause or "")
        if changes:
            self._save(changes)

    def note_facts(self, facts: CameraFacts) -> None:
        """Take what was measured of a stream."""
        host = self._hosts.get(facts.camera)
        self._facts[facts.camera] = msgspec.structs.replace(facts, host=host)

    async def look_at_clock(self) -> None:
        """Notice whether the clock was set since the last look."""
        self._boot.look_at_clock()

    # ---------------------------------------------------------------- what the uplink asks

    def story(self) -> BootStory:
        """Return the running boot's story."""
        return self._boot.story()

    @property
    def measured(self) -> Measured | None:
        """The centre's time as it is told of the running boot."""
        return self._boot.measured

    def wall_zero_utc_ms(self) -> int:
        """Return the UTC of ``Clock.ms``'s zero by this machine's own clock."""
        return self._boot.wall_zero_utc_ms()

    async def tell_measured(self, measured: Measured) -> None:
        """Tell the centre's time of the running boot, and of those before that want it too."""
        self._boot.measured = measured
        for former in self._unsure:
            former.measured = measured
            await self._spool.save_boot(former.story())
        self._unsure = [] if measured.is_sure else self._unsure
        await self._spool.save_boot(self._boot.story())

    def say_again(self) -> None:
        """Put every open segment into the spool once more, and tell all facts with the vitals.

        The centre takes a repeat for one. What waits for room on the disk says it better.
        """
        self._told.forget()
        open_segments = self._builder.open_segments()
        if open_segments and not self._unsaved and not self._is_flushing:
            self._submit(open_segments, is_repeat=True)

    def states(self) -> tuple[State, ...]:
        """Return what was said last of each camera of which anything was said."""
        return tuple(segment.state for segment in self._builder.open_segments())

    def rest(self) -> None:
        """Nobody watches any more: no watermark vouches beyond now."""
        self._rest_ms = self._clock.ms()

    async def watermark(self, sent: int = 0) -> Watermark:
        """Vouch for the open segments as of now, in the spool too.

        Items up to the number ``sent`` are about to be published.
        """
        async with self._lock:
            await self._flush()
            mark = await self._vouch(sent)
            await self._revise_former()
            return mark

    async def save_watermark(self) -> None:
        """Vouch, in the spool alone."""
        try:
            await self.watermark()
        except SpoolError as error:
            log.warning("no watermark can be saved: %s", error)

    async def turn_over(self, measured: Measured | None) -> bool:
        """Go over into a new boot, or tell that it can't be done now."""
        async with self._lock:
            try:
                return await self._turn_over(measured)
            except SpoolError as error:
                log.warning("no new boot can begin: %s", error)
                return False

    async def vitals(self, offset_ms: int | None) -> Vitals:
        """Return the agent's health."""
        stats = await self._spool.stats()
        facts = self._told.due(self._facts.values(), self._clock.ms())
        return self._gauge.read(stats, facts, offset_ms=offset_ms)

    def facts_heard(self, facts: tuple[CameraFacts, ...]) -> None:
        """Note that the centre has these facts."""
        self._told.heard(facts, self._clock.ms())

    # ---------------------------------------------------------------- saving

    async def _turn_over(self, measured: Measured | None) -> bool:
        await self._flush()
        if self._unsaved:
            return False
        boot = self._boot.next(measured)
        await self._spool.begin(boot.story())
        await self._flush()
        if self._unsaved:
            return False
        former, now_ms = self._boot, self._clock.ms()
        self._submit(self._builder.turn_over(boot.id, boot.origin_ms, at_ms=now_ms))
        self._boot, self._vouched_ms = boot, now_ms
        if former.measured is None or (former.measured == measured and not measured.is_sure):
            self._unsure.append(former)
        self._former = _Former(boot=former, until_ms=now_ms - former.origin_ms)
        try:
            await self._revise_former()
        except SpoolError as error:
            log.warning("the former boot ends a little before its end: %s", error)
        return True

    async def _revise_former(self) -> None:
        """Save the former boot's last watermark; again whenever a doubt at its end is settled.

        Of several the one with the latest moment counts, so each vouches a millisecond further.
        """
        former = self._former
        if former is None:
            return
        held = self._with_unsaved(former.boot.id, self._builder.former_holds())
        if held == former.held:
            return
        self._former = replace(former, until_ms=former.until_ms + 1, held=held)
        await self._spool.save_watermark(former.boot.story(), until_ms=former.until_ms, held=held)
        self.on_saved(former.boot.id)

    async def _vouch(self, sent: int) -> Watermark:
        """Save a watermark as of now. Nothing may be on its way into the spool.

        Of several the one with the latest moment counts, so each vouches a little further.
        """
        now_ms = self._clock.ms() if self._rest_ms is None else self._rest_ms
        held, until_ms = self._held(now_ms), self._builder.seen_until_ms(now_ms)
        self._vouched_ms = until_ms = max(until_ms, self._vouched_ms + 1)
        return await self._spool.save_watermark(
            self.story(), until_ms=until_ms - self._boot.origin_ms, held=held, sent=sent
        )

    def _held(self, now_ms: int) -> tuple[Hold, ...]:
        """Return the cameras in doubt, and those of which the spool has not heard the last."""
        return self._with_unsaved(self._boot.id, self._builder.holds(now_ms))

    def _with_unsaved(self, boot: str, holds: tuple[Hold, ...]) -> tuple[Hold, ...]:
        good = {hold.camera: hold.last_good_ms for hold in holds}
        for camera, sure_ms in self._unsaved.sure_until_ms(boot).items():
            good[camera] = min(sure_ms, good.get(camera, sure_ms))
        return tuple(Hold(camera=camera, last_good_ms=ms) for camera, ms in good.items())

    def _save(self, segments: tuple[Segment, ...]) -> None:
        """Put segments in the spool's line at once, or behind those that wait already."""
        if self._unsaved or self._is_flushing:
            self._unsaved.add(segments)
        else:
            self._submit(segments)

    def _submit(self, segments: tuple[Segment, ...], *, is_repeat: bool = False) -> None:
        saving = self._spool.submit(segments)
        self._saving.add(saving)
        saving.add_done_callback(partial(self._saved, segments, is_repeat=is_repeat))

    def _saved(
        self, segments: tuple[Segment, ...], outcome: "asyncio.Future[Any]", *, is_repeat: bool
    ) -> None:
        self._saving.discard(outcome)
        if outcome.cancelled():
            return
        if error := outcome.exception():
            if not is_repeat:
                self._wait_for_room(segments, error)
            return
        for boot in dict.fromkeys(segment.boot for segment in segments):
            self.on_saved(boot)

    def _wait_for_room(self, segments: tuple[Segment, ...], error: BaseException) -> None:
        if not self._unsaved:  # not at each of many
            log.error("changes can't be saved now and wait in memory: %s", error)
        self._unsaved.add(segments)

    async def _flush(self) -> None:
        """Wait until nothing is on its way into the spool; what waits for room is tried again."""
        self._is_flushing = True
        try:
            if self._saving:
                await asyncio.wait(self._saving)
            while self._unsaved:
                tried = self._unsaved.take()
                try:
                    await self._spool.append(tried.segments())
                except SpoolError:
                    self._unsaved.refused(tried)
                    return
                log.info("%d changes that waited in memory are saved", len(tried))
                self.on_saved(self._boot.id)
            await self._tell_lost()
        finally:
            self._is_flushing = False

    async def _tell_lost(self) -> None:
        for gap in self._unsaved.lost():
            try:
                await self._spool.tell_lost(gap)
            except SpoolError:
                return
            log.error("%d changes were lost while the disk was full", gap.count)
            self._unsaved.told(gap)


def _patience(watch: WatchConfig) -> Patience:
    """A watcher may be silent during a handshake and before a stall is one; then it is late."""
    late_s = _LATE_S + 2 * watch.connect_timeout_s + watch.stall_after_s
    return Patience(confirm_ms=round(watch.confirm_s * _MS), late_after_ms=round(late_s * _MS))
