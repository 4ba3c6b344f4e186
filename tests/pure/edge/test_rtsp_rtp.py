import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.rtsp.rtp import StreamCounter
from edge.rtsp.sdp import Track
from tests.pure.edge.rtp_packets import (
    H264_IDR,
    H264_P,
    H264_PPS,
    H264_SPS,
    H265_IDR,
    H265_P,
    H265_PPS,
    H265_SPS,
    H265_VPS,
    aggregate,
    annex_b,
    fragments_h264,
    fragments_h265,
    frame,
    rtp,
)

H264 = Track(codec="h264", parameter_sets=(H264_SPS, H264_PPS))
H265 = Track(codec="h265", parameter_sets=(H265_VPS, H265_SPS, H265_PPS))


def feed(counter: StreamCounter, *packets: bytes, now_ms: int = 0) -> None:
    data = b"".join(map(frame, packets))
    assert counter.feed(data, 0, len(data), now_ms) == len(data)


def unit(seq: int, time: int, payloads: list[bytes]) -> list[bytes]:
    return [rtp(seq + i, time, payload) for i, payload in enumerate(payloads)]


def test_counts_packets_octets_frames_and_media_time() -> None:
    counter = StreamCounter(H264)
    feed(counter, *(rtp(i, 3600 * (i // 2), H264_P) for i in range(100)), now_ms=7)
    counts = counter.counts()
    assert (counts.packets, counts.octets, counts.frames) == (100, 100 * (12 + len(H264_P)), 50)
    assert counts.media_s == pytest.approx(49 / 25)
    assert (counts.lost, counts.key_frames, counter.last_packet_ms) == (0, 0, 7)


@pytest.mark.parametrize(
    ("numbers", "lost"),
    [
        ([1, 2, 3], 0),
        ([65534, 65535, 0, 1], 0),
        ([1, 2, 5, 6], 2),
        ([65535, 2], 2),
        ([1, 2, 4, 3, 5], 0),
        ([1, 2, 40_000, 40_001], 0),
        ([1, 2, 2, 3], 0),
        ([1, 2, 5, 5, 6], 2),
        ([1, 2, 5, 4, 4, 3, 6], 0),
        ([1, 2, 5, 1, 6], 2),
        ([1000, 1001, 500, 501, 502, 504], 1),
        ([1000, 1001, 500, 1002, 1003, 501, 1004], 0),
        ([65535, 3, 1, 0, 4], 1),
    ],
)
def test_loss_is_what_the_numbers_miss(numbers: list[int], lost: int) -> None:
    counter = StreamCounter(H264)
    feed(counter, *(rtp(seq, seq, H264_P) for seq in numbers))
    assert counter.lost == lost


def test_only_the_video_channel_counts() -> None:
    counter = StreamCounter(H264, channel=2)
    data = frame(rtp(1, 1, H264_P), 2) + frame(b"\x80\xc8rtcp", 3) + frame(rtp(9, 9, H264_P), 0)
    assert counter.feed(data, 0, len(data), 0) == len(data)
    assert (counter.packets, counter.lost, counter.malformed) == (1, 0, 0)


def test_it_stops_before_an_incomplete_frame_and_before_text() -> None:
    counter = StreamCounter(H264)
    whole = frame(rtp(1, 1, H264_P))
    assert counter.feed(whole + whole[:20], 0, len(whole) + 20, 0) == len(whole)
    assert counter.feed(whole + b"RTSP/1.0", 0, len(whole) + 8, 0) == len(whole)


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\x80",
        rtp(1, 1, b""),
        rtp(1, 1, H264_P, first=0x40),
        rtp(1, 1, b"", first=0x8F),
        rtp(1, 1, b"", first=0x90, extra=b"\xbe\xde\xff\xff"),
        rtp(1, 1, b"\x41\xff", first=0xA0),
    ],
)
def test_a_malformed_packet_is_counted_and_skipped(packet: bytes) -> None:
    counter = StreamCounter(H264)
    feed(counter, packet, rtp(2, 2, H264_P))
    assert (counter.malformed, counter.packets) == (1, 1)


@given(st.lists(st.binary(max_size=60), max_size=20))
def test_any_payloads_are_survived(payloads: list[bytes]) -> None:
    for track in (H264, H265):
        counter = StreamCounter(track)
        counter.collector.want()
        feed(counter, *payloads, *(rtp(i, i // 3, p) for i, p in enumerate(payloads)))
        counter.collector.take()


KEY_UNITS = [
    (H264, [H264_IDR], (H264_SPS, H264_PPS, H264_IDR)),
    (H264, fragments_h264(H264_IDR), (H264_SPS, H264_PPS, H264_IDR)),
    (H264, [b"\x09\xf0", aggregate([H264_SPS, H264_PPS, H264_IDR], b"\x78")], None),
    (H264, [aggregate([H264_SPS, H264_PPS], b"\x78"), *fragments_h264(H264_IDR)], None),
    (H265, [H265_IDR], (H265_VPS, H265_SPS, H265_PPS, H265_IDR)),
    (H265, fragments_h265(H265_IDR), (H265_VPS, H265_SPS, H265_PPS, H265_IDR)),
    (H265, [aggregate([H265_VPS, H265_SPS, H265_PPS, H265_IDR], b"\x60\x01")], None),
]


@pytest.mark.parametrize(("track", "payloads", "expected"), KEY_UNITS)
def test_a_key_frame_is_seen_and_taken_out_whole(
    track: Track, payloads: list[bytes], expected: tuple[bytes, ...] | None
) -> None:
    other = H264_P if track.codec == "h264" else H265_P
    counter = StreamCounter(track)
    counter.collector.want()
    feed(counter, rtp(0, 100, other), *unit(1, 200, payloads), now_ms=5)
    assert counter.collector.take() is None  # it ends with the next unit's first packet
    feed(counter, rtp(len(payloads) + 1, 300, other))
    key_frame = counter.collector.take()
    assert key_frame is not None
    sets = track.parameter_sets
    idr = H264_IDR if track.codec == "h264" else H265_IDR
    assert key_frame.data == annex_b(*(expected or (*sets, idr)))
    assert (counter.key_frames, counter.last_key_ms) == (1, 5)
    assert counter.collector.take() is None


def test_two_slices_are_one_key_frame() -> None:
    counter = StreamCounter(H264)
    counter.collector.want()
    second = b"\x65\x00" + bytes(50)
    feed(counter, *unit(1, 200, [H264_IDR, second]), rtp(3, 300, H264_P))
    key_frame = counter.collector.take()
    assert key_frame is not None
    assert key_frame.data.endswith(annex_b(H264_IDR, second))
    assert counter.key_frames == 1


def test_a_key_frame_with_a_hole_is_dropped_and_the_next_one_taken() -> None:
    for hole in range(4):
        counter = StreamCounter(H264)
        counter.collector.want()
        first = unit(1, 200, fragments_h264(H264_IDR))
        del first[hole]
        feed(counter, rtp(0, 100, H264_P), *first, rtp(5, 300, H264_P))
        assert counter.collector.take() is None, hole
        feed(counter, *unit(6, 400, fragments_h264(H264_IDR)), rtp(10, 500, H264_P))
        assert counter.collector.take() is not None, hole


def test_a_key_frame_that_was_joined_in_the_middle_is_not_taken() -> None:
    counter = StreamCounter(H264)
    second = b"\x65\x00" + bytes(50)
    feed(counter, *unit(1, 200, [H264_IDR]))
    counter.collector.want()
    feed(counter, *unit(2, 200, [second]), rtp(3, 300, H264_P))
    assert counter.collector.take() is None
    assert counter.collector.dropped == 1


def test_parameter_sets_of_the_stream_replace_those_of_the_description() -> None:
    counter = StreamCounter(H264)
    counter.collector.want()
    sps, pps = b"\x67\x42\x00", b"\x68\x01\x02"
    feed(counter, *unit(1, 100, [sps, pps]), *unit(3, 200, [H264_IDR]), rtp(4, 300, H264_P))
    key_frame = counter.collector.take()
    assert key_frame is not None
    assert key_frame.data == annex_b(sps, pps, H264_IDR)


def test_media_time_follows_b_frames_and_forgets_a_new_start() -> None:
    counter = StreamCounter(H264)
    times = [0, 10_800, 3_600, 7_200, 14_400, 3_000_000_000, 3_000_003_600]
    feed(counter, *(rtp(i, time, H264_P) for i, time in enumerate(times)))
    assert counter.counts().media_s == pytest.approx(18_000 / 90_000)


def test_a_key_frame_whose_last_packet_is_lost_is_not_taken() -> None:
    counter = StreamCounter(H264)
    counter.collector.want()
    feed(counter, *unit(1, 200, [H264_IDR]), rtp(3, 300, H264_P))  # a second slice was number 2
    assert counter.collector.take() is None
    assert counter.collector.dropped == 1


@pytest.mark.parametrize("hole", range(4))
def test_a_key_frame_in_fragments_with_a_hole_counts_as_dropped(hole: int) -> None:
    counter = StreamCounter(H264)
    counter.collector.want()
    packets = unit(1, 200, [H264_SPS, *fragments_h264(H264_IDR)])
    del packets[1 + hole]
    feed(counter, rtp(0, 100, H264_P), *packets, rtp(6, 300, H264_P))
    assert counter.collector.dropped == 1


SLICE_TWO = {"h264": b"\x65\x00" + bytes(range(150)), "h265": b"\x26\x01\x00" + bytes(range(150))}


def test_a_lost_vps_is_the_descriptions() -> None:
    counter = StreamCounter(H265)
    counter.collector.want()
    _, *units = unit(1, 200, [H265_VPS, H265_SPS, H265_PPS, H265_IDR])
    feed(counter, *units, rtp(5, 300, H265_P))
    key_frame = counter.collector.take()
    assert key_frame is not None
    assert key_frame.data == annex_b(H265_VPS, H265_SPS, H265_PPS, H265_IDR)


@given(st.sampled_from([H264, H265]), st.data())
def test_whatever_is_lost_or_repeated_no_key_frame_with_a_hole_is_given_out(
    track: Track, data: st.DataObject
) -> None:
    idr, other = (H264_IDR, H264_P) if track is H264 else (H265_IDR, H265_P)
    cut = fragments_h264 if track is H264 else fragments_h265
    second = SLICE_TWO[track.codec]
    key_unit = [*track.parameter_sets, *cut(idr), *cut(second)]
    units = [key_unit, [other], cut(other), key_unit, [other], key_unit, [other]]
    packets = [
        (number, time * 3600, payload)
        for number, (time, payload) in enumerate(
            (time, payload) for time, payloads in enumerate(units) for payload in payloads
        )
    ]
    fate = data.draw(
        st.lists(
            st.sampled_from([1, 1, 1, 1, 1, 0, 2]), min_size=len(packets), max_size=len(packets)
        )
    )
    counter, taken = StreamCounter(track), []
    for (number, time, payload), times in zip(packets, fate, strict=True):
        if not counter.collector.wanted:
            counter.collector.want()
        for _ in range(times):
            feed(counter, rtp(number, time, payload))
        if (key_frame := counter.collector.take()) is not None:
            taken.append(key_frame.data)
    whole = annex_b(*track.parameter_sets, idr, second)
    assert set(taken) <= {whole}
    if all(times == 1 for times in fate):
        assert len(taken) == 3


def test_another_source_is_no_loss_and_no_leap_of_time() -> None:
    counter = StreamCounter(H264)
    first = [rtp(i, 3600 * i, H264_P) for i in range(5)]
    other = [rtp(100 + i, 90_000 + 3600 * i, H264_P).replace(b"SSRC", b"CRSS") for i in range(5)]
    feed(counter, *first, *other)
    assert counter.lost == 0
    assert counter.counts().media_s == pytest.approx(8 / 25)


def test_packets_of_a_large_gap_come_late_in_any_order_and_once() -> None:
    counter = StreamCounter(H264)
    feed(counter, *(rtp(seq, seq, H264_P) for seq in (1, 502, 100, 400, 100)))
    assert counter.lost == 498


def jitter_of(delays_ms: list[int]) -> float:
    """Send a picture each 200 ms that comes so much later; return the jitter."""
    counter = StreamCounter(H264)
    for i, delay_ms in enumerate(delays_ms):
        feed(counter, rtp(i, 18_000 * i, H264_P), now_ms=1000 + 200 * i + delay_ms)
    return counter.jitter_ms


def test_jitter_is_zero_where_all_come_equally_late() -> None:
    assert jitter_of([50] * 50) == 0


def test_jitter_tends_to_the_mean_change_of_the_delay() -> None:
    assert jitter_of([0, 30] * 100) == pytest.approx(30, abs=0.1)


def test_a_pause_is_no_jitter() -> None:
    assert jitter_of([0] * 20 + [60_000] * 20) == 0


def test_what_one_read_brings_at_once_is_one_arrival() -> None:
    counter = StreamCounter(H264)
    for read in range(20):
        for part in range(5):  # five pictures in several chunks of one read
            number = 5 * read + part
            feed(counter, rtp(number, 3600 * number, H264_P), now_ms=200 * read)
    assert counter.jitter_ms == 0
