"""One camera for ever: opens sessions, holds them, backs off between tries.

After a refused login no password is sent for ``auth_retry_s`` (cameras lock accounts), but the
camera is still asked without one, so that a cable pulled meanwhile is noticed.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from edge.clock import Clock
from edge.config.values import CameraConfig
from edge.picture.decoder import Decoder
from edge.rtsp.handshake import Limits
from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from edge.sighting import Sighting, Verdict
from edge.watcher.control import Control
from edge.watcher.hold import Session
from edge.watcher.seams import OnPicture, Opener, PictureJudge, Watched
from wire.messages import CameraFacts
from wire.vocabulary import Cause

BACK_OFF_S: Final = (1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 12.0)
_SAY_EVERY_S: Final = 1.0
_log: Final = logging.getLogger(__name__)


async def watch(
    camera: CameraConfig,
    *,
    clock: Clock,
    opener: Opener,
    decoder: Decoder,
    judge: PictureJudge,
    on_sighting: Callable[[Sighting], None],
    on_facts: Callable[[CameraFacts], None] = lambda _: None,
    on_picture: OnPicture = lambda *_: None,
    aside: Callable[[], Trouble | None] = lambda: None,
    control: Control | None = None,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Watch one camera until cancelled; sightings and facts go out as they are made.

    ``on_picture`` hears of each judged picture. ``aside`` is asked what is wrong beside the stream.
    ``control`` takes wishes from outside. ``jitter`` returns 0 to 1 and spreads retries and
    pictures of many cameras.
    """
    watcher = Watcher(
        Watched(
            camera=camera,
            clock=clock,
            opener=opener,
            decoder=decoder,
            judge=judge,
            on_sighting=on_sighting,
            on_facts=on_facts,
            on_picture=on_picture,
            aside=aside,
            control=control or Control(judge),
            jitter=jitter,
        )
    )
    while True:
        try:
            await watcher.run_once()
        except Exception:  # noqa: BLE001 (the top of a task loop)
            # The last verdict goes stale, so the centre sees "unknown", which is the truth.
            _log.exception("camera %s: its watcher failed and goes on", camera.id)
            await clock.wait(BACK_OFF_S[-1])


@dataclass(slots=True)
class Watcher:
    """What is kept between two ``run_once``: failures in a row, and a refused login."""

    watched: Watched
    failures: int = 0
    auth_until_ms: int | None = None

    async def run_once(self) -> None:
        """Open the camera and hold it until the stream ends; or say why not. Then back off."""
        watched = self.watched
        tried_ms = watched.clock.ms()
        opened = await watched.opener.open(self._url(tried_ms), self._limits())
        if isinstance(opened, Trouble):
            self._refused(opened, tried_ms)
        else:
            self.auth_until_ms = None
            watched.forget()
            watched.control.begin_look()  # here it is
            session = Session(watched=watched, feed=opened, began_ms=watched.clock.ms())
            try:
                await session.hold()
            finally:
                await opened.close()
            if session.has_seen:
                self.failures = 0
        await self._back_off()

    def _url(self, now_ms: int) -> CameraUrl:
        """The camera's address, without credentials while a refused login is left alone."""
        url = self.watched.camera.url
        if self.auth_until_ms is None or now_ms >= self.auth_until_ms:
            return url
        return replace(url, credentials=None)

    def _limits(self) -> Limits:
        seconds = self.watched.camera.watch.connect_timeout_s
        return Limits(connect_s=seconds, reply_s=seconds, handshake_s=2 * seconds)

    def _refused(self, trouble: Trouble, tried_ms: int) -> None:
        verdict = Verdict(cause=trouble.cause, detail=trouble.detail)
        if trouble.cause is Cause.RTSP_AUTH:
            said = self.watched.standing.verdict
            if self.auth_until_ms is None or tried_ms >= self.auth_until_ms:
                wait_ms = round(self.watched.camera.watch.auth_retry_s * 1000)
                self.auth_until_ms = self.watched.clock.ms() + wait_ms
            elif said is not None and said.cause is Cause.RTSP_AUTH:
                verdict = said  # asked without a password, so its detail is no news
        self.watched.say_no_stream(verdict, tried_ms=tried_ms)

    async def _back_off(self) -> None:
        """Wait before the next try, longer each time; say standing trouble again meanwhile."""
        clock = self.watched.clock
        spread = 0.75 + 0.5 * self.watched.jitter()
        wait_s = BACK_OFF_S[min(self.failures, len(BACK_OFF_S) - 1)] * spread
        self.failures += 1
        until_ms = clock.ms() + round(wait_s * 1000)
        while (left_ms := until_ms - clock.ms()) > 0 and not self.watched.control.begin_look():
            await clock.wait(min(left_ms / 1000, _SAY_EVERY_S))
            self.watched.say_again()
