"""Does anything in the picture stay from one picture to the next?

Every view does, also another camera's, a dark one, one full of people: of consecutive pictures of
eleven cameras, ten seconds to a minute apart, in rain, fog, night and headlights, the edges agreed
by 0.48 and more. A failing sensor's do not (0.2 and less), though an encoder that has too few bits
for them leaves no grain to be measured, and the remains of the view fit here and there.
"""

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.picture.grid import ROWS, Floats
from edge.picture.reference import Comparison
from edge.picture.traits import Traits

_STAYS: Final = 0.3
_GRAINY: Final = 3.0
"""Grey levels of fine structure; who stands close to the lens is smooth in places."""
_NEARLY_ALL: Final = 0.8
_FINER: Final = 2.5
"""Energy against that of coarser detail: grain has 3.4, views and crowds 0.8 to 1.7."""
_FITS: Final = 0.45

Edges = npt.NDArray[np.float16]


class Snow:
    """Remembers the picture before, where that one fitted little too."""

    def __init__(self) -> None:
        self._before: Edges | None = None

    def step(self, comparison: Comparison, traits: Traits) -> bool:
        """Tell whether this picture and the one before are nothing but grain."""
        before, self._before = self._before, None
        if comparison.overall > _FITS or not _is_grain(comparison, traits):
            return False
        self._before = traits.edges.astype(np.float16)
        if before is None or before.shape != traits.edges.shape:
            return False
        return likeness(before, traits.edges) < _STAYS


def _is_grain(comparison: Comparison, traits: Traits) -> bool:
    everywhere = float(np.mean(comparison.own[1:-1] > _GRAINY)) > _NEARLY_ALL
    return everywhere and float(traits.fine.mean()) > _FINER * float(traits.coarse.mean())


def likeness(before: Edges, now: Floats) -> float:
    """Return how far the edges of two pictures, (2, h, 160), agree: 1 the same, 0 unrelated."""
    rows = now.shape[1] // ROWS
    inner = slice(rows, -rows)  # overlays stay where they are
    usual, seen = before[:, inner].astype(np.float32), now[:, inner]
    power = float(np.sum(usual**2)) * float(np.sum(seen**2))
    return float(np.sum(usual * seen)) / (math.sqrt(power) + 1e-9)
