"""Is this a recorder's card, "NO SIGNAL" or "VIDEO LOSS": one flat ground with words?

A recorder draws the card itself, so its ground has no grain and no shading: nearly all pixels equal
their neighbours. No lens gives that, however evenly it is covered, nor does an empty wall.
"""

from typing import Final

import cv2
import numpy as np

from edge.picture.picture import Luma

_GROUND_LEVELS: Final = 1
_GROUND_SHARE: Final = 0.75
_EQUAL_SHARE: Final = 0.9
"""Of the ground's pixels, those that equal the one to their right."""
_WORDS_SHARE: Final = 0.001
_WORDS_CONTRAST: Final = 40
_MIDDLE: Final = (0.2, 0.8)
"""Of the height: nearer to the rim stand the clock and the name, which a black picture has too."""
_WHITE: Final = 235
"""A burnt-out sky is flat, too."""


def is_card(luma: Luma) -> bool:
    """Tell whether the picture is a drawn message instead of a view."""
    counts = cv2.calcHist([luma], [0], None, [256], [0, 256]).reshape(-1)
    ground = int(np.argmax(counts))
    near = counts[max(0, ground - _GROUND_LEVELS) : ground + _GROUND_LEVELS + 1]
    if near.sum() < _GROUND_SHARE * luma.size or ground > _WHITE:
        return False
    away = np.abs(luma.astype(np.int16) - ground)
    flat = (away <= _GROUND_LEVELS)[:, :-1]
    equal = luma[:, 1:] == luma[:, :-1]
    if np.count_nonzero(flat & equal) < _EQUAL_SHARE * np.count_nonzero(flat):
        return False
    height = luma.shape[0]
    middle = away[int(height * _MIDDLE[0]) : int(height * _MIDDLE[1])] > _WORDS_CONTRAST
    return bool(np.count_nonzero(middle) > _WORDS_SHARE * middle.size)
