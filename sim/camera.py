"""One simulated camera: its listening socket, its stream and whoever watches.

Opening and closing are immediate (the kernel accepts before asyncio does), so a fault holds from
the very call that sets it.
"""

import asyncio
import socket
import ssl
from dataclasses import dataclass, field, replace
from typing import Final

from sim.clips import ClipCache, ClipSpec
from sim.clock import Clock
from sim.faults import CUTS_SESSIONS, Fault
from sim.login import Lockout, Login
from sim.manners import PROPER, Manner
from sim.rtsp_server import Viewer
from sim.stream import GARBAGE, NORMAL, Film, Stream, make_film

DROP_AFTER_S: Final = 10.0
_BACKLOG: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSpec:
    """One camera to be. ``port`` 0 takes the next free one; ``clip.variant`` stays ``normal``.

    Attributes:
        recorder: Cameras with the same name here are channels of one recorder: one login counts and
            locks for all of them (by the ``lockout`` of the first). Empty: a camera by itself.
        lockout: When the login locks after wrong passwords (``Lockout()``: as QCVN 135 has it), or
            None: never.
        tls: With it the camera speaks RTSP over TLS only.
        manner: How it behaves towards its viewers; ``sim.rude`` has rude ones.
        sets_in_band: Whether parameter sets come before each key frame; else the SDP alone has
            them.
    """

    id: str
    clip: ClipSpec = field(default_factory=ClipSpec)
    title: str = ""
    user: str = "viewer"
    password: str = "matkhau-123"  # noqa: S105 (a simulated camera's)
    path: str = "/Streaming/Channels/102"
    port: int = 0
    recorder: str = ""
    tls: ssl.SSLContext | None = None
    manner: Manner = PROPER
    sets_in_band: bool = True
    lockout: Lockout | None = None


class Films:
    """Films by clip, made when first asked for."""

    def __init__(self, cache: ClipCache) -> None:
        self._cache = cache
        self._made: dict[tuple[ClipSpec, bool, bool], Film] = {}

    def film(self, clip: ClipSpec, variant: str, *, sets: bool = True) -> Film:
        """Return what a camera with ``clip`` sends when ``variant`` is in the picture."""
        garbage = variant == GARBAGE
        wanted = replace(clip, variant=NORMAL if garbage else variant)
        key = (wanted, garbage, sets)
        if key not in self._made:
            made = self._cache.get(wanted)
            self._made[key] = make_film(
                made, codec=wanted.codec, fps=wanted.fps, garbage=garbage, sets=sets
            )
        return self._made[key]


class Camera:
    """One camera: its listening socket, its stream and whoever watches.

    Attributes:
        login: Counts passwords: ``login.password_tries`` (wrong ones, or any in a lock) and
            ``login.logins`` (connections let in); channels of one recorder share it.
        abandoned: How many sessions a viewer has left without TEARDOWN.
    """

    def __init__(
        self, spec: CameraSpec, host: str, films: Films, clock: Clock, login: Login | None = None
    ) -> None:
        self.spec = spec
        self.login = login or Login(spec.lockout)
        self.user, self.password = spec.user, spec.password
        self.path, self.title = spec.path, spec.title or spec.id
        self.manner = spec.manner
        self.abandoned = 0
        self.port = spec.port
        self._host = host
        self._clock = clock
        seed = int.from_bytes(spec.id.encode()[-6:], "big")
        self._stream = Stream(
            lambda variant: films.film(spec.clip, variant, sets=spec.sets_in_band),
            seed=seed,
            now=clock.seconds(),
        )
        self._listening: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._opening: asyncio.Task[None] | None = None
        self._viewers: dict[Viewer, float | None] = {}
        self._drop_after_s = DROP_AFTER_S

    @property
    def fault(self) -> Fault | None:
        """What is wrong at the moment."""
        return self._stream.fault

    @property
    def film(self) -> Film:
        """What is being streamed."""
        return self._stream.film

    @property
    def position(self) -> tuple[int, int]:
        """Sequence number and RTP time of the next packet."""
        return self._stream.sequence, self._stream.time

    @property
    def viewers(self) -> int:
        """How many connections there are."""
        return len(self._viewers)

    @property
    def sessions(self) -> int:
        """How many sessions there are."""
        return sum(viewer.has_session for viewer in self._viewers)

    def seconds(self) -> float:
        """Return the clock's reading."""
        return self._clock.seconds()

    def connected(self, viewer: Viewer) -> None:
        """Take note of a connection that isn't playing."""
        self._viewers[viewer] = None

    def joined(self, viewer: Viewer) -> None:
        """Begin to send to ``viewer``."""
        now = self._clock.seconds()
        if not any(v.playing and v is not viewer for v in self._viewers):
            self._stream.skip_to(now)
        self._viewers[viewer] = now

    def left(self, viewer: Viewer) -> None:
        """Forget ``viewer``."""
        if viewer in self._viewers and viewer.was_abandoned:
            self.abandoned += 1
        self._viewers.pop(viewer, None)

    def tick(self, now: float) -> None:
        """Send what is due."""
        if (timeout_s := self.manner.timeout_s) is not None:
            self._cut_silent(now - timeout_s)
        playing = [viewer for viewer in self._viewers if viewer.playing]
        if not playing:
            return
        for burst, data in self._stream.due(now):
            for viewer in playing:
                viewer.send(burst, data)
        if self.fault is Fault.DROP:
            self._drop_old(now)

    def set_fault(self, fault: Fault | None, *, share: float, after_s: float) -> None:
        """Switch what is wrong, at once."""
        self._stream.set_fault(fault, share=share)
        self._drop_after_s = after_s
        if fault is None:
            self.login.unlock()
        if fault in CUTS_SESSIONS:
            self.cut()
        if fault is Fault.REFUSE:
            self.close()
        elif self._listening is None:
            self.open()

    def open(self) -> None:
        """Bind and listen now; raise ``OSError`` if the port is taken."""
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        listening = socket.create_server((self._host, self.port), family=family, backlog=_BACKLOG)
        self._listening, self.port = listening, listening.getsockname()[1]
        self._opening = asyncio.get_running_loop().create_task(self._accept(listening))

    async def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Viewer(self), sock=listening, ssl=self.spec.tls
        )

    def close(self) -> None:
        """Stop listening: from now on a connect is refused."""
        if self._opening is not None:
            self._opening.cancel()
        if self._server is not None:
            self._server.close()
        if self._listening is not None:
            self._listening.close()
        self._opening = self._server = self._listening = None

    def cut(self) -> None:
        """Break every connection off."""
        for viewer in tuple(self._viewers):
            viewer.cut()

    def _cut_silent(self, since: float) -> None:
        """End the sessions that nobody has kept alive."""
        for viewer in tuple(self._viewers):
            if viewer.has_session and viewer.heard_at < since:
                viewer.cut()

    def _drop_old(self, now: float) -> None:
        for viewer, since in tuple(self._viewers.items()):
            if since is not None and now - since >= self._drop_after_s:
                viewer.cut()
