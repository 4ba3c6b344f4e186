import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rtsp.framing import (
    MAX_BODY,
    MAX_HEADER,
    Framer,
    FramingError,
    Headers,
    Interleaved,
    Message,
    Request,
    Response,
    encode,
)


def events(chunks: list[bytes]) -> list[Message]:
    framer, found = Framer(), []
    for chunk in chunks:
        framer.feed(chunk)
        while (event := framer.next_event()) is not None:
            found.append(event)
    return found


NAMES = st.from_regex(r"[A-Za-z][A-Za-z-]{0,12}", fullmatch=True).filter(
    lambda name: name.lower() != "content-length"
)
VALUES = st.from_regex(r"[!-~](?:[ -~]{0,20}[!-~])?", fullmatch=True)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=5).map(Headers)
BODIES = st.binary(max_size=200)
MESSAGES = st.one_of(
    st.builds(
        Request,
        st.sampled_from(["OPTIONS", "DESCRIBE", "SET_PARAMETER"]),
        st.from_regex(r"rtsp://[a-z]{1,8}/[!-~]{0,8}", fullmatch=True),
        HEADERS,
        BODIES,
    ),
    st.builds(Response, st.integers(100, 999), VALUES, HEADERS, BODIES),
    st.builds(Interleaved, st.integers(0, 255), st.binary(max_size=300)),
)


def without_length(message: Message) -> Message:
    """``encode`` adds a Content-Length, which is no part of what was meant."""
    if isinstance(message, Interleaved):
        return message
    pairs = [(name, value) for name, value in message.headers if name != "Content-Length"]
    if isinstance(message, Request):
        return Request(message.method, message.uri, Headers(pairs), message.body)
    return Response(message.status, message.reason, Headers(pairs), message.body)


@given(st.lists(MESSAGES, max_size=6), st.data())
def test_any_chunking_gives_the_same_events(messages: list[Message], data: st.DataObject) -> None:
    wire = b"".join(map(encode, messages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=12)))
    chunks = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert [without_length(event) for event in events(chunks)] == messages


@given(st.lists(st.binary(max_size=600), max_size=10))
def test_random_bytes_end_in_events_or_an_error_and_stay_bounded(chunks: list[bytes]) -> None:
    framer = Framer()
    for chunk in chunks:
        framer.feed(chunk)
        try:
            while framer.next_event() is not None:
                pass
        except FramingError:
            with pytest.raises(FramingError):
                framer.next_event()
            return
        assert len(framer._buffer) <= MAX_HEADER + MAX_BODY


@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        (b"HTTP/1.1 400 Bad Request\r\n", "an HTTP server"),
        (b"<!DOCTYPE HTML>", "a web server"),
        (b"SSH-2.0-dropbear\r\n", "an SSH server"),
        (b"220 ftp ready\r\n", "not RTSP"),
        (b"\x15\x03\x01\x00\x02\x02\x46", "TLS"),
        (b"\x00\x01\x02", "not RTSP"),
        (b"RTSPX nonsense\r\n", "not RTSP"),
        (b"hello", "not RTSP"),
    ],
)
def test_what_is_not_rtsp_is_named_from_its_first_bytes(greeting: bytes, told: str) -> None:
    with pytest.raises(FramingError, match=told):
        events([greeting])


@pytest.mark.parametrize(
    "wire",
    [
        b"RTSP/1.0 200 OK\r\nX: " + b"a" * MAX_HEADER,
        b"RTSP/1.0 200 OK\r\nContent-Length: 65537\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n",
        "RTSP/1.0 200 OK\r\nContent-Length: ١\r\n\r\n".encode(),
        b"RTSP/1.0 200 OK\r\nno \x01 text\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n\x80\x60: no name\r\n\r\n",
        b"A" * MAX_HEADER,
    ],
)
def test_a_message_beyond_the_limits_is_refused(wire: bytes) -> None:
    with pytest.raises(FramingError):
        events([wire])


def test_bare_line_feeds_folded_lines_and_blank_lines_between_messages_are_read() -> None:
    (event,) = events([b"\r\n\r\nRTSP/1.0 200 OK\nPublic: OPTIONS,\n  PLAY\nCSeq: 3\n\n"])
    assert event == Response(200, "OK", Headers([("public", "OPTIONS, PLAY"), ("CSeq", "3")]))


def test_headers_are_case_insensitive_and_keep_repeats() -> None:
    headers = Headers([("WWW-Authenticate", "Basic"), ("www-authenticate", "Digest")])
    assert headers.get("Www-Authenticate") == "Basic"
    assert headers.get_all("WWW-AUTHENTICATE") == ["Basic", "Digest"]
    assert headers.get("Session") is None


def test_an_authorization_never_shows_in_a_repr() -> None:
    assert "aGVtbGlnaA" not in repr(Headers([("Authorization", "Basic aGVtbGlnaA==")]))


@pytest.mark.parametrize("text", ["a\r\nInjected: 1", "a\nb"])
def test_a_line_break_in_a_header_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        encode(Request("OPTIONS", "rtsp://c/", Headers([("X", text)])))


def test_a_line_that_is_no_header_is_left_out() -> None:
    (event,) = events(
        [b"RTSP/1.0 200 OK\r\nno colon\r\n: no name\r\n continued\r\nCSeq: 3\r\nno end\r\n\r\n"]
    )
    assert event == Response(200, "OK", Headers([("CSeq", "3")]))
