"""Real RTSP cameras, many in one process: a port each, one ticker for all, faults while they run.

A port per camera makes "unplugged" real: its listening socket is closed and a connect is refused.
Ports lie below the range that systems give to outgoing connections, so that nobody takes a camera's
port while it is unplugged (or, worse, connects to itself on it). Films are shared by all cameras
that show the same thing. Must be used inside one running event loop.
"""

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import quote

from sim.camera import DROP_AFTER_S, Camera, CameraSpec, Films
from sim.clips import ClipCache
from sim.clock import Clock, SystemClock
from sim.faults import Fault
from sim.login import Lockout, Login
from sim.ports import PORTS, candidates
from sim.stream import LOSS_SHARE

__all__ = ["CameraSpec", "Fleet", "FleetError", "Lockout", "Login"]

TICK_S: Final = 0.02


class FleetError(Exception):
    """The fleet can't start; the text says why and what to do."""


class Fleet:
    """All cameras. ``start`` raises ``FleetError`` where ports are taken."""

    def __init__(
        self,
        cameras: Sequence[CameraSpec],
        *,
        cache: ClipCache,
        host: str = "127.0.0.1",
        clock: Clock | None = None,
    ) -> None:
        self._host = host
        self._clock = clock or SystemClock()
        self._films = Films(cache)
        logins: dict[str, Login] = {}
        self._cameras = {
            spec.id: Camera(
                spec,
                host,
                self._films,
                self._clock,
                logins.setdefault(spec.recorder or f"camera {spec.id}", Login(spec.lockout)),
            )
            for spec in cameras
        }
        self._ticker: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen on every camera's port and begin to stream."""
        free = candidates()
        for camera in self._cameras.values():
            self._open(camera, free)
        self._ticker = asyncio.create_task(self._tick(), name="camera ticker")

    def _open(self, camera: Camera, free: Iterator[int]) -> None:
        if camera.port:
            try:
                camera.open()
            except OSError as error:
                raise FleetError(
                    f"port {camera.port} of {camera.spec.id}: {error.strerror}"
                ) from error
            return
        for port in free:
            camera.port = port
            with contextlib.suppress(OSError):
                camera.open()
                return
        raise FleetError(f"no free port from {PORTS.start} to {PORTS.stop - 1}")

    def url(self, camera: str, *, with_password: bool = True) -> str:
        """Return a camera's address."""
        one = self._cameras[camera]
        who = f"{quote(one.user)}:{quote(one.password, safe='')}@" if with_password else ""
        scheme = "rtsps" if one.spec.tls else "rtsp"
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{scheme}://{who}{host}:{one.port}{one.path}"

    def set_fault(
        self,
        camera: str,
        fault: Fault | None,
        *,
        share: float = LOSS_SHARE,
        after_s: float = DROP_AFTER_S,
    ) -> None:
        """Switch what is wrong with a camera, at once; None repairs it.

        ``LOSS`` leaves out ``share`` of the packets, ``DROP`` hangs up after ``after_s`` seconds.
        Raises ``KeyError`` for a camera that isn't there.
        """
        self._cameras[camera].set_fault(fault, share=share, after_s=after_s)

    def abandoned(self, camera: str) -> int:
        """Return how many sessions were left without TEARDOWN by whoever had them."""
        return self._cameras[camera].abandoned

    def viewers(self, camera: str) -> int:
        """Return how many connections a camera has."""
        return self._cameras[camera].viewers

    def login(self, camera: str) -> Login:
        """Return a camera's login (its recorder's, where it has one) with what it has counted."""
        return self._cameras[camera].login

    def locked(self, camera: str) -> bool:
        """Tell whether wrong passwords have locked a camera's login."""
        return self._cameras[camera].login.locked(self._clock.seconds())

    @property
    def cameras(self) -> tuple[str, ...]:
        """The cameras' ids."""
        return tuple(self._cameras)

    async def stop(self) -> None:
        """Close everything."""
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)
        for camera in self._cameras.values():
            camera.close()
            camera.cut()
        await asyncio.sleep(0)

    async def _tick(self) -> None:
        while True:
            now = self._clock.seconds()
            for camera in self._cameras.values():
                camera.tick(now)
            await self._clock.wait(TICK_S)
