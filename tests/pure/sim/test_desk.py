"""A simulated camera's answers: logins, sessions, and what a manner changes."""

from dataclasses import dataclass, field, replace

import pytest

from edge.redact import Secret
from edge.rtsp.auth import authorize, choose, parse_challenges
from edge.rtsp.framing import Headers, Request, Response
from edge.rtsp.sdp import SdpError, parse
from edge.rtsp.url import Credentials
from sim import manners, sdp
from sim.desk import Desk
from sim.door import Asking, Nonces
from sim.faults import Fault
from sim.login import Login
from sim.manners import PROPER, Manner
from sim.rude import RUDE
from sim.stream import Film
from wire.vocabulary import Cause

SETS = (bytes.fromhex("6764001fac2ca4014016ec0440000003004000000c83c60c92"), b"\x68\xee\x3c\xb0")
GOOD = Credentials("xem", Secret("x"))


@dataclass
class Camera:
    manner: Manner = PROPER
    fault: Fault | None = None
    user: str = "xem"
    password: str = "x"
    path: str = "/main"
    title: str = "Cổng"
    film: Film = field(default_factory=lambda: Film(codec="h264", fps=12, bursts=(), sets=SETS))
    position: tuple[int, int] = (1, 2)
    login: Login = field(default_factory=Login)
    sessions: int = 0

    def seconds(self) -> float:
        return 0.0


def request(method: str, uri: str = "rtsp://c/main", **headers: str) -> Request:
    return Request(method, uri, Headers(headers.items()))


def logged_in(desk: Desk, asked: Request, who: Credentials = GOOD) -> Response:
    """Ask, and answer a challenge as our own client does, once."""
    refused = desk.answer(asked)
    challenge = choose(parse_challenges(refused.headers))
    if challenge is None:
        return refused
    said = authorize(challenge, who, method=asked.method, uri=asked.uri, cnonce="c")
    headers = Headers([*asked.headers, ("Authorization", said)])
    return desk.answer(replace(asked, headers=headers))


SETUP = request("SETUP", "rtsp://c/main/trackID=1", Transport="RTP/AVP/TCP;interleaved=0-1")


def test_a_proper_camera_takes_a_proper_client() -> None:
    camera = Camera()
    desk = Desk(camera)
    assert desk.answer(request("OPTIONS")).status == 200
    described = logged_in(desk, request("DESCRIBE"))
    assert parse(described.body).video.fps == 12
    session = (logged_in(desk, SETUP).headers.get("Session") or "").partition(";")[0]
    assert logged_in(desk, request("PLAY", Session=session)).status == 200
    assert logged_in(desk, request("PLAY", Session="other")).status == 454
    assert logged_in(desk, request("TEARDOWN", Session=session)).status == 200
    assert desk.torn_down
    assert (camera.login.logins, camera.login.password_tries) == (1, 0)


@pytest.mark.parametrize(
    "asking",
    [
        Asking(schemes=("Basic",)),
        Asking(algorithm="SHA-256", qop="auth"),
        Asking(algorithm="MD5-sess", qop="auth"),
        Asking(qop="auth-int"),
        Asking(realm=r"a \"b\" \\c"),
    ],
)
def test_each_way_of_asking_tells_right_from_wrong(asking: Asking) -> None:
    camera = Camera(Manner(asking=asking))
    assert logged_in(Desk(camera), request("DESCRIBE")).status == 200
    wrong = replace(GOOD, password=Secret("y"))
    assert logged_in(Desk(camera), request("DESCRIBE"), wrong).status == 401
    assert (camera.login.logins, camera.login.password_tries) == (1, 1)


def test_a_stale_nonce_is_no_try_but_a_wrong_password_with_one_is() -> None:
    camera = Camera(Manner(asking=Asking(nonces=Nonces.STALE_FIRST)))
    desk = Desk(camera)
    again = logged_in(desk, request("DESCRIBE"))
    assert (again.status, parse_challenges(again.headers)[0].stale) == (401, True)
    assert logged_in(desk, request("DESCRIBE")).status == 200
    assert camera.login.password_tries == 0
    logged_in(Desk(camera), request("DESCRIBE"), replace(GOOD, user="eve"))
    assert camera.login.password_tries == 1


@pytest.mark.parametrize(
    ("full", "method", "status"), [(453, "SETUP", 453), (503, "SETUP", 503), (401, "DESCRIBE", 401)]
)
def test_a_camera_whose_sessions_are_used_up(full: int, method: str, status: int) -> None:
    camera = Camera(Manner(sessions=1, full=full), sessions=1)
    asked = SETUP if method == "SETUP" else request(method)
    assert logged_in(Desk(camera), asked).status == status
    camera.sessions = 0
    assert logged_in(Desk(camera), asked).status == 200
    assert camera.login.password_tries == 0


def test_a_setup_that_is_refused_after_all_begins_no_session() -> None:
    desk = Desk(Camera(Manner(reword=manners.answering(453, "SETUP"))))
    assert logged_in(desk, SETUP).status == 453
    assert desk.session is None


@pytest.mark.parametrize(
    "spoil", [sdp.empty, sdp.junk, sdp.without_video, sdp.mjpeg, sdp.other_codec]
)
def test_bad_descriptions_are_bad(spoil: manners.Spell) -> None:
    described = logged_in(Desk(Camera(Manner(sdp=spoil))), request("DESCRIBE"))
    with pytest.raises(SdpError):
        parse(described.body)


@pytest.mark.parametrize("spoil", [sdp.many_tracks, sdp.without_sets, sdp.untidy])
def test_odd_descriptions_can_be_read(spoil: manners.Spell) -> None:
    described = logged_in(Desk(Camera(Manner(sdp=spoil))), request("DESCRIBE"))
    assert parse(described.body).video.control == "trackID=1"


def test_every_rude_kind_says_what_it_does_and_what_to_make_of_it() -> None:
    assert len(RUDE) >= 80
    for name, rude in RUDE.items():
        assert rude.says, name
        assert not rude.told or rude.expect is not None, name
        assert rude.expect is None or isinstance(rude.expect, Cause), name
    assert len({rude.says for rude in RUDE.values()}) == len(RUDE)
