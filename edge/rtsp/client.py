"""An RTSP 1.0 client without I/O: bytes and commands in, bytes and outcomes out (RFC 2326).

OPTIONS, DESCRIBE, SETUP of the video track over TCP, PLAY; then packets are counted, keep-alives
sent, and TEARDOWN at the end. One request is under way at a time. Every way that this fails is a
``Trouble``: the cause tells who must act, the detail what was seen. What a camera says (reasons,
realms) is quoted in ASCII and never believed.

::

    START ─ start ─► OPTIONS ─ any answer ─► DESCRIBE ─► SETUP ─► PLAY ─► PLAYING ─ stop ─► CLOSED
                        └──── 401 without a way out, 404, 453, 5xx, not RTSP ... ──► FAILED
                                      3xx at DESCRIBE ──► REDIRECTED

OPTIONS comes first, although DESCRIBE would do, because cameras are tested against clients that do
so, and because its ``Public`` says how to keep the session alive.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final

from edge.redact import redact
from edge.rtsp import auth, sdp
from edge.rtsp.framing import (
    FRAME_MARK,
    Framer,
    FramingError,
    Headers,
    Interleaved,
    Request,
    Response,
    encode,
)
from edge.rtsp.replies import (
    DEFAULT_TIMEOUT_S,
    Trouble,
    base_uri,
    channel_of,
    join,
    refusal,
    session_of,
)
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.url import CameraUrl, UrlError
from wire.vocabulary import Cause

USER_AGENT: Final = "vonggac"
_MAX_AUTH_TRIES: Final = 3
_OK: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_UNAUTHORIZED: Final = 401
_NO_GET_PARAMETER: Final = frozenset({400, 405, 451, 501, 551})


class Phase(Enum):
    """How far a session has come."""

    START = "start"
    OPTIONS = "OPTIONS"
    DESCRIBE = "DESCRIBE"
    SETUP = "SETUP"
    PLAY = "PLAY"
    PLAYING = "playing"
    REDIRECTED = "redirected"
    FAILED = "failed"
    CLOSED = "closed"


ENDED: Final = frozenset({Phase.REDIRECTED, Phase.FAILED, Phase.CLOSED})


class RtspClient:
    """One session with one camera.

    Attributes:
        phase: How far it has come.
        trouble: Why it ended, where it failed.
        redirected_to: The new address after a redirect.
        description: What DESCRIBE said.
        counter: Counts the packets, from SETUP on.
        answers: Responses so far: a rise tells that the camera's RTSP is alive.
    """

    def __init__(self, url: CameraUrl, *, cnonce: Callable[[], str]) -> None:
        self.url = url
        self.phase = Phase.START
        self.trouble: Trouble | None = None
        self.redirected_to: CameraUrl | None = None
        self.description: sdp.Description | None = None
        self.counter: StreamCounter | None = None
        self.answers = 0
        self.keep_alive_s = DEFAULT_TIMEOUT_S / 2
        self._framer = Framer()
        self._out: list[bytes] = []
        self._cnonce = cnonce
        self._cseq = 0
        self._method = ""
        self._uri = ""
        self._extra: tuple[tuple[str, str], ...] = ()
        self._challenge: auth.Challenge | None = None
        self._nonce_count = 0
        self._tries = 0
        self._session: str | None = None
        self._get_parameter = False
        self._base = url.request_uri

    @property
    def showed_password(self) -> bool:
        """Whether a request has carried the password, or what is made of it."""
        return self._challenge is not None

    # ------------------------------------------------------------ commands

    def start(self) -> None:
        """Begin the handshake."""
        assert self.phase is Phase.START
        self.phase = Phase.OPTIONS
        self._ask("OPTIONS", self.url.request_uri)

    def keep_alive(self) -> None:
        """Tell the camera that we are still here; its answer raises ``answers``."""
        if self.phase is Phase.PLAYING:
            self._ask("GET_PARAMETER" if self._get_parameter else "OPTIONS", self._aggregate())

    def stop(self) -> None:
        """End the session: TEARDOWN where there is one."""
        if self._session is not None and self._method != "TEARDOWN":
            self._ask("TEARDOWN", self._aggregate())
        if self.phase is not Phase.FAILED:
            self.phase = Phase.CLOSED

    def ended_by_peer(self) -> None:
        """Note that the camera has closed the connection."""
        if self.phase is Phase.PLAYING:
            self._fail(Cause.STREAM_STALLED, "the camera closed the connection")
        elif self.phase not in ENDED:
            self._fail(
                Cause.RTSP_PROTOCOL,
                f"the camera closed the connection instead of answering {self._method}",
            )

    def take_output(self) -> bytes:
        """Return what is to be sent, once."""
        out = b"".join(self._out)
        self._out.clear()
        return out

    # ------------------------------------------------------------ bytes

    def feed(self, buffer: bytearray | bytes | memoryview, end: int, now_ms: int) -> int:
        """Take ``buffer[:end]``; return how much of it is done with (the rest comes again).

        What remains is always the beginning of one frame, so it is at most 64 KiB.
        """
        position = 0
        try:
            while position < end and self.phase is not Phase.FAILED:
                step = self._feed_some(buffer, position, end, now_ms)
                if step == position:
                    break
                position = step
        except FramingError as error:
            self._fail(Cause.RTSP_PROTOCOL, redact(str(error), self.url.secrets))
        return end if self.phase is Phase.FAILED else position

    def _feed_some(
        self, buffer: bytearray | bytes | memoryview, position: int, end: int, now_ms: int
    ) -> int:
        if self.counter is not None and not self._framer.in_message:
            walked = self.counter.feed(buffer, position, end, now_ms)
            if walked > position or buffer[position] == FRAME_MARK:
                return walked
        self._framer.feed(bytes(buffer[position:end]))
        while (message := self._framer.next_event()) is not None:
            if isinstance(message, Response):
                self._receive(message)
            elif isinstance(message, Request):
                self._answer(message)
            elif self.counter is not None:
                self._count(message, now_ms)
        if self.counter is None:
            return end
        return end - self._framer.take_frame_start(end - position)

    def _count(self, frame: Interleaved, now_ms: int) -> None:
        """Count a frame that came in one chunk with a message."""
        assert self.counter is not None
        raw = encode(frame)
        self.counter.feed(raw, 0, len(raw), now_ms)

    # ------------------------------------------------------------ the state machine

    def _receive(self, response: Response) -> None:
        """Take one response: the machine's one step."""
        self.answers += 1
        if not self._is_answer(response):
            return
        if response.status == _UNAUTHORIZED and self._try_again_with_authorization(response):
            return
        match self.phase:
            case Phase.OPTIONS:
                self._on_options(response)
            case Phase.DESCRIBE:
                self._on_describe(response)
            case Phase.SETUP:
                self._on_setup(response)
            case Phase.PLAY:
                self._on_play(response)
            case Phase.PLAYING:
                self._on_keep_alive(response)
            case Phase.START | Phase.REDIRECTED | Phase.FAILED | Phase.CLOSED:
                pass  # an answer to TEARDOWN, or one that nobody asked for

    def _on_options(self, response: Response) -> None:
        public = response.headers.get("Public") or ""
        self._get_parameter = "GET_PARAMETER" in public.upper()
        if response.status == _UNAUTHORIZED:
            self._refuse(response)
            return
        # Any other answer will do: DESCRIBE shows what is wrong.
        self.phase = Phase.DESCRIBE
        self._ask("DESCRIBE", self.url.request_uri, ("Accept", "application/sdp"))

    def _on_describe(self, response: Response) -> None:
        if response.status in _REDIRECT:
            self._redirect(response)
            return
        if self._refuse(response):
            return
        try:
            self.description = sdp.parse(response.body)
        except sdp.SdpError as error:
            self._fail(Cause.STREAM_UNDECODABLE, redact(str(error), self.url.secrets))
            return
        self._base = base_uri(response.headers, self.url.request_uri)
        track = self.description.video
        self.phase = Phase.SETUP
        transport = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
        self._ask("SETUP", join(self._base, track.control), transport)

    def _on_setup(self, response: Response) -> None:
        if self._refuse(response):
            return
        session, timeout_s = session_of(response.headers.get("Session") or "")
        if session is None:
            self._fail(Cause.RTSP_PROTOCOL, "SETUP was answered without a session")
            return
        self._session = session
        self.keep_alive_s = timeout_s / 2
        assert self.description is not None
        channel = channel_of(response.headers.get("Transport") or "")
        self.counter = StreamCounter(self.description.video, channel=channel)
        self.phase = Phase.PLAY
        self._ask("PLAY", self._aggregate(), ("Range", "npt=0.000-"))

    def _on_play(self, response: Response) -> None:
        if not self._refuse(response):
            self.phase = Phase.PLAYING

    def _on_keep_alive(self, response: Response) -> None:
        if self._method == "GET_PARAMETER" and response.status in _NO_GET_PARAMETER:
            self._get_parameter = False
        elif response.status == 454:  # noqa: PLR2004 (Session Not Found, RFC 2326 §11.3.5)
            self._fail(Cause.RTSP_PROTOCOL, "the camera has forgotten the session (454)")

    def _refuse(self, response: Response) -> bool:
        """Fail if ``response`` is a refusal; tell whether it was one."""
        if response.status in _OK:
            return False
        trouble = refusal(self._method, response, self.url)
        self._fail(trouble.cause, trouble.detail)
        return True

    def _redirect(self, response: Response) -> None:
        try:
            target = CameraUrl.parse(response.headers.get("Location") or "")
        except UrlError:
            self._fail(Cause.RTSP_PROTOCOL, f"redirected ({response.status}) to no RTSP address")
            return
        # A stranger is not told the password: it goes along only to the same host.
        same = target.host.lower() == self.url.host.lower()
        self.redirected_to = CameraUrl(
            scheme=target.scheme,
            host=target.host,
            port=target.port,
            target=target.target,
            credentials=self.url.credentials if same else None,
        )
        self.phase = Phase.REDIRECTED

    def _fail(self, cause: Cause, detail: str) -> None:
        self.trouble = Trouble(cause, detail)
        self.phase = Phase.FAILED

    # ------------------------------------------------------------ requests

    def _ask(self, method: str, uri: str, *extra: tuple[str, str]) -> None:
        self._method, self._uri, self._extra = method, uri, extra
        self._tries = 0
        self._send()

    def _send(self) -> None:
        self._cseq += 1
        headers = [("CSeq", str(self._cseq)), ("User-Agent", USER_AGENT)]
        if self._session is not None:
            headers.append(("Session", self._session))
        if self._challenge is not None and self.url.credentials is not None:
            headers.append(("Authorization", self._authorization(self._challenge)))
        headers += self._extra
        self._out.append(encode(Request(self._method, self._uri, Headers(headers))))

    def _authorization(self, challenge: auth.Challenge) -> str:
        assert self.url.credentials is not None
        self._nonce_count += 1
        return auth.authorize(
            challenge,
            self.url.credentials,
            method=self._method,
            uri=self._uri,
            cnonce=self._cnonce(),
            nonce_count=self._nonce_count,
        )

    def _try_again_with_authorization(self, response: Response) -> bool:
        """Send the request again with the answer to the challenge, if that can help.

        A second 401 to one request means a wrong password, unless the nonce was merely stale: a
        camera locks accounts after a few wrong logins, so nothing is tried twice.
        """
        challenge = auth.choose(auth.parse_challenges(response.headers))
        if challenge is None or self.url.credentials is None:
            return False
        if self._tries and not (challenge.stale and self._tries < _MAX_AUTH_TRIES):
            return False
        self._tries += 1
        self._challenge, self._nonce_count = challenge, 0
        self._send()
        return True

    def _is_answer(self, response: Response) -> bool:
        """Tell whether it answers the request under way; cameras that send no CSeq are believed."""
        if response.status < _OK.start:
            return False
        cseq = response.headers.get("CSeq") or ""
        return not (cseq.isascii() and cseq.isdigit()) or int(cseq[:9]) == self._cseq

    def _answer(self, request: Request) -> None:
        """Answer what the camera asks (some check that we live)."""
        known = request.method in {"OPTIONS", "GET_PARAMETER", "SET_PARAMETER"}
        headers = Headers([("CSeq", request.headers.get("CSeq") or "0")])
        status, reason = (200, "OK") if known else (501, "Not Implemented")
        self._out.append(encode(Response(status, reason, headers)))

    def _aggregate(self) -> str:
        control = self.description.control if self.description else ""
        return self._base if control in {"", "*"} else join(self._base, control)
