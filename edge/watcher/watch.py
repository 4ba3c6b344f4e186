"""The shell of one camera's watch: opens, holds, asks for pictures, backs off.

While packets come, a look every half second; ``up`` is said once a second, dated by the last
packet, so that a watermark never vouches for more than was received. When packets stop, the camera
is asked over RTSP: if it answers, its encoder has stalled; if not, the session is given up and the
next try tells what is wrong with the network. After a refused login no password is sent for
``auth_retry_s`` (cameras lock accounts), but the camera is still asked without one, so that a cable
pulled meanwhile is noticed.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from edge.clock import Clock
from edge.config.values import CameraConfig
from edge.picture.decoder import Decoder, Undecodable
from edge.picture.judge import Finding
from edge.picture.picture import Picture
from edge.rtsp.client import Trouble
from edge.rtsp.keyframe import KeyFrame
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Codec
from edge.rtsp.session import Limits
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting, Verdict
from edge.watcher.assess import Eyes, Window, assess
from edge.watcher.standing import Standing
from wire.messages import CameraFacts
from wire.vocabulary import Cause

TICK_S: Final = 0.5
SAY_EVERY_MS: Final = 1000
FACTS_EVERY_MS: Final = 10_000
BACK_OFF_S: Final = (1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 12.0)
SETTLED_MS: Final = 10_000
"""A session that lasted so long counts as a success; shorter ones go on backing off."""
STALL_RECONNECT_MS: Final = 15_000
"""After so long a stall a new session is tried: it helps with some encoders."""
STALL_ASK_MS: Final = 5_000
_ANSWER_S: Final = 1.5
_STALLED: Final = Trouble(
    Cause.STREAM_STALLED, "no packets, but RTSP still answers: its encoder has stopped"
)
_MUTE: Final = Trouble(Cause.STREAM_STALLED, "PLAY was accepted, then neither packets nor answers")
_NO_PACKETS: Final = frozenset(
    cause for cause in Cause if cause.startswith(("network.", "rtsp."))
) | {Cause.STREAM_STALLED}
_log: Final = logging.getLogger(__name__)


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

    async def open(self, url: CameraUrl, limits: Limits) -> Feed | Trouble:
        """Begin to play, or say why not."""
        ...


class PictureJudge(Protocol):
    """Looks at pictures; ``edge.picture.judge.Judge`` is the real one."""

    def step(self, picture: Picture, at_ms: int) -> Finding:
        """Judge the next picture."""
        ...


async def watch(
    camera: CameraConfig,
    *,
    clock: Clock,
    opener: Opener,
    decoder: Decoder,
    judge: PictureJudge,
    on_sighting: Callable[[Sighting], None],
    on_facts: Callable[[CameraFacts], None] = lambda _: None,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Watch one camera until cancelled; sightings and facts go out as they are made.

    ``jitter`` returns 0 to 1 and spreads retries and pictures of many cameras.
    """
    watcher = Watcher(camera, clock, opener, decoder, judge, on_sighting, on_facts, jitter)
    while True:
        try:
            await watcher.run_once()
        except Exception:  # noqa: BLE001 (the top of a task loop)
            # The last verdict goes stale, so the centre sees "unknown", which is the truth.
            _log.exception("camera %s: its watcher failed and goes on", camera.id)
            await clock.wait(BACK_OFF_S[-1])


