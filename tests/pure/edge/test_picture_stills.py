"""A still is to the judge what the same view is as a key frame."""

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from edge.picture.stills import MOST_JPEG_BYTES, jpeg_of, picture_of

WHITE, BLUE, RED = (255, 255, 255), (255, 0, 0), (0, 0, 255)


def plain(
    colour: tuple[int, int, int], height: int = 360, width: int = 640
) -> npt.NDArray[np.uint8]:
    return np.full((height, width, 3), colour, np.uint8)


def test_it_is_320_wide_and_keeps_its_shape_and_its_true_size() -> None:
    picture = picture_of(plain(WHITE, 1080, 1920), compressed_size=7)
    assert picture.luma.shape == (180, 320)
    assert picture.chroma is not None
    assert picture.chroma.shape == (2, 90, 160)
    assert (picture.width, picture.height, picture.compressed_size) == (1920, 1080, 7)


@pytest.mark.parametrize(
    ("colour", "luma", "blue", "red"),
    [(WHITE, 255, 128, 128), (BLUE, 29, 255, 107), (RED, 76, 85, 255)],
)
def test_colours_are_full_range_bt601(
    colour: tuple[int, int, int], luma: int, blue: int, red: int
) -> None:
    picture = picture_of(plain(colour))
    assert picture.chroma is not None
    found = (picture.luma[90, 160], picture.chroma[0, 45, 80], picture.chroma[1, 45, 80])
    assert np.allclose(np.array(found, int), (luma, blue, red), atol=1)


def test_an_odd_height_has_a_last_row_of_chroma() -> None:
    picture = picture_of(plain(WHITE, 481, 640))
    assert picture.chroma is not None
    assert picture.luma.shape[0] == 240
    odd = picture_of(plain(WHITE, 241, 320))
    assert odd.chroma is not None
    assert (odd.luma.shape[0], odd.chroma.shape[1]) == (241, 121)


def test_grey_alone_has_no_chroma_and_small_pictures_are_enlarged() -> None:
    picture = picture_of(np.full((60, 80), 99, np.uint8))
    assert picture.chroma is None
    assert picture.luma.shape == (240, 320)
    assert int(picture.luma.mean()) == 99


@pytest.mark.parametrize("grey", [False, True])
def test_a_jpeg_shows_what_the_judge_saw_in_its_colours(grey: bool) -> None:
    still = plain(BLUE)
    still[:, :320] = WHITE
    given = np.asarray(cv2.cvtColor(still, cv2.COLOR_BGR2GRAY), np.uint8) if grey else still
    picture = picture_of(given)
    shown = cv2.imdecode(np.frombuffer(jpeg_of(picture), np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape == (180, 320, 3)
    right = (29, 29, 29) if grey else BLUE
    assert np.allclose(shown[90, 40], WHITE, atol=6)
    assert np.allclose(shown[90, 280], right, atol=6)


@pytest.mark.parametrize("height", [1, 3, 256, 2000])
def test_a_jpeg_of_pure_noise_is_small_too(height: int) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (height, 320, 3), np.uint8)
    content = jpeg_of(picture_of(noise))
    assert 0 < len(content) <= MOST_JPEG_BYTES
    assert cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR) is not None
