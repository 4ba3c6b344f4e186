"""What stands before the lens: is it what the camera has learned to show?

The picture is held against the reference that fits best. Tiles that have been missing for several
pictures tell: without structure of their own they are covered; nearly all of them with structure is
another view; known tiles that lost fine contrast are blurred. A bus that parks before the lens
hides much, but has structure and leaves the rest: no fault. Where known tiles show that the light
is new, nothing is said of missing ones until that light has been learned too.

The way out of an alarm that stays: a view that has been stable for hours becomes a reference. A
cloth over the lens never does: it has no structure to be learned by.
"""

import math
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from edge.picture.bank import LEARNED, Bank, share_of
from edge.picture.electronic import cast
from edge.picture.grid import Flags, Floats
from edge.picture.light import (
    clearly_other,
    expected_own,
    known_plain,
    level_beyond,
    level_changed,
    light_as_usual,
    light_changed,
    too_dark,
    too_faint,
)
from edge.picture.missing import Missing, beside, high, share, where
from edge.picture.reference import Comparison, Reference
from edge.picture.shift import shift_of
from edge.picture.snow import Snow
from edge.picture.traits import Traits
from wire.vocabulary import Cause

_LEAST_ASKED: Final = 12
"""Tiles. Under this a view is too plain to be judged by its edges."""
_SOME_FITS: Final = 0.25
_ALL_FITS: Final = 0.85
_LEARNABLE: Final = 0.5
_SMOOTH: Final = 0.5
_PLAUSIBLE: Final = 0.7
_COVERED_SHARE: Final = 0.15
_MOSTLY: Final = 0.5
_LEAST_GROUND: Final = 6
_SAME_BRIGHTNESS: Final = 0.25
_MUCH: Final = 0.45
_LITTLE_FITS: Final = 0.45
_OTHER_VIEW_SHARE: Final = 0.65
_STRUCTURED_HIGH, _STRUCTURED_UPPER = 0.33, 0.12
_SOFTER: Final = 0.095
_SOFT_BESIDE: Final = 0.5
"""What a hand or a cloth leaves free is as sharp as ever."""
_SOFTER_IN_NEW_LIGHT: Final = 0.3
_SOFTER_LATER: Final = 0.25
"""A camera smooths more in weak light: softness of its own making."""
_STEADY_MS: Final = 120_000
"""Within so long light, and with it the camera's own smoothing, changes little."""
_NEARLY_AS_WELL: Final = 0.25
_SOFT_FITS: Final = 0.3
_LEAST_TELLING: Final = 10
_WANDERS: Final = 4
_HOUR_MS: Final = 3_600_000
_MISSING_IS_LEARNED_IN_MS: Final = 6 * _HOUR_MS
"""A vehicle that stays, a wall that is built: what is missing without being a fault."""
_MISSING_AT_MOST: Final = 0.02
_ACCEPTED_AFTER_MS: Final = {
    Cause.PICTURE_MOVED: 6 * _HOUR_MS,
    Cause.PICTURE_NOISE: 6 * _HOUR_MS,
    Cause.PICTURE_COVERED: 24 * _HOUR_MS,
    Cause.PICTURE_BLURRED: 24 * _HOUR_MS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one picture shows of the scene.

    ``checked`` is False where nothing could be told. ``since_ms`` is the earlier picture from which
    on the same was missing, if it took several to be sure.
    """

    cause: Cause | None = None
    detail: str | None = None
    checked: bool = True
    since_ms: int | None = None


class Scene:
    """One camera's scene."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self._gone = Missing()
        self._unfit = Missing()
        self._smooth = Missing()
        self._snow = Snow()
        self._newcomer: Reference | None = None
        self._strange_since_ms: int | None = None
        self._last_ms: int | None = None
        self._missing_since_ms: int | None = None

    def step(self, traits: Traits, at_ms: int) -> Sight:
        """Judge the next picture, and learn from it if it is healthy."""
        passed_ms = None if self._last_ms is None else at_ms - self._last_ms
        self._last_ms = at_ms
        found = self.bank.compare(traits)
        if not found:
            self.bank.draft(traits)
            return Sight(checked=False)
        steady = passed_ms is not None and passed_ms <= _STEADY_MS
        sight = self._sight(found, traits, steady=steady)
        sight = self._dated(sight, found[0][1], at_ms)
        self._learn(sight, found[0], traits, passed_ms or 0)
        self._way_out(sight, traits, at_ms)
        return sight

    def _sight(
        self, found: list[tuple[Reference, Comparison]], traits: Traits, *, steady: bool
    ) -> Sight:
        reference, comparison = found[0]
        fact = cast(comparison, traits, steady=steady)
        if fact is not None:
            return Sight(cause=Cause.PICTURE_NOISE, detail=fact)
        if self._snow.step(comparison, traits):
            words = "nothing stays from one picture to the next"
            return Sight(cause=Cause.PICTURE_NOISE, detail=words)
        new_light = light_changed(comparison, reference, traits, steady=steady)
        if comparison.overall > _SOME_FITS and new_light:
            self._gone.forget()
            self._unfit.forget()
            self._smooth.forget()
            return _softness(found, _SOFTER_IN_NEW_LIGHT) or Sight(checked=False)
        self._count(found, traits.disturbance.noise)
        too_plain = np.count_nonzero(comparison.asked) < _LEAST_ASKED
        if too_plain or too_dark(comparison, traits):
            return Sight(checked=False)
        hidden = self._hidden(found, traits)
        is_usual = steady and light_as_usual(comparison)
        return hidden or _softness(found, _SOFTER if is_usual else _SOFTER_LATER) or Sight()

    def _dated(self, sight: Sight, comparison: Comparison, at_ms: int) -> Sight:
        """Date a sight back to when what is missing now began to be missing."""
        hidden = share(self._gone.now, comparison.asked)
        smooth = share(self._smooth.now, comparison.asked)
        if hidden <= _MUCH and (smooth <= _COVERED_SHARE or smooth <= _MOSTLY * hidden):
            self._missing_since_ms = None
            return sight
        if self._missing_since_ms is None:
            self._missing_since_ms = at_ms
        if sight.cause not in (Cause.PICTURE_COVERED, Cause.PICTURE_MOVED):
            return sight
        return replace(sight, since_ms=self._missing_since_ms)

    def _count(self, found: list[tuple[Reference, Comparison]], noise: float) -> None:
        comparison = found[0][1]
        expected = expected_own(comparison)
        gone = comparison.gone & ~too_faint(expected, noise)
        for _, other in found[1:]:
            if other.overall > _PLAUSIBLE * comparison.overall:
                gone &= ~known_plain(other)
        smooth = gone & (comparison.own < _SMOOTH * expected)
        smooth &= clearly_other(comparison, expected, noise)
        self._gone.step(gone, comparison.present)
        self._unfit.step(comparison.asked & ~comparison.present, comparison.present)
        self._smooth.step(smooth, comparison.present | gone)

    def _hidden(self, found: list[tuple[Reference, Comparison]], traits: Traits) -> Sight | None:
        reference, comparison = found[0]
        asked, gone = comparison.asked, self._gone.now
        hidden = share(gone, asked)
        if hidden > _MUCH and comparison.overall < _LITTLE_FITS:
            is_structured = _is_structured(comparison, gone)
            turned = shift_of(reference.edges, traits.edges) if is_structured else None
            if turned is not None:
                return Sight(cause=Cause.PICTURE_MOVED, detail=turned)
            lasting = share(self._unfit.lasting, asked)
            if is_structured and lasting > _OTHER_VIEW_SHARE:
                words = "the camera shows another view"
                return Sight(cause=Cause.PICTURE_MOVED, detail=words)
            if not is_structured and lasting > _MUCH:
                return _blurred_away(level_changed(comparison), gone) or _covered(hidden, gone)
        lasting, smooth = share(self._smooth.lasting, asked), self._smooth.now
        if lasting > _COVERED_SHARE and share(smooth, asked) > _MOSTLY * hidden:
            if _was_taken_away(comparison, smooth):
                return None
            away = _blurred_away(level_changed(comparison), smooth) if hidden > _MUCH else None
            if away is None and _mostly_same(level_beyond(comparison, reference), smooth):
                away = _softness(found, _SOFT_BESIDE)
            return away or _covered(hidden, smooth)
        return None

    def _learn(
        self,
        sight: Sight,
        best: tuple[Reference, Comparison],
        traits: Traits,
        passed_ms: int,
    ) -> None:
        reference, comparison = best
        if sight.cause is not None:
            return
        if not sight.checked and comparison.overall < _ALL_FITS:
            self.bank.draft(traits)
            return
        if sight.checked and comparison.overall > _LEARNABLE:
            self.bank.drop_draft()
            learn_share = share_of(passed_ms)
            missing = min(passed_ms / _MISSING_IS_LEARNED_IN_MS, _MISSING_AT_MOST) / learn_share
            weight = np.where(comparison.gone, missing, 1.0).astype(np.float32)
            reference.learn(traits, learn_share, weight)
            self.bank.keep(reference)

    def _way_out(self, sight: Sight, traits: Traits, at_ms: int) -> None:
        """Learn a strange view aside; take it as a reference once it has been stable for long."""
        wait_ms = None if sight.cause is None else _ACCEPTED_AFTER_MS.get(sight.cause)
        if wait_ms is None:
            self._newcomer, self._strange_since_ms = None, None
            return
        newcomer = self._newcomer
        if newcomer is None or not newcomer.is_of(traits) or self._strange_since_ms is None:
            self._newcomer, self._strange_since_ms = Reference(traits), at_ms
            return
        newcomer.learn(traits, 1 / 32)
        stable = newcomer.pictures >= LEARNED
        if stable and at_ms - self._strange_since_ms >= wait_ms and _has_structure(newcomer):
            self.bank.keep(newcomer)
            self._newcomer, self._strange_since_ms = None, None


def _has_structure(newcomer: Reference) -> bool:
    return int(np.count_nonzero(newcomer.asked)) >= 2 * _LEAST_ASKED


def _was_taken_away(comparison: Comparison, smooth: Flags) -> bool:
    """Tell whether a thing has gone rather than a cover come: plain ground beside is the same."""
    ground = ~comparison.asked & beside(smooth) & ~beside(comparison.present)
    ground[[0, -1]] = False
    tiles = int(np.count_nonzero(ground))
    changed = int(np.count_nonzero(ground & level_changed(comparison)))
    return tiles >= _LEAST_GROUND and changed < _MOSTLY * tiles


def _blurred_away(changed: Flags, gone: Flags) -> Sight | None:
    """Tell a lens without any focus from a cover: every tile is as bright as it was."""
    if not _mostly_same(changed, gone):
        return None
    return Sight(cause=Cause.PICTURE_BLURRED, detail="all fine detail is gone")


def _mostly_same(changed: Flags, gone: Flags) -> bool:
    there = int(np.count_nonzero(gone & changed))
    return there <= _SAME_BRIGHTNESS * int(np.count_nonzero(gone))


def _covered(hidden: float, tiles: Flags) -> Sight:
    words = f"{100 * hidden:.0f} % of the picture is hidden{where(tiles)}"
    return Sight(cause=Cause.PICTURE_COVERED, detail=words)


def _is_structured(comparison: Comparison, gone: Flags) -> bool:
    """Tell whether what is seen instead has structure anywhere: a view, not a cloth."""
    inner = gone & ~beside(comparison.present)
    if np.count_nonzero(inner) < _LEAST_ASKED / 2:
        inner = gone
    own, known = comparison.own[inner], comparison.known[1:-1]
    return _ratio(own, known, 90) > _STRUCTURED_HIGH and _ratio(own, known, 75) > _STRUCTURED_UPPER


def _ratio(own: Floats, known: Floats, percentile: float) -> float:
    return high(own, percentile) / (high(known, percentile) + 0.1)


def _softness(found: list[tuple[Reference, Comparison]], limit: float) -> Sight | None:
    """Tell whether known edges are softer than under every light that fits nearly as well."""
    least_fit = max(found[0][1].overall - _NEARLY_AS_WELL, _SOFT_FITS)
    fitting = [(known, seen) for known, seen in found if seen.overall >= least_fit]
    if not fitting or fitting[0][1].telling < _LEAST_TELLING:
        return None
    softer = min(seen.softer for _, seen in fitting)
    usual = max(float(known.wander[0]) for known, _ in fitting)
    if softer < max(limit, _WANDERS * usual):
        return None
    words = f"fine detail is {100 * (1 - math.exp(-softer)):.0f} % weaker than usual"
    return Sight(cause=Cause.PICTURE_BLURRED, detail=words)
