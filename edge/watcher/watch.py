"""One camera for ever: goes in when its turn has come, stays, leaves, waits for the next time.

A camera is *held*: its session stays open until it fails, or until others wait for a session of the
same device and its turn is over. Or it is *visited*: every ``visit_every_s`` at the latest for a
picture and a few seconds of packets. After a failure both are tried again soon, and ever less
often.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from edge.clock import Clock
from edge.config.values import CameraConfig
from edge.picture.decoder import Decoder
from edge.rtsp.replies import Trouble
from edge.sighting import Sighting, Verdict
from edge.watcher.control import Control
from edge.watcher.devices import Devices
from edge.watcher.door import Door
from edge.watcher.guard_file import LoginBook
from edge.watcher.hold import Session
from edge.watcher.seams import Feed, OnPicture, Opener, PictureJudge, Watched
from edge.watcher.unseen import unseen_s
from wire.messages import CameraFacts
from wire.vocabulary import Cause

BACK_OFF_S: Final = (1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0, 8.0, 12.0)
KEPT_BACK_S: Final = 30.0
"""How often a camera is asked without the password that it has refused."""
SPREAD_S: Final = 10.0
_SPREAD_STEP_S: Final = 0.2
_SAY_EVERY_S: Final = 1.0
_UNSURE_MOST: Final = 3
"""So many troubles in a row that may be this machine's own are not told of the camera."""
_log: Final = logging.getLogger(__name__)


