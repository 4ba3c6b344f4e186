"""The sky over a synthetic camera: where the sun stands, what the clouds do, how bright it is.

Pure functions of a seed and the seconds since the first local midnight. Light is relative to full
sun on a surface that faces it. Figures are plausible, not measured: they are here to move the light
in the ways in which it moves outdoors.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

DAY_S: Final = 86_400
LATITUDE_DEG: Final = 21.0
_NOON_H: Final = 11.9
_KINDS: Final = ("clear", "broken", "overcast", "rain", "fog", "storm")
_WEIGHTS: Final = (0.30, 0.30, 0.15, 0.12, 0.08, 0.05)
_COVER: Final = {
    "clear": 0.05, "broken": 0.5, "overcast": 1.0, "rain": 1.0, "fog": 0.7, "storm": 1.0,
}  # fmt: skip
_BLEND_S: Final = 5_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sun:
    """Degrees above the horizon, and clockwise from north."""

    elevation_deg: float
    azimuth_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Air:
    """The weather at one moment; shares from 0 to 1."""

    cover: float
    sunlit: float
    fog: float
    rain: float
    wind: float
    wet: float


@lru_cache(maxsize=20_000)
def _knot(seed: int, number: int) -> float:
    return float(np.random.default_rng((seed, number + 1_000_000)).standard_normal())


def wander(seed: int, t_s: float, period_s: float) -> float:
    """Return a smooth random walk's value (about a standard normal's) at a time."""
    place = t_s / period_s
    below = math.floor(place)
    share = place - below
    share = share * share * (3 - 2 * share)
    return _knot(seed, below) * (1 - share) + _knot(seed, below + 1) * share


def sun_at(t_s: float, first_day: int) -> Sun:
    """Return where the sun stands; ``first_day`` is the day of the year at t 0."""
    day = first_day + t_s / DAY_S
    tilt = math.radians(23.44) * math.sin(2 * math.pi * (day - 81) / 365)
    turn = math.radians((t_s % DAY_S / 3600 - _NOON_H) * 15)
    here = math.radians(LATITUDE_DEG)
    up = math.sin(here) * math.sin(tilt) + math.cos(here) * math.cos(tilt) * math.cos(turn)
    east = -math.cos(tilt) * math.sin(turn)
    north = math.cos(here) * math.sin(tilt) - math.sin(here) * math.cos(tilt) * math.cos(turn)
    return Sun(
        elevation_deg=math.degrees(math.asin(max(-1.0, min(1.0, up)))),
        azimuth_deg=math.degrees(math.atan2(east, north)) % 360,
    )


@lru_cache(maxsize=5_000)
def kind_of(seed: int, half_day: int) -> str:
    """Return what the weather is in one half of a day."""
    return str(np.random.default_rng((seed, 77, half_day + 10_000)).choice(_KINDS, p=_WEIGHTS))


def _blended(seed: int, t_s: float) -> dict[str, float]:
    """Return how much each kind of weather counts now: it changes over an hour and a half."""
    half = math.floor(t_s / (DAY_S / 2))
    into = t_s - half * DAY_S / 2
    share = min(1.0, into / _BLEND_S)
    shares = dict.fromkeys(_KINDS, 0.0)
    shares[kind_of(seed, half)] += share
    shares[kind_of(seed, half - 1)] += 1 - share
    return shares


def air_at(seed: int, t_s: float) -> Air:
    """Return the weather at a time."""
    shares = _blended(seed, t_s)
    cover = sum(_COVER[kind] * share for kind, share in shares.items())
    hour = t_s % DAY_S / 3600
    shower = _step(wander(seed + 1, t_s, 1_500))
    rain = (shares["rain"] + 1.3 * shares["storm"]) * shower
    early = max(0.0, 1 - abs(hour - 5.5) / 4)
    gap = _step(wander(seed + 2, t_s, 420) + 2.2 * (0.5 - cover) / 0.5)
    haze = max(0.0, 0.08 + 0.09 * wander(seed + 4, t_s, 40_000))
    before = [_blended(seed, t_s - ago)["rain"] for ago in (0, 3_600, 7_200)]
    return Air(
        cover=cover,
        sunlit=gap * (1 - 0.97 * _step(4 * (cover - 0.85) / 0.1)),
        fog=min(0.6, shares["fog"] * early * 0.9 + 0.2 * rain + haze),
        rain=min(1.0, rain),
        wind=0.3 + 2.2 * shares["storm"] + 0.4 * abs(wander(seed + 3, t_s, 900)),
        wet=min(1.0, max(before) + shares["storm"]),
    )


def _step(x: float) -> float:
    """Return a soft step from 0 to 1 around 0."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, 4 * x))))


def daylight(elevation_deg: float) -> float:
    """Return the light of the sky alone: 0.3 at noon, a five-hundredth of that at -8 degrees."""
    if elevation_deg > 0:
        return 0.07 + 0.23 * math.sin(math.radians(elevation_deg))
    return max(2e-6, 0.07 * math.exp(0.75 * elevation_deg))


def sunshine(elevation_deg: float) -> float:
    """Return the direct light on a surface that faces the sun: reddened and weak when it is low."""
    if elevation_deg <= 0:
        return 0.0
    depth = 1 / (math.sin(math.radians(elevation_deg)) + 0.06)
    return math.exp(-0.16 * depth) * 1.6
