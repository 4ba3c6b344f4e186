"""Light that is new, plain tiles that are known, and what is never asked."""

from dataclasses import replace

import numpy as np
import pytest

from edge.picture.judge import Judge
from edge.picture.light import known_plain, light_changed, too_dark
from edge.picture.picture import Picture
from edge.picture.reference import Comparison, Reference
from edge.picture.traits import Traits, traits_of
from wire.vocabulary import Cause

RNG = np.random.default_rng(11)
VIEW = RNG.normal(0, 25, (45, 80)).repeat(4, 0).repeat(4, 1) + 120


def picture(scale: float = 1.0, *, width: int = 640) -> Picture:
    grain = RNG.normal(0, 1, VIEW.shape)
    luma = np.clip(VIEW * scale + grain, 0, 255).astype(np.uint8)
    return Picture(luma=luma, width=width, height=360, compressed_size=0)


def learned() -> tuple[Reference, Traits]:
    reference = Reference(traits_of(picture()))
    for _ in range(9):
        reference.learn(traits_of(picture()), 0.1)
    return reference, traits_of(picture())


def brighter(comparison: Comparison, upper: float, lower: float) -> Comparison:
    """Change the light by ``upper`` at the top and ``lower`` at the bottom, and between."""
    change = np.linspace(upper, lower, 9, dtype=np.float32)[:, None]
    return replace(comparison, brighter=comparison.brighter + change)


def test_where_clocks_stand_nothing_is_asked() -> None:
    reference, _ = learned()
    assert reference.asked[1:-1].all()
    assert not reference.asked[[0, -1]].any()


@pytest.mark.parametrize(
    ("upper", "lower", "is_new"),
    [(0.0, 0.0, False), (0.9, 0.9, False), (-0.1, 0.1, False), (-0.5, 0.5, True)],
)
def test_only_an_uneven_change_proves_a_new_light(upper: float, lower: float, is_new: bool) -> None:
    reference, seen = learned()
    comparison = brighter(reference.compare(seen), upper, lower)
    assert light_changed(comparison, reference, seen, steady=True) is is_new


def test_colour_that_goes_proves_a_new_light() -> None:
    reference, seen = learned()
    reference.tint[:] = 9
    assert light_changed(reference.compare(seen), reference, seen, steady=True)


def test_a_plain_tile_is_known_while_its_brightness_is() -> None:
    reference, seen = learned()
    comparison = reference.compare(seen)
    asked, fit = comparison.asked.copy(), comparison.fit.copy()
    asked[3:5], fit[3:5] = False, 0
    plain = replace(comparison, asked=asked, fit=fit)
    assert known_plain(plain)[3:5].all()
    assert not known_plain(brighter(plain, 2, -2))[3].any()


def test_night_is_told_from_a_dim_day() -> None:
    reference, _ = learned()
    for scale, is_night in ((0.1, True), (0.5, False)):
        seen = traits_of(picture(scale))
        assert too_dark(reference.compare(seen), seen) is is_night


def test_another_size_is_another_reference_even_at_the_same_shape() -> None:
    reference, seen = learned()
    assert reference.is_of(seen)
    assert not reference.is_of(traits_of(picture(width=1920)))


def test_a_night_without_any_light_is_unchecked_not_covered() -> None:
    judge = Judge(freeze_after_ms=10**9)
    for at in range(12):
        judge.step(picture(), at * 10_000)
    for at in range(12, 20):
        dark = 4 + RNG.normal(0, 1, VIEW.shape)
        dark[:, :70] += 15  # a far lamp's glow, and nothing in it
        luma = np.clip(dark, 0, 255).astype(np.uint8)
        seen = Picture(luma=luma, width=640, height=360, compressed_size=0)
        finding = judge.step(seen, at * 10_000)
        assert finding.cause is None
    assert Cause.PICTURE_COVERED in finding.unchecked
