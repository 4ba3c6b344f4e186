"""Shapes that were chosen to cost much: each is as large as it can be, and must be read quickly.

A mutation rarely finds such a shape, so they are drawn by hand.
"""

import time
from collections.abc import Callable

import pytest

from edge.rtsp.client import RtspClient
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Track
from tests.fuzz.stream import URL
from tests.fuzz.text import check_auth, check_sdp, check_url
from tests.pure.edge.rtp_packets import frame, rtp

BOUND_S = 0.15
"""On the slowest machine; on a quick one all take under 0.03 s."""
READ = 256 * 1024
VIDEO = b"m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"


def is_quick(act: Callable[[], object], bound_s: float = BOUND_S) -> bool:
    """Tell whether one of three goes takes less CPU time than the bound."""
    for _ in range(3):
        began_s = time.process_time()
        act()
        if time.process_time() - began_s < bound_s:
            return True
    return False


@pytest.mark.parametrize(
    "body",
    [
        b"m=video 0 RTP/AVP" + b" 96" * 15_000 + b"\r\n" + b"a=rtpmap:97 x/1\r\n" * 1000,
        b"m=video 0 RTP/AVP 96\r\n" * 2900,
        b"a=x\r\n" * 13_000,
        VIDEO + b"a=fmtp:96 sprop-parameter-sets=" + b"Zw," * 20_000,
        VIDEO + b"a=fmtp:96 " + b";" * 60_000,
        VIDEO + b"a=rtpmap:" + b"9" * 60_000,
        VIDEO + b"a=control:" + b"%" * 60_000,
        b"m=" + b"video " * 10_000,
        b"\xff" * 65_000,
        b"\r" * 65_000,
    ],
    ids=lambda body: repr(body[:20]),
)
def test_descriptions(body: bytes) -> None:
    assert is_quick(lambda: check_sdp(body[: 64 * 1024]))


@pytest.mark.parametrize(
    "value",
    [
        b'Digest realm="' + b"\\" * 16_000,
        b"Digest " + b"a=b," * 4000,
        b"Digest " + b'a="' * 5000,
        b"a " * 8000,
        b"a" * 16_000,
        b"Digest a" + b" " * 16_000 + b"=",
        b"Digest qop=" + b"," * 16_000,
        b'Digest realm="' + b'\\"' * 8000 + b'", nonce="n"',
    ],
    ids=lambda value: repr(value[:16]),
)
def test_challenges(value: bytes) -> None:
    assert is_quick(lambda: check_auth(value[: 16 * 1024]))


@pytest.mark.parametrize(
    "text",
    [
        b"rtsp://" + b"@" * 4000,
        b"rtsp://" + b"a@" * 2000,
        b"rtsp://" + b"a" * 4000 + b"@",
        b"rtsp://" + b"a:1@" * 1000,
        b"rtsp://" + b"${X}@" * 800,
        b"rtsp://" + b"[" * 4000,
        b"rtsp://h/" + b"password=" * 440,
        b"rtsp://u:" + b"%" * 3900 + b"@h/",
    ],
    ids=lambda text: repr(text[7:20]),
)
def test_addresses(text: bytes) -> None:
    assert is_quick(lambda: check_url(text))


@pytest.mark.parametrize(
    "packets",
    [
        [rtp(i * 2999, i, b"\x41") for i in range(8000)],
        [rtp(-i * 7, i, b"\x41") for i in range(8000)],
        [rtp(i * 3, i, b"\x41") for i in range(8000)],
        [rtp(i, i, b"\x78" + bytes(65_000)) for i in range(4)],
        [rtp(i, 7, b"\x78" + b"\x00\x01\x65" * 21_000) for i in range(4)],
        [rtp(i, i, b"\x65\x88") for i in range(8000)],
        [rtp(i, 7, b"\x67\x64") for i in range(8000)],
        [rtp(i, 7, b"\x7c\x85") for i in range(8000)],
        [b"" for _ in range(60_000)],
    ],
    ids=["jumps", "back", "gaps", "empty nals", "tiny nals", "keys", "sets", "starts", "nothing"],
)
def test_packets(packets: list[bytes]) -> None:
    data = b"".join(map(frame, packets))[:READ]

    def read() -> None:
        counter = StreamCounter(Track(codec="h264"))
        counter.collector.want()
        counter.feed(data, 0, len(data), 0)

    assert is_quick(read, 3 * BOUND_S)


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n" * (READ // 2),
        b"RTSP/1.0 200 OK\r\nCSeq: 9\r\n\r\n" * (READ // 30),
        b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n" * (READ // 31),
        b"$\x05\x00\x00" * (READ // 4),
        b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nWWW-Authenticate: " + b"a" * 16_000,
        b"RTSP/1.0 200 OK\r\n" + b"a:b\r\n" * 3000 + b"\r\n",
        b"RTSP/1.0 200 OK\r\na: b\r\n" + b" c\r\n" * 4000 + b"\r\n",
    ],
    ids=lambda data: repr(data[:12]),
)
@pytest.mark.parametrize("piece", [READ, 100])
def test_messages(data: bytes, piece: int) -> None:
    def read() -> None:
        client = RtspClient(URL, cnonce=lambda: "00")
        client.start()
        for start in range(0, len(data), piece):
            chunk = data[start : start + piece]
            client.feed(chunk, len(chunk), 0)
            client.take_output()

    assert is_quick(read, 5 * BOUND_S)
