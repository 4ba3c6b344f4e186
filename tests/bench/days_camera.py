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
from tests.bench.days_light import (
    Moment,
    cloud_field,
    glare,
    headlights,
    infrared_map,
    lamp_map,
    lens_drops,
    window_fall,
)
from tests.bench.days_sky import DAY_S, Sun, air_at, sun_at, wander
from tests.bench.days_views import F32, HEIGHT, LEAVES, NORMALS, SKY, U8, WIDTH, View

_POOL: Final = np.random.default_rng(0).standard_normal(1 << 20).astype(np.float32)
_BLOTCHES: Final = (cv2.GaussianBlur(_POOL.reshape(1024, 1024), (0, 0), 1.6) * 5.4).ravel()
_PIXELS: Final = WIDTH * HEIGHT
_SHIFT: Final = 4
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
        self._lamps = lamp_map(view)
        self._lens = lens_drops(rng)
        self._clouds = cloud_field(rng)
        self._dapples = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)), (0, 0), 2.2) > 0.05
        self._spot = (rng.uniform(120, 200), rng.uniform(90, 140), rng.uniform(0.8, 1.3))
        self._infrared_map = infrared_map(view, self._spot)
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
            light = self._by_infrared(infrared, now, rng)
        else:
            life.passing(self.view, (albedo,), rng, now.t_s)
            light = self._by_day(albedo, now, rng)
        return Exposure(light=self._through_air(light, now, rng), infrared=self.infrared)

    def _switch(self, now: Moment) -> None:
        """Switch the infra-red filter, with hysteresis."""
        level = now.sky + 0.3 * now.direct
        if self.view.indoors:
            level = level * 0.25 + 0.2 * self._lights_on(now)
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

    def _by_day(self, albedo: F32, now: Moment, rng: np.random.Generator) -> F32:
        if self.view.indoors:
            return self._indoors(albedo, now, rng)
        x, up, z = self._towards_sun(now.sun)
        facing = np.clip(NORMALS @ np.array([x, up, z], np.float32), 0, 1)
        facing[LEAVES] = 0.45 + 0.3 * facing[LEAVES]
        lit = np.asarray(facing * now.direct, np.float32)[self.view.surface]
        if now.direct > 0.02:
            lit *= self._shadow(now, x, up, z)
        wet = 1 - 0.35 * now.air.wet * (self.view.surface == 1)
        light = albedo * (lit + np.float32(now.sky * 1.1)) * wet
        if now.sky < 0.03:
            light += self._at_night(albedo, now, rng)
        self._paint_sky(light, now, (x, up, z))
        return np.asarray(light, np.float32)

    def _towards_sun(self, sun: Sun) -> tuple[float, float, float]:
        """Return the unit vector to the sun as the camera has it: right, up, to the camera."""
        turn = math.radians(sun.azimuth_deg - self.view.facing_deg)
        flat = math.cos(math.radians(sun.elevation_deg))
        up = math.sin(math.radians(sun.elevation_deg))
        return flat * math.sin(turn), up, -flat * math.cos(turn)

    def _shadow(self, now: Moment, x: float, up: float, z: float) -> F32:
        """Return 1 in the sun and 0 in the shadow of whatever stands in its way."""
        mask = np.full((HEIGHT, WIDTH), 255, np.uint8)
        slope = 1 / max(0.09, up)
        for caster in self.view.casters:
            along, down = -x * slope, -z * slope * caster.depth
            points = [(px + h * along, caster.foot - h * down) for px, h in caster.outline]
            fixed = np.rint(np.array(points) * (1 << _SHIFT)).astype(np.int32)
            cv2.fillPoly(mask, [fixed], 0, cv2.LINE_8, _SHIFT)
        upright = (self.view.surface != 1) & (self.view.surface != LEAVES)
        mask[upright] |= 140  # walls are in half of it
        leaves = np.roll(self._dapples, int(now.t_s // 90), axis=1)
        mask[(mask == 0) & leaves & (self.view.surface == LEAVES)] = 200
        soft = cv2.GaussianBlur(mask, (0, 0), 0.9)
        return np.asarray(soft * np.float32(1 / 255), np.float32)

    def _at_night(self, albedo: F32, now: Moment, rng: np.random.Generator) -> F32:
        """Return the light of street lamps, windows and headlights."""
        light = albedo * self._lamps * np.float32(0.02) + albedo * np.float32(0.0012)
        glow = np.zeros((HEIGHT, WIDTH), np.uint8)
        hour = now.t_s % DAY_S / 3600
        for k, window in enumerate(self.view.windows):
            evening = 17.5 < hour < 19 + (k * 7919 + int(now.t_s // DAY_S) * 104_729) % 50 / 10
            if evening and (k + int(now.t_s // DAY_S)) % 3:
                cv2.fillPoly(glow, [np.rint(np.array(window)).astype(np.int32)], 255)
        light += glow * np.float32(0.03 / 255)
        if rng.random() < 0.04:
            light += headlights(rng) * np.float32(0.05) * (albedo + np.float32(0.05))
        return np.asarray(light, np.float32)

    def _paint_sky(self, light: F32, now: Moment, sun: tuple[float, float, float]) -> None:
        where = self.view.surface == SKY
        if not where.any():
            return
        clouds = self._cloud_window(now)
        grey = now.sky * 2.4 + 0.55 * now.direct * 0.5
        shape = np.clip((clouds - (1 - 2 * now.air.cover)) * 1.2, 0, 1)
        sky = np.float32(grey) * (0.8 + np.float32(0.75) * shape * np.float32(now.air.cover < 0.9))
        light[where] = sky[where] + np.float32(3e-4)
        x, up, z = sun
        if z < -0.3 and now.direct > 0.02:  # the sun is before the camera
            at = (160 + 190 * x / -z, 70 - 190 * up / -z)
            light += glare(at) * np.float32(now.direct)

    def _cloud_window(self, now: Moment) -> F32:
        left = int(now.t_s * (0.02 + 0.05 * now.air.wind)) % (self._clouds.shape[1] - WIDTH)
        return self._clouds[:, left : left + WIDTH]

    def _lights_on(self, now: Moment) -> float:
        hour, weekday = now.t_s % DAY_S / 3600, int(now.t_s // DAY_S) % 7 < 5
        on = 6.4 < hour < 17.7 if weekday else 8.0 < hour < 8.6
        break_time = 11.4 < hour < 13.1 and wander(self.seed + 9, now.t_s // 7200, 1) > 0
        late = wander(self.seed + 8, now.t_s // DAY_S, 1) > 0.8 and 18 < hour < 21
        return float((on and not break_time) or late)

    def _indoors(self, albedo: F32, now: Moment, rng: np.random.Generator) -> F32:
        outside = now.sky + 0.12 * now.direct
        light = albedo * (np.float32(0.22 * outside) + window_fall(self.view) * np.float32(outside))
        lamps = self._lights_on(now) * (1 - 0.04 * rng.random())
        light += albedo * (np.float32(0.10) + self._lamps * np.float32(0.12)) * np.float32(lamps)
        if now.direct > 0.05:
            light += albedo * self._sun_on_floor(now) * np.float32(0.8 * now.direct / 255)
        for window in self.view.windows:
            fixed = [np.rint(np.array(window)).astype(np.int32)]
            cv2.fillPoly(light, fixed, float(outside * 1.6 + 2e-4))
        return np.asarray(light, np.float32)

    def _sun_on_floor(self, now: Moment) -> U8:
        """Return the patches that the sun throws through windows on the left."""
        patch = np.zeros((HEIGHT, WIDTH), np.uint8)
        x, up, z = self._towards_sun(now.sun)
        slope = min(6.0, 1 / max(0.1, up))
        for window in self.view.windows if x < -0.1 else ():
            foot = max(y for _, y in window) + 10
            moved = [
                (px - (foot - y + 30) * x * slope, foot + 22 + (foot - y) * z * 0.3 * slope)
                for px, y in window
            ]
            cv2.fillPoly(patch, [np.rint(np.array(moved)).astype(np.int32)], 255)
        return patch

    def _by_infrared(self, infrared: F32, now: Moment, rng: np.random.Generator) -> F32:
        """Return what the camera's own lamp shows: a hot spot, near things, a black sky."""
        light = infrared * self._infrared_map * np.float32(0.05) + np.float32(2e-4)
        if not self.view.indoors:
            light += infrared * self._lamps * np.float32(0.006)
            for _ in range(rng.poisson(0.25)):  # insects
                x, y = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT)
                end = (round(x + rng.normal() * 14), round(y + rng.normal() * 14))
                cv2.line(
                    light, (round(x), round(y)), end, 0.09, int(rng.integers(1, 4)), cv2.LINE_AA
                )
            if rng.random() < 0.03:
                light += headlights(rng) * np.float32(0.06)
        light += infrared * np.float32(now.sky * 0.6)
        return np.asarray(light, np.float32)

    def _through_air(self, light: F32, now: Moment, rng: np.random.Generator) -> F32:
        if self.view.indoors:
            return light
        if now.air.fog > 0.02:
            through = np.exp(np.float32(-3.2 * now.air.fog) * (1.05 - self.view.near))
            veil = 0.012 if self.infrared else now.sky * 1.5 + 0.2 * now.direct
            light = light * through + np.float32(veil) * (1 - through)
        if now.air.rain > 0.1:
            streaks = np.zeros((HEIGHT, WIDTH), np.uint8)
            for _ in range(int(60 * now.air.rain)):
                x, y, long = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(4, 14)
                cv2.line(
                    streaks, (round(x), round(y)), (round(x + long * 0.2), round(y + long)), 60
                )
            bright = 0.05 if self.infrared else now.sky
            light = light + streaks * np.float32(bright / 255)
            if now.air.rain > 0.5:
                light = light + (cv2.GaussianBlur(light, (0, 0), 4) - light) * self._lens
        return np.asarray(light, np.float32)

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
        start = int(rng.integers(0, len(_POOL) - _PIXELS))
        pool = _BLOTCHES if self.infrared else _POOL
        return np.asarray(pool[start : start + _PIXELS].reshape(HEIGHT, WIDTH), np.float32)

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
