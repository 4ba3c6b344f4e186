import struct
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.packets import (
    MAX_PAYLOAD,
    Burst,
    make_burst,
    nal_type,
    nal_units,
    on_channel,
    parameter_sets,
    stamped,
    thinned,
)

START = b"\x00\x00\x00\x01"
H264_HEADS = {"sps": b"\x67", "pps": b"\x68", "key": b"\x65", "p": b"\x41", "sei": b"\x06"}
H265_HEADS = {"vps": b"\x40\x01", "sps": b"\x42\x01", "pps": b"\x44\x01", "key": b"\x28\x01"}


def unit(head: bytes, size: int, fill: int = 0x55) -> bytes:
    return head + bytes([fill]) * size


def frames(data: bytes | bytearray) -> list[tuple[int, bytes]]:
    found, at = [], 0
    while at < len(data):
        mark, channel, size = struct.unpack_from(">cBH", data, at)
        assert mark == b"$"
        found.append((channel, bytes(data[at + 4 : at + 4 + size])))
        at += 4 + size
    return found


def rebuilt(codec: str, packets: list[bytes]) -> list[bytes]:
    """Put NAL units together again as RFC 6184 and RFC 7798 say."""
    units: list[bytes] = []
    for packet in packets:
        payload = packet[12:]
        if codec == "h264" and payload[0] & 0x1F == 28:
            if payload[1] & 0x80:
                units.append(bytes([(payload[0] & 0xE0) | (payload[1] & 0x1F)]))
            units[-1] += payload[2:]
        elif codec == "h265" and (payload[0] >> 1) & 0x3F == 49:
            if payload[2] & 0x80:
                units.append(bytes([(payload[0] & 0x81) | (payload[2] & 0x3F) << 1, payload[1]]))
            units[-1] += payload[3:]
        else:
            units.append(payload)
    return units


@pytest.mark.parametrize(("codec", "heads"), [("h264", H264_HEADS), ("h265", H265_HEADS)])
@given(sizes=st.lists(st.integers(1, 6000), min_size=1, max_size=4), data=st.data())
def test_units_survive_the_way_through_packets(
    codec: str, heads: dict[str, bytes], sizes: list[int], data: st.DataObject
) -> None:
    names = [n for n in heads if n != "sei"]
    units = [unit(heads[data.draw(st.sampled_from(names))], size) for size in sizes]
    burst = make_burst(codec, b"".join(START + u for u in units), key=False)
    packets = [payload for _, payload in frames(burst.data)]
    assert rebuilt(codec, packets) == units
    assert all(len(packet) <= 12 + MAX_PAYLOAD for packet in packets)
    markers = [packet[1] >> 7 for packet in packets]
    assert markers == [0] * (len(packets) - 1) + [1]


def test_sei_and_delimiters_are_not_sent() -> None:
    burst = make_burst("h264", START + unit(b"\x06", 9) + START + unit(b"\x41", 9), key=False)
    assert len(burst.starts) == 1


def test_numbers_wrap_and_times_are_the_bursts() -> None:
    burst = make_burst("h264", START + unit(b"\x65", 5000), key=True)
    data = stamped(burst, sequence=0xFFFE, time=(1 << 32) + 5, ssrc=7)
    heads = [struct.unpack_from(">HII", packet, 2) for _, packet in frames(data)]
    assert [number for number, _, _ in heads] == [0xFFFE, 0xFFFF, 0, 1]
    assert {(time, ssrc) for _, time, ssrc in heads} == {(5, 7)}


def test_stamping_leaves_the_shared_burst_alone() -> None:
    burst = make_burst("h264", START + unit(b"\x65", 3000), key=True)
    before = burst.data
    on_channel(burst, stamped(burst, sequence=1, time=2, ssrc=3), 4)
    assert burst.data == before


def test_another_channel_is_written_into_every_frame() -> None:
    burst = make_burst("h264", START + unit(b"\x65", 3000), key=True)
    moved = on_channel(burst, stamped(burst, sequence=1, time=2, ssrc=3), 6)
    assert {channel for channel, _ in frames(moved)} == {6}


def test_thinning_keeps_whole_packets_and_their_numbers() -> None:
    burst = make_burst("h264", START + unit(b"\x65", 60_000), key=True)
    data = stamped(burst, sequence=100, time=0, ssrc=0)
    kept = [p for _, p in frames(thinned(burst, data, 0.5, Random(3)))]
    assert 0 < len(kept) < len(burst.starts)
    everything = [p for _, p in frames(data)]
    assert all(packet in everything for packet in kept)


@pytest.mark.parametrize(("codec", "head"), [("h264", b"\x65"), ("h265", b"\x28\x01")])
def test_garbage_keeps_the_kind_of_unit_its_size_and_no_start_code(codec: str, head: bytes) -> None:
    burst = make_burst(codec, START + unit(head, 3000), key=True, garbage=Random(1))
    (made,) = rebuilt(codec, [p for _, p in frames(burst.data)])
    assert nal_type(codec, made) == nal_type(codec, head)
    assert len(made) == 3000 + len(head)
    assert b"\x00\x00" not in made
    assert made != unit(head, 3000)


def test_parameter_sets_come_in_their_order() -> None:
    pps, sps = unit(H264_HEADS["pps"], 4), unit(H264_HEADS["sps"], 8)
    picture = unit(H264_HEADS["key"], 9)
    access_unit = START + pps + START + sps + b"\x00\x00\x01" + picture
    assert parameter_sets("h264", access_unit) == (sps, pps)
    assert nal_units(access_unit)[-1] == picture


def test_a_burst_knows_where_its_packets_start() -> None:
    burst = make_burst("h264", START + unit(b"\x41", 4000), key=False)
    assert isinstance(burst, Burst)
    assert [burst.data[start : start + 1] for start in burst.starts] == [b"$"] * len(burst.starts)
