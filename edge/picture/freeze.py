"""Has the scene stood still? Proof by exact equality.

Small pixel differences prove nothing: an encoder at a low bit rate removes the sensor's noise, and
a live, quiet scene then differs less from key frame to key frame than a frozen one that is
quantised anew each time. What a live scene does not do is decode to *exactly* the same values in
many places with fine texture: noise always moves some coefficient. So a picture is kept as what
equality needs, a hash for each block of 16 x 16 pixels, and a mean for each cell of 8 x 8 (7 kB),
and a dozen of them are. Larger blocks have more coefficients that noise can move: of quiet JPEGs of
320 px 0.49 of the blocks of 8 x 8 were equal, but 0.14 of these.

Two pictures are *twins* if 0.3 of their textured blocks are exactly equal and nothing visible has
changed but the overlay: few cells, near the picture's top or bottom, where clocks tick. Measured on
drawn scenes and a dark room through x264 and x265, 320 to 1280 px, 32 to 1,000 kbit/s: among a
dozen live pictures the best share is at most 0.26 (mostly under 0.1), frozen it is 0.2 to 0.99,
now and then less. Smooth texture is not asked: of a cloth before the lens JPEG keeps 0.4 equal, for
all its noise.

*Life* is what only a live camera shows: a block's mean that has moved far, or light that has turned
everywhere. It ends all evidence at once. It also teaches what equality is worth here: if, beside
something that moves, most blocks stay exactly equal (no noise survives this encoder, or the scene
is a drawing), equality can't prove a freeze. Then ``checkable`` is false, as it is for a picture
without fine texture, and for one whose compressed size, the second witness, leaves too few bits for
each textured pixel: the encoder's steps are then so coarse and so uneven that even a frozen scene
decodes differently each time. (That the sizes of key frames agree proves little: at 60 kbit/s live
ones differ by 1 %, frozen ones by 4 %.)

Two weak twins or a strong one, ``freeze_after_ms`` apart, are a freeze, dated at the earliest twin.
It ends with life, or when no twin has come for longer than before.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.picture.picture import WIDTH_PX, Luma, Picture

_BLOCK_PX: Final = 16  # what is compared for equality
_CELL_PX: Final = 8  # what is compared for life
_FINE: Final = 1.5  # mean distance from the neighbours' mean, in grey levels
_MIN_TEXTURED: Final = 12  # blocks
_LEAST_RATE: Final = 0.4  # bits for each of the camera's pixels in textured blocks
_RATES: Final = 9
_TWIN_SHARE: Final = 0.3
_STRONG_SHARE: Final = 0.6
_POINTS_NEEDED: Final = 2  # a strong twin has two, a weak one has one
_KEPT: Final = 12
_VISIBLE_LEVELS: Final = 5.0  # of a cell's mean
_NOISE_FACTOR: Final = 8  # a cell that is quantised anew differs; a visible change differs more
_MIDDLE_LEVELS: Final = 3.0  # half of all cells' means have moved so far: another picture
_TURNED_LEVELS: Final = 0.4  # of all cells' median: light turns; quantising leaves it
_OVERLAY_BAND: Final = 0.22  # of the height, above and below
_OVERLAY_SHARE: Final = 0.11  # of the cells
_LIVES: Final = 8
_LIVES_NEEDED: Final = 3
_LIFE_COUNTS_MS: Final = 6 * 3_600_000
_WORTHLESS: Final = 0.6
_PATIENCE_BEFORE: Final = 12  # pictures without a twin before a freeze is sure
_PATIENCE_AFTER: Final = 2  # and after, beyond the longest such stretch within the freeze
_MOST_PATIENCE: Final = 5

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

_WEIGHTS: Final = np.random.default_rng(1).integers(1, 1 << 36, _BLOCK_PX**2).astype(np.float64)
"""A block's hash is its weighted sum: under 2**53, so exact, whatever the order of adding."""


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A picture of the run: blocks that are compared for equality, cells for life, row by row."""

    hashes: npt.NDArray[np.float64]
    textured: Flags
    means: Floats
    at_ms: int


class Freeze:
    """One camera's run of pictures without a visible change."""

    def __init__(self, freeze_after_ms: int) -> None:
        self._freeze_after_ms = freeze_after_ms
        self._live_shares: deque[tuple[int, float]] = deque(maxlen=_LIVES)
        self._rates: deque[float] = deque(maxlen=_RATES)
        self._has_texture = False
        self.forget()

    def forget(self) -> None:
        """Begin anew, with no picture seen; what equality is worth here is kept."""
        self._kept: tuple[_Kept, ...] = ()
        self._overlay: Flags | None = None
        self._without_twin = 0
        self._lives()

    @property
    def checkable(self) -> bool:
        """Whether a freeze of what the last picture shows would be noticed."""
        is_coarse = bool(self._rates) and median(self._rates) < _LEAST_RATE
        return self._has_texture and not is_coarse and self._live_share() < _WORTHLESS

    def step(self, picture: Picture, at_ms: int) -> int | None:
        """Take the next picture; return since when the scene is frozen, or None."""
        if picture.luma.shape[0] < _BLOCK_PX:  # a picture of a few lines has nothing to compare
            self._has_texture = False
            return None
        now = _kept(picture.luma, at_ms)
        self._note_rate(picture, now)
        while self._live_shares and self._live_shares[0][0] < at_ms - _LIFE_COUNTS_MS:
            self._live_shares.popleft()
        if self._kept and self._kept[0].means.size != now.means.size:
            self.forget()
        if self._shows_life(now):
            self.forget()
        self._note(now)
        self._kept = (*self._kept[:1], *self._kept[1:][-(_KEPT - 2) :], now)
        return self._verdict(at_ms)

    def _lives(self) -> None:
        """Drop all evidence of a freeze."""
        self._since_ms: int | None = None
        self._points = 0
        self._longest_without_twin = 0
        self._is_sure = False

    def _note_rate(self, picture: Picture, now: _Kept) -> None:
        textured = int(np.count_nonzero(now.textured))
        self._has_texture = textured >= _MIN_TEXTURED
        if self._has_texture and picture.compressed_size:
            area_px = picture.width * picture.height * textured / now.textured.size
            self._rates.append(8 * picture.compressed_size / area_px)

    def _shows_life(self, now: _Kept) -> bool:
        """Compare with the run's first picture and its last: they saw whoever came and went."""
        ends = dict.fromkeys(self._kept[:1] + self._kept[-1:])
        return any(self._has_changed(then, now) for then in ends)

    def _has_changed(self, then: _Kept, now: _Kept) -> bool:
        """Tell whether anything but the overlay changed; widen the overlay by what did."""
        moved = now.means - then.means
        turned = float(np.median(moved))
        spread = np.abs(moved - np.float32(turned))
        middle = float(np.median(spread))
        if middle > _MIDDLE_LEVELS or abs(turned) > max(_TURNED_LEVELS, middle):
            return True
        visible = spread > max(_VISIBLE_LEVELS, _NOISE_FACTOR * _third_quartile(spread))
        if not visible.any():
            return False
        overlay = visible if self._overlay is None else self._overlay | visible
        if _is_overlay(overlay):
            self._overlay = overlay
            return False
        self._live_shares.append((now.at_ms, _equal_share(then, now, ~_blocks_of(visible))))
        return True

    def _live_share(self) -> float:
        """Return which share of blocks stays equal while something lives.

        The third largest: a glitch of one picture in a frozen stream makes two.
        """
        shares = sorted(share for _, share in self._live_shares)
        return shares[-_LIVES_NEEDED] if len(shares) >= _LIVES_NEEDED else 0.0

    def _note(self, now: _Kept) -> None:
        least = max(_TWIN_SHARE, 0.1 + 1.3 * self._live_share())
        shares = {then.at_ms: _equal_share(then, now) for then in self._kept}
        twins = [at_ms for at_ms, share in shares.items() if share >= least]
        if not twins:
            self._without_twin += 1
            after = min(self._longest_without_twin + _PATIENCE_AFTER, _MOST_PATIENCE)
            if self._without_twin > (after if self._is_sure else _PATIENCE_BEFORE):
                self._lives()
            return
        if self._points:
            self._longest_without_twin = max(self._longest_without_twin, self._without_twin)
        self._without_twin = 0
        is_strong = max(shares.values()) >= max(_STRONG_SHARE, least)
        self._points += _POINTS_NEEDED if is_strong else 1
        self._since_ms = min(twins) if self._since_ms is None else min(self._since_ms, *twins)

    def _verdict(self, at_ms: int) -> int | None:
        if self._since_ms is None or self._points < _POINTS_NEEDED:
            return None
        self._is_sure = at_ms - self._since_ms >= self._freeze_after_ms
        return self._since_ms if self._is_sure else None


