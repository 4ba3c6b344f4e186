"""Every camera once, politely: one session per host at a time, a refused password once per host.

Cameras that follow QCVN 135 lock an account after five failures in 30 seconds, so a second channel
of a recorder that has refused a password is not asked with it again. The agent's own lockout guard
rules here too: what it has noted as refused is not shown, unless a person asks for it, and while no
agent runs, what the doctor learns is written down for the agent. A host that can't be reached is
not tried for each of its channels.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from edge.clock import Clock
from edge.config import CameraConfig
from edge.doctor.check import Check, Grade, Topic
from edge.look import Look, LookLimits, look
from edge.picture.decoder import Decoder
from edge.rtsp.handshake import Limits
from edge.rtsp.url import CameraUrl
from edge.watcher import Devices
from edge.watcher.guard import Answer, Leave, Login
from wire.vocabulary import Cause, State

AT_ONCE: Final = 16
_LEAST_S: Final = 1.0
_TOTAL_S: Final = 8.0
_MEASURE_S: Final = 0.8
_REPLY_S: Final = 3.0
_GRADES: Final = {State.UP: Grade.GOOD, State.DEGRADED: Grade.WARNING}
_NETWORK: Final = frozenset(cause for cause in Cause if cause.startswith("network."))
_ANSWERS: Final = {
    Cause.NETWORK_UNREACHABLE: Answer.UNSHOWN,
    Cause.NETWORK_REFUSED: Answer.UNSHOWN,
    Cause.NETWORK_TIMEOUT: Answer.UNTOLD,
    Cause.RTSP_AUTH: Answer.REFUSED,
    Cause.RTSP_PROTOCOL: Answer.UNTOLD,
}
"""What a cause tells of the password; any other is told only to who was let in."""


@dataclass(slots=True)
class _Host:
    """What one host has taught us in this round."""

    refused: set[tuple[str, str]] = field(default_factory=set)
    unreachable: dict[int, Cause] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One look at each camera.

    Attributes:
        clock: For the looks and the deadline.
        decoder: Whoever decodes the key frames.
        devices: The agent's lockout guard with what it remembers.
        deadline_ms: When all must be done, on ``clock.ms``; what is left then is said to be.
        running: Whether an agent is running, which holds sessions of its own.
        again: Whether to show passwords that were refused lately; at most three times a minute.
        on_check: Is given each check at once.
    """

    clock: Clock
    decoder: Decoder
    devices: Devices
    deadline_ms: int
    running: bool
    again: bool = False
    on_check: Callable[[Check], None] = lambda _: None

    async def make(self, cameras: Sequence[CameraConfig]) -> None:
        """Look at all cameras; returns by the deadline."""
        turns = asyncio.Semaphore(AT_ONCE)
        by_host: dict[str, list[CameraConfig]] = {}
        for camera in cameras:
            by_host.setdefault(camera.watch_url.host.lower(), []).append(camera)
        await asyncio.gather(*(self._visit(group, turns) for group in by_host.values()))

    async def _visit(self, cameras: list[CameraConfig], turns: asyncio.Semaphore) -> None:
        host = _Host()
        for camera in cameras:
            async with turns:
                self.on_check(self._without_look(camera, host) or await self._look(camera, host))

    def _without_look(self, camera: CameraConfig, host: _Host) -> Check | None:
        """Return what can be said without asking, or None."""
        url = camera.watch_url
        if _words(url) in host.refused:
            return _check(camera, Grade.FAILED, "camera.same_password", cause=Cause.RTSP_AUTH)
        if (cause := host.unreachable.get(url.port)) is not None:
            return _check(camera, Grade.FAILED, "camera.same_host", cause=cause)
        if (self.deadline_ms - self.clock.ms()) / 1000 < _LEAST_S:
            return _check(camera, Grade.WARNING, "camera.no_time")
        login = self.devices.login_of(camera.id, url)
        if login is not None and not self._may_show(login, camera):
            return _check(camera, Grade.FAILED, "camera.guarded", cause=Cause.RTSP_AUTH)
        return None

    def _may_show(self, login: Login, camera: CameraConfig) -> bool:
        pause_ms = 0 if self.again else round(camera.watch.auth_retry_s * 1000)
        return self.devices.guard.ask(login, self.clock.ms(), pause_ms=pause_ms) is Leave.PASSWORD

    async def _look(self, camera: CameraConfig, host: _Host) -> Check:
        url, guard = camera.watch_url, self.devices.guard
        login = self.devices.login_of(camera.id, url)
        left_s = (self.deadline_ms - self.clock.ms()) / 1000
        limits = _limits(min(left_s, _TOTAL_S))
        seen = await look(url, clock=self.clock, decoder=self.decoder, limits=limits)
        if login is not None:
            guard.answered(login, _answer(seen.cause), self.clock.ms())
            if seen.cause is Cause.RTSP_AUTH:
                host.refused.add(_words(url))
        if seen.cause in _NETWORK:
            host.unreachable[url.port] = seen.cause
        return grade_look(camera, seen, running=self.running)


def _answer(cause: Cause | None) -> Answer:
    return Answer.ACCEPTED if cause is None else _ANSWERS.get(cause, Answer.ACCEPTED)


def _words(url: CameraUrl) -> tuple[str, str]:
    """Return user and password, for comparing."""
    credentials = url.credentials
    return (credentials.user, credentials.password.reveal()) if credentials else ("", "")


def _limits(total_s: float) -> LookLimits:
    reply_s = min(_REPLY_S, total_s)
    handshake = Limits(connect_s=reply_s, reply_s=reply_s, handshake_s=min(2 * _REPLY_S, total_s))
    return LookLimits(total_s=total_s, stall_s=reply_s, measure_s=_MEASURE_S, session=handshake)


def grade_look(camera: CameraConfig, seen: Look, *, running: bool) -> Check:
    """Grade what was seen of one camera."""
    grade = _GRADES.get(seen.state, Grade.FAILED)
    if grade is Grade.GOOD:
        return Check(
            topic=Topic.CAMERA,
            grade=grade,
            code="camera.up",
            subject=camera.id,
            values={
                "name": camera.name,
                "codec": seen.codec,
                "size": f"{seen.width}x{seen.height}",
                "fps": seen.fps or 0.0,
                "kbit_s": round(seen.kbit_s or 0),
                "ms": seen.first_key_frame_ms,
            },
        )
    busy = seen.cause is Cause.RTSP_BUSY and running
    code = "camera.busy_with_us" if busy else "camera.trouble"
    return _check(camera, grade, code, cause=seen.cause, detail=seen.verdict.detail)


def _check(
    camera: CameraConfig,
    grade: Grade,
    code: str,
    *,
    cause: Cause | None = None,
    detail: str | None = None,
) -> Check:
    words = {
        "name": camera.name,
        "host": camera.watch_url.host,
        "user": camera.watch_url.credentials.user if camera.watch_url.credentials else "",
        "detail": f" ({detail})" if detail else "",
    }
    return Check(
        topic=Topic.CAMERA,
        grade=grade,
        code=code,
        subject=camera.id,
        values=words,
        cause=cause,
    )
