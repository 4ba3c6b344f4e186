"""Damage that knows what it damages: lines and headers of text, lengths and headers of packets."""

import random
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

Mutation: TypeAlias = Callable[[random.Random, bytes, Sequence[bytes]], bytes]

MAX_INPUT = 200_000
_NUMBERS = (
    b"0", b"-1", b"1", b"65535", b"65536", b"4294967296", b"99999999999999999999", b"1e9", b"0x7f",
    b" 7 ", b"7;", b"", b"\xd9\xa3", b"007", b"1.5", b"+5", b"NaN",
)  # fmt: skip
_OCTETS = (0x00, 0x01, 0x0A, 0x0D, 0x20, 0x22, 0x24, 0x3A, 0x3D, 0x5C, 0x7F, 0x80, 0xC0, 0xFF)
_WORDS = (
    b"\r\n", b"\n", b"\r", b"\r\n\r\n", b"\x00", b"$\x00\xff\xff", b"$\x01\x00\x00", b"\xff\xfe",
    b"RTSP/1.0 200 OK\r\n", b"RTSP/1.0 401 Unauthorized\r\n", b"HTTP/1.1 200 OK\r\n",
    b"Content-Length: 65536\r\n", b"Content-Length: 9\r\n", b"Session: \r\n", b"CSeq: 1\r\n",
    b'Digest realm="a\rb", nonce="n"', b'realm="\\"', b'qop="auth,auth-int"', b"algorithm=SHA-256",
    b"stale=true", b"interleaved=255-256", b"interleaved=7", b"timeout=0", b"timeout=999999",
    b"a=control:rtsp://h/\x00", b"m=video 0 RTP/AVP 96\n", b"a=rtpmap:96 H265/0\n", b"a=fmtp:96 ",
    b"sprop-parameter-sets=,,,", b"\xc2\x85", b"\xe2\x80\xa8", b"%0d%0a", b"%00", b"${X}", b"@",
    b"://", b"[::1%25eth0]", b":0", b":99999", b"\xed\xa0\x80", b"\\" * 40, b'"' * 3, b", " * 30,
    b"Location: rtsp://u:p@192.0.2.9/\r\n",
    b"REDIRECT rtsp://192.0.2.1/ RTSP/1.0\r\nCSeq: 1\r\n\r\n",
)  # fmt: skip


def mutate(rng: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """Return ``data`` after one to five mutations, bounded in size."""
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 5))):
        data = rng.choice(_ALL)(rng, data, corpus)
    return data[:MAX_INPUT]


def _span(rng: random.Random, data: bytes, most: int = 64) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + rng.randrange(1, most))


def _flip(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _unused in range(rng.choice((1, 1, 2, 8)) if data else 0):
        at = rng.randrange(len(changed))
        changed[at] = rng.choice((changed[at] ^ 1 << rng.randrange(8), rng.choice(_OCTETS)))
    return bytes(changed)


def _insert(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    new = rng.choice((rng.choice(_WORDS), rng.randbytes(rng.randrange(1, 20))))
    return data[:at] + new + data[at:]


def _delete(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(rng, data)
    return data[:start] + data[end:]


def _repeat(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    start, end = _span(rng, data, rng.choice((4, 40, 400)))
    times = rng.choice((2, 3, 50, 2000))
    return data[:start] + (data[start:end] * times)[:60_000] + data[end:]


def _cut(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _splice(rng: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    other = rng.choice(corpus)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _number(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    found = list(re.finditer(rb"\d+", data))
    if not found:
        return data
    one = rng.choice(found)
    return data[: one.start()] + rng.choice(_NUMBERS) + data[one.end() :]


def _lines(rng: random.Random, data: bytes, corpus: Sequence[bytes]) -> bytes:
    """Delete, double, move or borrow a line."""
    lines = data.splitlines(keepends=True) or [b""]
    at, line = rng.randrange(len(lines)), rng.choice(lines)
    match rng.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines[at:at] = [line] * rng.choice((1, 2, 30, 3000))
        case 2:
            lines.insert(rng.randrange(len(lines)), lines.pop(at))
        case 3:
            lines[at:at] = [rng.choice(rng.choice(corpus).splitlines(keepends=True) or [b""])]
        case _:
            lines[at] = lines[at].rstrip(b"\r\n") + rng.choice((b"\n", b"\r", b"", b"\r\r\n"))
    return b"".join(lines)[:MAX_INPUT]


def _header(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Respell a header: case, folds, blanks, no colon, an endless value."""
    found = list(re.finditer(rb"(?m)^([\w-]+)(:\s*)([^\r\n]*)", data))
    if not found:
        return data
    one = rng.choice(found)
    name, colon, value = one.groups()
    middle = rng.randrange(len(value) + 1)
    respelt = rng.choice(
        (
            name.lower() + colon + value,
            name.upper() + b" :" + value,
            name + colon + value[:middle] + b"\r\n " + value[middle:],
            name + colon + value[:middle] + b"\r" + value[middle:],
            name + b" " + value,
            name + b":" + b" " * rng.choice((1, 5000)) + value,
            name + colon + value[:middle] * rng.choice((2, 300)),
            name + colon,
            b":" + value,
            name + colon + rng.choice(_WORDS),
        )
    )
    return data[: one.start()] + respelt + data[one.end() :]


def _endings(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Change all line ends, or some."""
    new = rng.choice((b"\n", b"\r", b"\r\n", b"\n\r"))
    if rng.random() < 0.5:
        return data.replace(b"\r\n", new)
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at:].replace(b"\r\n", new, 1)


def _length(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Overwrite two octets as a length or a number might stand there."""
    if len(data) < 4:
        return data
    at = rng.randrange(len(data) - 2)
    size = rng.choice((0, 1, 2, 3, 0xFFFF, 0x7FFF, len(data) - at & 0xFFFF, rng.randrange(1 << 16)))
    return data[:at] + size.to_bytes(2, "big") + data[at + 2 :]


_ALL: tuple[Mutation, ...] = (
    _flip, _flip, _insert, _delete, _repeat, _cut, _splice, _number, _lines, _lines, _header,
    _header, _endings, _length,
)  # fmt: skip
