"""What one camera's watch is made of: its seams to the world, and what all its parts share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from edge.clock import Clock
from edge.config.values import CameraConfig
from edge.picture.decoder import Decoder
from edge.picture.judge import Finding
from edge.picture.picture import Picture
from edge.rtsp.handshake import Limits, Timing
from edge.rtsp.keyframe import KeyFrame
from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Codec
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting, Verdict
from edge.watcher.control import Control
from edge.watcher.standing import Standing
from wire.messages import CameraFacts


class Feed(Protocol):
    """A camera that plays; ``edge.rtsp.session.Stream`` is the real one."""

    counter: StreamCounter
    trouble: Trouble | None
    ended_ms: int | None
    codec: Codec
    described_fps: float | None

    def want_key_frame(self) -> None:
        """Ask for the next whole key frame."""
        ...

    def take_key_frame(self) -> KeyFrame | None:
        """Return it, once it is whole."""
        ...

    async def answers(self, within_s: float) -> bool:
        """Tell whether the camera still answers over RTSP."""
        ...

    async def close(self) -> None:
        """End the session."""
        ...


class Opener(Protocol):
    """The seam to the network; ``edge.rtsp.session.Pump`` is the real one."""

    async def open(
        self, url: CameraUrl, limits: Limits, timing: Timing | None = None
    ) -> Feed | Trouble:
        """Begin to play, or say why not; ``timing`` is filled in on the way."""
        ...


class PictureJudge(Protocol):
    """Looks at pictures; ``edge.picture.judge.Judge`` is the real one."""

    def step(self, picture: Picture, at_ms: int) -> Finding:
        """Judge the next picture."""
        ...

    def forget(self) -> None:
        """The stream is another one: what was seen before proves no freeze."""
        ...

    def new_view(self) -> None:
        """Take what is seen from now on for what is meant to be seen."""
        ...


OnPicture = Callable[[str, Picture, Finding, int], None]
"""Told of each judged picture: the camera's id, the picture, what was found, ``Clock.ms``."""


@dataclass(slots=True, kw_only=True)
class Watched:
    """One camera with everything that watching it takes; ``standing`` outlives its sessions.

    ``aside`` tells what is wrong beside the stream (the camera's clock, its recordings); it counts
    while nothing worse does. ``control`` holds wishes from outside.
    """

    camera: CameraConfig
    clock: Clock
    opener: Opener
    decoder: Decoder
    judge: PictureJudge
    on_sighting: Callable[[Sighting], None]
    on_facts: Callable[[CameraFacts], None]
    jitter: Callable[[], float]
    on_picture: OnPicture = lambda *_: None
    aside: Callable[[], Trouble | None] = lambda: None
    control: Control = field(default_factory=Control)
    standing: Standing = field(init=False)

    def __post_init__(self) -> None:
        self.standing = Standing(camera=self.camera.id)

    def say_no_stream(self, verdict: Verdict, *, tried_ms: int) -> None:
        """Say why there is no stream."""
        now_ms = self.clock.ms()
        self.on_sighting(self.standing.no_stream(verdict, tried_ms=tried_ms, now_ms=now_ms))

    def say_resting(self, next_ms: int) -> None:
        """Say that nobody looks before ``next_ms``, of a camera that is up."""
        if resting := self.standing.resting(next_ms):
            self.on_sighting(resting)

    def say_again(self) -> None:
        """Repeat standing trouble, if there is any."""
        if again := self.standing.again(self.clock.ms()):
            self.on_sighting(again)
