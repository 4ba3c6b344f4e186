"""Whole stills (files of a folder, frames of a test) as the decoder would give them, and back.

The judge must see of a JPEG what it sees of a key frame: 320 px wide, full-range luma after ITU-R
BT.601, chroma at half that size.
"""

import re
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

from edge.picture.picture import WIDTH_PX, Picture

Bgr: TypeAlias = npt.NDArray[np.uint8]
_GREY_DIMENSIONS: Final = 2
MOST_JPEG_BYTES: Final = 25_000
_QUALITIES: Final = (75, 50, 25, 10)
"""Only noise needs less than the first; 320 x 256 pixels of pure noise fit at the last."""


def picture_of(bgr: Bgr, compressed_size: int = 0) -> Picture:
    """Return a still as the judge reads it.

    ``bgr`` is uint8 (h, w, 3) as OpenCV reads a file, or (h, w) for grey alone, which gives a
    picture without chroma. ``compressed_size`` 0 means that it isn't known.
    """
    height, width = bgr.shape[:2]
    small = _at_judging_width(bgr)
    if bgr.ndim == _GREY_DIMENSIONS:
        return Picture(luma=small, width=width, height=height, compressed_size=compressed_size)
    # OpenCV's YCrCb is JPEG's full-range BT.601; its YUV is another one, of analogue television.
    luma, red, blue = cv2.split(cv2.cvtColor(small, cv2.COLOR_BGR2YCrCb))
    return Picture(
        luma=np.asarray(luma, np.uint8),
        width=width,
        height=height,
        compressed_size=compressed_size,
        chroma=np.stack([_halved(np.asarray(plane, np.uint8)) for plane in (blue, red)]),
    )


class UnreadableStill(ValueError):  # noqa: N818 (a verdict on the file, not a failure of ours)
    """A file that holds no picture; the text says why."""


def read_still(path: Path) -> Picture:
    """Return the picture in a file (JPEG, PNG, BMP, WebP). Raises ``UnreadableStill``."""
    try:
        content = np.frombuffer(path.read_bytes(), np.uint8)
    except OSError as error:
        raise UnreadableStill(error.strerror or str(error)) from error
    try:
        # Not imread: on Windows it opens no path with Vietnamese letters.
        bgr = cv2.imdecode(content, cv2.IMREAD_COLOR) if content.size else None
    except cv2.error as error:
        raise UnreadableStill(f"not a picture that can be read ({error.err})") from error
    if bgr is None:
        raise UnreadableStill("the file is empty" if not content.size else "not a whole picture")
    return picture_of(np.asarray(bgr, np.uint8))


def jpeg_of(picture: Picture) -> bytes:
    """Return a picture as a JPEG as large as the judge saw it, at most ``MOST_JPEG_BYTES``."""
    image = _bgr_of(picture)
    while True:
        for quality in _QUALITIES:
            _, content = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if content.size <= MOST_JPEG_BYTES:
                return content.tobytes()
        half = (max(1, image.shape[1] // 2), max(1, image.shape[0] // 2))  # oddly tall, and noise
        image = np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_AREA), np.uint8)


def _bgr_of(picture: Picture) -> npt.NDArray[np.uint8]:
    """Return what a person is shown: (h, w, 3), or (h, w) for grey."""
    luma, chroma = picture.luma, picture.chroma
    if chroma is None:
        return luma
    size_px = (luma.shape[1], luma.shape[0])
    blue, red = (cv2.resize(p, size_px, interpolation=cv2.INTER_LINEAR) for p in chroma)
    merged = cv2.merge([luma, np.asarray(red, np.uint8), np.asarray(blue, np.uint8)])
    return np.asarray(cv2.cvtColor(merged, cv2.COLOR_YCrCb2BGR), np.uint8)


def natural_order(name: str) -> list[tuple[bool, int, str]]:
    """Return the key that sorts names as people do: ``2.jpg`` before ``10.jpg``."""
    parts = re.split(r"(\d+)", name.casefold())
    return [(part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in parts]


def _at_judging_width(still: Bgr) -> Bgr:
    """Shrink by area, as the decoder does; a smaller picture is enlarged."""
    height_px = max(1, round(still.shape[0] * WIDTH_PX / still.shape[1]))
    how = cv2.INTER_AREA if still.shape[1] > WIDTH_PX else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(still, (WIDTH_PX, height_px), interpolation=how), np.uint8)


def _halved(plane: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return a plane at half its size; an odd row counts as one, as in 4:2:0."""
    size_px = (WIDTH_PX // 2, (plane.shape[0] + 1) // 2)
    return np.asarray(cv2.resize(plane, size_px, interpolation=cv2.INTER_AREA), np.uint8)
