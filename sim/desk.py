"""One connection's answers: OPTIONS, DESCRIBE, SETUP, PLAY and so on (RFC 2326). Pure.

What is wrong with the camera is asked of its ``Face`` at every request; how it behaves towards
viewers is its ``Manner``.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from edge.rtsp.framing import Request, Response
from sim.door import Door, Offer
from sim.faults import Fault
from sim.login import Login
from sim.manners import Manner, plain
from sim.sdp import describe
from sim.stream import Film

_PUBLIC: Final = "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, GET_PARAMETER, SET_PARAMETER, TEARDOWN"
_INTERLEAVED: Final = re.compile(r"interleaved=(\d{1,3})")
_OK, _UNAUTHORIZED = 200, 401


class Face(Protocol):
    """What a viewer sees of its camera."""

    user: str
    password: str
    path: str
    title: str
    manner: Manner

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

    @property
    def sessions(self) -> int:
        """How many sessions there are now."""
        ...

    def seconds(self) -> float:
        """Return the clock's reading."""
        ...


class Desk:
    """Answers one connection's requests.

    Attributes:
        session: Its session, once there is one.
        channel: The interleaved channel that it sends on.
        torn_down: Whether the session was ended by TEARDOWN.
    """

    def __init__(self, face: Face) -> None:
        self.session: str | None = None
        self.channel = 0
        self.torn_down = False
        self._face = face
        self._door = Door(face.manner.asking)
        self._logged_in = False

    def answer(self, request: Request) -> Response:
        """Return the answer to ``request``, without its CSeq."""
        manner = self._face.manner
        refused = self._refused(request)
        if refused is not None:
            return manner.refuse(request, refused)
        had_session = self.session is not None
        response = manner.reword(request, self._handled(request))
        if request.method == "SETUP" and response.status != _OK and not had_session:
            self.session = None
        return response

    # ------------------------------------------------------------ who may

    def _refused(self, request: Request) -> Response | None:
        face = self._face
        if request.method == "OPTIONS" and not face.manner.asking.options:
            return None
        if not self._let_in(request):
            return self._unauthorized()
        if request.method == "OPTIONS":
            return None
        if face.fault is Fault.NOT_FOUND or face.path not in request.uri:
            return plain(404)
        if face.fault is Fault.BUSY and request.method == "SETUP":
            return plain(453)
        return self._full(request)

    def _full(self, request: Request) -> Response | None:
        limit, status = self._face.manner.sessions, self._face.manner.full
        begins = {"DESCRIBE", "SETUP"} if status == _UNAUTHORIZED else {"SETUP"}
        if limit is None or self.session is not None or request.method not in begins:
            return None
        if self._face.sessions < limit:
            return None
        return self._unauthorized() if status == _UNAUTHORIZED else plain(status)

    def _unauthorized(self) -> Response:
        lockout, now = self._face.login.lockout, self._face.seconds()
        if lockout is not None and self._face.login.locked(now) and lockout.status != _UNAUTHORIZED:
            return plain(lockout.status)
        return plain(401, self._door.challenges())

    def _let_in(self, request: Request) -> bool:
        """Tell whether the request opens; count the password that it carries, if any."""
        face = self._face
        changed = "!" if face.fault is Fault.AUTH else ""
        offer = self._door.offered(request, face.user, face.password + changed)
        if not face.manner.asking.schemes:
            return True
        if offer in {Offer.NOTHING, Offer.STALE}:
            return False
        if face.fault is Fault.LOCKOUT:
            face.login.password_tries += 1
            return False
        let_in = face.login.offered(right=offer is Offer.RIGHT, now=face.seconds())
        if let_in and not self._logged_in:
            face.login.logins += 1
            self._logged_in = True
        return let_in

    # ------------------------------------------------------------ the methods

    def _handled(self, request: Request) -> Response:
        handler = _HANDLERS.get(request.method)
        return handler(self, request) if handler else plain(405, [("Allow", _PUBLIC)])

    def _options(self, request: Request) -> Response:
        del request
        return plain(200, [("Public", _PUBLIC)])

    def _describe(self, request: Request) -> Response:
        film, manner = self._face.film, self._face.manner
        base = request.uri.rstrip("/")
        body = manner.sdp(
            describe(
                film.codec,
                film.sets,
                fps=film.fps,
                title=self._face.title,
                control=manner.control.format(base=base),
            )
        )
        headers = [("Content-Type", "application/sdp")]
        if manner.content_base is not None:
            headers.append(("Content-Base", manner.content_base.format(base=base)))
        return plain(200, headers, body)

    def _setup(self, request: Request) -> Response:
        manner, offered = self._face.manner, request.headers.get("Transport") or ""
        if "RTP/AVP/TCP" not in offered:
            return plain(461)
        host = request.uri.split("/")[2]
        if manner.setup_uri is not None and request.uri != manner.setup_uri.format(host=host):
            return plain(404)
        found = _INTERLEAVED.search(offered)
        asked = min(int(found[1]), 254) if found else 0
        self.channel = asked if manner.channel is None else manner.channel
        self.session = self.session or secrets.token_hex(8)
        headers = []
        if manner.transport:
            headers.append(("Transport", manner.transport.format(a=asked, b=asked + 1)))
        if manner.session:
            headers.append(("Session", manner.session.format(id=self.session)))
        return plain(200, headers)

    def _play(self, request: Request) -> Response:
        if (wrong := self._wrong_session(request)) is not None:
            return wrong
        sequence, time = self._face.position
        info = f"url={request.uri.rstrip('/')}/trackID=1;seq={sequence};rtptime={time}"
        assert self.session is not None
        self.session = self._face.manner.play_session or self.session
        return plain(200, [("Session", self.session), ("Range", "npt=now-"), ("RTP-Info", info)])

    def _parameter(self, request: Request) -> Response:
        return self._wrong_session(request) or plain(200)

    def _teardown(self, request: Request) -> Response:
        wrong = self._wrong_session(request)
        self.torn_down = self.torn_down or wrong is None
        return wrong or plain(200)

    def _wrong_session(self, request: Request) -> Response | None:
        if self.session is None:
            return plain(455)
        given = (request.headers.get("Session") or "").partition(";")[0].strip()
        return None if given == self.session or not self._face.manner.session else plain(454)


_HANDLERS: Final[Mapping[str, Callable[[Desk, Request], Response]]] = {
    "OPTIONS": Desk._options,  # noqa: SLF001 (the table of this class's own methods)
    "DESCRIBE": Desk._describe,  # noqa: SLF001
    "SETUP": Desk._setup,  # noqa: SLF001
    "PLAY": Desk._play,  # noqa: SLF001
    "PAUSE": Desk._parameter,  # noqa: SLF001
    "GET_PARAMETER": Desk._parameter,  # noqa: SLF001
    "SET_PARAMETER": Desk._parameter,  # noqa: SLF001
    "TEARDOWN": Desk._teardown,  # noqa: SLF001
}
