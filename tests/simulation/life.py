"""One run of an agent: the real parts, wired as ``edge.agent.serve`` wires them.

What is not here: sockets, pictures, RTSP. Watchers are replaced by who knows the truth and looks
when it changes; gate readers by who calls what the gate input's handler calls.
"""

import asyncio
import random
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, cast

from edge.agent.boot import Boot
from edge.agent.recorder import Recorder
from edge.agent.tasks import Tasks
from edge.config import CameraConfig, EdgeConfig, WatchConfig
from edge.config.values import CentreConfig
from edge.forwarding import HISTORY, LIVE, Measured
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting, Verdict
from edge.spool import Spool, SpoolError, SpoolFull, Stats
from edge.uplink import Uplink
from edge.vitals import Gauge
from tests.simulation.loop import Process
from tests.simulation.net import AgentLink
from tests.simulation.plan import Plan
from tests.simulation.runner import InlineRunner
from tests.simulation.truth import Camera, Change, MachineClock
from wire.messages import BootStory, CameraFacts, GateEvent, Vitals, Watermark

CONFIRM_MS: Final = 4000
_NEVER_S: Final = 10.0**8
_SPOOL: Final = "spool.sqlite3"


@dataclass(slots=True, eq=False)
class Life:
    """What the oracle knows of one run; times are ms since the simulation's beginning.

    Attributes:
        boots: Each boot's id and its true origin, in the order of their beginnings.
        watched: Since when each camera was watched.
        ended_ms: When it ended; None: it runs.
        finished: It came to its end in peace.
        killed: It ended without saving anything.
        disk_bad: When its disk failed or was full.
        longest_trip_ms: The longest round trip by which its clock was measured and told.
    """

    machine: str
    agent: str
    started_ms: int
    clock_error_ms: int
    boots: list[tuple[str, int]] = field(default_factory=list)
    watched: dict[str, int] = field(default_factory=dict)
    ended_ms: int | None = None
    finished: bool = False
    killed: bool = False
    disk_bad: list[tuple[int, int | None]] = field(default_factory=list)
    longest_trip_ms: int = 0


class _Looking(Recorder):
    """Cameras are looked at each second; to spare time, only when it makes a difference."""

    look: Callable[[], None] = staticmethod(lambda: None)
    measured_by: Callable[[int], None] = staticmethod(lambda _round_trip_ms: None)

    async def tell_measured(self, measured: Measured) -> None:
        self.measured_by(measured.round_trip_ms)
        await super().tell_measured(measured)

    async def turn_over(self, measured: Measured | None) -> bool:
        if measured is not None:
            self.measured_by(measured.round_trip_ms)
        return await super().turn_over(measured)

    async def _vouch(self, sent: int) -> Watermark:
        self.look()
        return await super()._vouch(sent)


