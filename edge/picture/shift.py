"""Has the view turned, and by how much? Edges that fit clearly better at another place.

Cross-correlation of all edges over all shifts, by Fourier transform. A crowd before the lens fits
best where it always did; a camera that was turned fits elsewhere, far better than anywhere else.
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from edge.picture.grid import ROWS, Floats

_LEAST_GAIN: Final = 0.06
_STANDS_OUT: Final = 4.0
"""Standard deviations of the correlation over all shifts."""
_LEAST_SHIFT: Final = 0.04
_LARGEST_SHIFT: Final = 0.6


def shift_of(before: npt.NDArray[np.float16], now: Floats) -> str | None:
    """Return in words how the view has turned, or None where it fits nowhere else.

    Args:
        before: (2, h, 160), a reference's edges.
        now: The same of a picture.
    """
    rows = now.shape[1] // ROWS
    inner = slice(rows, -rows)  # overlays stay where they are
    usual, seen = _complex(before[:, inner].astype(np.float32)), _complex(now[:, inner])
    height, width = usual.shape
    shape = (2 * height, 2 * width)
    product = np.fft.fft2(seen, shape) * np.conj(np.fft.fft2(usual, shape))
    fits = np.real(np.fft.ifft2(product))
    fits /= np.sqrt(_power(usual) * _power(seen)) + 1e-9
    down, right = (int(place) for place in np.unravel_index(np.argmax(fits), fits.shape))
    gain = fits[down, right] - fits[0, 0]
    if gain < _LEAST_GAIN or gain < _STANDS_OUT * fits.std():
        return None
    return _words(_signed(right, shape[1]) / width, _signed(down, shape[0]) / now.shape[1])


def _complex(edges: Floats) -> npt.NDArray[np.complex64]:
    both = (edges[0] + 1j * edges[1]).astype(np.complex64)
    return np.asarray(both - both.mean(), np.complex64)


def _power(edges: npt.NDArray[np.complex64]) -> float:
    return float(np.sum(np.abs(edges) ** 2))


def _signed(place: int, size: int) -> int:
    return place if place < size // 2 else place - size


def _words(across: float, along: float) -> str | None:
    if not _LEAST_SHIFT < max(abs(across), abs(along)) < _LARGEST_SHIFT:
        return None
    # What stood in the middle has gone to the right: the lens has turned to the left.
    if abs(across) >= abs(along):
        towards = "to the left" if across > 0 else "to the right"
    else:
        towards = "upwards" if along > 0 else "downwards"
    percent = 100 * max(abs(across), abs(along))
    return f"the view has turned by {percent:.0f} % of the picture {towards}"
