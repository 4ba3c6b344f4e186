"""The grid of tiles, 9 rows of 16, on which pictures are compared."""

from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

ROWS: Final = 9
COLUMNS: Final = 16

Floats: TypeAlias = npt.NDArray[np.float32]
Flags: TypeAlias = npt.NDArray[np.bool_]


def by_tile(values: Floats) -> Floats:
    """Return the mean of each tile, (9, 16)."""
    small = cv2.resize(values, (COLUMNS, ROWS), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32)
