"""Faults planted into synthetic days: what is wrong, from when to when, and how it looks.

A fault of the lens changes the light, so exposure answers to it as a real camera's does; a fault
of sensor or stream changes the grey levels.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from edge.picture.picture import Luma, Picture
from tests.bench.days_camera import Camera, Exposure, as_picture
from tests.bench.days_light import Moment, elsewhere
from tests.bench.days_sky import DAY_S
from tests.bench.days_views import F32, HEIGHT, U8, WIDTH
from wire.vocabulary import Cause

KINDS: Final[tuple[tuple[str, frozenset[Cause]], ...]] = (
    ("black_cap", frozenset({Cause.PICTURE_BLACK, Cause.PICTURE_COVERED})),
    ("black_dead", frozenset({Cause.PICTURE_BLACK})),
    ("cover_45", frozenset({Cause.PICTURE_COVERED})),
    ("moved_20", frozenset({Cause.PICTURE_MOVED})),
    ("frozen", frozenset({Cause.PICTURE_FROZEN})),
    ("blur_4", frozenset({Cause.PICTURE_BLURRED})),
    ("wrong_scene", frozenset({Cause.PICTURE_MOVED})),
    ("cover_80", frozenset({Cause.PICTURE_COVERED, Cause.PICTURE_BLACK})),
    ("over_gain", frozenset({Cause.PICTURE_OVEREXPOSED})),
    ("noise_grain", frozenset({Cause.PICTURE_NOISE})),
    ("no_signal", frozenset({Cause.PICTURE_NO_SIGNAL, Cause.PICTURE_BLACK})),
    ("noise_stripes", frozenset({Cause.PICTURE_NOISE})),
    ("cover_33", frozenset({Cause.PICTURE_COVERED})),
    ("noise_blocks", frozenset({Cause.PICTURE_NOISE})),
    ("blur_2", frozenset({Cause.PICTURE_BLURRED})),
)
"""Each kind and the causes that are right for it; blur in px at 320."""
_STARTS_H: Final = (10.2, 1.5, 16.9, 8.3, 20.5, 13.7, 5.2)
_LASTS_H: Final = (2.0, 3.0, 1.5, 5.0)
LEARNING_DAYS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One planted fault, from ``start_s`` to before ``end_s``."""

    kind: str
    accept: frozenset[Cause]
    start_s: float
    end_s: float
    seed: int

    @property
    def at_night(self) -> bool:
        """Tell whether it begins in the dark."""
        return not 6 <= self.start_s % DAY_S / 3600 < 17.5


def plan(*, days: int, seed: int, dt_s: float, one_in: int = 2) -> tuple[Fault, ...]:
    """Plant a fault every ``one_in`` days after the days of learning, each kind in turns.

    Each lasts for at least twelve pictures, some across dusk and dawn.
    """
    faults = []
    for k, day in enumerate(range(LEARNING_DAYS, days, one_in)):
        kind, accept = KINDS[(k + seed * 4) % len(KINDS)]
        start_s = day * DAY_S + _STARTS_H[(k + seed) % len(_STARTS_H)] * 3600
        lasts_s = max(12 * dt_s, _LASTS_H[k % len(_LASTS_H)] * 3600)
        if start_s + lasts_s < days * DAY_S:
            faults.append(Fault(kind=kind, accept=accept, start_s=start_s,
                                end_s=start_s + lasts_s, seed=seed * 100 + k))  # fmt: skip
    return tuple(faults)


