"""Frozen or quiet: told by exact equality, taught by life, silent where neither proves anything."""

from collections.abc import Iterator
from itertools import islice

import cv2
import numpy as np
import pytest

from edge.picture.freeze import Freeze
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

pytestmark = pytest.mark.long


def live(noise: float, seed: int = 1) -> Iterator[Picture]:
    rng = np.random.default_rng(seed)
    for tick in range(1000):
        grain = rng.normal(0, noise, (HEIGHT, WIDTH))
        yield picture(with_clock(scene() + grain, tick), 15_000 + int(rng.integers(-300, 300)))


def frozen(size: int = 15_000, row: int = 6) -> Iterator[Picture]:
    still = scene() + np.random.default_rng(9).normal(0, 2, (HEIGHT, WIDTH))
    for tick in range(1000):
        yield picture(with_clock(still, tick, row=row), size)


def requantised() -> Iterator[Picture]:
    """The same picture, coarser or finer as the rate control goes, so twins are rare."""
    still = scene() + np.random.default_rng(9).normal(0, 2, (HEIGHT, WIDTH))
    for tick in range(1000):
        step = (3, 4, 5)[tick % 3]
        yield picture(with_clock(np.rint(still / step) * step, tick), 30_000 // step)


def passing(noise: float) -> Iterator[Picture]:
    """A small figure walks through a scene; ``noise`` 0 is a drawing."""
    rng = np.random.default_rng(3)
    for tick in range(1000):
        values = scene() + rng.normal(0, noise, (HEIGHT, WIDTH))
        values[100:118, 30 + tick * 23 % 250 : 36 + tick * 23 % 250] = 40
        yield picture(with_clock(values, tick))


def jpeg(values: Values, quality: int) -> Picture:
    grey = np.clip(np.rint(values), 0, 255).astype(np.uint8)
    _, octets = cv2.imencode(".jpg", grey, [cv2.IMWRITE_JPEG_QUALITY, quality])
    decoded = cv2.imdecode(octets, cv2.IMREAD_GRAYSCALE)
    return Picture(luma=np.asarray(decoded, np.uint8), width=320, height=180, compressed_size=0)


def watched(
    pictures: Iterator[Picture], count: int, freeze: Freeze | None = None, *, begin: int = 0
) -> list[int | None]:
    freeze = freeze or Freeze(FREEZE_MS)
    return [
        freeze.step(each, (begin + i) * EVERY_MS) for i, each in enumerate(islice(pictures, count))
    ]


def test_a_frozen_scene_is_said_after_its_time_and_dated_from_its_first_picture() -> None:
    assert watched(frozen(), 12) == [None] * 6 + [0] * 6


def test_a_short_time_is_honoured_from_the_second_equal_picture_on() -> None:
    assert watched(frozen(), 3, Freeze(10_000)) == [None, 0, 0]


def test_a_freeze_after_a_quiet_live_scene_begins_with_the_freeze() -> None:
    freeze = Freeze(FREEZE_MS)
    watched(live(0.8), 20, freeze)
    assert watched(frozen(), 9, freeze, begin=20)[-1] == 20 * EVERY_MS


def test_a_frozen_scene_that_is_quantised_anew_is_found() -> None:
    assert watched(requantised(), 12)[-1] == 0


def test_a_frozen_scene_in_jpegs_of_changing_quality_is_found() -> None:
    rng = np.random.default_rng(5)
    still = scene() + rng.normal(0, 2, (HEIGHT, WIDTH))
    pictures = (jpeg(with_clock(still, i), int(rng.integers(70, 82))) for i in range(20))
    assert watched(pictures, 20)[-1] is not None


@pytest.mark.parametrize("quality", [50, 75, 92])
def test_a_quiet_live_scene_in_jpegs_is_not_frozen(quality: int) -> None:
    rng = np.random.default_rng(6)
    grain = (rng.normal(0, 0.6, (HEIGHT, WIDTH)) for _ in range(60))
    pictures = (jpeg(with_clock(scene() + each, i), quality) for i, each in enumerate(grain))
    assert watched(pictures, 60) == [None] * 60


@pytest.mark.parametrize("noise", [0.5, 1.0, 2.4])
def test_a_quiet_live_scene_is_not_frozen(noise: float) -> None:
    assert watched(live(noise), 60) == [None] * 60


@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_passing_figures_are_life_even_without_noise(noise: float) -> None:
    assert watched(passing(noise), 60) == [None] * 60


def test_where_all_but_what_moves_is_equal_a_freeze_can_not_be_told() -> None:
    freeze = Freeze(FREEZE_MS)
    watched(passing(0), 10, freeze)
    assert not freeze.checkable
    assert watched(frozen(), 30, freeze, begin=10)[-1] is None
    assert not freeze.checkable


def test_where_noise_survives_a_freeze_stays_checkable() -> None:
    freeze = Freeze(FREEZE_MS)
    watched(passing(0.5), 20, freeze)
    assert freeze.checkable


def test_a_glitch_in_a_frozen_stream_delays_but_does_not_hide_it() -> None:
    freeze = Freeze(FREEZE_MS)
    pictures = list(islice(frozen(), 20))
    pictures[10].luma[80:140, 100:200] = 20
    seen = watched(iter(pictures), 20, freeze)
    assert seen[9:11] == [0, None]
    assert seen[-1] == 11 * EVERY_MS
    assert freeze.checkable


def test_what_a_drawing_taught_is_forgotten_in_time() -> None:
    freeze = Freeze(FREEZE_MS)
    watched(passing(0), 10, freeze)
    later = 7 * 360
    assert watched(frozen(), 12, freeze, begin=later)[-1] == later * EVERY_MS


def test_a_clock_in_the_middle_of_the_scene_can_not_be_told_from_life() -> None:
    freeze = Freeze(FREEZE_MS)
    assert watched(frozen(row=90), 40, freeze) == [None] * 40
    assert not freeze.checkable


def test_too_few_bits_for_the_texture_are_said_to_prove_nothing() -> None:
    freeze = Freeze(FREEZE_MS)
    watched(live(1), 10, freeze)
    assert freeze.checkable
    watched(
        (picture(each.luma.astype(np.float64), 2_000) for each in live(1)), 10, freeze, begin=10
    )
    assert not freeze.checkable


def test_a_picture_without_texture_is_said_to_prove_nothing() -> None:
    freeze = Freeze(FREEZE_MS)
    pictures = (picture(np.full((HEIGHT, WIDTH), 200.0)) for _ in range(30))
    assert watched(pictures, 30, freeze) == [None] * 30
    assert not freeze.checkable


def test_a_sky_that_is_equal_to_itself_proves_nothing() -> None:
    def sky() -> Iterator[Picture]:
        rng = np.random.default_rng(4)
        for _ in range(30):
            values = np.full((HEIGHT, WIDTH), 255.0)
            values[150:] = 90 + rng.normal(0, 3, (30, WIDTH))
            yield picture(values)

    assert watched(sky(), 30) == [None] * 30


def test_light_that_turns_is_life() -> None:
    still = scene() + np.random.default_rng(9).normal(0, 2, (HEIGHT, WIDTH))
    pictures = (picture(with_clock(still * (1 + i / 200), i)) for i in range(20))
    assert watched(pictures, 20) == [None] * 20


def test_a_freeze_ends_with_the_first_change() -> None:
    freeze = Freeze(FREEZE_MS)
    watched(frozen(), 10, freeze)
    assert freeze.step(picture(scene()[:, ::-1]), 100_000) is None


def test_a_freeze_ends_when_a_quiet_scene_lives_again() -> None:
    freeze = Freeze(FREEZE_MS)
    assert watched(frozen(), 10, freeze)[-1] == 0
    assert watched(live(2), 5, freeze, begin=10)[-1] is None


@pytest.mark.parametrize("values", [scene()[:90], scene()[:7], scene()[:1]])
def test_another_resolution_begins_anew(values: Values) -> None:
    freeze = Freeze(FREEZE_MS)
    watched(frozen(), 10, freeze)
    assert freeze.step(picture(values), 100_000) is None


def test_forgetting_ends_a_freeze_until_it_is_proven_again() -> None:
    freeze = Freeze(FREEZE_MS)
    pictures = frozen()
    watched(pictures, 10, freeze)
    freeze.forget()
    assert watched(pictures, 7, freeze, begin=10) == [None] * 6 + [10 * EVERY_MS]


def test_hashes_of_blocks_tell_every_single_pixel() -> None:
    still = scene()
    freeze = Freeze(FREEZE_MS)
    rng = np.random.default_rng(8)
    for i in range(30):  # one pixel in each block, up or down by one
        values = still.copy()
        rows = np.arange(0, HEIGHT, 8) + rng.integers(0, 4)
        values[np.ix_(rows[:22], np.arange(0, WIDTH, 8) + rng.integers(0, 8))] += 1 + i
        assert freeze.step(picture(values), i * EVERY_MS) is None


def partly(share: float, seed: int) -> Picture:
    """A still with grain, but grained anew below: so much of it equals any other such picture."""
    values = scene() + np.random.default_rng(9).normal(0, 3, (HEIGHT, WIDTH))
    row = round(HEIGHT * share)
    values[row:] = (scene() + np.random.default_rng(seed).normal(0, 3, (HEIGHT, WIDTH)))[row:]
    return picture(values)


def test_one_weak_twin_proves_nothing_and_a_second_may_come_later() -> None:
    twins = (0, 8, 12)
    pictures = [partly(0.55 if i in twins else 0.0, 20 + i) for i in range(14)]
    assert watched(iter(pictures), 14) == [None] * 12 + [0, 0]


def test_a_lamp_that_flickers_is_life_even_if_each_state_is_equal_to_itself() -> None:
    still = scene() + np.random.default_rng(9).normal(0, 2, (HEIGHT, WIDTH))
    assert watched((picture(still + 2 * (i % 2)) for i in range(30)), 30) == [None] * 30


def test_much_that_moves_above_is_no_clock() -> None:
    rng = np.random.default_rng(11)

    def traffic() -> Iterator[Picture]:
        still = scene() + rng.normal(0, 2, (HEIGHT, WIDTH))
        for _ in range(30):
            still[:32] = np.kron(rng.uniform(20, 230, (4, 40)), np.ones((8, 8)))
            yield picture(still)

    assert watched(traffic(), 30) == [None] * 30


def test_however_rare_twins_were_life_is_seen_within_six_pictures() -> None:
    freeze = Freeze(FREEZE_MS)
    still = scene() + np.random.default_rng(9).normal(0, 2, (HEIGHT, WIDTH))
    steps = [3.0, *np.linspace(3.1, 5, 7), 3.0, *np.linspace(5.1, 7, 9), 3.0]
    pictures = (picture(np.rint(still / step) * step) for step in steps)
    assert watched(pictures, 19, freeze)[-1] == 0
    assert watched(live(2), 6, freeze, begin=19)[-1] is None