def starts_s(cameras: int) -> list[float]:
    """Return when each of so many cameras is begun with: the first at once, none after 10 s."""
    step_s = min(_SPREAD_STEP_S, SPREAD_S / max(cameras, 1))
    return [number * step_s for number in range(cameras)]


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
    devices: Devices | None = None,
    start_after_s: float = 0.0,
    jitter: Callable[[], float] = random.random,
) -> None:
    """Watch one camera until cancelled; sightings and facts go out as they are made.

    ``on_picture`` hears of each judged picture. ``aside`` is asked what is wrong beside the stream.
    ``control`` takes wishes from outside. ``devices`` is shared by all cameras of an agent.
    ``jitter`` returns 0 to 1 and spreads retries and pictures of many cameras.
    """
    watched = Watched(
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
    devices = devices or Devices(LoginBook(None, clock))
    watcher = Watcher(watched, Door(watched=watched, devices=devices, url=camera.watch_url))
    if start_after_s > 0:
        await clock.wait(start_after_s)
    while True:
        try:
            await watcher.run_once()
        except Exception:  # noqa: BLE001 (the top of a task loop)
            # The last verdict goes stale, so the centre sees "unknown", which is the truth.
            _log.exception("camera %s: its watcher failed and goes on", camera.id)
            await clock.wait(BACK_OFF_S[-1])


@dataclass(slots=True)
class Watcher:
    """What is kept between two ``run_once``: failures in a row, and whether it was us who left.

    ``unsure`` counts those in a row that may have been this machine's own trouble.
    """

    watched: Watched
    door: Door
    failures: int = 0
    unsure: int = 0
    left: bool = False
    pictures_since_ms: int = 0
    waits_for_session: bool = False

    async def run_once(self) -> None:
        """Open the camera and hold it as long as may be; or say why not. Then wait."""
        async with self.door.entered() as opened:
            if opened is None or isinstance(opened, Trouble):
                self.left = False
            else:
                await self._hold(opened)
        self.unsure = self.unsure + 1 if isinstance(opened, Trouble) and opened.unsure else 0
        if isinstance(opened, Trouble) and not 0 < self.unsure <= _UNSURE_MOST:
            self._refused(opened)
        if self.left:
            await self._rest()
        else:
            await self._back_off()

    async def _hold(self, feed: Feed) -> None:
        watched, now_ms = self.watched, self.watched.clock.ms()
        if not self.left:
            watched.judge.forget()
            self.pictures_since_ms = now_ms
        self.left = self.waits_for_session = False
        watched.control.begin_look()  # here it is
        session = Session(
            watched=watched,
            feed=feed,
            began_ms=now_ms,
            pictures_since_ms=self.pictures_since_ms,
            is_over=self._is_over,
            unseen_s=self._unseen_s,
        )
        await session.hold()
        if session.has_seen:
            self.failures = 0
        self.left = session.left

    def _is_over(self, now_ms: int) -> bool:
        """Tell whether the visit's, or the turn's, time is over."""
        watch, door = self.watched.camera.watch, self.door
        if watch.mode == "visit":
            return now_ms - door.tried_ms >= watch.visit_s * 1000
        return door.devices.budget.is_over(
            door.device, self.watched.camera.id, now_ms, every_ms=self._every_ms
        )

    def _unseen_s(self, now_ms: int) -> int | None:
        """Return for how long nobody looks at it between two looks; None: somebody always does."""
        door = self.door
        shared_ms = door.devices.budget.unseen_ms(door.device, now_ms, every_ms=self._every_ms)
        return unseen_s(self.watched.camera.watch, shared_ms=shared_ms) or None

    @property
    def _every_ms(self) -> int:
        return round(self.watched.camera.watch.visit_every_s * 1000)

    def _refused(self, trouble: Trouble) -> None:
        """Say why there is no stream, but not that our own sessions are too many."""
        watched, door = self.watched, self.door
        again, self.waits_for_session = self.waits_for_session, trouble.cause is Cause.RTSP_BUSY
        if trouble.cause is Cause.RTSP_BUSY and door.devices.budget.refused(
            door.device, watched.clock.ms(), again=again
        ):
            _log.info("camera %s: %s gives no more sessions", watched.camera.id, door.device)
            return
        which = "the second stream (sub_url): " if watched.camera.sub_url else ""
        verdict = Verdict(cause=trouble.cause, detail=f"{which}{trouble.detail}")
        said = watched.standing.verdict
        if door.kept_back and said is not None and said.cause is trouble.cause:
            verdict = said  # asked without the password, so its detail is no news
        watched.say_no_stream(verdict, tried_ms=door.tried_ms)

    async def _rest(self) -> None:
        """Wait for the next visit; or, after a turn, queue for the next one."""
        clock, door = self.watched.clock, self.door
        now_ms, every_ms = clock.ms(), self._every_ms
        cycle_ms = door.devices.budget.cycle_ms(door.device, now_ms, every_ms=every_ms)
        pause_ms = 0
        if self.watched.camera.watch.mode == "visit":
            spread = 0.8 + 0.2 * self.watched.jitter()  # never later: a loss waits for it
            pause_ms = max(round(every_ms * spread) - (now_ms - door.tried_ms), 0)
        # A turn that comes late by half is no reason to doubt what was seen.
        self.watched.say_resting(now_ms + max(pause_ms, cycle_ms * 3 // 2))
        await self._pause(pause_ms)

    async def _back_off(self) -> None:
        """Wait before the next try, longer each time."""
        spread = 0.75 + 0.5 * self.watched.jitter()
        wait_s = BACK_OFF_S[min(self.failures, len(BACK_OFF_S) - 1)]
        if self.door.kept_back:
            wait_s = max(wait_s, KEPT_BACK_S)
        self.failures += 1
        await self._pause(round(wait_s * spread * 1000))

    async def _pause(self, wait_ms: int) -> None:
        """Say standing trouble again meanwhile; a look that is wished for ends it."""
        clock, control = self.watched.clock, self.watched.control
        until_ms = clock.ms() + wait_ms
        while (left_ms := until_ms - clock.ms()) > 0 and not control.begin_look():
            await clock.wait(min(left_ms / 1000, _SAY_EVERY_S))
            self.watched.say_again()
            if self.door.kept_back and not self.door.is_kept_back():
                return  # another channel has shown that the password is right, or the pause is over
