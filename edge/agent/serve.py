"""Build every part, run until told to stop, tear down in the opposite order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from edge.agent import asides
from edge.agent.boot import Boot
from edge.agent.commands import Commands
from edge.agent.letterbox import EVERY_S as LETTERBOX_EVERY_S
from edge.agent.letterbox import Letterbox
from edge.agent.recorder import Recorder
from edge.agent.references import EVERY_S as REFERENCES_EVERY_S
from edge.agent.references import References
from edge.agent.witness import Witness
from edge.clock import Clock
from edge.config import CameraConfig, EdgeConfig, GateInputConfig
from edge.evidence import EvidenceStore
from edge.gate_input import GateInput, GateInputError
from edge.onvif.asker import Asker
from edge.onvif.follow import LOOK_EVERY_S, Follower, Following
from edge.picture.decoder import AvDecoder
from edge.picture.judge import Judge
from edge.rtsp.session import Pump
from edge.spool import Spool, SpoolError
from edge.uplink import PahoLink, Uplink
from edge.vitals import Gauge
from edge.watcher import LOGINS, Control, Devices, LoginBook, starts_s, watch

log = logging.getLogger(__name__)

_MS: Final = 1000
_SAVE_WATERMARK_S: Final = 10.0
_LOOK_AT_CLOCK_S: Final = 1.0
_TRIM_EVIDENCE_S: Final = 3600.0
_AFTER_FAILURE_S: Final = 5.0


class AgentError(Exception):
    """The agent can't start; the text is for the person who started it."""


async def serve(
    config: EdgeConfig,
    *,
    clock: Clock,
    version: str,
    stop: asyncio.Event,
    on_started: Callable[[int | None], None] = lambda _: None,
) -> None:
    """Run the agent until ``stop`` is set. Raises ``AgentError`` if it can't start.

    ``on_started`` is told the port of the gate input, once everything runs.
    """
    async with AsyncExitStack() as parts:
        try:
            port = await _Builder(config, parts, clock, version).build()
        except (SpoolError, GateInputError, OSError) as error:
            raise AgentError(str(error)) from error
        on_started(port)
        await stop.wait()
        log.info("stopping")


