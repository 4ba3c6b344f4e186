"""The camera's half of RTSP 1.0 over TCP: one ``Viewer`` per connection, on our own sans-I/O parts.

Speaks OPTIONS, DESCRIBE, SETUP (interleaved only: 461 for UDP), PLAY, PAUSE, GET_PARAMETER,
SET_PARAMETER and TEARDOWN, with Digest (MD5) from DESCRIBE on, as most cameras do. What is wrong
with the camera is asked of its ``Face`` at every request.
"""

import asyncio
import re
import secrets
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from edge.rtsp.auth import digest, parse_authorization
from edge.rtsp.framing import Framer, FramingError, Headers, Request, Response, encode
from sim.faults import Fault
from sim.login import Login
from sim.packets import Burst, on_channel
from sim.sdp import TRACK, describe
from sim.stream import Film

REALM: Final = "Vong Gac camera"
MAX_UNSENT: Final = 1 << 20
"""Bytes that may wait for a slow viewer; beyond them packets are left out, and it sees a gap."""
_REASONS: Final = {
    200: "OK",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    453: "Not Enough Bandwidth",
    454: "Session Not Found",
    455: "Method Not Valid in This State",
    461: "Unsupported Transport",
}
_PUBLIC: Final = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
_INTERLEAVED: Final = re.compile(r"interleaved=(\d{1,3})")


class Face(Protocol):
    """What a viewer sees of its camera."""

    user: str
    password: str
    path: str
    title: str

    @property
    def fault(self) -> Fault | None:
        """What is wrong at the moment."""
        ...

    @property
    def film(self) -> Film:
        """What is being streamed."""
        ...

    @property
    def position(self) -> tuple[int, int]:
        """Sequence number and RTP time of the next packet."""
        ...

    @property
    def login(self) -> Login:
        """What counts passwords, and locks."""
        ...

    def seconds(self) -> float:
        """Return the clock's reading."""
        ...

    def joined(self, viewer: "Viewer") -> None:
        """Begin to send to ``viewer``."""
        ...

    def connected(self, viewer: "Viewer") -> None:
        """Take note of a new connection."""
        ...

    def left(self, viewer: "Viewer") -> None:
        """Forget ``viewer``."""
        ...


