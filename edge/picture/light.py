"""Has the light changed, as seen where the view has not?"""

from typing import Final

import cv2
import numpy as np

from edge.picture.grid import Flags, Floats
from edge.picture.reference import Comparison, Reference
from edge.picture.traits import Traits

_LEAST_PRESENT: Final = 0.15
_UNEVEN: Final = 0.16
_UNEVEN_LATER: Final = 0.08
"""Minutes after the picture before, the sun has gone on and less proves a new light."""
_VEIL: Final = 0.3
_VEILED_FIT: Final = 0.5
"""A veil of fog leaves known edges where they were; a bag over the lens does not."""
_COLOURED, _GREY = 4.0, 1.5
_BRIGHTEST: Final = 90
_SAME_GAIN, _SAME_UNEVEN = 0.15, 0.07
_NIGHT_LEVEL: Final = 24
_NIGHT_FALLS: Final = -0.7
_FAINT_OWN: Final = 0.8
_FAINT_IN_NOISE: Final = 0.4
_STRONG_OWN: Final = 1.0
_STRONG_IN_NOISE: Final = 0.6
_OTHER_LEVEL: Final = 0.12
_AROUND: Final = np.ones((3, 3), np.uint8)
"""Grey levels: structure expected to be weaker than this can't be asked for."""


def light_changed(
    comparison: Comparison, reference: Reference, traits: Traits, *, steady: bool
) -> bool:
    """Tell whether known tiles show a light that the reference has not learned.

    Light changes everywhere; a hand before the lens changes nothing beside it. But the camera may
    answer the hand with another exposure: a change that is the same everywhere proves no new light.
    """
    present = comparison.present
    if not _can_tell(comparison):
        return False
    if _colour_switched(reference.tint, traits.tint):
        return True
    change = comparison.brighter[present]
    gain = float(np.median(change))
    uneven = float(np.median(np.abs(change - gain)))
    veil = min(gain, 0.0) - float(np.median(comparison.contrast[present]))
    is_veiled = veil > _VEIL and comparison.overall > _VEILED_FIT
    return uneven > (_UNEVEN if steady else _UNEVEN_LATER) or is_veiled


def too_dark(comparison: Comparison, traits: Traits) -> bool:
    """Tell whether it has become night: hardly any light, where the reference had much more."""
    grey = float(np.percentile(np.exp(traits.level), _BRIGHTEST))
    return grey < _NIGHT_LEVEL and float(np.median(comparison.brighter)) < _NIGHT_FALLS


def _can_tell(comparison: Comparison) -> bool:
    """Tell whether enough known tiles are left: a few always fit by chance."""
    present = int(np.count_nonzero(comparison.present))
    return present >= max(4, _LEAST_PRESENT * int(np.count_nonzero(comparison.asked)))


def light_as_usual(comparison: Comparison) -> bool:
    """Tell whether known tiles are as bright as they were, all alike."""
    change = comparison.brighter[comparison.present]
    if not change.size:
        return False
    gain = float(np.median(change))
    return abs(gain) < _SAME_GAIN and float(np.median(np.abs(change - gain))) < _SAME_UNEVEN


def expected_own(comparison: Comparison) -> Floats:
    """Return how strong each tile's fine structure should be, given what known tiles lost."""
    present = comparison.present
    if not _can_tell(comparison):
        return comparison.known
    loss = np.median(np.minimum(comparison.contrast[present], 0.0))
    return np.asarray(comparison.known * np.exp(loss), np.float32)


def too_faint(expected: Floats, noise: float) -> Flags:
    """Tell where nothing could be seen in this light even if it were there."""
    return np.asarray(expected < max(_FAINT_OWN, _FAINT_IN_NOISE * noise), np.bool_)


def level_changed(comparison: Comparison) -> Flags:
    """Tell where another brightness is than the change of light explains."""
    return np.asarray(np.abs(comparison.brighter - _gain(comparison)) > _OTHER_LEVEL, np.bool_)


def level_beyond(comparison: Comparison, reference: Reference) -> Flags:
    """Tell where the level is beyond what the tile and those around it had: no blur mixes that."""
    lowest, highest = cv2.erode(reference.level, _AROUND), cv2.dilate(reference.level, _AROUND)
    now = reference.level + comparison.brighter - _gain(comparison)
    return np.asarray((now < lowest - _OTHER_LEVEL) | (now > highest + _OTHER_LEVEL), np.bool_)


def known_plain(comparison: Comparison) -> Flags:
    """Tell where a reference knows the tile as it is: plain and of this brightness, or present.

    A wall that the sun had striped for hours is no cover once a cloud has come.
    """
    same = ~comparison.asked & ~level_changed(comparison)
    return np.asarray(same | comparison.present, np.bool_)


def _gain(comparison: Comparison) -> float:
    """Return by how much all has become brighter, as a logarithm."""
    if not _can_tell(comparison):
        return 0.0
    return float(np.median(comparison.brighter[comparison.present]))


def clearly_other(comparison: Comparison, expected: Floats, noise: float) -> Flags:
    """Tell where strong structure should have been seen, or another brightness is."""
    return np.asarray(
        level_changed(comparison) | (expected > _STRONG_OWN + _STRONG_IN_NOISE * noise), np.bool_
    )


def _colour_switched(before: Floats, now: Floats) -> bool:
    was, is_ = (float(np.median(np.hypot(tint[0], tint[1]))) for tint in (before, now))
    return (was > _COLOURED and is_ < _GREY) or (was < _GREY and is_ > _COLOURED)
