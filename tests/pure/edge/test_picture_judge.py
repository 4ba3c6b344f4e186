"""The judge: black and frozen, told from night, from quiet and from low bit rates."""

from collections.abc import Callable, Iterator
from itertools import islice

import cv2
import numpy as np
import pytest

from edge.picture.black import is_black
from edge.picture.judge import Finding, Judge
from edge.picture.picture import Picture
from tests.pure.edge.drawn_wall import (
    EVERY_MS,
    FREEZE_MS,
    HEIGHT,
    WIDTH,
    Values,
    picture,
    scene,
    with_clock,
)
from wire.vocabulary import Cause


def frozen() -> Iterator[Picture]:
    still = scene() + np.random.default_rng(9).normal(0, 2, (HEIGHT, WIDTH))
    for tick in range(1000):
        yield picture(with_clock(still, tick), 15_000 + tick % 7 * 10)


def judged(pictures: Iterator[Picture], count: int, judge: Judge | None = None) -> list[Finding]:
    judge = judge or Judge(freeze_after_ms=FREEZE_MS)
    return [judge.step(each, i * EVERY_MS) for i, each in enumerate(islice(pictures, count))]


def causes(findings: list[Finding]) -> list[Cause | None]:
    return [finding.cause for finding in findings]


def test_a_frozen_scene_is_said_after_its_time_and_dated_from_its_first_picture() -> None:
    findings = judged(frozen(), 12)
    assert causes(findings) == [None] * 6 + [Cause.PICTURE_FROZEN] * 6
    assert {finding.began_ms for finding in findings[6:]} == {0}
    assert findings[6].detail == "no change but the clock for 60 s"


def covered() -> Values:
    return np.full((HEIGHT, WIDTH), 6.0) + np.random.default_rng(5).normal(0, 2, (HEIGHT, WIDTH))


def infrared_night() -> Values:
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    light = np.exp(-(((x - 160) / 90) ** 2) - ((y - 120) / 60) ** 2)
    return np.asarray(4 + scene() * 0.3 * light, np.float64)


def moonless() -> Values:
    return np.asarray(3 + scene() * 0.1, np.float64)


def test_black_is_said_at_the_second_picture_and_dated_at_the_first() -> None:
    judge = Judge(freeze_after_ms=FREEZE_MS)
    assert judge.step(picture(scene()), 0).cause is None
    assert judge.step(picture(covered()), EVERY_MS).cause is None
    finding = judge.step(picture(covered()), 2 * EVERY_MS)
    assert finding == Finding(cause=Cause.PICTURE_BLACK, began_ms=EVERY_MS)
    assert judge.step(picture(scene()), 3 * EVERY_MS).cause is None
    assert judge.step(picture(covered()), 4 * EVERY_MS).cause is None


def test_a_clock_on_a_black_picture_leaves_it_black() -> None:
    judge = Judge(freeze_after_ms=FREEZE_MS)
    found = [judge.step(picture(with_clock(covered(), i)), i * EVERY_MS).cause for i in range(9)]
    assert found == [None] + [Cause.PICTURE_BLACK] * 8


@pytest.mark.parametrize("night", [infrared_night, moonless])
def test_a_dark_scene_with_structure_is_not_black(night: Callable[[], Values]) -> None:
    rng = np.random.default_rng(6)
    judge = Judge(freeze_after_ms=FREEZE_MS)
    for i in range(9):
        grain = rng.normal(0, 1.5, (HEIGHT, WIDTH))
        assert judge.step(picture(night() + grain), i * EVERY_MS).cause is None


@pytest.mark.parametrize("height", [1, 2, 180])
@pytest.mark.parametrize("lit_share", [0.0, 0.05, 0.09, 0.11, 0.5, 1.0])
def test_black_is_what_its_quantiles_say_however_they_are_counted(
    height: int, lit_share: float
) -> None:
    rng = np.random.default_rng(7)
    for lit_to in (12, 22, 26, 60, 256):
        luma = rng.integers(0, 12, (height, WIDTH), np.uint8)
        luma[:, : round(lit_share * WIDTH)] = rng.integers(lit_to // 2, lit_to)
        low, high = np.percentile(cv2.GaussianBlur(luma, (0, 0), 2.0), (2, 90))
        assert is_black(luma) == (high < 24 and high - low < 10)