def _kept(luma: Luma, at_ms: int) -> _Kept:
    """Take a picture apart, leaving out the pixels beyond the last whole block."""
    whole = luma[: luma.shape[0] // _BLOCK_PX * _BLOCK_PX]
    fine = np.asarray(cv2.absdiff(whole, cv2.blur(whole, (3, 3))), np.uint8)
    return _Kept(
        hashes=_parts(whole, _BLOCK_PX).astype(np.float64) @ _WEIGHTS,
        textured=_parts(fine, _BLOCK_PX).mean(axis=1, dtype=np.float32) >= _FINE,
        means=_parts(whole, _CELL_PX).mean(axis=1, dtype=np.float32),
        at_ms=at_ms,
    )


def _parts(pixels: Luma, size_px: int) -> Luma:
    """Return one row of pixels for each square of this size."""
    rows, columns = pixels.shape[0] // size_px, pixels.shape[1] // size_px
    squares = pixels.reshape(rows, size_px, columns, size_px).transpose(0, 2, 1, 3)
    return squares.reshape(rows * columns, size_px**2)


def _blocks_of(cells: Flags) -> Flags:
    """Return the blocks that have any such cell."""
    across = WIDTH_PX // _CELL_PX
    fours = cells.reshape(-1, 2, across // 2, 2)
    return np.asarray(fours.any(axis=(1, 3)).ravel(), np.bool_)


def _equal_share(then: _Kept, now: _Kept, where: Flags | None = None) -> float:
    """Return the share of textured blocks that are exactly equal; 0 where there are too few."""
    textured = then.textured & now.textured
    if where is not None:
        textured &= where
    count = int(np.count_nonzero(textured))
    if count < _MIN_TEXTURED:
        return 0.0
    return float(np.count_nonzero((then.hashes == now.hashes) & textured)) / count


def _is_overlay(visible: Flags) -> bool:
    """Tell whether changed cells lie where clocks and names stand, and are as few."""
    by_row = visible.reshape(-1, WIDTH_PX // _CELL_PX)
    band = max(1, round(len(by_row) * _OVERLAY_BAND))
    between = by_row[band:-band]
    return bool(not between.any() and np.count_nonzero(visible) <= _OVERLAY_SHARE * visible.size)


def _third_quartile(values: Floats) -> float:
    place = values.size * 3 // 4
    return float(np.partition(values, place)[place])
