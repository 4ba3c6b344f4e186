"""The client against scripted answers; a real server's are in tests/system."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rtsp.client import ENDED, Phase, RtspClient
from edge.rtsp.framing import Framer, Headers, Interleaved, Request, Response, encode
from edge.rtsp.replies import join
from edge.rtsp.url import CameraUrl
from tests.pure.edge.rtp_packets import H264_P, frame, rtp
from wire.vocabulary import Cause

SDP = (
    b"v=0\r\na=control:*\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
    b"a=control:trackID=1\r\n"
)
URL = CameraUrl.parse("rtsp://xem:b%C3%AD@10.0.0.1/main")
DIGEST = ("WWW-Authenticate", 'Digest realm="r", nonce="n1"')
Answer = Callable[[Request], Response]


def new_client(url: CameraUrl = URL) -> RtspClient:
    return RtspClient(url, cnonce=lambda: "c")


def asked(client: RtspClient) -> list[Request]:
    framer, found = Framer(), []
    framer.feed(client.take_output())
    while (event := framer.next_event()) is not None:
        assert isinstance(event, Request)
        found.append(event)
    return found


def give(client: RtspClient, data: bytes, now_ms: int = 0) -> None:
    assert client.feed(data, len(data), now_ms) == len(data)


def answer(request: Request, status: int, *headers: tuple[str, str], body: bytes = b"") -> bytes:
    cseq = request.headers.get("CSeq")
    assert cseq is not None
    reply = Response(status, "So", Headers([("CSeq", cseq), *headers]), body)
    return encode(reply)


OK: dict[str, tuple[tuple[tuple[str, str], ...], bytes]] = {
    "OPTIONS": ((("Public", "DESCRIBE, SETUP, TEARDOWN, PLAY, GET_PARAMETER"),), b""),
    "DESCRIBE": ((("Content-Base", "rtsp://10.0.0.1/main/"),), SDP),
    "SETUP": (
        (("Session", "abc;timeout=20"), ("Transport", "RTP/AVP/TCP;interleaved=4-5")),
        b"",
    ),
    "PLAY": ((), b""),
    "TEARDOWN": ((), b""),
    "GET_PARAMETER": ((), b""),
}


def run(
    client: RtspClient, refusals: dict[str, tuple[int, tuple[tuple[str, str], ...]]]
) -> list[Request]:
    """Play a camera that refuses the methods in ``refusals``, until the handshake is over."""
    client.start()
    all_asked: list[Request] = []
    while client.phase is not Phase.PLAYING and client.phase not in ENDED:
        (request,) = asked(client)
        all_asked.append(request)
        assert len(all_asked) < 20
        if request.method in refusals:
            status, headers = refusals[request.method]
            give(client, answer(request, status, *headers))
        else:
            headers, body = OK[request.method]
            give(client, answer(request, 200, *headers, body=body))
    return all_asked


def test_the_handshake() -> None:
    client = new_client()
    requests = run(client, {})
    assert [(r.method, r.uri) for r in requests] == [
        ("OPTIONS", "rtsp://10.0.0.1:554/main"),
        ("DESCRIBE", "rtsp://10.0.0.1:554/main"),
        ("SETUP", "rtsp://10.0.0.1/main/trackID=1"),
        ("PLAY", "rtsp://10.0.0.1/main/"),
    ]
    assert requests[3].headers.get("Session") == "abc"
    assert client.keep_alive_s == 10
    assert client.phase is Phase.PLAYING
    give(client, frame(rtp(1, 1, H264_P), 4), now_ms=9)
    assert client.counter is not None
    assert (client.counter.packets, client.counter.last_packet_ms) == (1, 9)


@pytest.mark.parametrize(
    ("method", "status", "cause", "told"),
    [
        ("DESCRIBE", 404, Cause.RTSP_NOT_FOUND, "404"),
        ("DESCRIBE", 403, Cause.RTSP_AUTH, "403"),
        ("DESCRIBE", 453, Cause.RTSP_BUSY, "453"),
        ("SETUP", 453, Cause.RTSP_BUSY, "SETUP"),
        ("PLAY", 503, Cause.RTSP_BUSY, "PLAY"),
        ("SETUP", 461, Cause.RTSP_PROTOCOL, "461"),
        ("DESCRIBE", 500, Cause.RTSP_PROTOCOL, "500"),
        ("DESCRIBE", 401, Cause.RTSP_AUTH, "Digest or Basic is needed"),
        ("OPTIONS", 401, Cause.RTSP_AUTH, "Digest or Basic is needed"),
        ("DESCRIBE", 302, Cause.RTSP_PROTOCOL, "no RTSP address"),
    ],
)
def test_a_refusal_has_its_cause(method: str, status: int, cause: Cause, told: str) -> None:
    client = new_client()
    run(client, {method: (status, ())})
    assert client.trouble is not None
    assert client.trouble.cause is cause
    assert told in client.trouble.detail


def test_options_may_be_refused() -> None:
    client = new_client()
    run(client, {"OPTIONS": (404, ())})
    assert client.phase is Phase.PLAYING


def test_a_wrong_password_is_sent_once() -> None:
    client = new_client()
    requests = run(client, {"DESCRIBE": (401, (DIGEST,))})
    assert [r.headers.get("Authorization") is not None for r in requests] == [False, False, True]
    assert client.trouble is not None
    assert client.trouble.cause is Cause.RTSP_AUTH
    assert "wrong" in client.trouble.detail


def test_a_stale_nonce_is_no_wrong_password_but_has_an_end() -> None:
    client = new_client()
    stale = ("WWW-Authenticate", 'Digest realm="r", nonce="n2", stale=true')
    requests = run(client, {"DESCRIBE": (401, (stale,))})
    assert len([r for r in requests if r.method == "DESCRIBE"]) == 4
    assert client.trouble is not None


def test_without_credentials_a_401_asks_for_them() -> None:
    client = new_client(CameraUrl.parse("rtsp://10.0.0.1/main"))
    run(client, {"DESCRIBE": (401, (DIGEST,))})
    assert client.trouble is not None
    assert "asks for a user name" in client.trouble.detail


def test_a_nonce_that_runs_out_while_playing_is_renewed() -> None:
    client = new_client()
    run(client, {})
    client.keep_alive()
    (first,) = asked(client)
    give(client, answer(first, 401, DIGEST))
    (again,) = asked(client)
    assert (again.method, again.uri) == ("GET_PARAMETER", "rtsp://10.0.0.1/main/")
    assert "Digest" in (again.headers.get("Authorization") or "")
    assert client.phase is Phase.PLAYING


def test_keep_alive_turns_to_options_where_get_parameter_is_unknown() -> None:
    client = new_client()
    run(client, {})
    for status, method in ((501, "GET_PARAMETER"), (200, "OPTIONS"), (200, "OPTIONS")):
        client.keep_alive()
        (request,) = asked(client)
        assert request.method == method
        give(client, answer(request, status))
    assert client.answers == 7


def test_a_forgotten_session_ends_it() -> None:
    client = new_client()
    run(client, {})
    client.keep_alive()
    give(client, answer(asked(client)[0], 454))
    assert client.trouble is not None
    assert client.trouble.cause is Cause.RTSP_PROTOCOL


@pytest.mark.parametrize(
    ("location", "host", "knows_password"),
    [
        ("rtsp://10.0.0.1:8554/x", "10.0.0.1", True),
        ("rtsp://evil.example/x", "evil.example", False),
    ],
)
def test_a_redirect_takes_the_password_only_to_the_same_host(
    location: str, host: str, *, knows_password: bool
) -> None:
    client = new_client()
    run(client, {"DESCRIBE": (302, (("Location", location),))})
    assert client.redirected_to is not None
    assert client.redirected_to.host == host
    assert (client.redirected_to.credentials is not None) is knows_password


def test_teardown_is_sent_once_and_only_with_a_session() -> None:
    client = new_client()
    client.start()
    client.stop()
    assert [r.method for r in asked(client)] == ["OPTIONS"]
    client = new_client()
    run(client, {"PLAY": (453, ())})
    client.stop()
    client.stop()
    assert [r.method for r in asked(client)] == ["TEARDOWN"]


def test_an_answer_between_packets_in_any_chunks() -> None:
    client = new_client()
    run(client, {})
    client.keep_alive()
    (request,) = asked(client)
    packets = [frame(rtp(i, i, H264_P), 4) for i in range(6)]
    stream = b"".join(packets[:3]) + answer(request, 200) + b"".join(packets[3:])
    held, answers = b"", client.answers
    for i in range(0, len(stream), 37):
        held += stream[i : i + 37]
        held = held[client.feed(held, len(held), i) :]
    assert held == b""
    assert client.counter is not None
    assert (client.counter.packets, client.counter.lost) == (6, 0)
    assert client.answers == answers + 1


def test_the_camera_may_ask_too() -> None:
    client = new_client()
    run(client, {})
    give(client, encode(Request("OPTIONS", "*", Headers([("CSeq", "77")]))))
    framer = Framer()
    framer.feed(client.take_output())
    event = framer.next_event()
    assert isinstance(event, Response)
    assert (event.status, event.headers.get("CSeq")) == (200, "77")


def test_an_old_answer_is_not_taken_for_this_one() -> None:
    client = new_client()
    client.start()
    (options,) = asked(client)
    give(client, answer(options, 200))
    (describe,) = asked(client)
    give(client, answer(options, 404))
    assert client.phase.value == "DESCRIBE"
    give(client, answer(describe, 200, body=SDP))
    assert client.phase.value == "SETUP"


def test_what_a_camera_echoes_of_the_password_is_starred() -> None:
    client = new_client(CameraUrl.parse("rtsp://u:hunter2@10.0.0.1/"))
    client.start()
    give(client, answer(asked(client)[0], 200))
    (describe,) = asked(client)
    cseq = describe.headers.get("CSeq")
    give(client, f"RTSP/1.0 400 not hunter2\r\nCSeq: {cseq}\r\n\r\n".encode())
    assert client.trouble is not None
    assert "hunter2" not in repr(client.trouble)


def test_a_camera_that_hangs_up_is_told_apart() -> None:
    early, late = new_client(), new_client()
    early.start()
    early.ended_by_peer()
    run(late, {})
    late.ended_by_peer()
    assert early.trouble is not None
    assert late.trouble is not None
    assert early.trouble.cause is Cause.RTSP_PROTOCOL
    assert late.trouble.cause is Cause.STREAM_STALLED


@pytest.mark.parametrize(
    ("base", "control", "joined"),
    [
        ("rtsp://c/a", "trackID=1", "rtsp://c/a/trackID=1"),
        ("rtsp://c/a/", "trackID=1", "rtsp://c/a/trackID=1"),
        ("rtsp://c/a?x=1", "trackID=1", "rtsp://c/a?x=1/trackID=1"),
        ("rtsp://c/a", "rtsp://other/t", "rtsp://other/t"),
        ("rtsp://c/a", "RTSPS://other/t", "RTSPS://other/t"),
        ("rtsp://c/a", "*", "rtsp://c/a"),
        ("rtsp://c/a", "", "rtsp://c/a"),
    ],
)
def test_control_urls(base: str, control: str, joined: str) -> None:
    assert join(base, control) == joined


@given(st.lists(st.binary(max_size=300), max_size=8), st.booleans())
def test_any_bytes_end_somewhere_and_nothing_piles_up(
    chunks: list[bytes],
    playing: bool,
) -> None:
    client = new_client()
    if playing:
        run(client, {})
    else:
        client.start()
    held = b""
    for chunk in chunks:
        held += chunk
        held = held[client.feed(held, len(held), 0) :]
        client.take_output()
        assert len(held) < 65_540


@given(st.data())
def test_any_chunking_counts_the_same(data: st.DataObject) -> None:
    client = new_client()
    run(client, {})
    messages = data.draw(
        st.lists(
            st.one_of(
                st.integers(0, 300).map(lambda n: Interleaved(4, rtp(n, n, bytes(n)))),
                st.integers(0, 300).map(lambda n: Interleaved(5, bytes(n))),
                st.just(Response(200, "OK", Headers([("CSeq", "1")]))),
                st.just(Request("OPTIONS", "*", Headers([("CSeq", "1")]))),
            ),
            max_size=12,
        )
    )
    stream = b"".join(map(encode, messages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=10)))
    held, before = b"", client.answers
    for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        held += stream[a:b]
        held = held[client.feed(held, len(held), 0) :]
    assert held == b""
    assert client.counter is not None
    on_video = [m for m in messages if isinstance(m, Interleaved) and m.channel == 4]
    empty = [m for m in on_video if len(m.payload) == 12]
    assert client.counter.packets == len(on_video) - len(empty)
    assert client.answers - before == len([m for m in messages if isinstance(m, Response)])


def test_after_an_answer_frames_are_walked_again_not_framed() -> None:
    client = new_client()
    run(client, {})
    packet = frame(rtp(1, 1, H264_P), 4)
    chunk = encode(Response(200, "OK", Headers([("CSeq", "1")]))) + packet[:30]
    done = client.feed(chunk, len(chunk), 0)
    assert done == len(chunk) - 30
    assert not client._framer.in_message


@pytest.mark.parametrize(
    ("session", "seconds"),
    [
        ("1;timeout=60", 30),
        ("1", 30),
        ("1 ; Timeout = 50.5", 25),
        ('1;timeout="8"', 4),
        ("1;timeout=1", 2),
        ("1;timeout=0", 30),
        ("1;timeout=999999", 30),
        ("1;timeout=x", 30),
    ],
)
def test_the_session_time_out_is_kept_within_sense(session: str, seconds: float) -> None:
    client = new_client()
    run(client, {"SETUP": (200, (("Session", session),))})
    assert client.keep_alive_s == seconds


def test_a_setup_without_a_session_plays_and_is_torn_down() -> None:
    client = new_client()
    run(client, {"SETUP": (200, ())})
    assert client.phase is Phase.PLAYING
    client.stop()
    (teardown,) = asked(client)
    assert (teardown.method, teardown.headers.get("Session")) == ("TEARDOWN", None)
