"""Photos of findings: small plain JPEGs that say nothing but what they show. Pure.

The phone makes them small and drops what its camera wrote beside the picture (place, time, owner);
here everything else is refused, so that a photo kept is one without.
"""

import struct
from typing import Final

MOST_BYTES: Final = 1_500_000
MOST_SIDE_PX: Final = 1600
MOST_PHOTOS: Final = 6
"""Of one finding."""

_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
_SCAN: Final = 0xDA
_PICTURE: Final = frozenset({0xDB, 0xC4, 0xDD, 0xE0, 0xE2, 0xEE})
"""Tables, restart interval; JFIF, colour profile, Adobe's colour transform."""


class PhotoError(ValueError):
    """Not a photo that may be kept; the text says why."""


def plain_jpeg(data: bytes) -> tuple[int, int]:
    """Return width and height in pixels. Raises ``PhotoError``."""
    if len(data) > MOST_BYTES:
        raise PhotoError(f"a photo has at most {MOST_BYTES} bytes")
    if not data.startswith(b"\xff\xd8\xff") or not data.endswith(b"\xff\xd9"):
        raise PhotoError("not a whole JPEG")
    size: tuple[int, int] | None = None
    at = 2
    while at + 4 <= len(data):
        mark, kind, length = struct.unpack_from(">BBH", data, at)
        if mark != 0xFF:  # noqa: PLR2004 (what every part begins with)
            raise PhotoError("not a whole JPEG")
        if kind == _SCAN:
            return _fitting(size)
        if kind in _FRAMES and at + 9 <= len(data):
            height, width = struct.unpack_from(">HH", data, at + 5)
            size = (width, height)
        elif kind not in _PICTURE:
            raise PhotoError("the photo says more than what it shows (place, owner ...)")
        at += 2 + length
    raise PhotoError("not a whole JPEG")


def _fitting(size: tuple[int, int] | None) -> tuple[int, int]:
    if size is None or 0 in size:
        raise PhotoError("not a whole JPEG")
    if max(size) > MOST_SIDE_PX:
        raise PhotoError(f"a photo has at most {MOST_SIDE_PX} pixels a side")
    return size
