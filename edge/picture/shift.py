"""By how much has the view turned? Phase correlation of where edges are."""

from typing import Final

import cv2

from edge.picture.grid import Floats

_SURE: Final = 0.05
_LEAST: Final = 0.02


def shift_words(before: Floats, now: Floats) -> str:
    """Return how two pictures of edge strength, (h, 160), are shifted, in words."""
    window = cv2.createHanningWindow((before.shape[1], before.shape[0]), cv2.CV_32F)
    (right, down), response = cv2.phaseCorrelate(before, now, window)
    across, along = right / before.shape[1], down / before.shape[0]
    if response < _SURE or max(abs(across), abs(along)) < _LEAST:
        return "the camera shows another view"
    # What stood in the middle has gone to the right: the lens has turned to the left.
    if abs(across) >= abs(along):
        return _turned(across, "to the left" if across > 0 else "to the right")
    return _turned(along, "upwards" if along > 0 else "downwards")


def _turned(by: float, towards: str) -> str:
    return f"the view has turned by {100 * abs(by):.0f} % {towards}"
