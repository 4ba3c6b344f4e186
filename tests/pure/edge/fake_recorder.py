"""A recorder with many channels, and a clock that many watches share."""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial

from edge.config.values import CameraConfig, HostConfig, WatchConfig
from edge.rtsp.handshake import Limits, Timing
from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from edge.segments import Builder, Patience
from edge.sighting import Sighting
from edge.watcher import Devices, LoginBook, starts_s, watch
from tests.pure.edge.fake_camera import FRAME_MS, Camera, FakeFeed
from wire.messages import CameraFacts, Segment
from wire.vocabulary import Cause

_SETTLE = 12
BOOT = "0b2c3d4e-1111-4222-8333-444455556666"


class SharedClock:
    """Time moves to the next moment that anybody waits for, in frames' steps, once all wait."""

    def __init__(self) -> None:
        self.now_ms = self.origin_ms = 1_000_000
        self.followers: list[Callable[[int], None]] = []
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._number = itertools.count()

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(milliseconds=self.now_ms)

    def ms(self) -> int:
        return self.now_ms

    async def wait(self, seconds: float) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        at_ms = self.now_ms + max(1, round(seconds * 1000))
        heapq.heappush(self._waiting, (at_ms, next(self._number), done))
        await done

    async def run(self, until_ms: int) -> None:
        end_ms = self.origin_ms + until_ms
        woken = True
        while self.now_ms < end_ms:
            for _ in range(_SETTLE if woken else 0):
                await asyncio.sleep(0)
            woken = False
            next_frame_ms = self.now_ms - self.now_ms % FRAME_MS + FRAME_MS
            due_ms = self._waiting[0][0] if self._waiting else next_frame_ms
            self.now_ms = min(due_ms, next_frame_ms)
            for follow in self.followers:
                follow(self.now_ms)
            while self._waiting and self._waiting[0][0] <= self.now_ms:
                _, _, done = heapq.heappop(self._waiting)
                woken = True
                if not done.done():
                    done.set_result(None)


@dataclass
class Recorder:
    """What it does at the moment, and what it has counted."""

    clock: SharedClock
    password: str = "right"
    sessions: int = 1000
    trouble: Trouble | None = None
    busy_is_401: bool = False
    takes_ms: int = 40
    full: set[str] = field(default_factory=set)  # channels that give no session
    gone: set[str] = field(default_factory=set)  # channels whose camera is unplugged
    open: int = 0
    most_open: int = 0
    tries: list[tuple[int, str]] = field(default_factory=list)  # wrong passwords: when, by whom
    counted_ms: list[int] = field(default_factory=list)  # and all that it answered 401 to
    asked: list[tuple[int, str, bool]] = field(default_factory=list)
    feeds: dict[str, FakeFeed] = field(default_factory=dict)
    cameras: dict[str, Camera] = field(default_factory=dict)

    def follow(self, now_ms: int) -> None:
        for feed in list(self.feeds.values()):
            feed.follow(now_ms)

    def elapsed_ms(self) -> int:
        return self.clock.ms() - self.clock.origin_ms

    def answer(self, name: str, url: CameraUrl, timing: Timing) -> Trouble | None:
        """Say why not, or None."""
        if self.trouble is not None:
            return self.trouble
        if url.credentials is None:
            return Trouble(Cause.RTSP_AUTH, "it asks for a password")
        timing.showed_password = True
        if url.credentials.password.reveal() != self.password:
            self.tries.append((self.elapsed_ms(), name))
            self.counted_ms.append(self.elapsed_ms())
            return Trouble(Cause.RTSP_AUTH, "wrong", refused_login=True)
        if name in self.gone:
            return Trouble(Cause.RTSP_NOT_FOUND, "no such channel")
        if self.open >= self.sessions or name in self.full:
            if self.busy_is_401:
                self.counted_ms.append(self.elapsed_ms())
            return Trouble(Cause.RTSP_BUSY, "full", refused_login=self.busy_is_401)
        return None


