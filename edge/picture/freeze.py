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

import math
from dataclasses import dataclass
from typing import Final, TypeVar

import cv2
import numpy as np
import numpy.typing as npt

from edge.picture.picture import Luma, Picture

_ROWS, _COLUMNS = 9, 16
_TEXTURED: Final = 1.5  # standard deviation in a tile; a flat sky is equal to itself for nothing
_MIN_TEXTURED_TILES: Final = 12
_EQUAL_SHARE: Final = 0.15
_SAME_SIZE: Final = 0.02
_BETWEEN_OVERLAYS: Final = slice(2, 7)  # rows of tiles: above and below, clocks tick
_OVERLAY_TILES: Final = 16
_VISIBLE_LEVELS: Final = 10
_VISIBLE_PIXELS: Final = 3
_NOISE_FACTOR: Final = 8  # a requantised picture differs; a visible change differs far more
_MEDIAN_CHANGE: Final = 4.0  # between any two pictures of a freeze; the light turns in a live one
_KEPT: Final = 6
_TWINS_NEEDED: Final = 2
_PATIENCE_BEFORE: Final = 8  # pictures without a twin before a freeze is sure
_PATIENCE_AFTER: Final = 2  # and after, beyond the longest such stretch within the freeze

Sums = npt.NDArray[np.int32]
_Number = TypeVar("_Number", np.int32, np.float64)
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
    """How two pictures differ, by tile; ``visible`` is left out where ``median`` settles it."""

    median: float
    equal: Flags
    visible: Flags | None


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
        twins = self._twins_of(now)
        if twins is None:
            self.forget()
            twins = []
        self._note(twins)
        self._kept = (*self._kept[:1], *self._kept[1:][-(_KEPT - 2) :], now)
        return self._verdict(at_ms)

    def _twins_of(self, now: _Kept) -> list[_Kept] | None:
        """Return the twins among the pictures kept; None at the first visible change.

        Whether there is one does not depend on the order, so none is compared beyond the first:
        what moves costs least.
        """
        twins = []
        for earlier in self._kept:
            difference = _difference(earlier, now)
            if self._has_changed(difference):
                return None
            if _is_twin(earlier, now, difference):
                twins.append(earlier)
        return twins

    def _has_changed(self, difference: _Difference) -> bool:
        """Tell whether anything but the overlay changed; widen the overlay by what did."""
        if difference.median > _MEDIAN_CHANGE:
            return True
        if difference.visible is None:
            return False
        overlay = self._overlay | difference.visible
        if overlay[_BETWEEN_OVERLAYS].any() or np.count_nonzero(overlay) > _OVERLAY_TILES:
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
    return _Kept(luma, _textured(luma), picture.compressed_size, at_ms)


def _whole_tiles(luma: Luma) -> Luma:
    """Leave out the pixels beyond the last whole tile."""
    return luma[: luma.shape[0] // _ROWS * _ROWS, : luma.shape[1] // _COLUMNS * _COLUMNS]


def _tile_px(luma: Luma) -> int:
    return luma.size // (_ROWS * _COLUMNS)


def _by_tile(integral: npt.NDArray[_Number]) -> npt.NDArray[_Number]:
    """Return each tile's sum from the integral picture: four corners each, and exact."""
    rows, columns = integral.shape
    corners = integral[:: rows // _ROWS, :: columns // _COLUMNS]
    return corners[1:, 1:] - corners[:-1, 1:] - corners[1:, :-1] + corners[:-1, :-1]


def _sums(pixels: Luma) -> Sums:
    return _by_tile(np.asarray(cv2.integral(pixels), np.int32))


def _textured(luma: Luma) -> Flags:
    """Tell which tiles have a standard deviation that noise would move."""
    sums, squares = cv2.integral2(luma)
    means = _by_tile(np.asarray(sums, np.int32)) / _tile_px(luma)
    variances = _by_tile(np.asarray(squares, np.float64)) / _tile_px(luma) - means**2
    return np.asarray(variances >= _TEXTURED**2, np.bool_)


def _difference(earlier: _Kept, now: _Kept) -> _Difference:
    pixels = np.asarray(cv2.absdiff(now.luma, earlier.luma), np.uint8)
    sums = _sums(pixels)
    in_order = np.sort(sums, axis=None).tolist()
    median = _quantile(in_order, 0.5) / _tile_px(pixels)
    noise = _quantile(in_order, 0.9) / _tile_px(pixels)
    visible = None if median > _MEDIAN_CHANGE else _visible(pixels, noise)
    return _Difference(median=median, equal=sums == 0, visible=visible)


def _quantile(in_order: list[int], share: float) -> float:
    """Return a quantile as ``numpy.quantile`` does, in a hundredth of its time for few values."""
    place = share * (len(in_order) - 1)
    below = int(place)
    above = min(below + 1, len(in_order) - 1)
    return in_order[below] + (in_order[above] - in_order[below]) * (place - below)


def _visible(pixels: Luma, noise: float) -> Flags | None:
    """Tell in which tiles a person would see a change; None is in none."""
    levels = max(_VISIBLE_LEVELS, _NOISE_FACTOR * noise)
    _, far = cv2.threshold(pixels, math.ceil(levels) - 1, 1, cv2.THRESH_BINARY)
    if cv2.countNonZero(far) <= _VISIBLE_PIXELS:
        return None
    return _sums(np.asarray(far, np.uint8)) > _VISIBLE_PIXELS


def _is_twin(earlier: _Kept, now: _Kept, difference: _Difference) -> bool:
    if abs(now.size - earlier.size) > _SAME_SIZE * earlier.size:
        return False
    textured = earlier.textured & now.textured
    tiles = np.count_nonzero(textured)
    if tiles < _MIN_TEXTURED_TILES:
        return False
    return bool(np.count_nonzero(difference.equal & textured) >= _EQUAL_SHARE * tiles)
