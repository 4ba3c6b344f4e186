"""Which known tiles have been missing, picture after picture.

A person before the lens hides other tiles a moment later; a cloth hides the same ones. So only
tiles that were missing in the picture before too count.
"""

from typing import Final

import numpy as np

from edge.picture.grid import COLUMNS, ROWS, Flags, Floats

_NEAR: Final = 0.4
LASTING: Final = 2
"""Pictures."""


class Missing:
    """For each tile, in how many pictures without a break it has been missing."""

    def __init__(self) -> None:
        self._for = np.zeros((ROWS, COLUMNS), np.int32)

    def step(self, missing: Flags, there: Flags) -> None:
        """Take the next picture; tiles in neither can't tell, and lose one picture."""
        fewer = np.where(there, 0, np.maximum(self._for - 1, 0))
        self._for = np.where(missing, self._for + 1, fewer)

    @property
    def now(self) -> Flags:
        """Tiles missing now."""
        return np.asarray(self._for > 0, np.bool_)

    @property
    def lasting(self) -> Flags:
        """Tiles missing for several pictures."""
        return np.asarray(self._for >= LASTING, np.bool_)

    def forget(self) -> None:
        """Begin anew."""
        self._for[:] = 0


def share(tiles: Flags, asked: Flags) -> float:
    """Return how many of the tiles that can tell are among ``tiles``."""
    return int(np.count_nonzero(tiles & asked)) / max(1, int(np.count_nonzero(asked)))


def where(tiles: Flags) -> str:
    """Return in words where the tiles lie, or nothing if they lie all over."""
    rows, columns = np.nonzero(tiles)
    if not len(rows):
        return ""
    down = _third(float(rows.mean()) / (ROWS - 1), ("upper", "lower"))
    right = _third(float(columns.mean()) / (COLUMNS - 1), ("left", "right"))
    words = " ".join(word for word in (down, right) if word)
    return f", {words}" if words else ""


def _third(place: float, names: tuple[str, str]) -> str:
    if place < _NEAR:
        return names[0]
    return names[1] if place > 1 - _NEAR else ""


def beside(tiles: Flags) -> Flags:
    """Return the tiles and all that touch them."""
    padded = np.pad(tiles, 1)
    near = np.zeros_like(tiles)
    for down in range(3):
        for right in range(3):
            near |= padded[down : down + ROWS, right : right + COLUMNS]
    return near


def high(values: Floats, percentile: float) -> float:
    """Return a percentile of tile values."""
    return float(np.percentile(values, percentile))
