"""Sightings in, segments into the spool; and what the uplink says of the agent.

A crash at any point loses at most what was not yet in the spool: time that becomes "unknown", and
none that becomes falsely "up".
"""

import asyncio
import logging
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from edge.agent.boot import Boot
from edge.clock import Clock
from edge.config import EdgeConfig, WatchConfig
from edge.segments import Builder, Patience
from edge.sighting import Sighting
from edge.spool import Spool
from edge.vitals import Gauge
from wire.messages import BootStory, CameraFacts, Segment, Vitals, Watermark

log = logging.getLogger(__name__)

_MS: Final = 1000
_LATE_S: Final = 15.0
_UNSAVED_MAX: Final = 20_000  # a disk that stays full must not fill the memory too


class Recorder:
    """Keeps what watchers see; it is the uplink's ``Source``."""

    def __init__(
        self, config: EdgeConfig, *, boot: Boot, spool: Spool, gauge: Gauge, clock: Clock
    ) -> None:
        self.on_saved: Callable[[], None] = lambda: None
        self._boot = boot
        self._spool = spool
        self._gauge = gauge
        self._clock = clock
        self._facts: dict[str, CameraFacts] = {}
        self._unsaved: list[Segment] = []
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
        self._facts[facts.camera] = facts

    def story(self, offset_ms: int | None) -> BootStory:
        """Return the running boot's story."""
        return self._boot.story(offset_ms)

    async def watermark(self, sent: int = 0) -> Watermark:
        """Vouch for the open segments as of now, in the spool too.

        Items up to the number ``sent`` are about to be published.
        """
        if self._unsaved:
            unsaved, self._unsaved = tuple(self._unsaved), []
            self._save(unsaved)
        held = self._builder.holds(self._clock.ms())
        until_ms = self._boot.elapsed_ms()
        return await self._spool.save_watermark(
            self.story(None), until_ms=until_ms, held=held, sent=sent
        )

    async def save_watermark(self) -> None:
        """Vouch, in the spool alone."""
        await self.watermark()

    def say_again(self) -> None:
        """Put every open segment into the spool once more; the centre takes a repeat for one."""
        if open_segments := self._builder.open_segments():
            self._save(open_segments)

    async def vitals(self, offset_ms: int | None) -> Vitals:
        """Return the agent's health."""
        stats = await self._spool.stats()
        return self._gauge.read(stats, tuple(self._facts.values()), offset_ms=offset_ms)

    def _save(self, segments: tuple[Segment, ...]) -> None:
        """Put segments in the spool's line at once, so that no watermark overtakes them."""
        self._spool.submit(segments).add_done_callback(partial(self._saved, segments))

    def _saved(self, segments: tuple[Segment, ...], outcome: "asyncio.Future[Any]") -> None:
        if outcome.cancelled():
            return
        if error := outcome.exception():
            log.error("%d changes could not be kept and are tried again: %s", len(segments), error)
            self._unsaved.extend(segments)
            if len(self._unsaved) > _UNSAVED_MAX:
                log.error("%d changes are lost", len(self._unsaved) - _UNSAVED_MAX)
                self._unsaved = self._unsaved[-_UNSAVED_MAX:]
        else:
            self.on_saved()


def _patience(watch: WatchConfig) -> Patience:
    """A watcher may be silent during a handshake and before a stall is one; then it is late."""
    late_s = _LATE_S + 2 * watch.connect_timeout_s + watch.stall_after_s
    return Patience(confirm_ms=round(watch.confirm_s * _MS), late_after_ms=round(late_s * _MS))
