"""A decoded key frame as the judge reads it."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from edge.picture.pipe import WIDTH_PX

__all__ = ["WIDTH_PX", "Chroma", "Luma", "Picture"]

Luma: TypeAlias = npt.NDArray[np.uint8]
Chroma: TypeAlias = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """One key frame.

    Attributes:
        luma: Brightness, uint8 (h, 320), full range: 0 is black and 255 white.
        width: Of the picture as the camera sent it, in pixels.
        height: The same.
        compressed_size: Bytes of the access unit: a second witness of a freeze, because a live
            scene's key frames differ in size even where the encoder has removed the sensor's noise.
        chroma: Blue and red difference (U, V), uint8 (2, h / 2, 160) around 128, or None where a
            camera sends grey alone.
    """

    luma: Luma
    width: int
    height: int
    compressed_size: int
    chroma: Chroma | None = None
