"""One camera's way in: its turn for a session, leave to show its password, the handshake.

While the lockout guard keeps a password back the camera is still asked without one, so that a
cable that is pulled meanwhile is noticed; one channel's answer to that speaks for all of them.
"""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from typing import Final

from edge.rtsp.handshake import Limits, Timing
from edge.rtsp.replies import Trouble
from edge.rtsp.url import CameraUrl
from edge.watcher.devices import Devices
from edge.watcher.guard import Answer, Leave, Login
from edge.watcher.seams import Feed, Watched
from wire.vocabulary import Cause

_TURN_STEP_S: Final = 0.5
_WAIT_STEP_S: Final = 0.1
_WAIT_MS: Final = 2_000
"""So long an answer to another channel is waited for; a device that hangs is asked by itself."""
_PAST_LOGIN: Final = frozenset({Cause.RTSP_NOT_FOUND, Cause.RTSP_BUSY, Cause.STREAM_UNDECODABLE})


@dataclass(slots=True, kw_only=True)
class Door:
    """A camera's way in.

    Attributes:
        tried_ms: When the newest try began, after its turn had come.
        kept_back: Whether it went without the password that the camera has refused.
    """

    watched: Watched
    devices: Devices
    url: CameraUrl
    device: str = field(init=False)
    login: Login | None = field(init=False)
    tried_ms: int = 0
    kept_back: bool = False

    def __post_init__(self) -> None:
        camera = self.watched.camera.id
        self.device = self.devices.device_of(self.url)
        self.login = self.devices.login_of(camera, self.url)
        self.devices.budget.belongs(self.device, camera)

    @contextlib.asynccontextmanager
    async def entered(self) -> AsyncIterator[Feed | Trouble | None]:
        """Wait for a turn and open the camera; give back a stream, why there is none, or None.

        None: nothing was learned, as the password could not be shown. What was opened is closed,
        and the session given back, at the end of the block.
        """
        budget, camera = self.devices.budget, self.watched.camera.id
        try:
            await self._wait_for_turn()
            self.tried_ms = self.watched.clock.ms()
            async with self._opened() as opened:
                yield opened
        finally:
            budget.leave(self.device, camera)

    def is_kept_back(self) -> bool:
        """Tell whether the guard keeps the password back now."""
        return self.login is not None and self._refused_at_ms(self.login) is not None

    def _refused_at_ms(self, login: Login) -> int | None:
        now_ms, pause_ms = self.watched.clock.ms(), self._pause_ms()
        return self.devices.guard.refused_at_ms(login, now_ms, pause_ms=pause_ms)

    async def _wait_for_turn(self) -> None:
        clock, camera = self.watched.clock, self.watched.camera.id
        while not self.devices.budget.enter(self.device, camera, clock.ms()):
            await clock.wait(_TURN_STEP_S)
            self.watched.say_again()

    @contextlib.asynccontextmanager
    async def _opened(self) -> AsyncIterator[Feed | Trouble | None]:
        self.kept_back = False
        opened: Feed | Trouble | None
        if self.login is None:
            opened = await self._open(self.url, self._timing())
        elif await self._leave(self.login) is Leave.PASSWORD:
            async with self._shown(self.login) as shown:
                yield shown
            return
        else:
            opened = await self._asked_bare(self.login)
        try:
            yield opened
        finally:
            await _close(opened)

    async def _leave(self, login: Login) -> Leave:
        """Ask the guard; wait a little for the answer that another channel is about to get."""
        clock, guard = self.watched.clock, self.devices.guard
        until_ms = clock.ms() + _WAIT_MS
        while (leave := guard.ask(login, clock.ms(), pause_ms=self._pause_ms())) is Leave.WAIT:
            if clock.ms() >= until_ms:
                return Leave.BARE
            await clock.wait(_WAIT_STEP_S)
        return leave

    @contextlib.asynccontextmanager
    async def _shown(self, login: Login) -> AsyncIterator[Feed | Trouble]:
        """Open with the password; the guard learns what came of it, whatever happens."""
        guard, clock, timing = self.devices.guard, self.watched.clock, self._timing()
        answer = Answer.UNSHOWN
        opened: Feed | Trouble | None = None
        try:
            # Written down before it is shown: an agent that dies now has tried nevertheless. Where
            # it was right before, a new agent's first try will be written down.
            if not guard.is_proven(login):
                await self.devices.keep(at_least=True)
            answer = Answer.UNTOLD
            opened = await self._open(self.url, timing)
            answer = answer_of(opened, timing)
        finally:
            guard.answered(login, answer, clock.ms())
            self.devices.was_told(self.url, None, clock.ms())  # this is newer
        plays = not isinstance(opened, Trouble)
        if plays:
            guard.joined(login)
        try:
            if answer is not Answer.UNSHOWN:
                await self.devices.keep()
            yield opened
        finally:
            if plays:
                guard.left(login, clock.ms())
            await _close(opened)

    async def _asked_bare(self, login: Login) -> Feed | Trouble | None:
        """Ask without the password, unless another channel has just done so."""
        clock, devices = self.watched.clock, self.devices
        self.kept_back = self._refused_at_ms(login) is not None
        bare = replace(self.url, credentials=None)
        told = devices.news_of(bare, clock.ms())
        if told is None:
            opened = await self._open(bare, self._timing())
            if not isinstance(opened, Trouble):
                devices.was_told(bare, None, clock.ms())
                return opened
            told = opened
            devices.was_told(bare, told, clock.ms())
        if told.cause is not Cause.RTSP_AUTH:
            return told
        return self._refusal() if self.kept_back else None

    def _refusal(self) -> Trouble:
        minutes = max(round(self.watched.camera.watch.auth_retry_s / 60), 1)
        return Trouble(
            Cause.RTSP_AUTH,
            "the camera has refused this user name or password; it is not shown again for "
            f"{minutes} min, unless it is changed",
        )

    async def _open(self, url: CameraUrl, timing: Timing) -> Feed | Trouble:
        seconds = self.watched.camera.watch.connect_timeout_s
        # Five requests, of a recorder that is slow at each of them.
        limits = Limits(connect_s=seconds, reply_s=seconds, handshake_s=4 * seconds)
        return await self.watched.opener.open(url, limits, timing)

    def _timing(self) -> Timing:
        return Timing(began_ms=self.watched.clock.ms())

    def _pause_ms(self) -> int:
        return round(self.watched.camera.watch.auth_retry_s * 1000)


def answer_of(opened: Feed | Trouble, timing: Timing) -> Answer:
    """Return what an open with a password tells of the password."""
    if isinstance(opened, Trouble):
        if opened.refused_login:
            return Answer.FULL if opened.cause is Cause.RTSP_BUSY else Answer.REFUSED
        if timing.login_accepted:
            return Answer.ACCEPTED
        if timing.showed_password and timing.described_ms is None:
            return Answer.ACCEPTED if opened.cause in _PAST_LOGIN else Answer.UNTOLD
    return Answer.ACCEPTED if timing.showed_password else Answer.UNSHOWN


async def _close(opened: Feed | Trouble | None) -> None:
    if opened is not None and not isinstance(opened, Trouble):
        await opened.close()
