"""NAL units in RTP (RFC 6184, RFC 7798), and one whole key frame taken out of the stream.

``Payloads`` says of a payload's first bytes whether it may matter: a table look-up per packet for
the counter's hot loop. ``Collector`` puts one access unit together while a key frame is wanted, and
drops it when a packet is missing: a picture with a hole must not be judged. A unit ends where the
timestamp changes, not at the marker bit, because cameras set that bit on every slice.

Not spoken: interleaved packetisation (STAP-B, MTAP, FU-B, DONL), which no RTSP camera uses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from edge.rtsp.sdp import Codec

START_CODE: Final = b"\x00\x00\x00\x01"
MAX_UNIT: Final = 8 * 1024 * 1024
"""A larger access unit than this is nobody's key frame (a 4K one is about 1 MB)."""
_MAX_NALS: Final = 4096
"""A unit in more pieces is nobody's either; each costs more memory here than on the wire."""
_MAX_SETS, _MAX_SET = 16, 4096

_H264_AGGREGATE, _H264_FRAGMENT = 24, 28
_H265_AGGREGATE, _H265_FRAGMENT = 48, 49
_FU_START: Final = 0x80


class Interest(IntEnum):
    """What a payload's first byte promises."""

    NONE = 0
    WHOLE = 1  # a key slice, a parameter set, or an aggregate that may hold them
    FRAGMENT = 2  # the FU header decides


@dataclass(frozen=True, slots=True)
class Payloads:
    """One codec's tables.

    Attributes:
        header: Octets of a NAL unit's header, which is also where the FU header stands.
        interest: By the payload's first octet, an ``Interest``.
        key_start: By the FU header, whether a key slice begins there.
        key_whole: By the payload's first octet, whether it is a key slice itself.
    """

    header: int
    interest: bytes
    key_start: bytes
    key_whole: bytes


def _is_key(codec: Codec, nal_type: int) -> bool:
    # H.264: IDR. H.265: the IRAP types 16 to 21 (BLA, IDR, CRA).
    return nal_type == 5 if codec == "h264" else 16 <= nal_type <= 21  # noqa: PLR2004


def _is_set(codec: Codec, nal_type: int) -> bool:
    return nal_type in {7, 8} if codec == "h264" else nal_type in {32, 33, 34}


def _nal_type(codec: Codec, first: int) -> int:
    return first & 0x1F if codec == "h264" else first >> 1 & 0x3F


def _interest(codec: Codec, first: int) -> Interest:
    nal_type = _nal_type(codec, first)
    if nal_type == (_H264_FRAGMENT if codec == "h264" else _H265_FRAGMENT):
        return Interest.FRAGMENT
    aggregate = _H264_AGGREGATE if codec == "h264" else _H265_AGGREGATE
    wanted = nal_type == aggregate or _is_key(codec, nal_type) or _is_set(codec, nal_type)
    return Interest.WHOLE if wanted else Interest.NONE


def _payloads(codec: Codec) -> Payloads:
    fu_type = 0x1F if codec == "h264" else 0x3F
    return Payloads(
        header=1 if codec == "h264" else 2,
        interest=bytes(_interest(codec, first) for first in range(256)),
        key_start=bytes(bool(fu & _FU_START) and _is_key(codec, fu & fu_type) for fu in range(256)),
        key_whole=bytes(_is_key(codec, _nal_type(codec, first)) for first in range(256)),
    )


PAYLOADS: Final[dict[Codec, Payloads]] = {"h264": _payloads("h264"), "h265": _payloads("h265")}


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFrame:
    """One access unit as Annex B bytes, parameter sets first; SEI and delimiters are left out."""

    codec: Codec
    data: bytes
    timestamp: int


