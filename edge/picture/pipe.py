"""What the agent and its decoder's process say to each other, over two pipes. Pure.

Length-prefixed octets, no pickle: the process has read what cameras sent, so it is not trusted, and
whatever comes from it is checked like a camera's own words. All numbers are big-endian.

::

    request   codec (4 or 5) · u32 length · access unit
    reply     kind           · u32 length · body
      HELLO        nothing: the process can decode from now on
      PICTURE      u32 width · u32 height · u16 rows · u8 planes · luma, then blue and red if 3
      UNDECODABLE  UTF-8: why

The process may end with exit code 0 after any reply: then a fresh one is wanted.
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal, Protocol, TypeAlias

Codec: TypeAlias = Literal["h264", "h265"]

CODECS: Final[dict[Codec, int]] = {"h264": 4, "h265": 5}
WIDTH_PX: Final = 320
"""Every picture is judged at this width: more detail tells no more, at 20 times the cost."""
MAX_ROWS: Final = 4 * WIDTH_PX
"""A taller picture is no camera's; a hostile header must not make a picture of a million rows."""
MAX_UNIT: Final = 16 * 1024 * 1024
_MAX_REPLY: Final = 1024 * 1024
_HEAD: Final = struct.Struct("!BI")
_SIZES: Final = struct.Struct("!IIHB")
_COLOUR_PLANES: Final = 3


class Incoming(Protocol):
    """The reading end of a pipe, unbuffered."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill the beginning of ``buffer``; return how much, 0 at the end."""
        ...


class Outgoing(Protocol):
    """The writing end of a pipe, unbuffered."""

    def write(self, data: memoryview, /) -> int | None:
        """Write the beginning of ``data``; return how much."""
        ...


class Kind(IntEnum):
    """What a reply is."""

    HELLO = 0
    PICTURE = 1
    UNDECODABLE = 2


class PipeError(ValueError):
    """The other end does not keep to the format."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Planes:
    """A small picture as raw planes, full range.

    Attributes:
        width: Of the picture as the camera sent it, in pixels.
        height: The same.
        rows: Of the luma plane, which is ``WIDTH_PX`` wide.
        luma: ``rows`` x 320 octets.
        chroma: Blue, then red, each ceil(rows / 2) x 160 octets; empty for grey.
    """

    width: int
    height: int
    rows: int
    luma: bytes | bytearray | memoryview
    chroma: bytes | bytearray | memoryview = b""


def pack_request(codec: Codec, access_unit: bytes) -> bytes:
    """Return a request; raise ``ValueError`` for a unit that is too large to be a picture."""
    if len(access_unit) > MAX_UNIT:
        raise ValueError(f"a key frame of {len(access_unit)} octets; {MAX_UNIT} at most")
    return _HEAD.pack(CODECS[codec], len(access_unit)) + access_unit


def read_request(pipe: Incoming) -> tuple[Codec, bytearray]:
    """Return the next request. Raises ``EOFError``, ``PipeError``."""
    number, length = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    codec = next((name for name, known in CODECS.items() if known == number), None)
    if codec is None or length > MAX_UNIT:
        raise PipeError(f"codec {number}, {length} octets")
    return codec, _exactly(pipe, length)


def pack_reply(kind: Kind, body: bytes = b"") -> bytes:
    """Return a reply."""
    return _HEAD.pack(kind, len(body)) + body


def read_reply(pipe: Incoming) -> tuple[Kind, bytearray]:
    """Return the next reply. Raises ``EOFError``, ``PipeError``."""
    number, length = _HEAD.unpack(_exactly(pipe, _HEAD.size))
    if number not in set(Kind) or length > _MAX_REPLY:
        raise PipeError(f"a reply of kind {number} with {length} octets")
    return Kind(number), _exactly(pipe, length)


def pack_planes(planes: Planes) -> bytes:
    """Return a picture as a reply's body."""
    count = _COLOUR_PLANES if planes.chroma else 1
    sizes = _SIZES.pack(planes.width, planes.height, planes.rows, count)
    return b"".join((sizes, planes.luma, planes.chroma))


def unpack_planes(body: bytearray) -> Planes:
    """Return the picture in a reply's body, views of it. Raises ``PipeError``."""
    if len(body) < _SIZES.size:
        raise PipeError(f"a picture in {len(body)} octets")
    width, height, rows, count = _SIZES.unpack_from(body)
    luma = rows * WIDTH_PX
    chroma = (rows + 1) // 2 * WIDTH_PX if count == _COLOUR_PLANES else 0
    if not (0 < rows <= MAX_ROWS and count in {1, 3} and len(body) == _SIZES.size + luma + chroma):
        raise PipeError(f"a picture of {rows} rows and {count} planes in {len(body)} octets")
    pixels = memoryview(body)[_SIZES.size :]
    return Planes(width=width, height=height, rows=rows, luma=pixels[:luma], chroma=pixels[luma:])


def write(pipe: Outgoing, message: bytes) -> None:
    """Write all of ``message``. Raises ``OSError`` where the other end has gone."""
    rest = memoryview(message)
    while rest:
        rest = rest[pipe.write(rest) or 0 :]


def _exactly(pipe: Incoming, size: int) -> bytearray:
    """Return ``size`` octets; raise ``EOFError`` where the pipe ends before."""
    octets = bytearray(size)
    rest = memoryview(octets)
    while rest:
        if not (got := pipe.readinto(rest)):
            raise EOFError
        rest = rest[got:]
    return octets
