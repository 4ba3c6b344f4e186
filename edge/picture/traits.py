"""What one picture is like: the measures that every check of the judge is made of.

Edges are unit-free orientations in double-angle form (an edge and its negative are the same edge),
so that light, contrast and the switch from colour to infra-red leave them alone. Everything else is
by tile, on a grid of 9 x 16, or one number for the whole picture.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.picture.disturbance import Disturbance, disturbance_of
from edge.picture.grid import COLUMNS, ROWS, Floats, by_tile
from edge.picture.picture import Picture

EDGES_WIDTH_PX: Final = 160
"""Edges are kept at half the judging width: a vibrating pole moves them by less than a pixel."""


_FAINT: Final = 1.0
"""Grey levels a pixel: a slope under this, or under the noise, is no edge."""
_DARK_OFFSET: Final = 4.0
"""Added to a level before its logarithm, so that noise in the dark is no change of light."""
_NOISE_KERNEL: Final = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32) / 6
"""Immerkaer 1996: blind to slopes and plain edges; white noise keeps its standard deviation."""
_MEDIAN_TO_SIGMA: Final = 1.4826
_NEUTRAL: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Traits:
    """One picture's measures.

    Attributes:
        edges: (2, h, 160), cosine and sine of twice the orientation, each up to 1 with strength.
        fine: (h, 160), energy of detail of about 2 px at 320, squared grey levels.
        coarse: The same of about 5 px.
        level: (9, 16), natural logarithm of the mean grey level plus 4.
        tint: (2, 9, 16), mean blue and red difference around 0; all 0 without colour.
        disturbance: Measures of electronic faults.
        size: Width and height of the picture as the camera sent it.
    """

    edges: Floats
    fine: Floats
    coarse: Floats
    level: Floats
    tint: Floats
    disturbance: Disturbance
    size: tuple[int, int]

    @property
    def strength(self) -> Floats:
        """How much of an edge each pixel is, (h, 160), 0 to 1."""
        return np.asarray(np.hypot(self.edges[0], self.edges[1]), np.float32)


def traits_of(picture: Picture) -> Traits:
    """Measure one picture."""
    luma = np.asarray(picture.luma, np.float32)
    noise = noise_of(luma)
    edges, height = _edges(luma, noise)
    fine, coarse = _bands(luma, height)
    return Traits(
        edges=edges,
        fine=fine,
        coarse=coarse,
        level=np.log(by_tile(luma) + _DARK_OFFSET),
        tint=_tint(picture),
        disturbance=disturbance_of(picture.luma, luma, noise),
        size=(picture.width, picture.height),
    )


def noise_of(luma: Floats) -> float:
    """Return the standard deviation of what differs from pixel to pixel, in grey levels.

    A quarter of the pixels is enough: the median is the dearest step of all.
    """
    rough = np.abs(cv2.filter2D(luma, cv2.CV_32F, _NOISE_KERNEL)[::2, ::2])
    return float(np.median(rough)) * _MEDIAN_TO_SIGMA


def _edges(luma: Floats, noise: float) -> tuple[Floats, int]:
    height = max(ROWS, luma.shape[0] // 2)
    half = cv2.resize(luma, (EDGES_WIDTH_PX, height), interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(half, (0, 0), 0.8)
    across = cv2.Sobel(smooth, cv2.CV_32F, 1, 0, ksize=3, scale=1 / 8)
    down = cv2.Sobel(smooth, cv2.CV_32F, 0, 1, ksize=3, scale=1 / 8)
    squares, other = across * across, down * down
    weight = 1 / (squares + other + max(_FAINT, 0.8 * noise) ** 2)
    return np.stack([(squares - other) * weight, 2 * across * down * weight]), height


def _bands(luma: Floats, height: int) -> tuple[Floats, Floats]:
    finest = cv2.GaussianBlur(luma, (0, 0), 0.6)
    middle = cv2.GaussianBlur(finest, (0, 0), 1.4)
    coarsest = cv2.GaussianBlur(middle, (0, 0), 2.6)
    return _energy(finest - middle, height), _energy(middle - coarsest, height)


def _energy(band: npt.NDArray[np.float32], height: int) -> Floats:
    size = (EDGES_WIDTH_PX, height)
    return np.asarray(cv2.resize(band * band, size, interpolation=cv2.INTER_AREA), np.float32)


def _tint(picture: Picture) -> Floats:
    if picture.chroma is None:
        return np.zeros((2, ROWS, COLUMNS), np.float32)
    return np.stack([by_tile(np.asarray(plane, np.float32)) - _NEUTRAL for plane in picture.chroma])
