"""Access units into RTP packets, ready to be sent inside an RTSP connection. Pure.

RFC 6184 (H.264: single NAL units and FU-A) and RFC 7798 (H.265: single NAL units and FU), framed as
RFC 2326 §10.12 has it. All packets of one access unit lie in one ``Burst`` with sequence number,
time and SSRC left blank: a camera stamps a copy and writes it in one go, which is what makes 50
viewers of 3 Mbit/s affordable.
"""

import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

CLOCK_HZ: Final = 90_000
PAYLOAD_TYPE: Final = 96
MAX_PAYLOAD: Final = 1400
FRAME_HEADER: Final = 4
RTP_HEADER: Final = 12
_MARKER: Final = 0x80
_START: Final = re.compile(rb"\x00\x00\x01")
_STAMP: Final = struct.Struct(">HII")  # sequence number, time, SSRC
_H264_DROPPED: Final = frozenset({6, 9, 12})  # SEI, access unit delimiter, filler
_H265_DROPPED: Final = frozenset({35, 38, 39, 40})  # the same
_H264_SETS: Final = frozenset({7, 8})
_H265_SETS: Final = frozenset({32, 33, 34})
_H264_PICTURES: Final = range(1, 6)
_H265_PICTURES: Final = range(32)
_NO_SUCH_SET: Final = {
    "h264": bytes.fromhex("880193"),  # first macroblock 0, slice of I, parameter set 200
    "h265": bytes.fromhex("8081"),  # first slice, parameter set 63
}


@dataclass(frozen=True, slots=True)
class Burst:
    """The framed RTP packets of one access unit; ``starts`` are the frames' places in ``data``."""

    data: bytes
    starts: tuple[int, ...]
    key: bool


def nal_units(access_unit: bytes) -> list[bytes]:
    """Split an Annex B access unit."""
    marks = [match.span() for match in _START.finditer(access_unit)]
    ends = [start for start, _ in marks[1:]] + [len(access_unit)]
    units = (access_unit[a:b].rstrip(b"\x00") for (_, a), b in zip(marks, ends, strict=True))
    return [unit for unit in units if unit]


def nal_type(codec: str, unit: bytes) -> int:
    """Return a NAL unit's type; ``codec`` is ``h264`` or ``h265``."""
    return unit[0] & 0x1F if codec == "h264" else (unit[0] >> 1) & 0x3F


def parameter_sets(codec: str, access_unit: bytes) -> tuple[bytes, ...]:
    """Return the parameter sets that stand in a key frame: SPS and PPS, or VPS, SPS and PPS."""
    wanted = (7, 8) if codec == "h264" else (32, 33, 34)
    units = nal_units(access_unit)
    return tuple(u for kind in wanted for u in units if nal_type(codec, u) == kind)


def _h264_payloads(unit: bytes) -> Iterator[bytes]:
    if len(unit) <= MAX_PAYLOAD:
        yield unit
        return
    indicator, kind = (unit[0] & 0xE0) | 28, unit[0] & 0x1F
    for first, last, piece in _pieces(unit[1:], MAX_PAYLOAD - 2):
        yield bytes((indicator, kind | first << 7 | last << 6)) + piece


def _h265_payloads(unit: bytes) -> Iterator[bytes]:
    if len(unit) <= MAX_PAYLOAD:
        yield unit
        return
    header, kind = bytes(((unit[0] & 0x81) | 49 << 1, unit[1])), (unit[0] >> 1) & 0x3F
    for first, last, piece in _pieces(unit[2:], MAX_PAYLOAD - 3):
        yield header + bytes((kind | first << 7 | last << 6,)) + piece


def _pieces(body: bytes, size: int) -> Iterator[tuple[bool, bool, bytes]]:
    for at in range(0, len(body), size):
        yield at == 0, at + size >= len(body), body[at : at + size]


def _garbled(codec: str, unit: bytes, rng: Random) -> bytes:
    """Keep what says that this is a picture, and let no decoder get anything out of it.

    The slice header names a parameter set that doesn't exist; noise alone is sometimes concealed.
    No byte is 0, so that no start code appears.
    """
    head = 1 if codec == "h264" else 2
    pictures = _H264_PICTURES if codec == "h264" else _H265_PICTURES
    if nal_type(codec, unit) not in pictures:
        return unit
    size = len(unit) - head - len(_NO_SUCH_SET[codec])
    rest = rng.randbytes(max(0, size)).replace(b"\x00", b"\x01")
    return unit[:head] + _NO_SUCH_SET[codec] + rest


def make_burst(
    codec: str,
    access_unit: bytes,
    *,
    key: bool,
    garbage: Random | None = None,
    sets: bool = True,
) -> Burst:
    """Packetise one access unit; ``garbage`` makes its pictures undecodable.

    Without ``sets`` the parameter sets are left out: the SDP alone has them.
    """
    dropped = _H264_DROPPED if codec == "h264" else _H265_DROPPED
    if not sets:
        dropped |= _H264_SETS if codec == "h264" else _H265_SETS
    payloads_of = _h264_payloads if codec == "h264" else _h265_payloads
    units = [u for u in nal_units(access_unit) if nal_type(codec, u) not in dropped]
    if garbage is not None:
        units = [_garbled(codec, unit, garbage) for unit in units]
    payloads = [payload for unit in units for payload in payloads_of(unit)]
    return _framed(payloads, key=key)


def _framed(payloads: Sequence[bytes], *, key: bool) -> Burst:
    data, starts = bytearray(), []
    for i, payload in enumerate(payloads):
        starts.append(len(data))
        last = i == len(payloads) - 1
        data += struct.pack(">cBH", b"$", 0, RTP_HEADER + len(payload))
        data += bytes((0x80, PAYLOAD_TYPE | (_MARKER if last else 0))) + bytes(_STAMP.size)
        data += payload
    return Burst(bytes(data), tuple(starts), key)


def make_bursts(
    codec: str,
    units: Iterable[tuple[bytes, bool]],
    *,
    garbage: Random | None = None,
    sets: bool = True,
) -> tuple[Burst, ...]:
    """Packetise a clip: access units with whether each is a key frame."""
    return tuple(
        make_burst(codec, unit, key=key, garbage=garbage, sets=sets) for unit, key in units
    )


def stamped(burst: Burst, *, sequence: int, time: int, ssrc: int) -> bytearray:
    """Return a copy of a burst with its packets numbered from ``sequence`` (all numbers wrap)."""
    data = bytearray(burst.data)
    for i, start in enumerate(burst.starts):
        number = (sequence + i) & 0xFFFF
        _STAMP.pack_into(data, start + FRAME_HEADER + 2, number, time & 0xFFFFFFFF, ssrc)
    return data


def on_channel(burst: Burst, data: bytearray, channel: int) -> bytearray:
    """Return stamped packets for another interleaved channel than 0."""
    if channel == 0:
        return data
    moved = bytearray(data)
    for start in burst.starts:
        moved[start + 1] = channel
    return moved


def sender_report(channel: int) -> bytes:
    """Return a framed RTCP sender report (RFC 3550 §6.4.1) of nothing in particular."""
    return b"$" + struct.pack(">BH", channel, 28) + bytes.fromhex("80c80006") + bytes(24)


def thinned(burst: Burst, data: bytearray, share: float, rng: Random) -> bytes:
    """Return stamped packets without a random ``share`` of them."""
    ends = [*burst.starts[1:], len(data)]
    kept = [data[a:b] for a, b in zip(burst.starts, ends, strict=True) if rng.random() >= share]
    return b"".join(kept)
