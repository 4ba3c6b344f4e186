"""A brush: drawing in units of a 640x360 picture at any size, anti-aliased.

Coordinates and widths are in 640ths of the picture's width, so that one scene serves a 640x360
sub-stream and a 1920x1080 main stream. Colours are (red, green, blue), as people say them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
"""Height x width x 3, blue green red, as OpenCV and PyAV's ``bgr24`` have it."""
Colour = tuple[int, int, int]
Point = tuple[float, float]

UNITS_WIDE: Final = 640
UNITS_HIGH: Final = 360
_SHIFT: Final = 4
_MARKS: Final = str.maketrans("ĐÊỂỌƯỜĨỲẦÁƠÔÀ", "DEEOUOIYAAOOA")


def _bgr(colour: Colour) -> tuple[float, float, float]:
    return (colour[2], colour[1], colour[0])


@dataclass(frozen=True, slots=True)
class Brush:
    """Draws on one picture; ``scale`` is pixels per unit."""

    picture: Picture
    scale: float

    def _fixed(self, points: Sequence[Point]) -> NDArray[np.int32]:
        scaled = np.asarray(points, dtype=np.float64) * (self.scale * (1 << _SHIFT))
        return np.rint(scaled).astype(np.int32)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a polygon."""
        shape = [self._fixed(points)]
        cv2.fillPoly(self.picture, shape, _bgr(colour), cv2.LINE_AA, _SHIFT)

    def box(self, x: float, y: float, wide: float, high: float, colour: Colour) -> None:
        """Fill an upright rectangle whose left upper corner is (x, y)."""
        self.polygon([(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)], colour)

    def line(self, start: Point, end: Point, colour: Colour, width: float = 1) -> None:
        """Draw a stroke."""
        a, b = self._fixed([start, end])
        thick = max(1, round(width * self.scale))
        ends = (int(a[0]), int(a[1])), (int(b[0]), int(b[1]))
        cv2.line(self.picture, *ends, _bgr(colour), thick, cv2.LINE_AA, _SHIFT)

    def blob(self, centre: Point, radii: Point, colour: Colour, angle: float = 0) -> None:
        """Fill an ellipse, turned by ``angle`` degrees."""
        middle, half = self._fixed([centre, radii])
        cv2.ellipse(
            self.picture,
            (int(middle[0]), int(middle[1])),
            (max(1, int(half[0])), max(1, int(half[1]))),
            angle,
            0,
            360,
            _bgr(colour),
            -1,
            cv2.LINE_AA,
            _SHIFT,
        )

    def ring(self, centre: Point, radius: float, colour: Colour, width: float = 1) -> None:
        """Draw a circle's line."""
        middle = self._fixed([centre])[0]
        size = max(1, round(radius * self.scale * (1 << _SHIFT)))
        thick = max(1, round(width * self.scale))
        where = (int(middle[0]), int(middle[1]))
        cv2.circle(self.picture, where, size, _bgr(colour), thick, cv2.LINE_AA, _SHIFT)

    def gradient(self, top: float, bottom: float, first: Colour, last: Colour) -> None:
        """Fill the rows from ``top`` to ``bottom`` with a vertical run of colours."""
        start, end = round(top * self.scale), round(bottom * self.scale)
        ramp = np.linspace(0, 1, max(1, end - start))[:, None]
        rows = (1 - ramp) * np.array(_bgr(first)) + ramp * np.array(_bgr(last))
        self.picture[start:end] = rows[: self.picture[start:end].shape[0], None].astype(np.uint8)

    def text(self, words: str, at: Point, colour: Colour, size: float) -> None:
        """Write ``words`` from ``at`` on, the base line's left end; ``size`` is in units.

        OpenCV 5 carries a font with Vietnamese letters; before it, marks are left out.
        """
        where = (round(at[0] * self.scale), round(at[1] * self.scale))
        if hasattr(cv2, "FontFace"):
            face: Any = cv2.FontFace("uni")
            pixels = max(6, round(size * self.scale))
            cv2.putText(self.picture, words, where, _bgr(colour), face, pixels, 700)
        else:
            plain = words.upper().translate(_MARKS)
            factor = size * self.scale / 30
            font = cv2.FONT_HERSHEY_SIMPLEX
            cv2.putText(self.picture, plain, where, font, factor, _bgr(colour), 1, cv2.LINE_AA)


def blank(width: int, height: int, colour: Colour = (0, 0, 0)) -> Picture:
    """Return a picture of one colour."""
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = _bgr(colour)
    return picture


def brush_for(picture: Picture) -> Brush:
    """Return the brush that fits a picture's width."""
    return Brush(picture, picture.shape[1] / UNITS_WIDE)