class _Builder:
    """Starts the parts, the lowest first; ``parts`` tears them down."""

    def __init__(
        self, config: EdgeConfig, parts: AsyncExitStack, clock: Clock, version: str
    ) -> None:
        self._config = config
        self._parts = parts
        self._clock = clock
        self._version = version
        self._controls: dict[str, Control] = {}

    async def build(self) -> int | None:
        """Start everything; return the gate input's port."""
        config, clock = self._config, self._clock
        boot = Boot(clock)
        spool = await self._spool()
        await spool.save_boot(boot.story(None))
        gauge = Gauge(version=self._version, data_dir=config.data_dir, clock=clock)
        recorder = Recorder(config, boot=boot, spool=spool, gauge=gauge, clock=clock)
        uplink = self._uplink(spool, recorder)
        self._start("uplink", uplink.run)
        self._start("lag", gauge.watch_lag)
        self._parts.push_async_callback(recorder.save_watermark)
        self._start_every(_SAVE_WATERMARK_S, "watermark", recorder.save_watermark)
        self._start_every(_LOOK_AT_CLOCK_S, "clock", boot.look_at_clock)
        port = None
        if config.gate_input:
            port = await self._gate_input(config.gate_input, spool, uplink.poke)
        witness, references = await self._witness(uplink), self._references()
        self._watch_all(recorder, witness, references, self._asides(uplink))
        self._obey(uplink, witness, references)
        log.info("agent %s watches %d cameras", config.agent, len(config.cameras))
        return port

    async def _spool(self) -> Spool:
        config = self._config
        spool = await asyncio.to_thread(
            Spool.open, config.data_dir, agent=config.agent, max_bytes=config.spool_max_bytes
        )
        self._parts.callback(spool.close)
        return spool

    def _uplink(self, spool: Spool, recorder: Recorder) -> Uplink:
        config = self._config
        uplink = Uplink(
            link=PahoLink(config.agent, config.centre, version=self._version),
            spool=spool,
            clock=self._clock,
            source=recorder,
            watermark_every_s=config.watermark_every_s,
        )
        recorder.on_saved = uplink.poke
        self._parts.push_async_callback(uplink.close)
        return uplink

    async def _gate_input(
        self, config: GateInputConfig, spool: Spool, on_saved: Callable[[], None]
    ) -> int:
        gate_input = GateInput(config, spool=spool, clock=self._clock, on_saved=on_saved)
        await gate_input.start()
        self._parts.push_async_callback(gate_input.close)
        return gate_input.port

    async def _witness(self, uplink: Uplink) -> Witness:
        limits, folder = self._config.evidence, self._config.data_dir / "evidence"
        witness = Witness(
            lambda: EvidenceStore(folder, max_bytes=limits.max_bytes, keep_days=limits.keep_days),
            clock=self._clock,
            utc_ms=uplink.corrected_utc_ms,
        )
        self._parts.callback(witness.close)
        await witness.open([camera.id for camera in self._config.cameras])
        self._parts.push_async_callback(witness.keep_house)
        self._start_every(_TRIM_EVIDENCE_S, "evidence", witness.keep_house)
        return witness

    def _references(self) -> References:
        references = References(self._config.data_dir / "references")
        references.prune({camera.id for camera in self._config.cameras})
        self._parts.push_async_callback(references.save_all)
        self._start_every(REFERENCES_EVERY_S, "references", references.save_all)
        return references

    def _obey(self, uplink: Uplink, witness: Witness, references: References) -> None:
        """Take commands of the centre, and letters of this machine's own command line."""
        commands = Commands(
            controls=self._controls,
            evidence=witness,
            on_new_view=references.save,
            reply=uplink.reply,
            utc_ms=uplink.corrected_utc_ms,
        )
        uplink.on_command = commands.offer
        self._start("commands", commands.run)
        letterbox = Letterbox(self._config.data_dir, commands.obey)
        letterbox.open()
        self._start_every(LETTERBOX_EVERY_S, "letterbox", letterbox.look)

    def _asides(self, uplink: Uplink) -> tuple[Follower, Asker]:
        follower = asides.follower(self._config, self._clock)
        self._start_every(LOOK_EVERY_S, "follower", follower.run_once)
        asker = asides.asker(
            self._config, self._clock, follower=follower, ours_off_ms=lambda: uplink.offset_ms
        )
        if asker.is_needed:
            self._start("asker", asker.run)
        return follower, asker

    def _watch_all(
        self,
        recorder: Recorder,
        witness: Witness,
        references: References,
        beside: tuple[Follower, Asker],
    ) -> None:
        follower, asker = beside
        decoder = AvDecoder()
        self._parts.callback(decoder.close)
        pump = Pump(self._clock)
        self._start("pump", pump.run)

        config = self._config
        devices = Devices(
            LoginBook(config.data_dir / LOGINS, self._clock),
            hosts=config.hosts,
            sessions_per_host=config.sessions_per_host,
        )

        def watching(camera: CameraConfig, start_after_s: float) -> Awaitable[None]:
            judge = references.restore(camera.id, partial(_judge, camera, self._clock))
            self._controls[camera.id] = control = Control(judge)
            return watch(
                camera,
                clock=self._clock,
                opener=Following(pump, follower, camera.id),
                decoder=decoder.for_camera(camera.id),
                judge=judge,
                on_sighting=lambda sighting: recorder.see(follower.see(sighting)),
                on_facts=lambda facts: recorder.note_facts(asker.facts(facts)),
                on_picture=witness.on_picture,
                aside=partial(asker.aside, camera.id),
                control=control,
                devices=devices,
                start_after_s=start_after_s,
            )

        starts = zip(config.cameras, starts_s(len(config.cameras)), strict=True)
        tasks = [asyncio.ensure_future(watching(*start)) for start in starts]
        self._parts.push_async_callback(_end, *tasks)

    def _judge(self, camera: CameraConfig, memory: bytes | None) -> Judge:
        """Make a camera's judge of what it has learned. Raises ``ValueError``."""
        utc_ms = round(self._clock.now().timestamp() * _MS)
        return Judge(
            freeze_after_ms=round(camera.watch.freeze_after_s * _MS),
            memory=memory,
            day_offset_ms=utc_ms - self._clock.ms(),
        )

    def _start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run for ever; whatever goes wrong is logged and it begins again."""

        async def keep() -> None:
            while True:
                try:
                    await run()
                except Exception:
                    log.exception("%s failed and begins again", name)
                await self._clock.wait(_AFTER_FAILURE_S)

        self._parts.push_async_callback(_end, asyncio.create_task(keep(), name=name))

    def _start_every(self, seconds: float, name: str, act: Callable[[], Awaitable[None]]) -> None:
        async def run() -> None:
            while True:
                await self._clock.wait(seconds)
                await act()

        self._start(name, run)


def _judge(camera: CameraConfig, clock: Clock, memory: bytes | None) -> Judge:
    return Judge(
        freeze_after_ms=round(camera.watch.freeze_after_s * _MS),
        memory=memory,
        day_offset_ms=round(clock.now().timestamp() * _MS) - clock.ms(),
    )


async def _end(*tasks: "asyncio.Future[None]") -> None:
    """Cancel all at once, so that slow goodbyes overlap, and wait for them."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