@dataclass
class Channel:
    """One of its cameras; it stands for the network too."""

    recorder: Recorder
    name: str

    async def open(
        self, url: CameraUrl, limits: Limits, timing: Timing | None = None
    ) -> "FakeFeed | Trouble":
        del limits
        recorder = self.recorder
        recorder.asked.append((recorder.elapsed_ms(), self.name, url.credentials is not None))
        await recorder.clock.wait(recorder.takes_ms / 1000)
        if (trouble := recorder.answer(self.name, url, timing or Timing(began_ms=0))) is not None:
            return trouble
        recorder.open += 1
        recorder.most_open = max(recorder.most_open, recorder.open)
        feed = recorder.feeds[self.name] = _Feed(recorder, self.name)
        return feed


class _Feed(FakeFeed):
    def __init__(self, recorder: Recorder, name: str) -> None:
        super().__init__(recorder.cameras[name])
        self._recorder, self._name = recorder, name

    async def close(self) -> None:
        try:
            await self._recorder.clock.wait(0.02)
        finally:
            self._recorder.feeds.pop(self._name, None)
            self._recorder.open -= 1


@dataclass
class World:
    """What came of it."""

    recorder: Recorder
    builder: Builder
    sightings: dict[str, list[Sighting]]
    facts: list[CameraFacts]
    segments: list[Segment]

    def final(self, camera: str) -> list[Segment]:
        """Return a camera's segments as they stand in the end."""
        found = {s.number: s for s in self.segments if s.camera == camera}
        return [found[number] for number in sorted(found)]


def _spread(number: int) -> float:
    return number * 0.37 % 1


Story = Mapping[int, Callable[[Recorder], None]]


async def tell_all(
    story: Story,
    *,
    until_ms: int,
    cameras: int = 16,
    sessions: int | None = None,
    book: LoginBook | None = None,
    clock: SharedClock | None = None,
    passwords: Mapping[int, str] = {},
    late_after_ms: int = 28_000,
    watched: WatchConfig | None = None,
) -> World:
    """Watch a recorder's channels through ``story``; ``sessions`` is what the agent is told."""
    clock = clock or SharedClock()
    clock.origin_ms = clock.now_ms
    recorder = Recorder(clock)
    patience = Patience(late_after_ms=late_after_ms)
    names = [f"c{n}" for n in range(cameras)]
    world = World(
        recorder,
        Builder(BOOT, clock.ms(), patience=dict.fromkeys(names, patience)),
        {name: [] for name in names},
        [],
        [],
    )
    left = sorted(story)

    def happen(now_ms: int) -> None:
        while left and now_ms - clock.origin_ms >= left[0]:
            story[left.pop(0)](recorder)

    def see(sighting: Sighting) -> None:
        world.sightings[sighting.camera].append(sighting)
        world.segments.extend(world.builder.step(sighting))

    happen(clock.now_ms)
    clock.followers[:] = [happen, recorder.follow]
    devices = Devices(
        book or LoginBook(None, clock), hosts=[HostConfig(address="10.0.0.1", sessions=sessions)]
    )
    tasks = []
    for number, (name, start_s) in enumerate(zip(names, starts_s(cameras), strict=True)):
        recorder.cameras[name] = Camera(clock)  # type: ignore[arg-type]
        word = passwords.get(number, "right")
        config = CameraConfig(
            id=name,
            name=name,
            url=CameraUrl.parse(f"rtsp://u:{word}@10.0.0.1/{number}"),
            watch=watched or WatchConfig(),
        )
        watching = watch(
            config,
            clock=clock,
            opener=Channel(recorder, name),
            decoder=recorder.cameras[name],
            judge=recorder.cameras[name],
            on_sighting=see,
            on_facts=world.facts.append,
            devices=devices,
            start_after_s=start_s,
            jitter=partial(_spread, number),
        )
        tasks.append(asyncio.ensure_future(watching))
    await clock.run(until_ms)
    for task in tasks:
        task.cancel()
    closing = asyncio.gather(*tasks, return_exceptions=True)
    await clock.run(clock.now_ms - clock.origin_ms + 2_000)
    await closing
    return world