@dataclass(slots=True)
class Watcher:
    """One camera's watch between its ``run_once``."""

    camera: CameraConfig
    clock: Clock
    opener: Opener
    decoder: Decoder
    judge: PictureJudge
    on_sighting: Callable[[Sighting], None]
    on_facts: Callable[[CameraFacts], None]
    jitter: Callable[[], float]
    failures: int = 0
    auth_until_ms: int | None = None
    standing: Standing = field(init=False)

    def __post_init__(self) -> None:
        self.standing = Standing(camera=self.camera.id)

    async def run_once(self) -> None:
        """Open the camera and hold it until the stream ends; or say why not, and back off."""
        tried_ms = self.clock.ms()
        opened = await self.opener.open(self._url(tried_ms), self._limits())
        if isinstance(opened, Trouble):
            self._refused(opened, tried_ms)
            await self._back_off()
            return
        self.auth_until_ms = None
        session = _Session(watcher=self, feed=opened, began_ms=self.clock.ms())
        try:
            await session.hold()
        finally:
            await opened.close()
        if self.clock.ms() - session.began_ms >= SETTLED_MS:
            self.failures = 0
        await self._back_off()

    def _url(self, now_ms: int) -> CameraUrl:
        """The camera's address, without credentials while a refused login is left alone."""
        if self.auth_until_ms is None or now_ms >= self.auth_until_ms:
            return self.camera.url
        return replace(self.camera.url, credentials=None)

    def _limits(self) -> Limits:
        seconds = self.camera.watch.connect_timeout_s
        return Limits(connect_s=seconds, reply_s=seconds, handshake_s=2 * seconds)

    def _refused(self, trouble: Trouble, tried_ms: int) -> None:
        now_ms = self.clock.ms()
        verdict = Verdict(cause=trouble.cause, detail=trouble.detail)
        if trouble.cause is Cause.RTSP_AUTH:
            if self.auth_until_ms is None or tried_ms >= self.auth_until_ms:
                self.auth_until_ms = now_ms + round(self.camera.watch.auth_retry_s * 1000)
            elif self.standing.verdict and self.standing.verdict.cause is Cause.RTSP_AUTH:
                verdict = (
                    self.standing.verdict
                )  # we asked without a password; its detail is old news
        self.on_sighting(self.standing.no_stream(verdict, tried_ms=tried_ms, now_ms=now_ms))

    async def _back_off(self) -> None:
        """Wait before the next try, longer each time; say standing trouble again meanwhile."""
        spread = 0.75 + 0.5 * self.jitter()
        wait_s = BACK_OFF_S[min(self.failures, len(BACK_OFF_S) - 1)] * spread
        self.failures += 1
        until_ms = self.clock.ms() + round(wait_s * 1000)
        while (left_ms := until_ms - self.clock.ms()) > 0:
            await self.clock.wait(min(left_ms, SAY_EVERY_MS) / 1000)
            self.say_again()

    def say_again(self) -> None:
        """Repeat standing trouble, if there is any."""
        if again := self.standing.again(self.clock.ms()):
            self.on_sighting(again)


