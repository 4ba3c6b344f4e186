"""Has the scene stood still? Proof by exact equality.

Small pixel differences prove nothing: an encoder at a low bit rate removes the sensor's noise, and
a live, quiet scene then differs less from key frame to key frame than a frozen one that is
quantised anew each time. What a live scene does not do is decode to *exactly* the same values over
whole textured tiles: noise always moves some coefficient. Measured on drawn scenes through x264 and
x265 at 60 to 1,500 kbit/s: the best share of textured tiles that equal an earlier picture's is at
most 0.10 live and, over a few pictures, 0.17 to 0.99 frozen.

So a *twin* of a picture is an earlier one of the same compressed size (2 %) with at least 0.15 of
the textured tiles exactly equal and no visible change but in the overlay: few tiles, in the top or
bottom band of the picture, where clocks tick. Two pictures with twins that span ``freeze_after_ms``
are a freeze, dated at the earliest twin. It ends with a visible change, or when no twin has come
for clearly longer than before: then the scene is quiet, but alive.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.picture.picture import Luma, Picture

_ROWS, _COLUMNS = 9, 16
_TEXTURED: Final = 1.5  # standard deviation in a tile; a flat sky is equal to itself for nothing
_MIN_TEXTURED_TILES: Final = 12
_EQUAL_SHARE: Final = 0.15
_SAME_SIZE: Final = 0.02
_OVERLAY_ROWS: Final = (0, 1, 7, 8)
_OVERLAY_TILES: Final = 16
_VISIBLE_LEVELS: Final = 10
_VISIBLE_PIXELS: Final = 3
_NOISE_FACTOR: Final = 8  # a requantised picture differs; a visible change differs far more
_MEDIAN_CHANGE: Final = 4.0  # between any two pictures of a freeze; the light turns in a live one
_KEPT: Final = 6
_TWINS_NEEDED: Final = 2
_PATIENCE_BEFORE: Final = 8  # pictures without a twin before a freeze is sure
_PATIENCE_AFTER: Final = 2  # and after, beyond the longest such stretch within the freeze

Tiles = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A picture of the run, to be compared with."""

    luma: Luma
    textured: Flags
    size: int
    at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Difference:
    """How two pictures differ, by tile."""

    median: float
    equal_share: float
    visible: Flags


class Freeze:
    """One camera's run of pictures without a visible change."""

    def __init__(self, freeze_after_ms: int) -> None:
        self._freeze_after_ms = freeze_after_ms
        self.forget()

    def forget(self) -> None:
        """Begin anew, with no picture seen."""
        self._kept: tuple[_Kept, ...] = ()
        self._overlay: Flags = np.zeros((_ROWS, _COLUMNS), np.bool_)
        self._without_twin = 0
        self._lives()

    def _lives(self) -> None:
        """Drop all evidence of a freeze."""
        self._since_ms: int | None = None
        self._twins = 0
        self._longest_without_twin = 0
        self._is_sure = False

    def step(self, picture: Picture, at_ms: int) -> int | None:
        """Take the next picture; return since when the scene is frozen, or None."""
        if picture.luma.shape[0] < _ROWS:  # a picture of a few lines has nothing to compare
            return None
        now = _kept(picture, at_ms)
        if self._kept and self._kept[0].luma.shape != now.luma.shape:
            self.forget()
        differences = [(earlier, _difference(earlier, now)) for earlier in self._kept]
        if any(self._has_changed(difference) for _, difference in differences):
            self.forget()
            differences = []
        twins = [earlier for earlier, d in differences if _is_twin(earlier, now, d)]
        self._note(twins)
        self._kept = (*self._kept[:1], *self._kept[1:][-(_KEPT - 2) :], now)
        return self._verdict(at_ms)

    def _has_changed(self, difference: _Difference) -> bool:
        """Tell whether anything but the overlay changed; widen the overlay by what did."""
        overlay = self._overlay | difference.visible
        outside = np.delete(overlay, _OVERLAY_ROWS, axis=0)
        if difference.median > _MEDIAN_CHANGE or outside.any() or overlay.sum() > _OVERLAY_TILES:
            return True
        self._overlay = overlay
        return False

    def _note(self, twins: list[_Kept]) -> None:
        if not twins:
            self._without_twin += 1
            after = self._longest_without_twin + _PATIENCE_AFTER
            if self._without_twin > (after if self._is_sure else _PATIENCE_BEFORE):
                self._lives()
            return
        if self._twins:
            self._longest_without_twin = max(self._longest_without_twin, self._without_twin)
        self._without_twin = 0
        self._twins += 1
        earliest = min(twin.at_ms for twin in twins)
        self._since_ms = earliest if self._since_ms is None else min(self._since_ms, earliest)

    def _verdict(self, at_ms: int) -> int | None:
        if self._since_ms is None or self._twins < _TWINS_NEEDED:
            return None
        self._is_sure = at_ms - self._since_ms >= self._freeze_after_ms
        return self._since_ms if self._is_sure else None


def _kept(picture: Picture, at_ms: int) -> _Kept:
    luma = _whole_tiles(picture.luma)
    return _Kept(luma, _deviations(luma) >= _TEXTURED, picture.compressed_size, at_ms)


def _whole_tiles(luma: Luma) -> Luma:
    """Leave out the pixels beyond the last whole tile."""
    return luma[: luma.shape[0] // _ROWS * _ROWS, : luma.shape[1] // _COLUMNS * _COLUMNS]


def _means(pixels: Luma | Tiles) -> Tiles:
    """Return each tile's mean: what cv2's area resampling gives where sizes divide."""
    exact = pixels.astype(np.float32)
    return np.asarray(cv2.resize(exact, (_COLUMNS, _ROWS), interpolation=cv2.INTER_AREA))


def _deviations(luma: Luma) -> Tiles:
    values = luma.astype(np.float32)
    variance: Tiles = _means(values * values) - _means(values) ** 2
    return np.sqrt(np.maximum(variance, 0))


def _difference(earlier: _Kept, now: _Kept) -> _Difference:
    pixels = np.asarray(cv2.absdiff(now.luma, earlier.luma), np.uint8)
    means = _means(pixels)
    levels = max(_VISIBLE_LEVELS, _NOISE_FACTOR * float(np.percentile(means, 90)))
    tile_px = pixels.size / means.size
    textured = earlier.textured & now.textured
    enough = int(textured.sum()) >= _MIN_TEXTURED_TILES
    equal = means == 0  # nothing but zeros makes an exact zero
    return _Difference(
        median=float(np.median(means)),
        equal_share=float(equal[textured].mean()) if enough else 0.0,
        visible=_means((pixels >= levels).astype(np.uint8)) * tile_px > _VISIBLE_PIXELS + 0.5,
    )


def _is_twin(earlier: _Kept, now: _Kept, difference: _Difference) -> bool:
    same_size = abs(now.size - earlier.size) <= _SAME_SIZE * earlier.size
    return same_size and difference.equal_share >= _EQUAL_SHARE
