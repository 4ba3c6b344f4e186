"""A synthetic camera: a view under a sky at a time, through a lens, a sensor and an encoder.

Rendered at 320 px by relighting layers, in 2 to 3 ms: reflectance x (sky + sun x facing x shadow +
lamps), fog, automatic exposure, a film-like tone curve, noise that rises with the gain. A
``Camera`` must be asked in the order of time: its night mode has hysteresis.
"""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
import numpy.typing as npt

from edge.picture.picture import Luma, Picture
from tests.bench import days_life as life
from tests.bench.days_light import Moment
from tests.bench.days_lighting import Lighting
from tests.bench.days_sky import DAY_S, air_at, sun_at
from tests.bench.days_views import F32, HEIGHT, U8, WIDTH, View

_POOL_PX: Final = 1024
_POOL: Final = np.random.default_rng(0).standard_normal((_POOL_PX, _POOL_PX)).astype(np.float32)
_BLOTCHES: Final = np.asarray(cv2.GaussianBlur(_POOL, (0, 0), 1.6) * 5.4, np.float32)
_TARGET: Final = 0.42
_GAIN_MAX: Final = 90.0
_INFRARED_BELOW, _VISIBLE_ABOVE = 0.012, 0.03
_TONE: Final = (255 * (1 - np.exp(-1.25 * np.linspace(0, 6, 4096))) ** 0.62).astype(np.float32)


@dataclass(slots=True, kw_only=True, eq=False)
class Exposure:
    """What one picture is before the sensor: light at each pixel, and whether it is infra-red."""

    light: F32
    infrared: bool