class Agent:
    """The parts of one run. ``start`` within its process."""

    def __init__(
        self,
        life: Life,
        *,
        plan: Plan,
        process: Process,
        clock: MachineClock,
        link: AgentLink,
        cameras: list[Camera],
        folder: Path,
    ) -> None:
        self.life = life
        self.runner: InlineRunner | None = None
        self.spool: Spool | None = None
        self.uplink: Uplink | None = None
        self._plan = plan
        self._process = process
        self._clock = clock
        self._link = link
        self._cameras = cameras
        self._settled: dict[str, Change] = {}  # what was seen last, and is beyond doubt
        self._folder = folder
        self.turned: Callable[[], None] = lambda: None
        self._stop = asyncio.Event()

    async def run(self, make_runner: Any) -> None:
        """Live until told to stop."""
        async with AsyncExitStack() as parts:
            recorder = await self._build(parts, make_runner)
            watching = [asyncio.create_task(self._watch(c, recorder)) for c in self._cameras]
            await self._stop.wait()
            for task in watching:
                task.cancel()
            await asyncio.gather(*watching, return_exceptions=True)
            recorder.rest()
            self.life.ended_ms = self._clock.true_ms()
        self.life.finished = True
        self._process.kill()

    def stop(self) -> None:
        """Begin to stop."""
        self._stop.set()

    async def _build(self, parts: AsyncExitStack, make_runner: Any) -> Recorder:
        plan, clock = self._plan, self._clock
        config = self._config()
        tasks = Tasks(parts, clock)
        boot = Boot(clock, where=lambda: self.life.machine)
        spool = self.spool = self._open(make_runner)
        parts.callback(spool.close)
        await spool.begin(boot.story())
        recorder = _Looking(
            config, boot=boot, spool=spool, gauge=cast("Gauge", _Gauge()), clock=clock
        )
        recorder.look = lambda: self._look(recorder)
        recorder.measured_by = self._note_trip
        back_off_max_ms = round(plan.back_off_max_s * 1000)
        uplink = self.uplink = Uplink(
            link=self._link,
            spool=spool,
            clock=clock,
            source=recorder,
            watermark_every_s=plan.watermark_s,
            limits=replace(LIVE, back_off_max_ms=back_off_max_ms),
            history_limits=replace(HISTORY, back_off_max_ms=back_off_max_ms),
            random=random.Random(f"uplink {plan.seed} {self.life.machine} {self.life.started_ms}"),
        )
        recorder.on_saved = uplink.poke
        parts.push_async_callback(uplink.close)
        tasks.start("uplink", uplink.run)
        parts.push_async_callback(recorder.save_watermark)
        tasks.start_every(plan.save_s, "watermark", recorder.save_watermark)
        tasks.start_every(plan.look_at_clock_s, "clock", recorder.look_at_clock)
        return recorder

    def _note_trip(self, round_trip_ms: int) -> None:
        self.life.longest_trip_ms = max(self.life.longest_trip_ms, round_trip_ms)

    def _open(self, make_runner: Any) -> Spool:
        plan = self._plan
        spool = Spool.open(
            self._folder,
            agent=self.life.agent,
            max_bytes=plan.spool_max_bytes,
            runner=make_runner,
        )
        begin = spool.begin

        async def noted(story: BootStory) -> None:
            if self.life.boots:
                self.turned()
            self.life.boots.append((story.id, clock.true_ms()))  # a boot is told as it is made
            await begin(story)

        clock = self._clock
        spool.begin = noted  # type: ignore[method-assign]
        return spool

    def _config(self) -> EdgeConfig:
        watch = WatchConfig(confirm_s=CONFIRM_MS / 1000, stall_after_s=_NEVER_S)
        url = CameraUrl(scheme="rtsp", host="camera", port=554, target="")
        return EdgeConfig(
            agent=self.life.agent,
            data_dir=self._folder,
            language="vi",
            centre=CentreConfig(host="centre", port=1883, tls=False, password=None, ca_file=None),
            gate_input=None,
            watermark_every_s=self._plan.watermark_s,
            spool_max_bytes=self._plan.spool_max_bytes,
            cameras=tuple(
                CameraConfig(id=c.name, name="", url=url, watch=watch) for c in self._cameras
            ),
        )

    # ---------------------------------------------------------------- what is seen and posted

    async def _watch(self, camera: Camera, recorder: Recorder) -> None:
        """Look when there is something to see."""
        await self._wait_for_rest(camera)
        began_ms = self.life.watched[camera.name] = self._clock.true_ms()
        change = camera.at(began_ms)
        self._see(recorder, camera, change.cause, began_ms)
        await self._until(began_ms + CONFIRM_MS)
        self._see(recorder, camera, change.cause, began_ms)
        self._settled[camera.name] = change
        while following := camera.after(change.at_ms):
            change = following
            for after_ms in sorted({change.doubt_ms, change.sure_ms}):
                await self._until(change.at_ms + after_ms)
                self._see(recorder, camera, change.cause, change.at_ms)
                self._settled.pop(camera.name, None)
            self._settled[camera.name] = change
        await asyncio.Event().wait()

    def _look(self, recorder: Recorder) -> None:
        """See once more what was seen last, as long as it was so."""
        for camera in self._cameras:
            change = self._settled.get(camera.name)
            if change is not None:
                following, now_ms = camera.after(change.at_ms), self._clock.true_ms()
                at_ms = min(now_ms, following.at_ms) if following else now_ms
                self._see(recorder, camera, change.cause, change.at_ms, at_ms=at_ms)

    async def _wait_for_rest(self, camera: Camera) -> None:
        """Begin to watch where nothing changes before the first verdict is sure."""
        while True:
            now_ms = self._clock.true_ms()
            following = camera.after(now_ms)
            if following is None or following.at_ms > now_ms + CONFIRM_MS + 1000:
                return
            await self._until(following.at_ms + 1000)

    def _see(
        self,
        recorder: Recorder,
        camera: Camera,
        cause: Any,
        began_ms: int,
        *,
        at_ms: int | None = None,
    ) -> None:
        clock = self._clock
        recorder.see(
            Sighting(
                camera=camera.name,
                at_ms=clock.ms() if at_ms is None else at_ms + clock.base_ms,
                began_ms=began_ms + clock.base_ms,
                verdict=Verdict(cause=cause),
            )
        )

    async def _until(self, true_ms: int) -> None:
        await asyncio.sleep(max(0, true_ms - self._clock.true_ms()) / 1000)

    async def post(self, event: GateEvent) -> int:
        """Do what the gate input does with a post; return its status."""
        assert self.spool is not None
        assert self.uplink is not None
        try:
            saved = await self.spool.append_event(event)
        except SpoolFull:
            return 507
        except SpoolError:
            return 503
        self.uplink.poke()
        return 201 if saved.is_new else 200


class _Gauge:
    """A machine that is always well."""

    def read(self, spool: Stats, cameras: tuple[CameraFacts, ...], **more: Any) -> Vitals:
        """Return the agent's health."""
        return Vitals(
            version="0",
            uptime_s=0,
            cpu=0.0,
            memory=0,
            disk_free=0,
            spool_items=spool.items,
            spool_bytes=spool.bytes,
            clock_offset_ms=more.get("offset_ms"),
            cameras=cameras,
        )
