"""Is this a recorder's card, "NO SIGNAL" or "VIDEO LOSS": one flat ground with words?

A recorder draws the card itself, so its ground has no grain and no shading: nearly all pixels are
of one grey level. No lens gives that, however evenly it is covered.
"""

from typing import Final

import cv2
import numpy as np

from edge.picture.picture import Luma

_GROUND_LEVELS: Final = 2
_GROUND_SHARE: Final = 0.8
_WORDS_SHARE: Final = 0.001
_WORDS_CONTRAST: Final = 40
_MIDDLE: Final = (0.2, 0.8)
"""Of the height: nearer to the rim stand the clock and the name, which a black picture has too."""
_RIM_PX: Final = 2


def is_card(luma: Luma) -> bool:
    """Tell whether the picture is a drawn message instead of a view."""
    counts = cv2.calcHist([luma], [0], None, [256], [0, 256]).reshape(-1)
    ground = int(np.argmax(counts))
    near = counts[max(0, ground - _GROUND_LEVELS) : ground + _GROUND_LEVELS + 1]
    if near.sum() < _GROUND_SHARE * luma.size or ground >= 255 - _WORDS_CONTRAST // 2:
        return False
    height = luma.shape[0]
    middle = luma[int(height * _MIDDLE[0]) : int(height * _MIDDLE[1]), _RIM_PX:-_RIM_PX]
    far = np.abs(middle.astype(np.int16) - ground) > _WORDS_CONTRAST
    return bool(_WORDS_SHARE * middle.size < np.count_nonzero(far))
