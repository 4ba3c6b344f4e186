"""Electronic faults: measures that a healthy sensor, cable and encoder keep low.

Each is one number; what is too much depends on what this camera usually shows (a fence has stripes,
a hedge has grain), so every limit is absolute and relative to the usual value at once.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import cv2
import numpy as np

from edge.picture.grid import Floats
from edge.picture.picture import Luma

_THIRDS: Final = 3
_STRIPE_SMOOTH_PX: Final = 6
_SMEARED_ROW: Final = 0.35
_ROW_DETAIL: Final = 1.5
_GRIDS_PX: Final = (8, 16)
_SATURATED: Final = 250


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One picture's measures.

    Attributes:
        noise: Standard deviation from pixel to pixel in grey levels.
        stripes: Standard deviation of row brightness that runs through the whole width.
        smeared: Share of the height in which each row has detail, but that of the row above.
        blocks: Steps at the borders of large blocks over steps at the middles of the blocks.
        saturated: Share of white pixels.
    """

    noise: float
    stripes: float
    smeared: float
    blocks: float
    saturated: float


def disturbance_of(luma: Luma, pixels: Floats, noise: float) -> Disturbance:
    """Measure one picture; ``pixels`` is ``luma`` as floats and ``noise`` its grain."""
    across = np.abs(np.diff(pixels, axis=1))
    down = np.abs(np.diff(pixels, axis=0))
    return Disturbance(
        noise=noise,
        stripes=_stripes(pixels),
        smeared=_smeared(_means(across, 1)[1:], _means(down, 1)),
        blocks=_blocks(_means(across, 0), _means(down, 1)),
        saturated=cv2.countNonZero(cv2.inRange(luma, _SATURATED, 255)) / luma.size,
    )


def _means(values: Floats, axis: int) -> Floats:
    """Return the means along an axis, flat."""
    kept = cv2.reduce(values, axis, cv2.REDUCE_AVG)
    return np.asarray(kept, np.float32).reshape(-1)


def _stripes(pixels: Floats) -> float:
    """Return the least common movement of row brightness between thirds, in the calmer half.

    A banner across the picture is a stripe too, but in one half only.
    """
    edges = np.linspace(0, pixels.shape[1], _THIRDS + 1).astype(int)
    rows = np.stack([_means(pixels[:, a:b], 1) for a, b in pairwise(edges)])
    quick = rows - cv2.GaussianBlur(rows, (0, 0), sigmaX=_STRIPE_SMOOTH_PX, sigmaY=0.01)
    halves = (quick[:, : quick.shape[1] // 2], quick[:, quick.shape[1] // 2 :])
    pairs = np.triu_indices(_THIRDS, 1)
    common = min(float((half @ half.T / half.shape[1])[pairs].min()) for half in halves)
    return math.sqrt(max(0.0, common))


def _smeared(across: Floats, down: Floats) -> float:
    """Return the longest run of rows that repeat the one above, as a share of the height."""
    longest = run = 0
    for repeats in (down < _SMEARED_ROW * across) & (across > _ROW_DETAIL):
        run = run + 1 if repeats else 0
        longest = max(longest, run)
    return longest / len(across)


def _blocks(across: Floats, down: Floats) -> float:
    """Return how much the grid of blocks stands out, in both directions."""
    return max(min(_on_grid(across, px), _on_grid(down, px)) for px in _GRIDS_PX)


def _on_grid(steps: Floats, block_px: int) -> float:
    where = np.arange(1, len(steps) + 1) % block_px
    return float(steps[where == 0].mean() / (steps[where == block_px // 2].mean() + 0.5))
