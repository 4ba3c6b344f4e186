"""A view in the light of one moment: sun and shadow, sky, lamps, infra-red, fog and rain."""

import math
from typing import Final

import cv2
import numpy as np

from tests.bench.days_light import (
    Moment,
    cloud_field,
    glare,
    headlights,
    infrared_map,
    lamp_map,
    lens_drops,
    relief,
    window_fall,
)
from tests.bench.days_sky import DAY_S, Sun, wander
from tests.bench.days_views import F32, HEIGHT, LEAVES, NORMALS, SKY, U8, WIDTH, View

_SHIFT: Final = 4


class Lighting:
    """One view and the maps that light it."""

    def __init__(self, view: View, seed: int) -> None:
        self.view, self.seed = view, seed
        rng = np.random.default_rng((seed, 11))
        self._lamps = lamp_map(view)
        self._lens = lens_drops(rng)
        self._clouds = cloud_field(rng)
        self._dapples = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)), (0, 0), 2.2) > 0.05
        spot = (rng.uniform(120, 200), rng.uniform(90, 140), rng.uniform(0.8, 1.3))
        self._infrared_map = infrared_map(view, spot)
        self._leans = relief(view, rng)

    def by_day(self, albedo: F32, now: Moment, rng: np.random.Generator) -> F32:
        """Return what visible light shows, by day or by lamps."""
        if self.view.indoors:
            return self._indoors(albedo, now, rng)
        x, up, z = self._towards_sun(now.sun)
        facing = np.clip(NORMALS @ np.array([x, up, z], np.float32), 0, 1)
        facing[LEAVES] = 0.45 + 0.3 * facing[LEAVES]
        lit = np.asarray(facing * now.direct, np.float32)[self.view.surface]
        if now.direct > 0.02:
            lit *= self._shadow(now, x, up, z)
        leans_right, leans_up = self._leans
        lit *= np.maximum(1 + leans_right * np.float32(x) + leans_up * np.float32(up), 0.1)
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

    def lights_on(self, now: Moment) -> float:
        """Return whether a room's lamps are on: 0 or 1."""
        hour, weekday = now.t_s % DAY_S / 3600, int(now.t_s // DAY_S) % 7 < 5
        on = 6.4 < hour < 17.7 if weekday else 8.0 < hour < 8.6
        break_time = 11.4 < hour < 13.1 and wander(self.seed + 9, now.t_s // 7200, 1) > 0
        late = wander(self.seed + 8, now.t_s // DAY_S, 1) > 0.8 and 18 < hour < 21
        return float((on and not break_time) or late)

    def _indoors(self, albedo: F32, now: Moment, rng: np.random.Generator) -> F32:
        outside = now.sky + 0.12 * now.direct
        light = albedo * (np.float32(0.22 * outside) + window_fall(self.view) * np.float32(outside))
        lamps = self.lights_on(now) * (1 - 0.04 * rng.random())
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

    def by_infrared(self, infrared: F32, now: Moment, rng: np.random.Generator) -> F32:
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

    def through_air(
        self, light: F32, now: Moment, rng: np.random.Generator, *, infrared: bool
    ) -> F32:
        """Return the light behind fog, rain and the drops on the lens."""
        if self.view.indoors:
            return light
        if now.air.fog > 0.02:
            through = np.exp(np.float32(-3.2 * now.air.fog) * (1.05 - self.view.near))
            veil = 0.012 if infrared else now.sky * 1.5 + 0.2 * now.direct
            light = light * through + np.float32(veil) * (1 - through)
        if now.air.rain > 0.1:
            streaks = np.zeros((HEIGHT, WIDTH), np.uint8)
            for _ in range(int(60 * now.air.rain)):
                x, y, long = rng.uniform(0, WIDTH), rng.uniform(0, HEIGHT), rng.uniform(4, 14)
                cv2.line(
                    streaks, (round(x), round(y)), (round(x + long * 0.2), round(y + long)), 60
                )
            bright = 0.05 if infrared else now.sky
            light = light + streaks * np.float32(bright / 255)
            if now.air.rain > 0.5:
                light = light + (cv2.GaussianBlur(light, (0, 0), 4) - light) * self._lens
        return np.asarray(light, np.float32)