class Viewer(asyncio.Protocol):
    """One connection to one camera."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._framer = Framer()
        self._transport: asyncio.Transport | None = None
        self._nonce = secrets.token_hex(16)
        self._session: str | None = None
        self._channel = 0
        self._logged_in = False
        self.playing = False
        self.dropped_packets = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take note of the connection."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._face.connected(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        del exc
        self._transport, self.playing = None, False
        self._face.left(self)

    def data_received(self, data: bytes) -> None:
        """Answer whatever whole requests have come."""
        if self._face.fault is Fault.HANG:
            return
        self._framer.feed(data)
        try:
            while (event := self._framer.next_event()) is not None:
                if isinstance(event, Request):
                    self._answer(event)
        except FramingError:
            self.cut()

    def send(self, burst: Burst, data: bytes | bytearray) -> None:
        """Send stamped packets, unless the viewer is too slow."""
        if self._transport is None:
            return
        if self._transport.get_write_buffer_size() > MAX_UNSENT:
            self.dropped_packets += len(burst.starts)
        elif self._channel == 0 or not isinstance(data, bytearray):
            self._transport.write(data)
        else:
            self._transport.write(on_channel(burst, data, self._channel))

    def cut(self) -> None:
        """Break the connection off, as a power cut would."""
        self.playing = False
        if self._transport is not None:
            self._transport.abort()

    def _answer(self, request: Request) -> None:
        response = self._refused(request) or self._handled(request)
        if self._transport is None:
            return
        common = [("CSeq", request.headers.get("CSeq") or "0"), ("Server", "Vong Gac sim")]
        headers = Headers([*common, *response.headers])
        self._transport.write(
            encode(Response(response.status, response.reason, headers, response.body))
        )
        if request.method == "PLAY" and response.status == 200:  # noqa: PLR2004 (HTTP's OK)
            self.playing = True
            self._face.joined(self)
        elif request.method == "TEARDOWN":
            self._transport.close()

    def _refused(self, request: Request) -> Response | None:
        if request.method == "OPTIONS":
            return None
        if not self._let_in(request):
            return self._unauthorized()
        if self._face.fault is Fault.NOT_FOUND or self._face.path not in request.uri:
            return _response(404)
        if self._face.fault is Fault.BUSY and request.method == "SETUP":
            return _response(453)
        return None

    def _unauthorized(self) -> Response:
        lockout, now = self._face.login.lockout, self._face.seconds()
        if lockout is not None and lockout.status != 401 and self._face.login.locked(now):  # noqa: PLR2004 (HTTP's Unauthorized)
            return _response(lockout.status)
        challenge = f'Digest realm="{REALM}", nonce="{self._nonce}", algorithm=MD5'
        return _response(401, [("WWW-Authenticate", challenge)])

    def _let_in(self, request: Request) -> bool:
        """Tell whether the request opens; count the password that it carries, if any."""
        right = self._knows(request)
        if right is None:
            return False
        login, fault = self._face.login, self._face.fault
        if fault is Fault.LOCKOUT:
            login.password_tries += 1
            return False
        let_in = login.offered(right=right, now=self._face.seconds())
        if let_in and not self._logged_in:
            login.logins += 1
            self._logged_in = True
        return let_in

    def _knows(self, request: Request) -> bool | None:
        """Tell whether the request carries this camera's user and password; None: it has none."""
        parsed = parse_authorization(request.headers.get("Authorization") or "")
        if parsed is None or parsed[0] != "Digest":
            return None
        given = parsed[1]
        changed = "!" if self._face.fault is Fault.AUTH else ""
        wanted = digest(
            user=self._face.user,
            realm=REALM,
            password=self._face.password + changed,
            method=request.method,
            uri=given.get("uri", ""),
            nonce=self._nonce,
            qop=None,
        )
        return given.get("username") == self._face.user and secrets.compare_digest(
            given.get("response", "").encode(), wanted.encode()
        )

    def _handled(self, request: Request) -> Response:
        handler = _HANDLERS.get(request.method)
        return handler(self, request) if handler else _response(405, [("Allow", _PUBLIC)])

    def _options(self, request: Request) -> Response:
        del request
        return _response(200, [("Public", _PUBLIC)])

    def _describe(self, request: Request) -> Response:
        film = self._face.film
        body = describe(film.codec, film.sets, fps=film.fps, title=self._face.title)
        base = request.uri.rstrip("/") + "/"
        headers = [("Content-Type", "application/sdp"), ("Content-Base", base)]
        return _response(200, headers, body)

    def _setup(self, request: Request) -> Response:
        offered = request.headers.get("Transport") or ""
        if "RTP/AVP/TCP" not in offered:
            return _response(461)
        found = _INTERLEAVED.search(offered)
        self._channel = min(int(found[1]), 254) if found else 0
        self._session = self._session or secrets.token_hex(8)
        channels = f"{self._channel}-{self._channel + 1}"
        transport = f"RTP/AVP/TCP;unicast;interleaved={channels}"
        return _response(
            200, [("Transport", transport), ("Session", f"{self._session};timeout=60")]
        )

    def _play(self, request: Request) -> Response:
        if (wrong := self._wrong_session(request)) is not None:
            return wrong
        sequence, time = self._face.position
        info = f"url={request.uri.rstrip('/')}/{TRACK};seq={sequence};rtptime={time}"
        assert self._session is not None
        return _response(
            200, [("Session", self._session), ("Range", "npt=now-"), ("RTP-Info", info)]
        )

    def _pause(self, request: Request) -> Response:
        self.playing = False
        self._face.left(self)
        self._face.connected(self)
        return self._wrong_session(request) or _response(200)

    def _parameter(self, request: Request) -> Response:
        return self._wrong_session(request) or _response(200)

    def _teardown(self, request: Request) -> Response:
        self.playing = False
        return self._wrong_session(request) or _response(200)

    def _wrong_session(self, request: Request) -> Response | None:
        if self._session is None:
            return _response(455)
        given = (request.headers.get("Session") or "").partition(";")[0].strip()
        return None if given == self._session else _response(454)


def _response(
    status: int, headers: list[tuple[str, str]] | None = None, body: bytes = b""
) -> Response:
    return Response(status, _REASONS[status], Headers(headers or []), body)


_HANDLERS: Final[Mapping[str, Callable[[Viewer, Request], Response]]] = {
    "OPTIONS": Viewer._options,  # noqa: SLF001 (the table of this class's own methods)
    "DESCRIBE": Viewer._describe,  # noqa: SLF001
    "SETUP": Viewer._setup,  # noqa: SLF001
    "PLAY": Viewer._play,  # noqa: SLF001
    "PAUSE": Viewer._pause,  # noqa: SLF001
    "GET_PARAMETER": Viewer._parameter,  # noqa: SLF001
    "SET_PARAMETER": Viewer._parameter,  # noqa: SLF001
    "TEARDOWN": Viewer._teardown,  # noqa: SLF001
}
