"""A wall, a gate and a sky with a clock, drawn for tests of the judge."""

import numpy as np
import numpy.typing as npt

from edge.picture.picture import Luma, Picture

EVERY_MS = 10_000
FREEZE_MS = 60_000
HEIGHT, WIDTH = 180, 320
Values = npt.NDArray[np.float64]


def scene() -> Values:
    """A wall with courses, a gate, a sky: coarse and fine structure."""
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    bricks = 20.0 * ((x // 9 + y // 5) % 2) + 25 * np.sin(x / 17.0)
    return np.asarray(np.where(y < 50, 210.0, 120 + bricks), np.float64)


def picture(values: npt.NDArray[np.floating], size: int = 15_000) -> Picture:
    luma: Luma = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    return Picture(luma=luma, width=640, height=360, compressed_size=size)


def with_clock(values: Values, tick: int, *, row: int = 6) -> Values:
    """Draw digits that change: the last at each picture, others now and then."""
    stamped = values.copy()
    stamped[row : row + 10, 8:110] = 20
    for digit in range(6):
        bars = (tick // (6**digit)) % 6 + 1
        stamped[row + 1 : row + 9 : bars, 100 - 12 * digit : 108 - 12 * digit] = 250
    return stamped
