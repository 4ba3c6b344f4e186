"""Build every part, run until told to stop, tear down in the opposite order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial
from typing import Final

from edge.agent import asides
from edge.agent.boot import Boot
from edge.agent.figures import FiguresPage
from edge.agent.keeping import start_obeying, start_references, start_telling, start_witness
from edge.agent.recorder import Recorder
from edge.agent.references import References
from edge.agent.tasks import Tasks, end
from edge.agent.witness import Witness
from edge.clock import Clock
from edge.config import CameraConfig, EdgeConfig, GateInputConfig
from edge.gate_input import GateInput, GateInputError, ShiftBook
from edge.onvif.asker import Asker
from edge.onvif.follow import LOOK_EVERY_S, Follower, Following
from edge.picture.decoder import AvDecoder
from edge.picture.judge import Judge
from edge.picture.threads import use_one_thread
from edge.rtsp.session import Pump
from edge.spool import RESERVE_BYTES, Spool, SpoolError
from edge.uplink import PahoLink, Uplink
from edge.vitals import Gauge
from edge.watcher import LOGINS, Control, Devices, LoginBook, starts_s, watch

log = logging.getLogger(__name__)

_MS: Final = 1000
_SAVE_WATERMARK_S: Final = 10.0
_LOOK_AT_CLOCK_S: Final = 1.0


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
        self._tasks = Tasks(parts, clock)
        self._clock = clock
        self._version = version
        self._controls: dict[str, Control] = {}

    async def build(self) -> int | None:
        """Start everything; return the gate input's port."""
        config, clock = self._config, self._clock
        late = await self._parts.enter_async_context(AsyncExitStack())
        boot = Boot(clock)
        spool = await self._spool()
        await spool.begin(boot.story())
        gauge = Gauge(version=self._version, data_dir=config.data_dir, clock=clock)
        recorder = Recorder(config, boot=boot, spool=spool, gauge=gauge, clock=clock)
        uplink = self._uplink(spool, recorder)
        self._tasks.start("uplink", uplink.run)
        self._tasks.start("lag", gauge.watch_lag)
        self._parts.push_async_callback(recorder.save_watermark)
        self._tasks.start_every(_SAVE_WATERMARK_S, "watermark", recorder.save_watermark)
        self._tasks.start_every(_LOOK_AT_CLOCK_S, "clock", recorder.look_at_clock)
        start_telling(config, self._tasks, spool=spool, clock=clock)
        port = None
        if config.gate_input:
            figures = FiguresPage(
                version=self._version,
                clock=clock,
                gauge=gauge,
                spool=spool,
                recorder=recorder,
                uplink=uplink,
            )
            port = await self._gate_input(config.gate_input, spool, uplink.poke, figures)
        witness = await start_witness(config, self._tasks, late, clock=clock, uplink=uplink)
        references = start_references(config, self._tasks, late)
        self._watch_all(recorder, witness, references, self._asides(uplink))
        start_obeying(
            config,
            self._tasks,
            controls=self._controls,
            uplink=uplink,
            witness=witness,
            references=references,
        )
        log.info("agent %s watches %d cameras", config.agent, len(config.cameras))
        return port

    async def _spool(self) -> Spool:
        config = self._config
        spool = await asyncio.to_thread(
            Spool.open,
            config.data_dir,
            agent=config.agent,
            max_bytes=config.spool_max_bytes,
            reserve_bytes=RESERVE_BYTES,
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
        self,
        config: GateInputConfig,
        spool: Spool,
        on_saved: Callable[[], None],
        figures: FiguresPage,
    ) -> int:
        folder = self._config.data_dir
        shifts = await asyncio.to_thread(ShiftBook.open, folder) if config.gates else None
        gate_input = GateInput(
            config,
            spool=spool,
            clock=self._clock,
            on_saved=on_saved,
            shifts=shifts,
            figures=figures.text,
        )
        await gate_input.start()
        self._parts.push_async_callback(gate_input.close)
        return gate_input.port

    def _asides(self, uplink: Uplink) -> tuple[Follower, Asker]:
        follower = asides.follower(self._config, self._clock)
        self._tasks.start_every(LOOK_EVERY_S, "follower", follower.run_once)
        asker = asides.asker(
            self._config, self._clock, follower=follower, ours_off_ms=lambda: uplink.offset_ms
        )
        if asker.is_needed:
            self._tasks.start("asker", asker.run)
        return follower, asker

    def _watch_all(
        self,
        recorder: Recorder,
        witness: Witness,
        references: References,
        beside: tuple[Follower, Asker],
    ) -> None:
        follower, asker = beside
        use_one_thread()
        decoder = AvDecoder()
        self._parts.callback(decoder.close)
        pump = Pump(self._clock)
        self._tasks.start("pump", pump.run)

        config = self._config
        devices = Devices(
            LoginBook(config.data_dir / LOGINS, self._clock),
            hosts=config.hosts,
            sessions_per_host=config.sessions_per_host,
        )

        def watching(camera: CameraConfig, start_after_s: float) -> Awaitable[None]:
            judge = references.restore(camera.id, partial(_judge, camera))
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
        self._parts.push_async_callback(end, *tasks)
        self._parts.callback(recorder.rest)  # first of all, so that nothing vouches for goodbyes


def _judge(camera: CameraConfig, memory: bytes | None) -> Judge:
    """Make a camera's judge of what it has learned. Raises ``ValueError``."""
    return Judge(freeze_after_ms=round(camera.watch.freeze_after_s * _MS), memory=memory)
