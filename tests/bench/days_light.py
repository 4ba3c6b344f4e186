"""The light of one moment, and the maps of light that a view is made with once."""

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from tests.bench.days_sky import Air, Sun, daylight, sunshine
from tests.bench.days_views import F32, HEIGHT, INSIDE, SKY, WIDTH, View

_ROUGH: Final = (0.0, 0.7, 0.6, 0.6, 0.6, 1.4, 1.0, 0.2)
"""By surface: leaves are rougher than walls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """When, and under which sky."""

    t_s: float
    number: int
    sun: Sun
    air: Air
    snow: float

    @property
    def sky(self) -> float:
        """Return the light of the sky and of the clouds."""
        clouds = 1 - 0.55 * self.air.cover - 0.25 * self.air.rain
        return daylight(self.sun.elevation_deg) * clouds

    @property
    def direct(self) -> float:
        """Return the light of the sun."""
        return sunshine(self.sun.elevation_deg) * self.air.sunlit


def elsewhere(now: Moment) -> Moment:
    """Return the same moment as another camera's randomness has it."""
    return replace(now, number=now.number + 1_000_003)


def _distance(x: float, y: float) -> F32:
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    return np.asarray(np.hypot(columns - np.float32(x), rows - np.float32(y)), np.float32)


def lamp_map(view: View) -> F32:
    """Return how much of the street lamps' light falls where."""
    light: F32 = np.zeros((HEIGHT, WIDTH), np.float32)
    for x, y, reach in view.lamps:
        far = _distance(x, y)
        pool = np.exp(-((far / np.float32(reach)) ** 2)) + 6.0 * (far < 3)
        light = (light + pool).astype(np.float32)
    return light


def infrared_map(view: View, spot: tuple[float, float, float]) -> F32:
    """Return the camera's own lamp: a cone, weaker afar, lost in the sky."""
    x, y, wide = spot
    cone = np.exp(-((_distance(x, y) / np.float32(115 * wide)) ** 2))
    reach = (0.06 + view.near) ** 1.2
    sky = np.where(view.surface == SKY, np.float32(0.02), np.float32(1))
    inside = np.where(view.surface == INSIDE, np.float32(1.2), np.float32(1))
    return np.asarray((0.05 + cone) * reach * sky * inside, np.float32)


def window_fall(view: View) -> F32:
    """Return how daylight falls off from the windows of a room."""
    if view.name not in _FALLS:
        light: F32 = np.zeros((HEIGHT, WIDTH), np.float32)
        for window in view.windows:
            x, y = np.mean(window, axis=0).tolist()
            light = (light + np.exp(_distance(x, y) / -70)).astype(np.float32)
        _FALLS[view.name] = light / np.float32(max(1, len(view.windows)))
    return _FALLS[view.name]


_FALLS: Final[dict[str, F32]] = {}


def cloud_field(rng: np.random.Generator) -> F32:
    """Return clouds to be moved past, six pictures wide."""
    field = np.zeros((HEIGHT, 6 * WIDTH), np.float32)
    for cell, weight in ((64, 1.0), (24, 0.5), (8, 0.25)):
        small = rng.standard_normal((HEIGHT // cell + 2, 6 * WIDTH // cell + 2))
        size = (6 * WIDTH, HEIGHT)
        coarse = cv2.resize(small.astype(np.float32), size, interpolation=cv2.INTER_CUBIC)
        field += np.float32(weight) * np.asarray(coarse, np.float32)
    return field


def lens_drops(rng: np.random.Generator) -> F32:
    """Return where raindrops sit on the lens."""
    drops = np.zeros((HEIGHT, WIDTH), np.float32)
    for _ in range(9):
        at = (int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT)))
        cv2.circle(drops, at, int(rng.integers(4, 10)), 1.0, -1)
    return np.asarray(cv2.GaussianBlur(drops, (0, 0), 1.5), np.float32)


def headlights(rng: np.random.Generator) -> F32:
    """Return the light of one vehicle that comes towards the camera."""
    x, y = rng.uniform(20, 300), rng.uniform(100, 160)
    light = np.zeros((HEIGHT, WIDTH), np.float32)
    for dx in (-7, 7):
        far = _distance(x + dx, y)
        light += 8 * np.exp(-((far / 3) ** 2)) + 0.3 * np.exp(-((far / 32) ** 2))
    return light


def glare(at: tuple[float, float]) -> F32:
    """Return the sun's disc and its veil."""
    far = _distance(*at)
    return np.asarray(9 * np.exp(-((far / 7) ** 2)) + 0.5 * np.exp(-far / 45), np.float32)


def relief(view: View, rng: np.random.Generator) -> tuple[F32, F32]:
    """Return how a rough surface leans, right and up: fine texture turns with the sun."""
    heights = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)), (0, 0), 1.1)
    rows, columns = np.gradient(heights * 2.2)
    rough = np.array(_ROUGH, np.float32)[view.surface] * np.float32(view.roughness)
    return (-columns * rough).astype(np.float32), (rows * rough).astype(np.float32)
