"""How one camera's picture usually looks under one kind of light, and how far a picture is from it.

A reference holds the mean of the edges of many pictures. What moves averages out; what stays keeps
its full length, whatever the light. A tile's *norm* is how well a healthy picture fits there, so a
hedge in the wind is asked for no more than it can give, and a tile whose norm is close to nothing
is never asked.
"""

from dataclasses import astuple, dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.picture.disturbance import Disturbance
from edge.picture.grid import COLUMNS, ROWS, Flags, Floats, by_tile
from edge.picture.traits import EDGES_WIDTH_PX, Traits

_LEAST_NORM: Final = 0.02
"""Of 1, the fit of a tile full of fixed sharp edges: under this a tile is too plain to be asked."""
_NORM_TO_SPREAD: Final = 1.5
_PRESENT, _GONE = 0.5, 0.3
_FLOOR_SHARE: Final = 10
_TINY: Final = 0.1
_UNTIL_FIT: Final = 2
_WANDER_AT_FIRST: Final = 0.01
_TELLING: Final = 0.3
_NOISE_IN_FINE: Final = 0.2
"""White noise of variance 1 leaves so much energy in the fine band."""
_OVERLAY_ROWS: Final = (0, ROWS - 1)
"""Clocks and names stand here and fit whatever the lens sees."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """One picture against one reference, by tile (9, 16) but for the single numbers.

    Attributes:
        asked: The tiles that can tell.
        fit: 1 as usual, 0 unrelated; of tiles not asked without meaning.
        overall: Mean fit of the tiles asked, each between 0 and 1.
        brighter: Change of the logarithm of the level.
        contrast: Change of the logarithm of the contrast of known edges.
        own: Strength of fine structure, whatever it is, in grey levels.
        known: The same as it usually is.
        telling: How many tiles ``softer`` is of.
        softer: How much fine contrast known edges lost against coarse, as a logarithm; 0 as usual.
        tint: (2, 9, 16), change of the colour.
    """

    asked: Flags
    fit: Floats
    overall: float
    brighter: Floats
    contrast: Floats
    own: Floats
    known: Floats
    telling: int
    softer: float
    tint: Floats

    @property
    def present(self) -> Flags:
        """Tiles that show what they should."""
        return self.asked & (self.fit > _PRESENT)

    @property
    def gone(self) -> Flags:
        """Tiles that show nothing of what they should."""
        return self.asked & (self.fit < _GONE)


class Reference:
    """The mean of many pictures. ``learn`` changes it; ``compare`` does not."""

    def __init__(self, first: Traits) -> None:
        self.edges: npt.NDArray[np.float16] = first.edges.astype(np.float16)
        self.norm, self.spread, self.sharpness, self.contrast = (_no_tiles() for _ in range(4))
        self.level: Floats = first.level.copy()
        self.tint: Floats = first.tint.copy()
        self.own: Floats = _own(first)
        self.usual: Floats = _measures(first)
        self.wander: Floats = np.full(1, _WANDER_AT_FIRST, np.float32)
        self.pictures = 1
        self.size = first.size

    @classmethod
    def empty(cls, rows: int, size: tuple[int, int], pictures: int) -> "Reference":
        """Return a reference whose arrays, with ``rows`` rows of edges, wait to be filled."""
        self = cls.__new__(cls)
        self.edges = np.zeros((2, rows, EDGES_WIDTH_PX), np.float16)
        self.norm, self.spread, self.sharpness, self.contrast = (_no_tiles() for _ in range(4))
        self.level, self.own = _no_tiles(), _no_tiles()
        self.tint = np.zeros((2, ROWS, COLUMNS), np.float32)
        self.usual = np.zeros(len(fields(Disturbance)), np.float32)
        self.wander = np.zeros(1, np.float32)
        self.pictures, self.size = pictures, size
        return self

    def by_tile_values(self) -> tuple[Floats, ...]:
        """Return all learned arrays but the edges, to be stored or filled."""
        values = (self.norm, self.spread, self.sharpness, self.contrast)
        return (*values, self.level, self.own, self.tint, self.usual, self.wander)

    def is_of(self, traits: Traits) -> bool:
        """Tell whether a picture has this reference's size."""
        return self.size == traits.size and self.edges.shape == traits.edges.shape

    @property
    def strength(self) -> Floats:
        """How steadily each pixel is an edge, (h, 160), 0 to 1."""
        return np.asarray(np.hypot(*self.edges.astype(np.float32)), np.float32)

    def learn(self, traits: Traits, share: float, weight: Floats | None = None) -> None:
        """Take a healthy picture in with at least ``share``, times ``weight`` by tile if given."""
        pull = np.full((ROWS, COLUMNS), max(share, 1 / (self.pictures + 1)), np.float32)
        if weight is not None:
            pull *= weight
        if self.pictures >= _UNTIL_FIT:
            self._learn_fit(traits, pull)
        _move(self.level, traits.level, pull)
        _move(self.tint, traits.tint, pull)
        _move(self.own, _own(traits), pull)
        by_pixel = _to_pixels(pull, self.edges.shape[1])
        self.edges += (by_pixel * (traits.edges - self.edges)).astype(np.float16)
        self.usual += float(pull.mean()) * (_measures(traits) - self.usual)
        self.pictures += 1

    def _learn_fit(self, traits: Traits, pull: Floats) -> None:
        fit, (sharpness, contrast) = self._fit(traits), self._known_edges(traits)
        fresh = self.pictures == _UNTIL_FIT
        # Fits are known from the third picture on: their mean is of fewer pictures.
        pull = pull * np.float32(max(1.0, 1 / (self.pictures - 1) / float(pull.max())))
        softer = self._softer(sharpness, self.asked & (fit > _PRESENT * self.norm))
        _move(self.wander, np.full(1, abs(softer), np.float32), pull.mean(keepdims=True)[0])
        off = np.zeros_like(fit) if fresh else np.abs(fit - self.norm)
        _move(self.spread, off, pull)
        _move(self.norm, fit, pull)
        _move(self.sharpness, sharpness, pull)
        _move(self.contrast, contrast, pull)

    def _fit(self, traits: Traits) -> Floats:
        """Return each tile's covariance with the reference: common direction alone fits nothing."""
        usual = self.edges.astype(np.float32)
        both = by_tile(usual[0] * traits.edges[0] + usual[1] * traits.edges[1])
        for part in (0, 1):
            both -= by_tile(usual[part]) * by_tile(traits.edges[part])
        return both

    def _known_edges(self, traits: Traits) -> tuple[Floats, Floats]:
        """Return log fine / coarse contrast and log coarse contrast where fixed edges are.

        The plainest tiles' energy is noise, and is taken off: grain looks sharp, however blurred
        the lens is.
        """
        usual = self.edges.astype(np.float32)
        weight = usual[0] ** 2 + usual[1] ** 2
        total = by_tile(weight) + 1e-6
        logs = []
        for band in (traits.fine, traits.coarse):
            floor = float(np.percentile(by_tile(band)[1:-1], _FLOOR_SHARE))
            energy = np.maximum(by_tile(weight * band) / total - floor, 0)
            logs.append(np.asarray(0.5 * np.log(energy + _TINY), np.float32))
        return logs[0] - logs[1], logs[1]

    @property
    def asked(self) -> Flags:
        """The tiles that have edges which stay."""
        flags = (self.norm > _LEAST_NORM) & (self.norm > _NORM_TO_SPREAD * self.spread)
        flags[list(_OVERLAY_ROWS)] = False
        return np.asarray(flags, np.bool_)

    def compare(self, traits: Traits) -> Comparison:
        """Tell how far a picture is from this reference. Their sizes must be the same."""
        asked = self.asked
        fit = self._fit(traits) / np.maximum(self.norm, _LEAST_NORM)
        sharpness, contrast = self._known_edges(traits)
        present = asked & (fit > _PRESENT)
        return Comparison(
            asked=asked,
            fit=np.asarray(fit, np.float32),
            overall=float(np.clip(fit[asked], 0, 1).mean()) if asked.any() else 0.0,
            brighter=traits.level - self.level,
            contrast=contrast - self.contrast,
            own=_own(traits),
            known=self.own,
            telling=int(np.count_nonzero(present & (self.contrast > _TELLING))),
            softer=self._softer(sharpness, present),
            tint=traits.tint - self.tint,
        )

    def _softer(self, sharpness: Floats, present: Flags) -> float:
        """Return the median loss of sharpness, each tile counting by its contrast."""
        telling = present & (self.contrast > _TELLING)
        if not telling.any():
            return 0.0
        loss, weight = (self.sharpness - sharpness)[telling], np.exp(self.contrast[telling])
        order = np.argsort(loss)
        up_to = np.cumsum(weight[order])
        return float(loss[order][np.searchsorted(up_to, up_to[-1] / 2)])


def _own(traits: Traits) -> Floats:
    energy = by_tile(traits.fine) - _NOISE_IN_FINE * traits.disturbance.noise**2
    return np.asarray(np.sqrt(np.maximum(energy, 0)), np.float32)


def _move(mean: Floats, now: Floats, pull: Floats) -> None:
    mean += pull * (now - mean)


def _to_pixels(tiles: Floats, height: int) -> Floats:
    rows = np.minimum(np.arange(height) * ROWS // height, ROWS - 1)
    across = np.repeat(tiles, EDGES_WIDTH_PX // COLUMNS, axis=1)
    return np.asarray(across[rows], np.float32)


def _measures(traits: Traits) -> Floats:
    return np.array(astuple(traits.disturbance), np.float32)


def _no_tiles() -> Floats:
    return np.zeros((ROWS, COLUMNS), np.float32)
