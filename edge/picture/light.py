"""Has the light changed, as seen where the view has not?"""

from typing import Final

import numpy as np

from edge.picture.grid import Flags, Floats
from edge.picture.reference import Comparison, Reference
from edge.picture.traits import Traits

_LEAST_PRESENT: Final = 0.15
_GAIN: Final = 0.5
_UNEVEN: Final = 0.16
_VEIL: Final = 0.25
_COLOURED, _GREY = 4.0, 1.5
_FAINT_OWN: Final = 0.8
"""Grey levels: structure expected to be weaker than this can't be asked for."""


def light_changed(comparison: Comparison, reference: Reference, traits: Traits) -> bool:
    """Tell whether known tiles show a light that the reference has not learned.

    Light changes everywhere; a hand before the lens changes nothing beside it.
    """
    present = comparison.present
    if present.sum() < max(4, _LEAST_PRESENT * comparison.asked.sum()):
        return False
    if _colour_switched(reference.tint, traits.tint):
        return True
    change = comparison.brighter[present]
    gain = float(np.median(change))
    uneven = float(np.median(np.abs(change - gain)))
    veil = min(gain, 0.0) - float(np.median(comparison.contrast[present]))
    return abs(gain) > _GAIN or uneven > _UNEVEN or veil > _VEIL


def expected_own(comparison: Comparison) -> Floats:
    """Return how strong each tile's fine structure should be, given what known tiles lost."""
    present = comparison.present
    if not present.any():
        return comparison.known
    loss = np.median(np.minimum(comparison.contrast[present], 0.0))
    return np.asarray(comparison.known * np.exp(loss), np.float32)


def too_faint(expected: Floats) -> Flags:
    """Tell where nothing could be seen in this light even if it were there."""
    return np.asarray(expected < _FAINT_OWN, np.bool_)


def _colour_switched(before: Floats, now: Floats) -> bool:
    was, is_ = (float(np.median(np.hypot(tint[0], tint[1]))) for tint in (before, now))
    return (was > _COLOURED and is_ < _GREY) or (was < _GREY and is_ > _COLOURED)
