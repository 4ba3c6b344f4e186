"""A camera that answers back: each octet of an input is its next move, whatever we said.

Where ``stream`` plays a recording, this knows our last request and can answer it rightly, wrongly,
late or twice; so it comes to every state, and counts what a password costs: a camera that refused
one must not be shown it again in the same session, unless it says that its nonce was stale.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from edge.rtsp.client import ENDED, Phase, RtspClient
from edge.rtsp.framing import Framer, Headers, Request, Response, encode
from tests.fuzz.stream import URL
from tests.fuzz.text import PASSWORD, speakable

_SDP: Final = (
    b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:trackID=1\r\n",
    b"a=control:rtsp://192.0.2.9/x\r\nm=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000\r\n",
    b"m=video 0 RTP/AVP 26\r\n",
    b"",
)
_DIGEST: Final = 'Digest realm="r", nonce="n{}", qop="auth"'
_STATUSES: Final = (
    100, 200, 200, 200, 200, 301, 302, 400, 403, 404, 405, 406, 451, 453, 454, 455, 457, 459, 461,
    500, 501, 503, 551,
)  # fmt: skip
_FRAME: Final = b"$\x00\x00\x10\x80\x60\x00\x01\x00\x00\x00\x01SSRC\x65\x88\x80\x00"
_MOST: Final = 120


@dataclass(slots=True)
class _Camera:
    """The state of a session as both see it."""

    client: RtspClient
    framer: Framer = field(default_factory=Framer)
    request: Request | None = None
    requests: int = 0
    nonces: int = 0
    answered: bool = False
    refused: bool = False

    def hear(self) -> None:
        """Read what the client says now, and mind the password."""
        self.framer.feed(self.client.take_output())
        while (message := self.framer.next_event()) is not None:
            if isinstance(message, Request):
                self.request, self.requests = message, self.requests + 1
                self.answered = False
                shows = message.headers.get("Authorization") is not None
                assert not (shows and self.refused), "a refused password is shown again"
        assert not self.framer.in_message

    def say(self, octets: bytes) -> None:
        """Say something and hear what comes of it."""
        assert self.client.feed(octets, len(octets), 1000 + self.requests) == len(octets)
        self.hear()

    def answer(self, status: int, *headers: tuple[str, str], off_by: int = 0) -> None:
        """Answer the last request."""
        assert self.request is not None
        number = int(self.request.headers.get("CSeq") or 0) + off_by
        body = _SDP[status % 4] if self.request.method == "DESCRIBE" and status == 200 else b""
        self.answered = self.answered or (status >= 200 and not off_by)
        more = [("CSeq", str(number)), ("Session", "s7;timeout=9"), *headers]
        self.say(encode(Response(status, "x", Headers(more), body)))

    def challenge(self, *, stale: bool, off_by: int = 0) -> None:
        """Refuse for want of a login, or of a better one."""
        assert self.request is not None
        shown = self.request.headers.get("Authorization") is not None
        if shown and not (stale or off_by or self.answered or self.client.proven):
            self.refused = True
        self.nonces += 1
        value = _DIGEST.format(self.nonces) + (", stale=true" if stale else "")
        self.answer(401, ("WWW-Authenticate", value), off_by=off_by)


def _fall_silent(camera: _Camera) -> None:
    camera.client.settle()


_MOVES: Final[tuple[Callable[[_Camera], None], ...]] = (
    *(lambda camera, status=status: camera.answer(status) for status in _STATUSES),
    lambda camera: camera.answer(200, ("Public", "GET_PARAMETER, OPTIONS")),
    lambda camera: camera.answer(200, ("Transport", "RTP/AVP/TCP;interleaved=2-3")),
    lambda camera: camera.answer(200, ("Transport", "RTP/AVP;server_port=1-2")),
    lambda camera: camera.answer(200, off_by=-1),
    lambda camera: camera.answer(500, off_by=7),
    lambda camera: camera.answer(302, ("Location", "rtsp://192.0.2.1/elsewhere")),
    lambda camera: camera.answer(302, ("Location", "rtsp://x:y@192.0.2.99/")),
    lambda camera: camera.answer(401),
    lambda camera: camera.answer(401, ("WWW-Authenticate", "NTLM")),
    lambda camera: camera.challenge(stale=False),
    lambda camera: camera.challenge(stale=False),
    lambda camera: camera.challenge(stale=True),
    lambda camera: camera.challenge(stale=False, off_by=-1),
    lambda camera: camera.say(_FRAME),
    lambda camera: camera.say(_FRAME * 3),
    lambda camera: camera.say(b"OPTIONS * RTSP/1.0\r\nCSeq: 5\r\n\r\n"),
    lambda camera: camera.say(b"REDIRECT * RTSP/1.0\r\nLocation: rtsp://192.0.2.3/\r\n\r\n"),
    lambda camera: camera.client.keep_alive(),
    lambda camera: camera.client.keep_alive(),
    _fall_silent,
)


def check_dialogue(data: bytes) -> Hashable:
    """Play the moves; return where it ended."""
    client = RtspClient(URL, cnonce=lambda: "0011223344556677")
    camera = _Camera(client)
    client.start()
    camera.hear()
    for octet in data[:_MOST]:
        _MOVES[octet % len(_MOVES)](camera)
        camera.hear()
        if client.phase in ENDED:
            break
    phase, trouble = client.phase, client.trouble
    assert (trouble is not None) == (phase is Phase.FAILED)
    if trouble is not None:
        speakable(trouble.detail)
        assert PASSWORD not in trouble.detail
    if phase is Phase.REDIRECTED:
        assert client.redirected_to is not None
        same = client.redirected_to.host == URL.host
        assert same or client.redirected_to.credentials is None, "a stranger is told the password"
    client.stop()
    camera.hear()
    for octet in data[-3:]:
        _MOVES[octet % len(_MOVES)](camera)
    camera.hear()
    assert camera.requests <= 8 + 4 * len(data[:_MOST])
    method = camera.request.method if camera.request else ""
    return phase, trouble and (str(trouble.cause), trouble.status), method, client.proven
