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
_PATIENCE: Final = 2  # pictures without a twin beyond the longest such stretch within the freeze

Tiles = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A picture of the run, to be compared with."""

    luma: npt.NDArray[np.int16]
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
        self._since_ms: int | None = None
        self._twins = 0
        self._without_twin = 0
        self._longest_without_twin = 0

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
            if self._without_twin > self._longest_without_twin + _PATIENCE:
                self._since_ms, self._twins, self._longest_without_twin = None, 0, 0
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
        return self._since_ms if at_ms - self._since_ms >= self._freeze_after_ms else None


def _kept(picture: Picture, at_ms: int) -> _Kept:
    luma = picture.luma.astype(np.int16)
    textured = _tiles(picture.luma).std((1, 3)) >= _TEXTURED
    return _Kept(luma, textured, picture.compressed_size, at_ms)


def _tiles(luma: Luma | npt.NDArray[np.int16]) -> Tiles:
    """Return (row, y, column, x); pixels beyond the last whole tile fall off."""
    tile_h, tile_w = luma.shape[0] // _ROWS, luma.shape[1] // _COLUMNS
    cut = luma[: tile_h * _ROWS, : tile_w * _COLUMNS].astype(np.float32)
    return cut.reshape(_ROWS, tile_h, _COLUMNS, tile_w)


def _difference(earlier: _Kept, now: _Kept) -> _Difference:
    tiles = _tiles(np.abs(now.luma - earlier.luma))
    means = tiles.mean((1, 3))
    visible_levels = max(_VISIBLE_LEVELS, _NOISE_FACTOR * float(np.percentile(means, 90)))
    textured = earlier.textured & now.textured
    enough = int(textured.sum()) >= _MIN_TEXTURED_TILES
    equal = tiles.max((1, 3)) == 0
    return _Difference(
        median=float(np.median(means)),
        equal_share=float(equal[textured].mean()) if enough else 0.0,
        visible=(tiles >= visible_levels).sum((1, 3)) > _VISIBLE_PIXELS,
    )


def _is_twin(earlier: _Kept, now: _Kept, difference: _Difference) -> bool:
    same_size = abs(now.size - earlier.size) <= _SAME_SIZE * earlier.size
    return same_size and difference.equal_share >= _EQUAL_SHARE