class Faulty:
    """A camera and whatever is wrong with it; asked in the order of time."""

    def __init__(self, camera: Camera, other: Camera) -> None:
        """Take the camera and ``other``, whose scene a swapped cable would show."""
        self._camera, self._other = camera, other
        self._held: tuple[Luma, U8] | None = None

    def picture(self, now: Moment, fault: Fault | None) -> Picture:
        """Return the picture of this moment; ``fault`` None is a healthy one."""
        if fault is not None and fault.kind == "wrong_scene":
            then = elsewhere(now)
            exposure = self._other.expose(then)
            return self._finished(self._other, self._other.develop(exposure, then), exposure, then)
        exposure = self._camera.expose(now)
        if fault is None:
            self._held = None
            grey = _glitched(self._camera.develop(exposure, now), now)
            return self._finished(self._camera, grey, exposure, now)
        if fault.kind == "frozen":
            return self._frozen(exposure, now)
        exposure.light = _before_the_lens(exposure.light, fault)
        grey = self._camera.develop(exposure, now, gain_factor=_gain_factor(fault))
        return self._finished(self._camera, _behind_the_lens(grey, fault, now), exposure, now)

    def _frozen(self, exposure: Exposure, now: Moment) -> Picture:
        if self._held is None:
            grey = self._camera.develop(exposure, now)
            luma = self._camera.encode(grey, now, clock=False)
            self._held = (luma, self._camera.chroma(exposure, now))
        luma = self._held[0].copy()
        luma[:14, :120] = 90
        cv2.putText(
            luma, f"{int(now.t_s) % 100_000:05d}", (6, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.32, 255
        )
        return as_picture(luma, self._held[1])

    @staticmethod
    def _finished(camera: Camera, grey: F32, exposure: Exposure, now: Moment) -> Picture:
        return as_picture(camera.encode(grey, now), camera.chroma(exposure, now))


def _gain_factor(fault: Fault) -> float:
    return 25.0 if fault.kind == "over_gain" else 1.0


def _before_the_lens(light: F32, fault: Fault) -> F32:
    rng = np.random.default_rng(fault.seed)
    level = float(cv2.mean(light)[0])
    match fault.kind.split("_"):
        case ["cover", share]:
            return _covered(light, float(share) / 100, level, rng)
        case ["blur", sigma]:
            return np.asarray(cv2.GaussianBlur(light, (0, 0), float(sigma)), np.float32)
        case ["moved", share]:
            return _moved(light, float(share) / 100, rng)
        case ["black", "cap"]:
            leak = np.exp(-np.hypot(*np.mgrid[0:HEIGHT, 0:WIDTH]) / 30)
            return np.asarray(3e-5 + leak * min(level, 0.2) * 0.002, np.float32)
        case _:
            return light


def _covered(light: F32, share: float, level: float, rng: np.random.Generator) -> F32:
    """Put a hand, cloth or bag before the lens: near, so soft-edged, shapeless and dim."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)
    side = rng.integers(0, 4)
    field = (columns / WIDTH, 1 - columns / WIDTH, rows / HEIGHT, 1 - rows / HEIGHT)[side]
    small = rng.standard_normal((5, 8)).astype(np.float32)
    waves = cv2.resize(small, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    field = field + 0.06 * waves
    edge = float(np.quantile(field, share))
    alpha = 1 / (1 + np.exp(np.clip((field - edge) / 0.012, -30, 30)))
    surface = level * rng.uniform(0.3, 1.1) * (1 + 0.12 * waves)
    return np.asarray(light * (1 - alpha) + surface * alpha, np.float32)


def _moved(light: F32, share: float, rng: np.random.Generator) -> F32:
    """Turn the camera: what comes in from the side is more of the same kind, mirrored."""
    sign = 1 if rng.random() < 0.5 else -1
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), float(rng.uniform(-5, 5)), 1.0)
    turn[:, 2] += np.array([sign * share * WIDTH, rng.uniform(-0.1, 0.1) * HEIGHT])
    border = cv2.BORDER_REFLECT_101
    return np.asarray(cv2.warpAffine(light, turn, (WIDTH, HEIGHT), borderMode=border), np.float32)


def _behind_the_lens(grey: F32, fault: Fault, now: Moment) -> F32:
    rng = np.random.default_rng((fault.seed, now.number))
    match fault.kind:
        case "black_dead":
            return np.full_like(grey, 4.0)
        case "no_signal":
            card: U8 = np.full(grey.shape, 30 + fault.seed % 60, np.uint8)
            cv2.putText(card, "NO SIGNAL", (96, 94), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 245, 2)
            return card.astype(np.float32)
        case "noise_grain":
            return grey + np.float32(55) * rng.standard_normal(grey.shape, np.float32)
        case "noise_stripes":
            rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
            wave = np.sin(rows / 3 + np.float32(rng.uniform(0, 6))) * np.float32(45)
            return np.asarray(grey + wave, np.float32)
        case "noise_blocks":
            return _blocks(grey, rng, 90)
        case _:
            return grey


def _blocks(grey: F32, rng: np.random.Generator, count: int) -> F32:
    broken = grey.copy()
    for _ in range(count):
        x, y = int(rng.integers(0, 36)) * 8, int(rng.integers(0, 21)) * 8
        wide = int(rng.integers(1, 5)) * 8
        block = broken[y : y + 8, x : x + wide]
        broken[y : y + 8, x : x + wide] = block[:, ::-1] * rng.uniform(0.3, 1.7)
    return broken


def _glitched(grey: F32, now: Moment) -> F32:
    """Break one picture in four hundred, as a lossy network does."""
    rng = np.random.default_rng((now.number, 4))
    if rng.random() > 1 / 400:
        return grey
    if rng.random() < 0.5:
        return _blocks(grey, rng, 60)
    smeared = grey.copy()
    row = int(rng.integers(40, 150))
    smeared[row:] = grey[row]
    return smeared
