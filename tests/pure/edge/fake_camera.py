"""A camera, a clock and a network that a test moves by hand."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from edge.config.values import CameraConfig, WatchConfig
from edge.picture.decoder import Undecodable
from edge.picture.judge import Finding
from edge.picture.picture import Picture
from edge.rtsp.handshake import Limits, Timing
from edge.rtsp.keyframe import KeyFrame
from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Codec, Track
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting
from edge.watcher import Control, watch
from tests.pure.edge.rtp_packets import H264_IDR, H264_P, frame, rtp
from wire.messages import CameraFacts
from wire.vocabulary import Cause

FRAME_MS = 100
KEY_EVERY = 20


class FakeClock:
    """``wait`` moves time in small steps and lets the world follow; past ``end_ms`` it cancels."""

    def __init__(self, end_ms: int) -> None:
        self.now_ms = 1_000_000
        self.origin_ms = self.now_ms
        self.end_ms = end_ms + self.now_ms
        self.followers: list[Callable[[int], None]] = []

    def now(self) -> datetime:
        return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(milliseconds=self.now_ms)

    def ms(self) -> int:
        return self.now_ms

    async def wait(self, seconds: float) -> None:
        until_ms = self.now_ms + max(1, round(seconds * 1000))
        while self.now_ms < until_ms:
            self.now_ms = min(until_ms, self.now_ms - self.now_ms % FRAME_MS + FRAME_MS)
            for follow in self.followers:
                follow(self.now_ms)
        if self.now_ms >= self.end_ms:
            raise asyncio.CancelledError
        await asyncio.sleep(0)


@dataclass
class Camera:
    """What the camera does at the moment; ``at`` changes it at times of the story."""

    clock: FakeClock
    trouble: Trouble | None = None  # a try to open ends with this
    sends: bool = True
    key_frames: bool = True
    answers: bool = True
    loses: int = 0  # of 10 packets
    black_since_ms: int | None = None
    decodes: bool = True
    breaks: bool = False  # an open that fails in a way that nobody knows
    feed: "FakeFeed | None" = None
    opened: list[tuple[int, bool]] = field(default_factory=list)
    teardowns: int = 0
    judged_ms: list[int] = field(default_factory=list)
    forgotten_ms: list[int] = field(default_factory=list)
    new_views: int = 0
    asked_for: set[str] = field(default_factory=set)
    aside: Trouble | None = None
    unchecked: tuple[Cause, ...] = ()
    control: Control = field(init=False)

    def __post_init__(self) -> None:
        self.control = Control(self)

    async def open(
        self, url: CameraUrl, limits: Limits, timing: Timing | None = None
    ) -> "FakeFeed | Trouble":
        known = url.credentials is not None
        self.asked_for.add(url.target)
        self.opened.append((self.clock.ms() - self.clock.origin_ms, known))
        if self.breaks:
            raise OSError("nobody expected this")
        if timing is not None:
            timing.showed_password = known and (self.trouble is None or self.trouble.refused_login)
        if self.trouble is not None:
            if self.trouble.cause is Cause.NETWORK_TIMEOUT:
                await self.clock.wait(limits.connect_s)
            return self.trouble
        self.feed = FakeFeed(self)
        return self.feed

    def follow(self, now_ms: int) -> None:
        if self.feed is not None:
            self.feed.follow(now_ms)

    async def decode(self, codec: Codec, access_unit: bytes) -> Picture:
        del codec
        if not self.decodes:
            raise Undecodable("no picture in it")
        luma = np.zeros((180, 320), np.uint8)
        return Picture(luma=luma, width=640, height=360, compressed_size=len(access_unit))

    def step(self, picture: Picture, at_ms: int) -> Finding:
        del picture
        self.judged_ms.append(at_ms)
        if self.black_since_ms is None:
            return Finding(cause=None, began_ms=at_ms, unchecked=self.unchecked)
        return Finding(cause=Cause.PICTURE_BLACK, began_ms=self.black_since_ms)

    def forget(self) -> None:
        self.forgotten_ms.append(self.clock.ms())

    def new_view(self) -> None:
        self.new_views += 1


class FakeFeed:
    """A session with a ``Camera``: real counters, made-up packets."""

    def __init__(self, camera: Camera) -> None:
        self._camera = camera
        self.counter = StreamCounter(Track(codec="h264", parameter_sets=(b"\x67", b"\x68")))
        self.trouble: Trouble | None = None
        self.ended_ms: int | None = None
        self.codec: Codec = "h264"
        self.described_fps: float | None = None
        self._seq = 0

    def follow(self, now_ms: int) -> None:
        camera = self._camera
        if now_ms % FRAME_MS or self.trouble is not None or not camera.sends:
            return
        self._seq += 1
        key = camera.key_frames and self._seq % KEY_EVERY == 1
        if self._seq % 10 < camera.loses:
            return
        data = frame(rtp(self._seq, self._seq * 9000, H264_IDR if key else H264_P))
        self.counter.feed(data, 0, len(data), now_ms)

    def end(self, now_ms: int) -> None:
        self.trouble = Trouble(Cause.STREAM_STALLED, "the camera closed the connection")
        self.ended_ms = now_ms

    def want_key_frame(self) -> None:
        self.counter.collector.want()

    def take_key_frame(self) -> KeyFrame | None:
        return self.counter.collector.take()

    async def answers(self, within_s: float) -> bool:
        if not self._camera.answers:
            await self._camera.clock.wait(within_s)
        return self._camera.answers

    async def close(self) -> None:
        self._camera.teardowns += 1
        self._camera.feed = None


Story = Mapping[int, Callable[[Camera], None]]


@dataclass
class Told:
    """What a watch gave out, in milliseconds since the story's beginning."""

    sightings: list[Sighting]
    facts: list[CameraFacts]
    camera: Camera
    pictures: list[tuple[str, Picture, Finding, int]] = field(default_factory=list)

    @property
    def changes(self) -> list[tuple[int, int, Cause | None]]:
        """``(at, began, cause)`` whenever the cause changed."""
        origin_ms = self.camera.clock.origin_ms
        found: list[tuple[int, int, Cause | None]] = []
        for one in self.sightings:
            if not found or found[-1][2] != one.verdict.cause:
                at_ms, began_ms = one.at_ms - origin_ms, one.began_ms - origin_ms
                found.append((at_ms, began_ms, one.verdict.cause))
        return found


async def tell(
    story: Story, *, until_ms: int, sub_url: str | None = None, **watch_values: Any
) -> Told:
    """Watch a camera through ``story`` (what happens at which millisecond)."""
    clock = FakeClock(until_ms)
    camera = Camera(clock)
    told = Told([], [], camera)
    left = sorted(story)
    config = CameraConfig(
        id="c1",
        name="c1",
        url=CameraUrl.parse("rtsp://u:x@10.0.0.1/"),
        sub_url=CameraUrl.parse(sub_url) if sub_url else None,
        watch=WatchConfig(**watch_values),
    )

    def happen(now_ms: int) -> None:
        while left and now_ms - clock.origin_ms >= left[0]:
            story[left.pop(0)](camera)

    happen(clock.now_ms)
    clock.followers += [happen, camera.follow]
    watching = watch(
        config,
        clock=clock,
        opener=camera,
        decoder=camera,
        judge=camera,
        on_sighting=told.sightings.append,
        on_facts=told.facts.append,
        on_picture=lambda *seen: told.pictures.append(seen),
        aside=lambda: camera.aside,
        control=camera.control,
        jitter=lambda: 0.5,
    )
    await asyncio.gather(watching, return_exceptions=True)
    return told
