"""What a hostile camera can make us keep in memory, one session long."""

import random
import tracemalloc
from collections.abc import Iterator

import pytest

from edge.rtsp.client import Phase, RtspClient
from edge.rtsp.keyframe import Collector
from tests.fuzz.hunt import CORPUS
from tests.fuzz.mutate import mutate
from tests.fuzz.stream import URL
from tests.pure.edge.rtp_packets import H264_IDR, H264_P, H264_SPS, aggregate, fragments_h264

MB = 1024 * 1024


@pytest.fixture(autouse=True)
def _traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def held() -> int:
    return tracemalloc.get_traced_memory()[0]


def collected(units: list[list[bytes]]) -> Collector:
    """Return a collector after all these units, a key frame wanted all the time."""
    collector, seq = Collector("h264"), 0
    for time, payloads in enumerate(units):
        collector.wanted = True
        for payload in payloads:
            collector.packet(seq, time, bytes(bytearray(payload)))  # each its own, as off a wire
            seq = seq + 1 & 0xFFFF
    return collector


def test_parameter_sets_of_megabytes_are_not_remembered() -> None:
    before = held()
    units = [fragments_h264(H264_SPS + bytes([i]) * MB, 60_000) for i in range(6)]
    wire = held() - before
    collector = collected([*units, [H264_P], [H264_P]])
    assert held() - before - wire < 2 * MB, "the last unit's own"
    assert sum(map(len, collector._sets)) <= 16 * 4096


@pytest.mark.parametrize(
    "payload",
    [aggregate([b"\x67\x00"] * 16_000, b"\x78"), b"\x67\x00", b"\x7c\x07\x00"],
    ids=["aggregates", "nals", "fragments"],
)
def test_a_unit_in_tiny_pieces_is_given_up(payload: bytes) -> None:
    before = held()
    start = [b"\x7c\x87\x00"] if payload[0] == 0x7C else []
    collector = collected([[*start, *([payload] * (4_000_000 // len(payload) // 50))]])
    assert held() - before < 3 * MB // 2
    assert collector.collecting


def test_a_key_frame_that_never_ends_is_given_up() -> None:
    before = held()
    pieces = fragments_h264(H264_IDR + bytes(60_000 * 3), 60_000)[1:-1]
    collector = collected([[H264_IDR, fragments_h264(H264_IDR + bytes(99), 60)[0], *pieces * 90]])
    assert held() - before < MB
    assert collector._broken


def test_a_session_that_talks_nonsense_for_long_keeps_nothing_of_it() -> None:
    rng = random.Random(5)
    corpus = [path.read_bytes() for path in sorted((CORPUS / "rtp").iterdir())]
    client = RtspClient(URL, cnonce=lambda: "00")
    client.start()
    talk = (CORPUS / "rtsp" / "dahua").read_bytes()
    assert client.feed(talk, len(talk), 0) == len(talk)
    levels = []
    for number in range(600):
        if client.phase is not Phase.PLAYING:
            break
        noise = bytes(octet for octet in mutate(rng, rng.choice(corpus), corpus)[1:4000])
        framed = b"$\x00" + len(noise).to_bytes(2, "big") + noise
        client.feed(framed, len(framed), number)
        client.take_output()
        assert client.counter is not None
        client.counter.collector.wanted = True
        levels.append(held())
    assert client.phase is Phase.PLAYING
    assert max(levels[300:]) - max(levels[:300]) < MB // 4
