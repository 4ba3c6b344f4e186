"""What is said between us and one camera: phases, requests, what each answer means. Pure.

::

    START ─ start ─► OPTIONS ─ any answer ─► DESCRIBE ─► SETUP ─► PLAY ─► PLAYING ─ stop ─► CLOSED
                        └──── 401 without a way out, 404, 453, 5xx, not RTSP ... ──► FAILED
                                   3xx, or a REDIRECT from the camera ──► REDIRECTED

OPTIONS comes first, although DESCRIBE would do, because cameras are tested against clients that do
so, and because its ``Public`` says how to keep the session alive. Every way that this fails is a
``Trouble``: the cause tells who must act, the detail what was seen. What a camera says (reasons,
realms) is quoted in ASCII and never believed.

Rudeness that does no harm is lived with: a keep-alive that is refused while packets come, a PLAY
that wants the track's own URL or no range, a SETUP without a session.
"""

from collections.abc import Callable
from enum import Enum
from typing import Final

from edge.redact import redact
from edge.rtsp import sdp
from edge.rtsp.dialogue import Dialogue
from edge.rtsp.framing import Headers, Request, Response
from edge.rtsp.habits import Habits
from edge.rtsp.refusals import refusal
from edge.rtsp.replies import (
    DEFAULT_TIMEOUT_S,
    Trouble,
    base_uri,
    channel_of,
    join,
    session_of,
)
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.url import CameraUrl, UrlError
from wire.vocabulary import Cause

_OK: Final = range(200, 300)
_REDIRECT: Final = range(300, 400)
_UNAUTHORIZED: Final = 401
_NO_SESSION: Final = 454
_NO_GET_PARAMETER: Final = frozenset({400, 404, 405, 451, 454, 455, 500, 501, 551})
_NO_RANGE, _NO_AGGREGATE = 457, frozenset({459, 404, 455})
_MAX_KEEP_ALIVE_S: Final = 30
_ANSWERED_200: Final = frozenset(
    {"OPTIONS", "GET_PARAMETER", "SET_PARAMETER", "ANNOUNCE", "REDIRECT"}
)


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