class Collector:
    """Takes one key frame out of a stream, on request.

    While ``wanted`` the counter hands it each packet that may matter, and every packet while
    ``collecting``. Parameter sets seen in the stream replace those of the description. ``dropped``
    counts key frames that had a hole.
    """

    __slots__ = (
        "_broken",
        "_codec",
        "_fragment",
        "_has_key",
        "_meant_key",
        "_ready",
        "_seq",
        "_sets",
        "_size",
        "_timestamp",
        "_unit",
        "collecting",
        "dropped",
        "wanted",
    )

    def __init__(self, codec: Codec, parameter_sets: tuple[bytes, ...] = ()) -> None:
        self._codec: Codec = codec
        self._sets = tuple(nal for nal in parameter_sets if len(nal) <= _MAX_SET)[:_MAX_SETS]
        self._ready: KeyFrame | None = None
        self._unit: list[bytes] = []
        self._fragment: bytearray | None = None
        self._timestamp = self._seq = self._size = 0
        self._has_key = self._meant_key = self._broken = False
        self.wanted = self.collecting = False
        self.dropped = 0

    def want(self) -> None:
        """Ask for the next whole key frame; what was ready and not taken is forgotten."""
        self.wanted = True
        self._ready = None

    def take(self) -> KeyFrame | None:
        """Return the key frame, once."""
        ready, self._ready = self._ready, None
        return ready

    def packet(self, seq: int, timestamp: int, payload: bytes) -> None:
        """Take one packet's payload; call only while ``wanted``."""
        if self.collecting and timestamp != self._timestamp:
            self._finish(whole=seq == self._seq)
        if not self.wanted:
            return
        if not self.collecting:
            self._begin(seq, timestamp)
        self._meant_key = self._meant_key or self._is_of_key(payload)
        self._broken |= seq != self._seq
        self._seq = seq + 1 & 0xFFFF
        self._size += len(payload)
        self._broken |= self._size > MAX_UNIT or len(self._unit) > _MAX_NALS
        if self._broken:
            self._unit.clear()
            self._fragment = None
        else:
            self._unpack(payload)

    def _begin(self, seq: int, timestamp: int) -> None:
        self.collecting = True
        self._timestamp, self._seq, self._size = timestamp, seq, 0
        self._unit, self._fragment = [], None
        self._has_key = self._meant_key = self._broken = False

    def _finish(self, *, whole: bool) -> None:
        """End the unit: ready if it is a whole key frame, dropped if it was one with a hole."""
        self.collecting = False
        broken = self._broken or not whole or self._fragment is not None
        self._remember_sets()
        if self._has_key and not broken:
            slices = [nal for nal in self._unit if not self._is_set_nal(nal)]
            data = b"".join(START_CODE + nal for nal in (*self._sets, *slices))
            self._ready = KeyFrame(codec=self._codec, data=data, timestamp=self._timestamp)
            self.wanted = False
        elif self._meant_key:
            self.dropped += 1
        self._unit = []

    def _remember_sets(self) -> None:
        """Keep the unit's parameter sets: with an SPS they replace their kinds, else they add.

        Only their kinds: a VPS whose packet was lost is still the one of the description.
        """
        found = [nal for nal in self._unit if self._is_set_nal(nal)]
        kinds = {_nal_type(self._codec, nal[0]) for nal in found}
        replaced = kinds if (7 if self._codec == "h264" else 33) in kinds else frozenset()
        kept = [nal for nal in self._sets if _nal_type(self._codec, nal[0]) not in replaced]
        self._sets = tuple(dict.fromkeys([*kept, *found]))[-_MAX_SETS:]

    def _is_of_key(self, payload: bytes) -> bool:
        """Tell whether a packet belongs to a key slice, also one whose beginning is missing."""
        tables = PAYLOADS[self._codec]
        if not payload or tables.interest[payload[0]] != Interest.FRAGMENT:
            return bool(payload) and bool(tables.key_whole[payload[0]])
        return len(payload) > tables.header and bool(
            tables.key_start[payload[tables.header] | _FU_START]
        )

    def _is_set_nal(self, nal: bytes) -> bool:
        return _is_set(self._codec, _nal_type(self._codec, nal[0]))

    def _unpack(self, payload: bytes) -> None:
        if not payload:
            return
        nal_type = _nal_type(self._codec, payload[0])
        if self._codec == "h264":
            if nal_type == _H264_AGGREGATE:
                self._add_all(payload, 1)
            elif nal_type == _H264_FRAGMENT:
                self._add_h264_fragment(payload)
            else:
                self._add(payload)
        elif nal_type == _H265_AGGREGATE:
            self._add_all(payload, 2)
        elif nal_type == _H265_FRAGMENT:
            self._add_h265_fragment(payload)
        else:
            self._add(payload)

    def _add_all(self, payload: bytes, position: int) -> None:
        for nal in _aggregated(payload, position):
            self._add(nal)

    def _add_h264_fragment(self, payload: bytes) -> None:
        if len(payload) > 1:
            fu = payload[1]
            head = bytes((payload[0] & 0xE0 | fu & 0x1F,))
            self._add_fragment(fu, head, payload[2:])

    def _add_h265_fragment(self, payload: bytes) -> None:
        if len(payload) > 2:  # noqa: PLR2004 (two octets of header before the FU header)
            fu = payload[2]
            head = bytes((payload[0] & 0x81 | (fu & 0x3F) << 1, payload[1]))
            self._add_fragment(fu, head, payload[3:])

    def _add_fragment(self, fu: int, head: bytes, body: bytes) -> None:
        if fu & _FU_START:
            self._broken |= self._fragment is not None
            self._fragment = bytearray(head)
        if self._fragment is None:  # the unit was joined in the middle of a slice
            self._broken = True
            return
        self._fragment += body
        if fu & 0x40:
            whole, self._fragment = bytes(self._fragment), None
            self._add(whole)

    def _add(self, nal: bytes) -> None:
        """Keep a key slice or a parameter set; a first slice that begins late tells of a hole."""
        header = PAYLOADS[self._codec].header
        if len(nal) <= header:
            return
        nal_type = _nal_type(self._codec, nal[0])
        if _is_key(self._codec, nal_type):
            # first_mb_in_slice = 0 as ue(v), or first_slice_segment_in_pic_flag: the bit is 1.
            self._broken |= not self._has_key and not nal[header] & 0x80
            self._has_key = True
            self._unit.append(nal)
        elif _is_set(self._codec, nal_type) and len(nal) <= _MAX_SET:
            self._unit.append(nal)


def _aggregated(payload: bytes, position: int) -> Iterator[bytes]:
    while position + 2 < len(payload):
        size = payload[position] << 8 | payload[position + 1]
        position += 2
        if size and position + size <= len(payload):
            yield payload[position : position + size]
        position += size
