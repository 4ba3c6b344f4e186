"""A small packetiser of the tests' own: NAL units to interleaved RTP frames."""

from collections.abc import Iterable

from edge.rtsp.framing import Interleaved, encode

H264_SPS, H264_PPS = b"\x67\x64\x00\x1f\xac", b"\x68\xee\x3c\x80"
H264_IDR, H264_P = b"\x65\x88" + bytes(range(200)), b"\x41\x9a" + bytes(range(100))
H265_VPS, H265_SPS, H265_PPS = b"\x40\x01\x0c", b"\x42\x01\x01", b"\x44\x01\xc1"
H265_IDR, H265_P = b"\x26\x01\xaf" + bytes(range(200)), b"\x02\x01\xd0" + bytes(range(100))


def rtp(seq: int, time: int, payload: bytes, *, first: int = 0x80, extra: bytes = b"") -> bytes:
    head = bytes((first, 0x60)) + (seq & 0xFFFF).to_bytes(2, "big")
    return head + (time & 0xFFFFFFFF).to_bytes(4, "big") + b"SSRC" + extra + payload


def frame(packet: bytes, channel: int = 0) -> bytes:
    return encode(Interleaved(channel, packet))


def fragments_h264(nal: bytes, size: int = 60) -> list[bytes]:
    body = nal[1:]
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    ends = [0x80] + [0] * (len(parts) - 2) + [0x40]
    indicator = nal[0] & 0xE0 | 28
    return [
        bytes((indicator, end | nal[0] & 0x1F)) + part
        for end, part in zip(ends, parts, strict=True)
    ]


def fragments_h265(nal: bytes, size: int = 60) -> list[bytes]:
    body = nal[2:]
    parts = [body[i : i + size] for i in range(0, len(body), size)]
    ends = [0x80] + [0] * (len(parts) - 2) + [0x40]
    header = bytes((nal[0] & 0x81 | 49 << 1, nal[1]))
    return [
        header + bytes((end | nal[0] >> 1 & 0x3F,)) + part
        for end, part in zip(ends, parts, strict=True)
    ]


def aggregate(nals: Iterable[bytes], header: bytes) -> bytes:
    return header + b"".join(len(nal).to_bytes(2, "big") + nal for nal in nals)


def annex_b(*nals: bytes) -> bytes:
    return b"".join(b"\x00\x00\x00\x01" + nal for nal in nals)
