"""Rude cameras, answer by answer: what is lived with, and what a password may cost."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from edge.redact import Secret
from edge.rtsp.channels import find_channel
from edge.rtsp.client import Phase, RtspClient
from edge.rtsp.framing import Framer, Headers, Request, Response, encode
from edge.rtsp.habits import HabitBook, Habits
from edge.rtsp.refusals import with_earlier_login, with_open_sessions
from edge.rtsp.replies import Trouble, base_uri, channel_of, join
from edge.rtsp.resolve import in_turn
from edge.rtsp.url import CameraUrl
from tests.pure.edge.rtp_packets import H264_P, frame, rtp
from wire.vocabulary import Cause

SDP = (
    b"v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"a=control:trackID=1\r\n"
)
URL = CameraUrl.parse("rtsp://xem:x@10.0.0.1/main")
OK: dict[str, Response] = {
    "OPTIONS": Response(200, "OK", Headers([("Public", "PLAY, GET_PARAMETER")])),
    "DESCRIBE": Response(200, "OK", Headers(), SDP),
    "SETUP": Response(200, "OK", Headers([("Session", "1"), ("Transport", "interleaved=0-1")])),
    "PLAY": Response(200, "OK"),
    "GET_PARAMETER": Response(200, "OK"),
    "TEARDOWN": Response(200, "OK"),
}
Camera = Callable[[Request], Response]


def challenge(nonce: str, *, stale: bool = False) -> Response:
    value = f'Digest realm="r", nonce="{nonce}"{", stale=true" if stale else ""}'
    return Response(401, "Unauthorized", Headers([("WWW-Authenticate", value)]))


def proper(request: Request) -> Response:
    return OK[request.method]


def client_of(habits: Habits | None = None, url: CameraUrl = URL) -> RtspClient:
    return RtspClient(url, cnonce=lambda: "c", habits=habits)


def asked(client: RtspClient) -> Iterator[Request]:
    framer = Framer()
    framer.feed(client.take_output())
    while (event := framer.next_event()) is not None:
        if isinstance(event, Request):
            yield event


def numbered(request: Request, response: Response) -> bytes:
    cseq = ("CSeq", request.headers.get("CSeq") or "")
    headers = Headers([cseq, *response.headers])
    return encode(replace(response, headers=headers))


def give(client: RtspClient, octets: bytes) -> None:
    assert client.feed(octets, len(octets), 0) == len(octets)


def talk(client: RtspClient, camera: Camera) -> list[Request]:
    """Let the camera answer until nobody says anything any more."""
    if client.phase is Phase.START:
        client.start()
    heard: list[Request] = []
    while requests := list(asked(client)):
        heard += requests
        assert len(heard) < 30
        for request in requests:
            give(client, numbered(request, camera(request)))
    return heard


def passwords(requests: list[Request]) -> list[str]:
    return [r.method for r in requests if r.headers.get("Authorization")]


# ------------------------------------------------------------ what a password may cost


def test_a_password_that_was_accepted_may_be_shown_again_for_a_new_nonce() -> None:
    seen: list[str] = []

    def camera(request: Request) -> Response:
        said = request.headers.get("Authorization") or ""
        wanted = f'nonce="{len(seen)}"'
        if wanted in said:
            seen.append(request.method)
            return proper(request)
        return challenge(str(len(seen)))

    client = client_of()
    requests = talk(client, camera)
    assert client.phase is Phase.PLAYING
    assert client.proven
    assert passwords(requests) == [
        "OPTIONS",
        "DESCRIBE",
        "DESCRIBE",
        "SETUP",
        "SETUP",
        "PLAY",
        "PLAY",
    ]


@pytest.mark.parametrize("method", ["SETUP", "PLAY"])
def test_a_login_that_is_refused_after_it_was_accepted_means_no_session_is_left(
    method: str,
) -> None:
    nonces = iter("abcdef")

    def camera(request: Request) -> Response:
        if request.method == "DESCRIBE" and not request.headers.get("Authorization"):
            return challenge(next(nonces))
        return challenge(next(nonces)) if request.method == method else proper(request)

    client = client_of()
    requests = talk(client, camera)
    assert client.trouble is not None
    assert (client.trouble.cause, client.trouble.refused_login) == (Cause.RTSP_BUSY, True)
    assert "accepted a moment ago" in client.trouble.detail
    assert passwords(requests).count(method) == 2


def test_the_same_nonce_again_is_no_reason_to_show_the_password_again() -> None:
    def camera(request: Request) -> Response:
        if request.method == "SETUP" or not request.headers.get("Authorization"):
            return challenge("same")
        return proper(request)

    client = client_of()
    assert passwords(talk(client, camera)).count("SETUP") == 1


def test_an_unproven_password_is_shown_once_whatever_nonce_comes() -> None:
    nonces = iter("abcdef")
    client = client_of()
    requests = talk(
        client, lambda r: proper(r) if r.method == "OPTIONS" else challenge(next(nonces))
    )
    assert passwords(requests) == ["DESCRIBE"]
    assert client.trouble is not None
    assert (client.trouble.cause, client.trouble.refused_login) == (Cause.RTSP_AUTH, True)


def test_a_403_after_a_login_may_be_a_lock_but_not_after_an_accepted_one() -> None:
    def locked(request: Request) -> Response:
        return challenge("a") if not request.headers.get("Authorization") else Response(403, "No")

    client = client_of()
    talk(client, locked)
    assert client.trouble is not None
    assert client.trouble.refused_login
    client = client_of()
    talk(client, lambda r: Response(403, "No") if r.method == "SETUP" else proper(r))
    assert client.trouble is not None
    assert (client.trouble.cause, client.trouble.refused_login) == (Cause.RTSP_AUTH, False)


def test_a_refused_keep_alive_is_the_last_one_that_shows_the_password() -> None:
    def camera(request: Request) -> Response:
        late = request.method == "GET_PARAMETER"
        return (
            challenge("n") if late or not request.headers.get("Authorization") else proper(request)
        )

    client = client_of()
    talk(client, camera)
    client.keep_alive()
    assert passwords(talk(client, camera)) == ["GET_PARAMETER"]
    client.keep_alive()
    assert talk(client, camera) == []
    assert client.phase is Phase.PLAYING


def test_another_session_that_is_served_proves_the_login() -> None:
    refused = Trouble(
        Cause.RTSP_AUTH,
        "DESCRIBE was answered 401 'x': it is wrong",
        refused_login=True,
        status=401,
    )
    assert with_open_sessions(refused, 0) is refused
    assert with_open_sessions(refused, 2).cause is Cause.RTSP_BUSY
    assert with_open_sessions(replace(refused, status=403), 2).cause is Cause.RTSP_AUTH
    assert with_open_sessions(replace(refused, refused_login=False), 2).cause is Cause.RTSP_AUTH


def test_that_a_login_was_accepted_earlier_is_said_but_proves_nothing() -> None:
    refused = Trouble(
        Cause.RTSP_AUTH,
        "DESCRIBE was answered 401 'x': it is wrong",
        refused_login=True,
        status=401,
    )
    told = with_earlier_login(refused, 200_000)
    assert told.cause is Cause.RTSP_AUTH
    assert "accepted 3 min ago" in told.detail
    assert "it is wrong" not in told.detail
    assert with_earlier_login(refused, None) is refused
    assert "accepted 2 s ago" in with_earlier_login(refused, 2_500).detail
    assert with_earlier_login(replace(refused, status=403), 1).detail == refused.detail


# ------------------------------------------------------------ what is lived with


def test_a_wrong_cseq_is_believed_after_a_silence_and_from_then_on() -> None:
    habits = Habits()
    client = client_of(habits)
    client.start()
    list(asked(client))
    give(client, b"RTSP/1.0 200 OK\r\nCSeq: 0\r\n\r\n")
    assert client.phase.value == "OPTIONS"
    assert client.settle()
    assert client.phase.value == "DESCRIBE"
    list(asked(client))
    give(client, b"RTSP/1.0 404 No\r\nCSeq: 0\r\n\r\n")
    assert client.trouble is not None
    assert client.trouble.cause is Cause.RTSP_NOT_FOUND
    assert habits.wrong_cseq


def test_an_unfinished_head_is_taken_after_a_silence_but_no_unfinished_line() -> None:
    client = client_of()
    client.start()
    list(asked(client))
    give(client, b"RTSP/1.0 200 OK\r\nCSeq: 1")
    assert not client.settle()
    give(client, b"\r\n")
    assert client.settle()
    assert client.phase.value == "DESCRIBE"
    assert not client.settle()


def test_a_head_ends_where_a_packet_begins() -> None:
    client = client_of()
    client.start()
    for method in ("OPTIONS", "DESCRIBE", "SETUP"):
        (request,) = asked(client)
        give(client, numbered(request, OK[method]))
    (play,) = asked(client)
    give(client, numbered(play, OK["PLAY"]).removesuffix(b"\r\n") + frame(rtp(1, 1, H264_P), 0))
    assert client.phase is Phase.PLAYING
    assert client.counter is not None
    assert client.counter.packets == 1


@pytest.mark.parametrize(
    ("refusal", "plays"),
    [
        (459, ["rtsp://10.0.0.1:554/main", "rtsp://10.0.0.1:554/main/trackID=1"]),
        (457, ["rtsp://10.0.0.1:554/main", "rtsp://10.0.0.1:554/main"]),
    ],
)
def test_play_is_asked_another_way(refusal: int, plays: list[str]) -> None:
    client = client_of()
    tries = iter([Response(refusal, "No"), OK["PLAY"]])
    requests = talk(client, lambda r: next(tries) if r.method == "PLAY" else proper(r))
    assert client.phase is Phase.PLAYING
    found = [r for r in requests if r.method == "PLAY"]
    assert [r.uri for r in found] == plays
    assert (found[1].headers.get("Range") is None) is (refusal == 457)


@pytest.mark.parametrize("status", [459, 457, 455, 404])
def test_play_is_not_asked_for_ever(status: int) -> None:
    client = client_of()
    requests = talk(client, lambda r: Response(status, "No") if r.method == "PLAY" else proper(r))
    assert client.trouble is not None
    assert len([r for r in requests if r.method == "PLAY"]) <= 3


def test_a_keep_alive_may_be_refused_while_packets_come() -> None:
    client = client_of()
    talk(client, proper)
    for number, status in enumerate((454, 500, 454, 405)):
        give(client, frame(rtp(number, number, H264_P), 0))
        client.keep_alive()
        talk(client, lambda _, s=status: Response(s, "No"))  # type: ignore[misc]
        assert client.phase is Phase.PLAYING
    client.keep_alive()
    talk(client, lambda _: Response(454, "No"))
    assert client.trouble is not None
    assert client.trouble.cause is Cause.RTSP_PROTOCOL


def test_a_camera_that_hangs_up_at_a_keep_alive_is_asked_another_way() -> None:
    habits = Habits()
    methods = []
    for _ in range(4):
        client = client_of(habits)
        talk(client, proper)
        client.keep_alive()
        methods.append([r.method for r in asked(client)])
        client.ended_by_peer()
    assert methods == [["GET_PARAMETER"], ["OPTIONS"], [], ["GET_PARAMETER"]]


def test_the_session_of_the_newest_answer_counts() -> None:
    client = client_of()
    renamed = Response(200, "OK", Headers([("Session", "2;timeout=9")]))
    talk(client, lambda r: renamed if r.method == "PLAY" else proper(r))
    client.stop()
    (teardown,) = asked(client)
    assert teardown.headers.get("Session") == "2"
    assert client.tearing_down
    give(client, numbered(teardown, OK["TEARDOWN"]))
    assert not client.tearing_down


def test_udp_in_the_answer_is_refused_and_torn_down() -> None:
    client = client_of()
    headers = Headers([("Session", "7"), ("Transport", "RTP/AVP;client_port=0-1;server_port=2-3")])
    talk(client, lambda r: Response(200, "OK", headers) if r.method == "SETUP" else proper(r))
    assert client.trouble is not None
    assert "UDP" in client.trouble.detail
    client.stop()
    assert [r.method for r in asked(client)] == ["TEARDOWN"]


def test_a_camera_may_send_its_viewers_elsewhere_by_a_request() -> None:
    client = client_of()
    client.start()
    away = Headers([("CSeq", "1"), ("Location", "rtsp://10.0.0.1:8554/b")])
    give(client, encode(Request("REDIRECT", "*", away)))
    assert client.redirected_to is not None
    assert (client.redirected_to.port, client.redirected_to.credentials) == (8554, URL.credentials)
    client = client_of()
    talk(client, proper)
    give(client, encode(Request("REDIRECT", "*", away)))
    assert client.trouble is not None
    assert client.trouble.cause is Cause.STREAM_STALLED


def test_a_redirect_may_name_a_path_alone() -> None:
    client = client_of()
    moved = Response(302, "Moved", Headers([("Location", "/other")]))
    talk(client, lambda r: moved if r.method == "DESCRIBE" else proper(r))
    assert client.redirected_to is not None
    assert client.redirected_to.request_uri == "rtsp://10.0.0.1:554/other"


@pytest.mark.parametrize(
    ("here", "there", "told"),
    [
        ("rtsp://u:p@cam/a", "rtsp://CAM:8554/b", True),
        ("rtsp://u:p@cam/a", "rtsps://cam/b", True),
        ("rtsps://u:p@cam/a", "rtsp://cam/b", False),
        ("rtsp://u:p@cam/a", "rtsp://other/b", False),
        ("rtsp://u:p@cam/a", "rtsp://eve:p@other/b", False),
    ],
)
def test_who_is_told_the_password_after_a_redirect(here: str, there: str, *, told: bool) -> None:
    target = CameraUrl.parse(here).redirected(CameraUrl.parse(there))
    assert (target.credentials is not None) is told


# ------------------------------------------------------------ small parts


@pytest.mark.parametrize(
    ("base", "control", "joined"),
    [
        ("rtsp://c/a/", "/trackID=1", "rtsp://c/a/trackID=1"),
        ("rtsp://c/a", "/a/trackID=1", "rtsp://c/a/trackID=1"),
        ("rtsp://c/a?x=1", "/a/trackID=1", "rtsp://c/a/trackID=1"),
        ("rtsp://c/", "/trackID=1", "rtsp://c/trackID=1"),
        ("rtsp://c", "trackID=1", "rtsp://c/trackID=1"),
        ("rtsp://c/cam?ch=1&s=1/", "trackID=0", "rtsp://c/cam?ch=1&s=1/trackID=0"),
    ],
)
def test_control_urls_with_slashes(base: str, control: str, joined: str) -> None:
    assert join(base, control) == joined


@pytest.mark.parametrize(
    ("value", "base"),
    [
        ('"rtsp://c/b/"', "rtsp://c/b/"),
        (" <rtsp://c/b/> ", "rtsp://c/b/"),
        ("rtsp://c/b b", "rtsp://asked"),
        ("/b/", "rtsp://asked"),
        ("", "rtsp://asked"),
    ],
)
def test_a_content_base_that_is_none_is_left_aside(value: str, base: str) -> None:
    assert base_uri(Headers([("Content-Base", value)]), "rtsp://asked") == base


@pytest.mark.parametrize(
    ("transport", "channel"),
    [
        ("RTP/AVP/TCP;unicast;interleaved=0-1", 0),
        ("RTP/AVP/TCP;unicast;Interleaved = 1-0;ssrc=1", 1),
        ("RTP/AVP/TCP;interleaved=6", 6),
        ("RTP/AVP/TCP;interleaved=999", 255),
        ("RTP/AVP/TCP;unicast", 0),
        ("", 0),
        ("RTP/AVP/UDP;unicast;client_port=1-2", None),
    ],
)
def test_the_channel_of_an_answer(transport: str, channel: int | None) -> None:
    assert channel_of(transport) == channel


def rtcp(channel: int) -> bytes:
    return frame(bytes.fromhex("80c80006") + bytes(24), channel)


@pytest.mark.parametrize(
    ("octets", "channel"),
    [
        (frame(rtp(1, 1, H264_P), 0), 0),
        (frame(rtp(1, 1, H264_P), 4), 4),
        (rtcp(1) + frame(rtp(1, 1, H264_P), 0), 0),
        (rtcp(0), 1),
        (rtcp(0) + frame(rtp(1, 1, H264_P), 0), 0),
        (frame(rtp(1, 1, H264_P), 4) + frame(rtp(1, 1, H264_P), 0), 0),
        (frame(b"\x80\x08" + bytes(30), 2), 0),
        (b"$\x00", 0),
        (b"", 0),
    ],
)
def test_where_the_video_really_comes(octets: bytes, channel: int) -> None:
    assert find_channel(octets, 0, len(octets), said=0, payload_type=96) == channel


def test_families_take_turns() -> None:
    six, four = 10, 2
    found = [(six, ("a",)), (six, ("b",)), (six, ("a",)), (six, ("c",)), (four, ("d",))]
    assert in_turn([(f, a) for f, a in found]) == [
        (six, ("a",)),
        (four, ("d",)),
        (six, ("b",)),
        (six, ("c",)),
    ]


def test_habits_are_a_hosts_and_forgotten_when_there_are_too_many() -> None:
    book = HabitBook()
    first = book.of(URL)
    first.wrong_cseq = True
    assert book.of(CameraUrl.parse("rtsp://10.0.0.1:554/other")) is first
    assert book.of(CameraUrl.parse("rtsp://10.0.0.1:555/")) is not first
    for number in range(1024):
        book.of(CameraUrl.parse(f"rtsp://10.1.{number // 256}.{number % 256}/"))
    assert not book.of(URL).wrong_cseq


def test_only_the_same_credentials_were_accepted() -> None:
    assert URL.credentials is not None
    habits = Habits(accepted=(URL.credentials, 5_000))
    assert habits.accepted_ago_ms(URL.credentials, 9_000) == 4_000
    other = replace(URL.credentials, password=Secret("other"))
    assert habits.accepted_ago_ms(other, 9_000) is None
    assert habits.accepted_ago_ms(None, 9_000) is None


@pytest.mark.parametrize("text", ["rtsp://[fe80::1%eth0]:8554/a", "rtsp://[fe80::1%25eth0]:8554/a"])
def test_a_zone_is_for_us_and_not_for_the_camera(text: str) -> None:
    url = CameraUrl.parse(text)
    assert (url.host, url.port) == ("fe80::1%eth0", 8554)
    assert url.request_uri == "rtsp://[fe80::1]:8554/a"


def test_what_was_sent_along_unasked_proves_nothing() -> None:
    nonces = iter("abcdef")

    def camera(request: Request) -> Response:
        known = request.headers.get("Authorization") is not None
        return (
            Response(405, "No")
            if known and request.method == "OPTIONS"
            else challenge(next(nonces))
        )

    client = client_of()
    assert passwords(talk(client, camera)) == ["OPTIONS", "DESCRIBE"]
    assert client.trouble is not None
    assert client.trouble.cause is Cause.RTSP_AUTH


def test_an_answer_that_was_held_is_not_kept_for_the_next_request() -> None:
    client = client_of()
    client.start()
    (options,) = asked(client)
    give(client, b"RTSP/1.0 500 Late\r\nCSeq: 0\r\n\r\n" + numbered(options, OK["OPTIONS"]))
    assert client.phase is Phase.DESCRIBE
    assert not client.settle()
    assert client.phase is Phase.DESCRIBE


def test_packets_on_another_channel_than_was_said_are_counted() -> None:
    client = client_of()
    talk(client, proper)
    octets = b"".join(rtcp(5) + frame(rtp(n, n, H264_P), 4) for n in range(3))
    done = client.feed(octets, 50, 0)
    give(client, octets[done:])
    assert client.counter is not None
    assert client.counter.packets == 3
