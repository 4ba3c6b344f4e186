"""One request under way at a time: its number, its login, and which answer belongs to it. Pure.

A password is careful goods. Cameras lock accounts after a few wrong ones, so within one session:

- nothing is sent before a challenge asks for it;
- a password that has not been accepted yet is sent once; a second time only where the camera says
  that merely its nonce was stale; once refused, not even with TEARDOWN;
- one that *was* accepted in this session is sent again once per request where the camera has a new
  nonce (some make one for each answer); refused then, it is no wrong password.

An answer belongs to the request if its CSeq says so, or if it has none. Cameras whose numbers are
always wrong exist: such an answer is held, and believed once nothing better has come for a while.
"""

from collections.abc import Callable
from typing import Final

from edge.rtsp import auth
from edge.rtsp.framing import Headers, Request, Response, encode
from edge.rtsp.habits import Habits
from edge.rtsp.url import CameraUrl

USER_AGENT: Final = "vonggac"
_MAX_STALE: Final = 3
_FINAL: Final = 200
_OK: Final = range(200, 300)
_UNAUTHORIZED: Final = 401


class Dialogue:
    """What is asked of one camera in one session.

    Attributes:
        method: Of the request under way, or of the last one.
        awaiting: Whether its answer is still to come.
        session: The session's id, once there is one.
        password_sent: Whether the request under way carries the password.
        proven: Whether the camera has accepted the password in this session.
    """

    def __init__(self, url: CameraUrl, *, cnonce: Callable[[], str], habits: Habits) -> None:
        self.method = ""
        self.awaiting = False
        self.session: str | None = None
        self.password_sent = False
        self.proven = False
        self._url, self._cnonce, self._habits = url, cnonce, habits
        self._uri = ""
        self._extra: tuple[tuple[str, str], ...] = ()
        self._cseq = 0
        self._challenge: auth.Challenge | None = None
        self._nonce_count = 0
        self._tries = 0
        self._refused = False
        self._held: Response | None = None
        self._out: list[bytes] = []

    @property
    def showed_password(self) -> bool:
        """Whether any request has carried the password, or what is made of it."""
        return self._challenge is not None

    def ask(self, method: str, uri: str, *extra: tuple[str, str]) -> None:
        """Put a request in the place of the one under way."""
        self.method, self._uri, self._extra = method, uri, extra
        self._tries = 0
        self._send()

    def say(self, response: Response) -> None:
        """Answer what the camera has asked."""
        self._out.append(encode(response))

    def take_output(self) -> bytes:
        """Return what is to be sent, once."""
        out = b"".join(self._out)
        self._out.clear()
        return out

    def receive(self, response: Response) -> Response | None:
        """Return ``response`` if it settles the request under way.

        None for an answer to something else, an interim one, and a challenge that is being answered
        (the request has been sent again).
        """
        if response.status < _FINAL or not self.awaiting:
            return None
        if not self._is_answer(response):
            self._held = response
            return None
        return self._settle(response)

    @property
    def has_held(self) -> bool:
        """Whether an answer with a wrong number is held."""
        return self._held is not None and self.awaiting

    def believe_held(self) -> Response | None:
        """Take the answer whose number was wrong, after all, and remember that the camera does so.

        Returns as ``receive`` does.
        """
        held, self._held = self._held, None
        if held is None or not self.awaiting:
            return None
        self._habits.wrong_cseq = True
        return self._settle(held)

    def _settle(self, response: Response) -> Response | None:
        if response.status == _UNAUTHORIZED and self._log_in(response):
            return None
        if response.status == _UNAUTHORIZED and self.password_sent and not self.proven:
            self._refused = True
        self.awaiting = False
        if self.password_sent and response.status in _OK:
            self.proven = True
        return response

    def _log_in(self, response: Response) -> bool:
        """Send the request again with the answer to the challenge, if that can help."""
        challenge = auth.choose(auth.parse_challenges(response.headers))
        if challenge is None or self._url.credentials is None or not self._may_log_in(challenge):
            return False
        self._tries += 1
        self._challenge, self._nonce_count = challenge, 0
        self._send()
        return True

    def _may_log_in(self, challenge: auth.Challenge) -> bool:
        if self._refused:
            return False
        if not self.password_sent:
            return True
        if challenge.stale:
            return self._tries < _MAX_STALE
        assert self._challenge is not None
        return self.proven and self._tries == 0 and challenge.nonce != self._challenge.nonce

    def _send(self) -> None:
        self._cseq += 1
        self.awaiting, self._held = True, None
        headers = [("CSeq", str(self._cseq)), ("User-Agent", USER_AGENT)]
        if self.session is not None:
            headers.append(("Session", self.session))
        self.password_sent = False
        if self._challenge is not None and self._url.credentials is not None and not self._refused:
            self.password_sent = True
            headers.append(("Authorization", self._authorization(self._challenge)))
        headers += self._extra
        self._out.append(encode(Request(self.method, self._uri, Headers(headers))))

    def _authorization(self, challenge: auth.Challenge) -> str:
        assert self._url.credentials is not None
        self._nonce_count += 1
        return auth.authorize(
            challenge,
            self._url.credentials,
            method=self.method,
            uri=self._uri,
            cnonce=self._cnonce(),
            nonce_count=self._nonce_count,
        )

    def _is_answer(self, response: Response) -> bool:
        """Tell whether it answers the request under way; without a CSeq it is believed."""
        cseq = response.headers.get("CSeq") or ""
        if self._habits.wrong_cseq or not (cseq.isascii() and cseq.isdigit()):
            return True
        return int(cseq[:9]) == self._cseq
