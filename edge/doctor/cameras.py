"""Every camera once, politely: one session per host at a time, a refused password once per host.

Cameras that follow QCVN 135 lock an account after five failures in 30 seconds, so a second channel
of a recorder that has refused a password is not asked with it again; nor is one that the running
agent has noted as refused. A host that can't be reached is not tried for each of its channels.
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
from wire.vocabulary import Cause, State

AT_ONCE: Final = 16
_LEAST_S: Final = 1.0
_TOTAL_S: Final = 8.0
_MEASURE_S: Final = 0.8
_REPLY_S: Final = 3.0
_GRADES: Final = {State.UP: Grade.GOOD, State.DEGRADED: Grade.WARNING}
_NETWORK: Final = frozenset(cause for cause in Cause if cause.startswith("network."))


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
        deadline_ms: When all must be done, on ``clock.ms``; what is left then is said to be.
        running: Whether an agent is running, which holds sessions of its own.
        is_refused: Whether the agent has noted that a camera refused its password of late.
        on_check: Is given each check at once.
    """

    clock: Clock
    decoder: Decoder
    deadline_ms: int
    running: bool
    is_refused: Callable[[CameraUrl], bool] = lambda _: False
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
                self.on_check(await self._look(camera, host))

    async def _look(self, camera: CameraConfig, host: _Host) -> Check:
        url = camera.watch_url
        login = _login(url)
        if login in host.refused:
            return _check(camera, Grade.FAILED, "camera.same_password", cause=Cause.RTSP_AUTH)
        if (cause := host.unreachable.get(url.port)) is not None:
            return _check(camera, Grade.FAILED, "camera.same_host", cause=cause)
        if login is not None and self.is_refused(url):
            return _check(camera, Grade.FAILED, "camera.guarded", cause=Cause.RTSP_AUTH)
        left_s = (self.deadline_ms - self.clock.ms()) / 1000
        if left_s < _LEAST_S:
            return _check(camera, Grade.WARNING, "camera.no_time")
        seen = await look(
            url, clock=self.clock, decoder=self.decoder, limits=_limits(min(left_s, _TOTAL_S))
        )
        if seen.cause is Cause.RTSP_AUTH and login is not None:
            host.refused.add(login)
        if seen.cause in _NETWORK:
            host.unreachable[url.port] = seen.cause
        return grade_look(camera, seen, running=self.running)


def _login(url: CameraUrl) -> tuple[str, str] | None:
    credentials = url.credentials
    return (credentials.user, credentials.password.reveal()) if credentials else None


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
