from datetime import UTC, datetime

import cv2
import numpy as np
import pytest

from sim.places import PLACES
from sim.scene import VARIANTS, Scene, Size, frame, make_scene

pytestmark = pytest.mark.long

SIZE = Size(width=320, height=180, fps=12, frames=264)
BEGINS = datetime(2026, 11, 23, 6, 48, tzinfo=UTC)


def scene(place: str = "gate", seed: int = 1) -> Scene:
    return make_scene(place, "TRƯỜNG TIỂU HỌC", seed=seed, size=SIZE, begins=BEGINS)


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("variant", VARIANTS)
def test_every_variant_of_every_place_can_be_drawn(place: str, variant: str) -> None:
    picture = frame(scene(place), 100, variant)
    assert picture.shape == (180, 320, 3)
    assert picture.dtype == np.uint8


def test_the_same_seed_draws_the_same_and_another_draws_another() -> None:
    assert np.array_equal(frame(scene(), 7), frame(scene(), 7))
    assert not np.array_equal(frame(scene(), 7), frame(scene(seed=2), 7))


def test_a_frozen_picture_changes_in_its_clock_alone() -> None:
    a, b = (frame(scene(), n, "frozen").astype(int) for n in (0, 25))
    changed = np.argwhere(np.abs(a - b).max(axis=2) > 0)
    assert len(changed)
    assert changed[:, 0].max() < 20
    assert changed[:, 1].max() < 160


def test_a_live_picture_changes_where_nobody_walks_too() -> None:
    a, b = (frame(scene(), n).astype(int)[60:80] for n in (0, 24))
    assert (a != b).mean() > 0.2


def test_black_is_dark_and_without_structure_but_for_its_clock() -> None:
    grey = cv2.cvtColor(frame(scene(), 3, "black"), cv2.COLOR_BGR2GRAY)[30:160]
    assert grey.mean() < 12
    assert grey.std() < 6


def test_blur_takes_the_edges_away() -> None:
    def edges(variant: str) -> float:
        grey = cv2.cvtColor(frame(scene(), 3, variant), cv2.COLOR_BGR2GRAY)[30:160]
        return float(cv2.Laplacian(cv2.GaussianBlur(grey, (0, 0), 2), cv2.CV_64F).var())

    assert edges("blurred") < edges("normal") / 3


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_somebody_moves_visibly_between_any_two_key_frames(place: str, seed: int) -> None:
    """Else a loop that is met again after an outage looks like a freeze across it."""
    view = scene(place, seed)
    shots = [frame(view, n)[24:156].astype(int) for n in range(0, SIZE.frames, 24)]
    for i, one in enumerate(shots):
        for other in shots[:i]:
            assert (np.abs(one - other).max(axis=2) > 40).sum() > 60