@dataclass(slots=True, kw_only=True)
class _Session:
    """One stream, as long as it lasts."""

    watcher: Watcher
    feed: Feed
    began_ms: int
    eyes: Eyes = field(default_factory=Eyes)
    window: Window = field(default_factory=Window)
    size_px: tuple[int, int] | None = None
    next_picture_ms: int = 0
    next_facts_ms: int = 0
    next_ask_ms: int = 0
    stalled: bool = False
    resumed_ms: int | None = None

    async def hold(self) -> None:
        """Look every half second until the stream ends or is given up."""
        clock = self.watcher.clock
        self._ask_for_picture(self.began_ms)
        # The first picture comes at once, the others spread: 50 cameras share one decoder.
        period_ms = self.watcher.camera.watch.picture_every_s * 1000
        self.next_picture_ms = self.began_ms + round(
            period_ms * (0.5 + 0.5 * self.watcher.jitter())
        )
        while await self._look(clock.ms()):
            await clock.wait(TICK_S)

    async def _look(self, now_ms: int) -> bool:
        """Look once; tell whether to go on."""
        feed = self.feed
        silent_since_ms = feed.counter.last_packet_ms or self.began_ms
        if feed.trouble is not None:
            self._ended(feed.trouble, now_ms)
            return False
        if now_ms - silent_since_ms >= self.watcher.camera.watch.stall_after_s * 1000:
            return await self._silent(silent_since_ms, now_ms)
        if self.stalled:
            self._resumed(now_ms)
        if feed.counter.last_packet_ms is None:
            self.watcher.say_again()
            return True
        await self._picture(now_ms)
        self.window.add(now_ms, feed.counter.counts())
        self._say(now_ms)
        self._facts(now_ms)
        return True

    def _ended(self, trouble: Trouble, now_ms: int) -> None:
        """The stream is gone. Mostly the next try tells why; what it can't tell is said now."""
        self.watcher.standing.lose(self.feed.ended_ms or now_ms)
        never_sent = self.feed.counter.last_packet_ms is None
        if never_sent or trouble.cause is Cause.RTSP_PROTOCOL:
            self._say_lost(trouble, tried_ms=self.began_ms)

    async def _silent(self, since_ms: int, now_ms: int) -> bool:
        """No packets: ask over RTSP. Tell whether to keep the session."""
        if not self.stalled:
            self.watcher.standing.lose(since_ms)
        if now_ms >= self.next_ask_ms:
            self.next_ask_ms = now_ms + STALL_ASK_MS
            if not await self.feed.answers(_ANSWER_S):
                self._mute(since_ms)
                return False
            if (self.feed.counter.last_packet_ms or since_ms) > since_ms:
                return True  # it was only late
        self.stalled = True
        self._say_lost(_STALLED, tried_ms=since_ms)
        return now_ms - max(since_ms, self.began_ms) < STALL_RECONNECT_MS

    def _mute(self, since_ms: int) -> None:
        """RTSP does not answer either: the next try tells why, unless the camera never sent."""
        if self.feed.counter.last_packet_ms is None:
            self._say_lost(_MUTE, tried_ms=since_ms)

    def _say_lost(self, trouble: Trouble, *, tried_ms: int) -> None:
        watcher = self.watcher
        verdict = Verdict(cause=trouble.cause, detail=trouble.detail)
        now_ms = watcher.clock.ms()
        watcher.on_sighting(watcher.standing.no_stream(verdict, tried_ms=tried_ms, now_ms=now_ms))

    def _resumed(self, now_ms: int) -> None:
        """Packets come again: what the picture was before says nothing of what it is now."""
        self.stalled = False
        self.resumed_ms = now_ms
        self.eyes = Eyes()
        self.window.clear()
        self._ask_for_picture(now_ms)

    # ------------------------------------------------------------ pictures

    def _ask_for_picture(self, now_ms: int) -> None:
        self.feed.want_key_frame()
        self.eyes.asked_ms = now_ms
        self.eyes.dropped_before = self.feed.counter.collector.dropped
        self.next_picture_ms = now_ms + round(self.watcher.camera.watch.picture_every_s * 1000)

    async def _picture(self, now_ms: int) -> None:
        key_frame = self.feed.take_key_frame()
        if key_frame is not None:
            self.eyes.asked_ms = None
            await self._judge(key_frame, now_ms)
        elif self.eyes.asked_ms is None and now_ms >= self.next_picture_ms:
            self._ask_for_picture(now_ms)

    async def _judge(self, key_frame: KeyFrame, now_ms: int) -> None:
        try:
            picture = await self.watcher.decoder.decode(key_frame.codec, key_frame.data)
        except Undecodable as error:
            if self.eyes.blind is None:
                self.eyes.blind_since_ms = now_ms
            self.eyes.blind = Trouble(Cause.STREAM_UNDECODABLE, str(error))
            self._ask_for_picture(now_ms)  # one damaged key frame is no reason to wait for long
            return
        self.eyes.blind = None
        self.size_px = (picture.width, picture.height)
        self.eyes.finding = self.watcher.judge.step(picture, now_ms)

    # ------------------------------------------------------------ what is said

    def _say(self, now_ms: int) -> None:
        counter, standing = self.feed.counter, self.watcher.standing
        found = assess(
            counter,
            self.eyes,
            self.window,
            described_fps=self.feed.described_fps,
            now_ms=now_ms,
        )
        if found is None:
            return
        verdict, began_ms = found
        changed = standing.verdict is None or standing.verdict.cause != verdict.cause
        if not changed and now_ms - standing.said_ms < SAY_EVERY_MS:
            return
        if changed and verdict.cause is None:
            began_ms = self._up_since_ms(began_ms)
        standing.lost_ms = None
        at_ms = counter.last_packet_ms or now_ms
        self.watcher.on_sighting(standing.say(verdict, began_ms=began_ms, at_ms=at_ms))

    def _up_since_ms(self, last_packet_ms: int) -> int:
        """Up since packets came (again); after a bad picture, since a good one was seen."""
        standing, finding = self.watcher.standing, self.eyes.finding
        cause = standing.verdict.cause if standing.verdict else None
        if cause in {Cause.STREAM_LOSSY, Cause.STREAM_SLOW}:
            return last_packet_ms
        if finding is not None and cause is not None and cause not in _NO_PACKETS:
            return finding.began_ms
        return self.resumed_ms or self.feed.counter.first_packet_ms or last_packet_ms

    def _facts(self, now_ms: int) -> None:
        found = self.window.rates()
        if found is None or now_ms < self.next_facts_ms:
            return
        self.next_facts_ms = now_ms + FACTS_EVERY_MS
        width, height = self.size_px or (None, None)
        self.watcher.on_facts(
            CameraFacts(
                camera=self.watcher.camera.id,
                codec=self.feed.codec,
                width=width,
                height=height,
                fps=round(found.fps, 2),
                kbit_s=round(found.kbit_s, 1),
                loss=round(found.loss, 4),
            )
        )
