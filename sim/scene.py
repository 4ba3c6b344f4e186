"""What one camera sees at one moment: a place, its figures, light, noise, and a ticking clock.

Pure: a ``Scene`` is made from a seed, ``frame`` is a function of the frame's number. A scene loops:
frame ``n + frames`` is frame ``n`` but for the noise. A variant is what can be wrong with a picture
(``VARIANTS``); the clock ticks in all of them that still have a camera behind them, which is just
what makes a frozen picture hard to tell.

Figures such as grain and light are what a cheap camera at
daylight shows: grain of two to three grey levels, light that wanders by about 2 %.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.figures import Figure, cast, draw_figures
from sim.paint import Picture, blank, brush_for
from sim.places import PLACES

GRAIN: Final = 2.4
"""Standard deviation of the sensor's noise in grey levels."""
GRAIN_PICTURES: Final = 7
"""So many noise pictures are made once and taken in turns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A stream's size and pace."""

    width: int
    height: int
    fps: int
    frames: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One camera's view. ``begins`` is what its clock overlay shows at frame 0."""

    size: Size
    back: Picture
    figures: tuple[Figure, ...]
    grain: tuple[NDArray[np.int8], ...]
    name: str
    begins: datetime


def make_scene(place: str, sign: str, *, seed: int, size: Size, begins: datetime) -> Scene:
    """Draw a place and choose who passes. ``place`` is a key of ``places.PLACES``."""
    rng = Random(f"{place}/{seed}")
    large = blank(size.width * 2, size.height * 2)
    PLACES[place](brush_for(large), rng, sign)
    back = cv2.resize(large, (size.width, size.height), interpolation=cv2.INTER_AREA)
    noise = np.random.default_rng(seed)
    shape = (size.height, size.width)
    grain = tuple(
        np.clip(noise.normal(0, GRAIN, shape), -60, 60).astype(np.int8)
        for _ in range(GRAIN_PICTURES)
    )
    return Scene(
        size=size,
        back=back.astype(np.uint8),
        figures=cast(place, rng),
        grain=grain,
        name=f"{place.upper()} {seed}",
        begins=begins,
    )


def _still(scene: Scene, number: int) -> Picture:
    """Return place and figures at a frame, before light, noise and clock."""
    picture = scene.back.copy()
    size = scene.size
    phase = (number % size.frames) / size.frames
    draw_figures(brush_for(picture), scene.figures, phase, size.frames / size.fps)
    return picture


def _grained(scene: Scene, picture: Picture, number: int) -> Picture:
    """Add the light's slow change and the sensor's noise of one frame."""
    phase = (number % scene.size.frames) / scene.size.frames
    light = 1 + 0.02 * math.sin(2 * math.pi * phase)
    lit = cv2.convertScaleAbs(picture, alpha=light)
    grey = scene.grain[number % GRAIN_PICTURES]
    noisy = cv2.add(lit, cv2.merge([grey, grey, grey]), dtype=cv2.CV_8U)
    return noisy.astype(np.uint8, copy=False)


def stamp(picture: Picture, moment: datetime, name: str) -> None:
    """Write date and time top left and the camera's name bottom right, as cameras do."""
    scale = picture.shape[1] / 640
    for words, x, y in (
        (f"{moment:%d/%m/%Y %H:%M:%S}", 12, 24),
        (name, 628 - 10.2 * len(name), 350),
    ):
        where = (round(x * scale), round(y * scale))
        font, size = cv2.FONT_HERSHEY_SIMPLEX, 0.56 * scale
        thick = max(1, round(1.2 * scale))
        for dx, dy in ((-1, -1), (1, -1), (-1, 1), (1, 1)):  # a dark rim, readable on any picture
            rim = (where[0] + dx, where[1] + dy)
            cv2.putText(picture, words, rim, font, size, (0, 0, 0), thick, cv2.LINE_AA)
        cv2.putText(picture, words, where, font, size, (255, 255, 255), thick, cv2.LINE_AA)


def _normal(scene: Scene, number: int) -> Picture:
    return _grained(scene, _still(scene, number), number)


def _frozen(scene: Scene, number: int) -> Picture:
    del number
    return _grained(scene, _still(scene, 0), 0)


def _black(scene: Scene, number: int) -> Picture:
    dark = blank(scene.size.width, scene.size.height, (6, 6, 7))
    grey = scene.grain[number % GRAIN_PICTURES] // 2
    return cv2.add(dark, cv2.merge([grey, grey, grey]), dtype=cv2.CV_8U).astype(np.uint8)


def _blurred(scene: Scene, number: int) -> Picture:
    soft = cv2.GaussianBlur(_still(scene, number), (0, 0), 9 * scene.size.width / 640)
    return _grained(scene, soft.astype(np.uint8), number)


def _covered(scene: Scene, number: int) -> Picture:
    """A hand or a cloth close before the lens: one dim, shapeless surface and a sliver of light."""
    size = scene.size
    picture = cv2.GaussianBlur(_still(scene, number), (0, 0), 20 * size.width / 640).astype(
        np.uint8
    )
    edge = round(size.width * 0.93)
    ramp = np.linspace(38, 66, edge).astype(np.uint8)[None, :, None]
    picture[:, :edge] = ramp // np.array([2, 2, 1], np.uint8) + np.array([24, 22, 20], np.uint8)
    return _grained(scene, cv2.blur(picture, (15, 15)).astype(np.uint8), number)


def _moved(scene: Scene, number: int) -> Picture:
    """The camera was turned: the same place, shifted and askew, what is new being sky and wall."""
    size = scene.size
    turn = cv2.getRotationMatrix2D((size.width / 2, size.height / 2), 9, 1.25)
    turn[:, 2] += np.array([size.width * 0.27, -size.height * 0.22])
    where = (size.width, size.height)
    picture = cv2.warpAffine(_still(scene, number), turn, where, borderMode=cv2.BORDER_REFLECT)
    return _grained(scene, picture.astype(np.uint8), number)


def _noise(scene: Scene, number: int) -> Picture:
    """A failing sensor: the place drowns in coloured noise."""
    size = scene.size
    rng = np.random.default_rng(number % 2**32)
    small = rng.integers(0, 256, (size.height // 2, size.width // 2, 3), dtype=np.uint8)
    snow = cv2.resize(small, (size.width, size.height), interpolation=cv2.INTER_NEAREST)
    return cv2.addWeighted(_still(scene, number), 0.35, snow, 0.65, 0).astype(np.uint8)


def _no_signal(scene: Scene, number: int) -> Picture:
    """The recorder's card for a channel without a camera."""
    del number
    picture = blank(scene.size.width, scene.size.height, (22, 38, 148))
    brush = brush_for(picture)
    brush.text("NO SIGNAL", (232, 180), (240, 240, 240), 30)
    brush.text("Mất tín hiệu hình", (248, 214), (210, 216, 240), 20)
    return picture


VARIANTS: Final[Mapping[str, Callable[[Scene, int], Picture]]] = {
    "normal": _normal,
    "frozen": _frozen,
    "black": _black,
    "blurred": _blurred,
    "covered": _covered,
    "moved": _moved,
    "noise": _noise,
    "no_signal": _no_signal,
}
"""What can be in the picture, by name."""


def frame(scene: Scene, number: int, variant: str = "normal") -> Picture:
    """Return one frame. Raises ``KeyError`` for a variant that isn't in ``VARIANTS``."""
    picture = VARIANTS[variant](scene, number)
    if variant != "no_signal":
        seconds = (number % scene.size.frames) // scene.size.fps
        stamp(picture, scene.begins + timedelta(seconds=seconds), scene.name)
    return picture
