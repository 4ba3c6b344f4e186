"""What comes, goes and stays in a synthetic camera's view: people, vehicles, a growing building.

Painted on reflectance, so that the light falls on it as on everything else.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from tests.bench.days_sky import DAY_S
from tests.bench.days_views import F32, GROUND, HEIGHT, INSIDE, SKY, WIDTH, Points, View

_RUSH_H: Final = (6.9, 11.2, 13.3, 16.8)


@dataclass(frozen=True, slots=True)
class Parked:
    """A vehicle that stands in a bay from one time to another."""

    bay: int
    shade: float


def busy(t_s: float) -> float:
    """Return how many people are about: 0 at night, 1 in school hours, 4 when school is out."""
    hour, weekday = t_s % DAY_S / 3600, int(t_s // DAY_S) % 7 < 5
    if not 5.5 < hour < 20:
        return 0.03
    rush = max(max(0.0, 1 - abs(hour - at) / 0.35) for at in _RUSH_H)
    return (0.9 + 3.2 * rush) if weekday and hour < 17.6 else 0.25


@lru_cache(maxsize=4_000)
def _stay(seed: int, bay: int, day: int) -> tuple[float, float, float]:
    """Return when a vehicle comes and goes that day (hours; never: from 99) and its shade."""
    rng = np.random.default_rng((seed, 5, bay, day + 10_000))
    chance = 0.75 if day % 7 < 5 else 0.15
    comes = rng.uniform(6, 9) if rng.random() < chance else 99.0
    stays = rng.choice([1.0, 4.0, 8.5, 30.0], p=[0.3, 0.3, 0.3, 0.1])
    return comes, comes + stays, float(rng.choice([0.05, 0.12, 0.3, 0.75]))


def parked_at(view: View, seed: int, t_s: float) -> tuple[Parked, ...]:
    """Return what stands in the bays now, some of it overnight."""
    day, hour = int(t_s // DAY_S), t_s % DAY_S / 3600
    found = []
    for bay in range(len(view.parking)):
        for ago in (0, 1):
            comes, goes, shade = _stay(seed, bay, day - ago)
            if comes <= hour + 24 * ago < goes:
                found.append(Parked(bay, shade))
                break
    return tuple(found)


def changed(view: View, parked: tuple[Parked, ...], seed: int, week_h: int) -> tuple[F32, F32]:
    """Return the visible and infra-red reflectance with what has changed for hours or for good."""
    albedo, infrared = view.albedo.copy(), view.infrared.copy()
    if view.builds:
        _build(albedo, infrared, week_h)
    if view.indoors:
        _move_furniture(albedo, infrared, seed, week_h // 168)
    for each in parked:
        x, foot, high = view.parking[each.bay]
        _vehicle((albedo, infrared), x, foot, high, each.shade)
    return albedo, infrared


def _build(albedo: F32, infrared: F32, week_h: int) -> None:
    """A building grows by a part of a floor a day, from the third day on."""
    floors = max(0.0, (week_h - 48) / 24) * 0.7
    top = 118 - min(70.0, floors * 6)
    for k in range(int(floors) + 1):
        y = 118 - k * 6
        if y < top:
            break
        for layer in (albedo, infrared):
            cv2.rectangle(layer, (190, y - 6), (246, y), 0.45, -1)
            for x in range(192, 246, 9):
                cv2.rectangle(layer, (x, y - 4), (x + 5, y - 1), 0.12, -1)


def _move_furniture(albedo: F32, infrared: F32, seed: int, week: int) -> None:
    rng = np.random.default_rng((seed, 8, week))
    for _ in range(2):
        x, y, size = rng.uniform(20, 280), rng.uniform(110, 150), rng.uniform(14, 30)
        for layer in (albedo, infrared):
            corner = (round(x), round(y))
            cv2.rectangle(layer, corner, (round(x + size), round(y + size * 0.8)), 0.55, -1)
            cv2.rectangle(layer, corner, (round(x + size), round(y + size * 0.8)), 0.1, 1)


def _vehicle(layers: tuple[F32, ...], x: float, foot: float, high: float, shade: float) -> None:
    wide = high * 2.1
    body: Points = [
        (x, foot - high * 0.12), (x, foot - high * 0.55), (x + wide * 0.2, foot - high * 0.6),
        (x + wide * 0.32, foot - high), (x + wide * 0.75, foot - high),
        (x + wide * 0.9, foot - high * 0.58), (x + wide, foot - high * 0.5),
        (x + wide, foot - high * 0.12),
    ]  # fmt: skip
    glass: Points = [
        (x + wide * 0.27, foot - high * 0.62), (x + wide * 0.35, foot - high * 0.92),
        (x + wide * 0.72, foot - high * 0.92), (x + wide * 0.83, foot - high * 0.62),
    ]  # fmt: skip
    for layer in layers:
        _fill(layer, body, shade)
        _fill(layer, glass, 0.06)
        for wheel in (0.2, 0.8):
            at = (round(x + wide * wheel), round(foot - high * 0.12))
            cv2.circle(layer, at, max(1, round(high * 0.15)), 0.04, -1, cv2.LINE_AA)


def _person(layers: tuple[F32, ...], x: float, foot: float, tall: float, shade: float) -> None:
    for layer in layers:
        trunk, legs = _trunk(x, foot, tall), _legs(x, foot, tall)
        _fill(layer, trunk, shade)
        _fill(layer, legs, 0.08)
        head = (round(x), round(foot - tall * 0.91))
        cv2.circle(layer, head, max(1, round(tall * 0.08)), 0.32, -1, cv2.LINE_AA)


def _trunk(x: float, foot: float, tall: float) -> Points:
    left, right = x - tall * 0.14, x + tall * 0.14
    top, belt = foot - tall * 0.82, foot - tall * 0.42
    return [(left, top), (right, top), (right, belt), (left, belt)]


def _legs(x: float, foot: float, tall: float) -> Points:
    half, belt = tall * 0.14, foot - tall * 0.42
    fork = (x, foot - tall * 0.3)
    return [
        (x - half, belt),
        (x + half, belt),
        (x + half * 0.8, foot),
        fork,
        (x - half * 0.8, foot),
    ]


def _fill(layer: F32, points: Points, value: float) -> None:
    fixed = np.rint(np.asarray(points, np.float64) * 16).astype(np.int32)
    cv2.fillPoly(layer, [fixed], value, cv2.LINE_AA, 4)


def passing(view: View, layers: tuple[F32, ...], rng: np.random.Generator, t_s: float) -> None:
    """Paint who passes at this moment into the layers, in place."""
    upper, lower, tall = view.walks
    for _ in range(min(40, rng.poisson(busy(t_s) * 1.6))):
        foot = rng.uniform(upper, lower)
        size = tall * (0.45 + 0.55 * (foot - upper) / max(1.0, lower - upper))
        x = rng.uniform(-8, WIDTH + 8)
        _person(layers, x, foot, size * rng.uniform(0.8, 1.1), rng.uniform(0.04, 0.8))
    if view.indoors:
        return
    if rng.random() < 0.12 * min(1.0, busy(t_s)):
        foot = rng.uniform(upper, lower)
        _vehicle(layers, rng.uniform(-60, 300), foot, tall * rng.uniform(0.6, 1.0), 0.3)
    if rng.random() < 0.006 * min(1.0, busy(t_s)):  # a bus right before the camera
        _vehicle(layers, rng.uniform(-60, 160), HEIGHT, HEIGHT * rng.uniform(0.45, 0.8), 0.5)


def snowed(view: View, albedo: F32, depth: float) -> F32:
    """Return the reflectance under snow: what faces up is white, of one evenness."""
    lying = {GROUND: 0.92, INSIDE: 0.0, SKY: 0.0}
    table = np.array([lying.get(kind, 0.25) for kind in range(8)], np.float32)
    table[6] = 0.95  # roofs
    share = table[view.surface] * np.float32(depth)
    return np.asarray(albedo * (1 - share) + 0.86 * share, np.float32)