class Conversation:
    """One session with one camera.

    Attributes:
        phase: How far it has come.
        trouble: Why it ended, where it failed.
        redirected_to: The new address after a redirect.
        description: What DESCRIBE said.
        counter: Counts the packets, from SETUP on.
        answers: Responses so far: a rise tells that the camera's RTSP is alive.
        keep_alive_s: How often ``keep_alive`` is to be called.
    """

    def __init__(
        self, url: CameraUrl, *, cnonce: Callable[[], str], habits: Habits | None = None
    ) -> None:
        self.url = url
        self.phase = Phase.START
        self.trouble: Trouble | None = None
        self.redirected_to: CameraUrl | None = None
        self.description: sdp.Description | None = None
        self.counter: StreamCounter | None = None
        self.answers = 0
        self.keep_alive_s: float = DEFAULT_TIMEOUT_S / 2
        self._habits = habits or Habits()
        self._dialogue = Dialogue(url, cnonce=cnonce, habits=self._habits)
        self._get_parameter = False
        self._mute = False
        self._kept_at_packets = 0
        self._base = url.request_uri
        self._track_uri = ""
        self._plays: list[tuple[str, tuple[tuple[str, str], ...]]] = []

    # ------------------------------------------------------------ commands

    @property
    def tearing_down(self) -> bool:
        """Whether TEARDOWN's answer is still to come."""
        dialogue = self._dialogue
        return dialogue.awaiting and dialogue.method == "TEARDOWN"

    @property
    def showed_password(self) -> bool:
        """Whether a request has carried the password, or what is made of it."""
        return self._dialogue.showed_password

    @property
    def proven(self) -> bool:
        """Whether the camera has accepted the password in this session."""
        return self._dialogue.proven

    def start(self) -> None:
        """Begin the handshake."""
        assert self.phase is Phase.START
        self.phase = Phase.OPTIONS
        self._ask("OPTIONS", self.url.request_uri)

    def keep_alive(self) -> None:
        """Tell the camera that we are still here; its answer raises ``answers``."""
        method = self._habits.keep_alive_method(get_parameter=self._get_parameter)
        if self.phase is Phase.PLAYING and method is not None and not self._mute:
            self._ask(method, self._aggregate())

    def stop(self) -> None:
        """End the session: TEARDOWN where there is one."""
        if self._has_session and self._dialogue.method != "TEARDOWN":
            self._ask("TEARDOWN", self._aggregate())
        if self.phase is not Phase.FAILED:
            self.phase = Phase.CLOSED

    def ended_by_peer(self) -> None:
        """Note that the camera has closed the connection."""
        method = self._dialogue.method
        if self.phase is Phase.PLAYING:
            self._habits.hung_up(method if self._dialogue.awaiting else None)
            self._fail(Cause.STREAM_STALLED, "the camera closed the connection")
        elif self.phase not in ENDED:
            hint = "" if self.answers else "; perhaps it wants TLS (rtsps://)"
            why = f"the camera closed the connection instead of answering {method}{hint}"
            self._fail(Cause.RTSP_PROTOCOL, why)

    def take_output(self) -> bytes:
        """Return what is to be sent, once."""
        return self._dialogue.take_output()

    # ------------------------------------------------------------ the state machine

    def receive(self, response: Response) -> None:
        """Take one response: the answer to the request under way, or something else."""
        self.answers += 1
        if (answer := self._dialogue.receive(response)) is not None:
            self._step(answer)

    def _step(self, response: Response) -> None:
        """Take the answer to the request under way: the machine's one step."""
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
        if self._refuse(response):
            return
        try:
            self.description = sdp.parse(response.body)
        except sdp.SdpError as error:
            self._fail(Cause.RTSP_PROTOCOL, redact(str(error), self.url.secrets))
            return
        self._base = base_uri(response.headers, self.url.request_uri)
        self._track_uri = join(self._base, self.description.video.control)
        self.phase = Phase.SETUP
        transport = ("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")
        self._ask("SETUP", self._track_uri, transport)

    def _on_setup(self, response: Response) -> None:
        if self._refuse(response):
            return
        self._dialogue.session, timeout_s = session_of(response.headers.get("Session") or "")
        self.keep_alive_s = min(timeout_s / 2, _MAX_KEEP_ALIVE_S)
        channel = channel_of(response.headers.get("Transport") or "")
        if channel is None:
            self._fail(Cause.RTSP_PROTOCOL, "SETUP over TCP was asked, but it means to send by UDP")
            return
        assert self.description is not None
        self.counter = StreamCounter(self.description.video, channel=channel)
        self.phase = Phase.PLAY
        from_now = ("Range", "npt=0.000-")
        self._plays = [(self._track_uri, (from_now,)), (self._aggregate(), ())]
        self._ask("PLAY", self._aggregate(), from_now)

    def _on_play(self, response: Response) -> None:
        if response.status == _NO_RANGE and len(self._plays) > 1:
            uri, headers = self._plays.pop()
            self._ask("PLAY", uri, *headers)
        elif response.status in _NO_AGGREGATE and self._plays:
            uri, headers = self._plays[0]
            self._plays.clear()
            self._ask("PLAY", uri, *headers)
        elif not self._refuse(response):
            session, _ = session_of(response.headers.get("Session") or "")
            self._dialogue.session = session or self._dialogue.session
            self.phase = Phase.PLAYING

    def _on_keep_alive(self, response: Response) -> None:
        """Refused keep-alives do no harm while packets come."""
        assert self.counter is not None
        packets, before = self.counter.packets, self._kept_at_packets
        self._kept_at_packets = packets
        if response.status == _NO_SESSION and packets == before:
            self._fail(Cause.RTSP_PROTOCOL, "the camera has forgotten the session (454)")
        elif response.status == _UNAUTHORIZED:
            self._mute = True  # each would send the password again, and might lock the account
        elif response.status in _NO_GET_PARAMETER:
            self._get_parameter = False

    def _refuse(self, response: Response) -> bool:
        """Fail or turn away if ``response`` is no consent; tell whether it was none."""
        if response.status in _OK:
            return False
        if response.status in _REDIRECT:
            self._redirect(response.headers, f"redirected ({response.status})")
        else:
            self._end(refusal(response, self.url, self._dialogue))
        return True

    def _redirect(self, headers: Headers, said: str) -> None:
        location = (headers.get("Location") or "").strip()
        if location.startswith("/"):
            location = f"{self.url.scheme}://{self.url.netloc}{location}"
        try:
            target = CameraUrl.parse(location)
        except UrlError:
            self._fail(Cause.RTSP_PROTOCOL, f"{said} to no RTSP address")
            return
        self.redirected_to = self.url.redirected(target)
        self.phase = Phase.REDIRECTED

    def _fail(self, cause: Cause, detail: str) -> None:
        self._end(Trouble(cause, detail))

    def _end(self, trouble: Trouble) -> None:
        if self.phase not in ENDED:
            self.trouble = trouble
            self.phase = Phase.FAILED

    # ------------------------------------------------------------ requests

    def _ask(self, method: str, uri: str, *extra: tuple[str, str]) -> None:
        self._dialogue.ask(method, uri, *extra)

    def reply_to(self, request: Request) -> None:
        """Answer what the camera asks (some check that we live)."""
        headers = Headers([("CSeq", request.headers.get("CSeq") or "0")])
        known = request.method in _ANSWERED_200
        status, reason = (200, "OK") if known else (501, "Not Implemented")
        self._dialogue.say(Response(status, reason, headers))
        if request.method != "REDIRECT":
            return
        if self.phase is Phase.PLAYING:
            self._fail(Cause.STREAM_STALLED, "the camera sent us elsewhere while it played")
        elif self.phase not in ENDED:
            self._redirect(request.headers, "redirected by a REDIRECT")

    @property
    def _has_session(self) -> bool:
        return self._dialogue.session is not None or self.counter is not None

    def _aggregate(self) -> str:
        control = self.description.control if self.description else ""
        return self._base if control in {"", "*"} else join(self._base, control)