class Camera:
    """One camera; ``first_day`` is the day of the year at t 0 (a local midnight)."""

    def __init__(self, view: View, *, seed: int, first_day: int = 300) -> None:
        self.view, self.seed, self._first_day = view, seed, first_day
        self.infrared = False
        rng = np.random.default_rng((seed, 1))
        self._lighting = Lighting(view, seed)
        self._sigma = rng.uniform(0.5, 1.1)
        self._kept: tuple[object, tuple[F32, F32]] | None = None

    # ------------------------------------------------------------ light

    def moment(self, t_s: float, number: int) -> Moment:
        """Return what the sky does; ``number`` seeds what is random in this one picture."""
        sun, air = sun_at(t_s, self._first_day), air_at(self.seed, t_s)
        snow = 0.0
        if self.view.snows:  # falls in the night to the sixth day, melts within two
            since_h = t_s / 3600 - 5 * 24
            snow = max(0.0, min(1.0, since_h / 3)) * max(0.0, min(1.0, (60 - since_h) / 20))
        return Moment(t_s=t_s, number=number, sun=sun, air=air, snow=snow)

    def expose(self, now: Moment) -> Exposure:
        """Return the light on the sensor, before any fault of lens, sensor or stream."""
        rng = np.random.default_rng((self.seed, now.number, 2))
        self._switch(now)
        albedo, infrared = (layer.copy() for layer in self._reflectance(now))
        if self.infrared:
            life.passing(self.view, (infrared,), rng, now.t_s)
            light = self._lighting.by_infrared(infrared, now, rng)
        else:
            life.passing(self.view, (albedo,), rng, now.t_s)
            light = self._lighting.by_day(albedo, now, rng)
        light = self._lighting.through_air(light, now, rng, infrared=self.infrared)
        return Exposure(light=light, infrared=self.infrared)

    def _switch(self, now: Moment) -> None:
        """Switch the infra-red filter, with hysteresis."""
        level = now.sky + 0.3 * now.direct
        if self.view.indoors:
            level = level * 0.25 + 0.2 * self._lighting.lights_on(now)
        if not self.view.infrared_at_night:
            return
        self.infrared = level < (_VISIBLE_ABOVE if self.infrared else _INFRARED_BELOW)

    def _reflectance(self, now: Moment) -> tuple[F32, F32]:
        parked = life.parked_at(self.view, self.seed, now.t_s)
        key = (parked, int(now.t_s // 3600), round(now.snow, 1))
        if self._kept is None or self._kept[0] != key:
            layers = life.changed(self.view, parked, self.seed, int(now.t_s // 3600))
            if now.snow:
                white = [life.snowed(self.view, layer, now.snow) for layer in layers]
                layers = (white[0], white[1])
            self._kept = (key, layers)
        return self._kept[1]

    # ------------------------------------------------------------ lens, sensor, encoder

    def develop(self, exposure: Exposure, now: Moment, *, gain_factor: float = 1.0) -> F32:
        """Return grey levels from 0 to 255 with noise, before the encoder."""
        rng = np.random.default_rng((self.seed, now.number, 3))
        light = self._lens_moves(exposure.light, now, rng)
        mean = float(cv2.mean(light)[0]) + 1e-6
        gain = min(_GAIN_MAX, _TARGET / mean) * math.exp(0.05 * rng.standard_normal()) * gain_factor
        at = np.clip(light * np.float32(gain * 4096 / 6), 0, 4095).astype(np.uint16)
        grey = np.take(_TONE, at)
        noise = self._sigma * (1 + 0.55 * math.log2(1 + gain))
        grain = self._grain(rng)
        return np.asarray(grey + np.float32(noise) * grain, np.float32)

    def _lens_moves(self, light: F32, now: Moment, rng: np.random.Generator) -> F32:
        """Shake in the wind, creep with the day's warmth, focus anew now and then."""
        shake = (
            0.12 * now.air.wind * rng.standard_normal(2) if not self.view.indoors else (0.0, 0.0)
        )
        creep = 0.8 * math.sin(2 * math.pi * now.t_s / DAY_S)
        zoom = 1.004 if self.infrared else 1.0
        turn = np.array([[zoom, 0, creep + shake[0] + 160 * (1 - zoom)],
                         [0, zoom, 0.4 * creep + shake[1] + 90 * (1 - zoom)]])  # fmt: skip
        moved = cv2.warpAffine(light, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REFLECT_101)
        if rng.random() < 0.002:
            moved = cv2.GaussianBlur(moved, (0, 0), 1.8)
        elif self.infrared:
            moved = cv2.GaussianBlur(moved, (0, 0), 0.55)
        return np.asarray(moved, np.float32)

    def _grain(self, rng: np.random.Generator) -> F32:
        y = int(rng.integers(0, _POOL_PX - HEIGHT))
        x = int(rng.integers(0, _POOL_PX - WIDTH))
        return (_BLOTCHES if self.infrared else _POOL)[y : y + HEIGHT, x : x + WIDTH]

    def encode(self, grey: F32, now: Moment, *, clock: bool = True) -> Luma:
        """Return what comes out of the decoder: whole grey levels, softened at night, a clock."""
        luma: Luma = np.clip(np.rint(grey), 0, 255).astype(np.uint8)
        if self.infrared or now.sky < 0.01:
            luma = np.asarray(cv2.blur(luma, (2, 2)), np.uint8)
        if clock:
            stamp(luma, now.t_s)
        return luma

    def chroma(self, exposure: Exposure, now: Moment) -> npt.NDArray[np.uint8]:
        """Return colour: none in infra-red, little in the dark, bluish in the shade."""
        if exposure.infrared:
            return np.full((2, HEIGHT // 2, WIDTH // 2), 128, np.uint8)
        strength = 0.25 + 0.75 * min(1.0, (now.sky + now.direct) / 0.05)
        if self.view.indoors:
            strength = 0.8
        cold = 6 * (1 - min(1.0, now.direct * 3))
        shifted = 128 + (self.view.tint.astype(np.float32) - 128) * np.float32(strength)
        shifted[0] += np.float32(cold)
        shifted[1] -= np.float32(cold * 0.5)
        return np.asarray(np.clip(np.rint(shifted), 0, 255), np.uint8)


def healthy(camera: Camera, now: Moment) -> Picture:
    """Return one picture without any fault."""
    exposure = camera.expose(now)
    luma = camera.encode(camera.develop(exposure, now), now)
    return as_picture(luma, camera.chroma(exposure, now))


def as_picture(luma: Luma, chroma: U8 | None) -> Picture:
    """Return a picture as the decoder would have made it; its size in bytes is not known."""
    return Picture(luma=luma, width=1280, height=720, compressed_size=0, chroma=chroma)


def stamp(luma: Luma, t_s: float) -> None:
    """Write a ticking clock into the upper left corner."""
    day, rest = divmod(int(t_s), DAY_S)
    words = f"{1 + day % 28:02d}/11 {rest // 3600:02d}:{rest // 60 % 60:02d}:{rest % 60:02d}"
    for grey, thick in ((0, 2), (255, 1)):
        cv2.putText(luma, words, (6, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.32, grey, thick, cv2.LINE_AA)
