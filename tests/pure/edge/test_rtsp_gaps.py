"""Missing sequence numbers against a plain set of them."""

import time

from hypothesis import given
from hypothesis import strategies as st

from edge.rtsp.gaps import Gaps
from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Track
from tests.pure.edge.rtp_packets import H264_P, frame, rtp


@given(
    st.integers(0, 0xFFFF),
    st.lists(st.tuples(st.integers(1, 40), st.integers(1, 50)), max_size=20),
    st.lists(st.integers(0, 2000), max_size=80),
)
def test_what_is_missing_is_found_once(
    start: int, steps: list[tuple[int, int]], late: list[int]
) -> None:
    gaps, known, at = Gaps(), set[int](), start
    for present, missing in steps:
        at += present
        gaps.miss(at, missing)
        known |= {number & 0xFFFF for number in range(at, at + missing)}
        at += missing
    for offset in late:
        number = start + offset & 0xFFFF
        assert gaps.fill(number) == (number in known)
        known.discard(number)


def test_old_gaps_are_forgotten() -> None:
    gaps = Gaps()
    for number in range(0, 60_000, 3):
        gaps.miss(number, 1)
    assert len(gaps) < 100
    assert not gaps.fill(0)
    assert gaps.fill(59_997)


def test_a_stream_that_jumps_at_each_packet_is_counted_as_fast_as_another() -> None:
    def spent_s(step: int) -> float:
        packets = (frame(rtp(i * step, 90 * i, H264_P)) for i in range(4000))
        data, counter = b"".join(packets), StreamCounter(Track(codec="h264"))
        began_s = time.process_time()
        counter.feed(data, 0, len(data), 0)
        assert counter.lost == 3999 * (step - 1)
        return time.process_time() - began_s

    assert min(spent_s(2999) for _ in range(3)) < 20 * min(spent_s(1) for _ in range(3))
