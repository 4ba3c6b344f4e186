"""Is what this picture shows made by electronics: noise, stripes, blocks, a cast, white-out?

Every limit is absolute and, once the camera's usual values are known, relative to them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from edge.picture.disturbance import Disturbance
from edge.picture.reference import Comparison
from edge.picture.traits import Traits

_NEVER: Final = 2.0
"""A share that is never reached: a fence of boards repeats its rows by nature."""
_CAST_LEVELS: Final = 22
_CAST_SHARE: Final = 0.25
_CAST_OF_LEVEL: Final = 0.25
_CAST_OF_LEVEL_LATER: Final = 0.35
_CAST_SHARE_AFTER_GREY: Final = 0.4
_CAST_SHARE_LATER: Final = 0.6
_GREY: Final = 1.5
"""What has shown no colour yet may only have been seen by infra-red."""
_KNOWN_FIT: Final = 0.3
_LEAST_ASKED: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """When a measure is too much: with nothing learned, and on top of ``times`` the usual."""

    alone: float
    least: float
    times: float
    words: str


LIMITS: Final = {
    "noise": Limit(alone=14, least=10, times=2.5, words="grain of {0:.0f} grey levels"),
    "stripes": Limit(alone=20, least=12, times=2.0, words="stripes of {0:.0f} grey levels"),
    "smeared": Limit(alone=_NEVER, least=0.2, times=2.0, words="{1:.0f} % of the rows are smeared"),
    "blocks": Limit(alone=2.6, least=1.7, times=1.7, words="the picture falls into blocks"),
}
WHITE: Final = Limit(alone=0.95, least=0.45, times=1.6, words="{1:.0f} % of the picture is white")


def too_much(limit: Limit, value: float, usual: float | None) -> bool:
    """Tell whether a measure is beyond its limit."""
    if usual is None:
        return value > limit.alone
    return value > max(limit.least, limit.times * usual)


def disturbed(now: Disturbance, usual: Disturbance | None) -> str | None:
    """Return the fact of the first electronic disturbance, or None."""
    for name, limit in LIMITS.items():
        value = getattr(now, name)
        if too_much(limit, value, None if usual is None else getattr(usual, name)):
            return limit.words.format(value, 100 * value)
    return None


def white(now: Disturbance, usual: Disturbance | None) -> str | None:
    """Return the fact of a picture that is burnt out, or None."""
    if too_much(WHITE, now.saturated, None if usual is None else usual.saturated):
        return WHITE.words.format(now.saturated, 100 * now.saturated)
    return None


def cast(comparison: Comparison, traits: Traits, *, steady: bool) -> str | None:
    """Return the fact of a discoloured picture, or None.

    Known tiles count alone, by colour in proportion to light: a red bus is no cast, nor is dusk.
    """
    level = np.exp(traits.level)
    before = traits.tint - comparison.tint
    was_grey = float(np.median(np.hypot(*before))) < _GREY
    if was_grey and not steady:  # a night has passed since, perhaps
        return None
    is_usual = steady and not was_grey
    least = _CAST_OF_LEVEL if is_usual else _CAST_OF_LEVEL_LATER
    usual = before / np.exp(traits.level - comparison.brighter)
    change = np.hypot(*(traits.tint - usual * level))
    stronger = np.hypot(*traits.tint) > np.hypot(*before) + _CAST_LEVELS / 2
    far = (change > np.maximum(_CAST_LEVELS, least * level)) & stronger
    known = comparison.asked & (comparison.fit > _KNOWN_FIT)
    asked = int(np.count_nonzero(comparison.asked))
    share = int(np.count_nonzero(far & known)) / max(_LEAST_ASKED, asked)
    if share < _cast_share(steady=steady, was_grey=was_grey):
        return None
    return f"{100 * share:.0f} % of the picture is discoloured"


def _cast_share(*, steady: bool, was_grey: bool) -> float:
    """Return how much must be discoloured: minutes later, lamps and dawn discolour, too."""
    if not steady:
        return _CAST_SHARE_LATER
    return _CAST_SHARE_AFTER_GREY if was_grey else _CAST_SHARE
