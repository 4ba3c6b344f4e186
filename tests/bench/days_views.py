"""What synthetic cameras look at: places taken apart into what light needs to know of them.

A ``View`` has no light in it: reflectance in visible and infra-red light, which way each surface
faces, how near it is, what casts shadows, where lamps and windows are. ``days_camera`` lights it.
Places are drawn at 320 px; a folder of stills can serve instead (``from_still``).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import cv2
import numpy as np
import numpy.typing as npt

F32: TypeAlias = npt.NDArray[np.float32]
U8: TypeAlias = npt.NDArray[np.uint8]
Points: TypeAlias = Sequence[tuple[float, float]]

WIDTH, HEIGHT = 320, 180
SKY, GROUND, LEFT, FRONT, RIGHT, LEAVES, ROOF, INSIDE = range(8)
"""Surfaces, by where they face: up, to the picture's right (LEFT wall), to the camera, ..."""
NORMALS: Final = np.array(
    [
        (0, 0, 0),
        (0, 1, 0.02),
        (0.95, 0.1, 0.3),
        (0, 0.1, 1),
        (-0.95, 0.1, 0.3),
        (0, 0.7, 0.5),
        (0, 0.85, 0.5),
        (0, 0, 0),
    ],
    np.float32,
)
"""x to the right, y up, z towards the camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caster:
    """What casts a shadow on the ground: an outline as (x, height) in px over its foot's row."""

    outline: Points
    foot: float
    depth: float = 0.35
    """How much the ground is foreshortened there."""


@dataclass(slots=True, kw_only=True, eq=False)
class View:
    """One place as one camera sees it; arrays are (180, 320)."""

    name: str
    albedo: F32
    infrared: F32
    surface: U8
    near: F32
    tint: U8
    casters: list[Caster] = field(default_factory=list)
    lamps: list[tuple[float, float, float]] = field(default_factory=list)
    windows: list[Points] = field(default_factory=list)
    """Lit in the evening outdoors; where daylight comes in indoors."""
    parking: list[tuple[float, float, float]] = field(default_factory=list)
    """Where vehicles stand for hours: x, foot, height in px."""
    walks: tuple[float, float, float] = (110, 178, 40)
    """People's feet are between two rows; how tall they are at the lower, in px."""
    facing_deg: float = 20.0
    roughness: float = 0.5
    """How much the shading of fine texture turns with the sun."""
    indoors: bool = False
    snows: bool = False
    builds: bool = False
    infrared_at_night: bool = True


class Draft:
    """A view being drawn: each stroke gives reflectance, facing, nearness and tint."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.albedo: F32 = np.full((HEIGHT, WIDTH), 0.4, np.float32)
        self.infrared: F32 = self.albedo.copy()
        self.surface: U8 = np.zeros((HEIGHT, WIDTH), np.uint8)
        self.near: F32 = np.zeros((HEIGHT, WIDTH), np.float32)
        self.tint: U8 = np.full((2, HEIGHT, WIDTH), 128, np.uint8)

    def shape(
        self,
        points: Points,
        albedo: float,
        surface: int,
        *,
        near: float,
        grain: float = 0.12,
        tint: tuple[int, int] = (128, 128),
        infrared: float | None = None,
    ) -> None:
        """Fill a polygon with a grained surface."""
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.fillPoly(mask, [_fixed(points)], 255, cv2.LINE_8, 4)
        inside = mask > 0
        texture = 1 + grain * self._texture()
        self.albedo[inside] = (albedo * texture)[inside]
        warm = albedo if infrared is None else infrared
        self.infrared[inside] = (warm * (0.5 + 0.5 * texture))[inside]
        self.surface[inside] = surface
        self.near[inside] = near
        self.tint[0][inside], self.tint[1][inside] = tint

    def box(
        self, x: float, y: float, wide: float, high: float, albedo: float, surface: int,
        *, near: float, grain: float = 0.12, tint: tuple[int, int] = (128, 128),
    ) -> None:  # fmt: skip
        """Fill an upright rectangle."""
        points = [(x, y), (x + wide, y), (x + wide, y + high), (x, y + high)]
        self.shape(points, albedo, surface, near=near, grain=grain, tint=tint)

    def stroke(self, start: tuple[float, float], end: tuple[float, float], factor: float) -> None:
        """Darken or brighten what lies under a line."""
        mask = np.zeros((HEIGHT, WIDTH), np.uint8)
        a, b = _fixed([start, end])
        cv2.line(mask, (int(a[0]), int(a[1])), (int(b[0]), int(b[1])), 255, 1, cv2.LINE_AA, 4)
        change = 1 + (factor - 1) * (mask / np.float32(255))
        self.albedo *= change
        self.infrared *= change

    def ground(self, top: float, albedo: float, *, tint: tuple[int, int] = (126, 132)) -> None:
        """Lay the ground from a row down to the lower edge; nearer is lower."""
        self.box(0, top, WIDTH, HEIGHT - top, albedo, GROUND, near=0.5, grain=0.1, tint=tint)
        rows = np.clip((np.arange(HEIGHT) - top) / (HEIGHT - top), 0, 1)
        lower = self.surface == GROUND
        self.near[lower] = np.broadcast_to(0.25 + 0.75 * rows[:, None], self.near.shape)[lower]

    def tree(self, x: float, foot: float, size: float, *, near: float) -> Caster:
        """Plant a tree; return its shadow."""
        self.box(
            x - size * 0.04, foot - size * 0.5, size * 0.08, size * 0.5, 0.22, LEAVES, near=near
        )
        for _ in range(14):
            cx = x + self.rng.normal() * size * 0.2
            cy = foot - size * (0.72 + self.rng.normal() * 0.14)
            radius = size * self.rng.uniform(0.08, 0.18)
            green = self.rng.uniform(0.1, 0.26)
            self.shape(
                _round(cx, cy, radius), green, LEAVES, near=near, grain=0.55, tint=(112, 118),
                infrared=0.62,
            )  # fmt: skip
        crown = [(x + dx * size, up * size) for dx, up in _CROWN]
        return Caster(outline=crown, foot=foot)

    def house(self, x: float, top: float, wide: float, foot: float, *, floors: int, near: float,
              albedo: float = 0.5) -> tuple[Caster, list[Points]]:  # fmt: skip
        """Build a house that faces the camera; return its shadow and its windows."""
        self.box(x, top, wide, foot - top, albedo, FRONT, near=near, tint=(118, 136))
        self.box(x - 2, top - 4, wide + 4, 5, 0.28, ROOF, near=near, tint=(120, 146))
        windows: list[Points] = []
        high = (foot - top) / floors
        for floor in range(floors):
            for k in range(int(wide // 22)):
                left, up = x + 7 + k * 22, top + high * (floor + 0.25)
                self.box(left, up, 12, high * 0.5, 0.14, FRONT, near=near, tint=(134, 124))
                self.stroke((left + 6, up), (left + 6, up + high * 0.5), 2.2)
                windows.append([(left, up), (left + 12, up), (left + 12, up + high * 0.5),
                                (left, up + high * 0.5)])  # fmt: skip
        outline = [(x, 0.0), (x, foot - top), (x + wide, foot - top), (x + wide, 0.0)]
        return Caster(outline=outline, foot=foot, depth=0.25), windows

    def view(self, name: str, **more: object) -> View:
        """Finish: what was drawn, and what goes with it."""
        small = np.stack([cv2.resize(c, (WIDTH // 2, HEIGHT // 2)) for c in self.tint])
        view = View(
            name=name,
            albedo=np.clip(self.albedo, 0.02, 0.95).astype(np.float32),
            infrared=np.clip(self.infrared, 0.03, 0.95).astype(np.float32),
            surface=self.surface,
            near=self.near,
            tint=small.astype(np.uint8),
        )
        for key, value in more.items():
            setattr(view, key, value)
        return view

    def _texture(self) -> F32:
        fine = self.rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32)
        coarse = cv2.resize(fine[:23, :40], (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        return np.asarray(
            0.5 * cv2.GaussianBlur(fine, (0, 0), 0.8) * 1.8 + 0.5 * coarse, np.float32
        )


_CROWN: Final = (
    (-0.03, 0.0), (-0.03, 0.45), (-0.3, 0.55), (-0.34, 0.8), (-0.1, 1.02), (0.16, 0.98),
    (0.36, 0.75), (0.28, 0.52), (0.03, 0.45), (0.03, 0.0),
)  # fmt: skip


def _fixed(points: Points) -> npt.NDArray[np.int32]:
    return np.rint(np.asarray(points, np.float64) * 16).astype(np.int32)


def _round(x: float, y: float, radius: float) -> Points:
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    return [(x + radius * np.cos(a), y + radius * np.sin(a)) for a in angles]


def from_still(name: str, bgr: U8, seed: int) -> View:
    """Guess a view from a clean still: its light stays in it, ours comes on top.

    Facings are guessed by place and colour: what is bright, blue and smooth at the top is sky.
    """
    small = cv2.resize(bgr, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    yuv: U8 = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2YUV), np.uint8)
    luma = yuv[..., 0].astype(np.float32) / 255
    rng = np.random.default_rng(seed)
    cells = rng.choice([LEFT, FRONT, RIGHT, FRONT, LEAVES], (4, 7)).astype(np.uint8)
    turned = cv2.resize(cells, (WIDTH, HEIGHT), interpolation=cv2.INTER_NEAREST)
    surface: U8 = np.asarray(turned, np.uint8)
    surface[HEIGHT * 11 // 20 :] = GROUND
    surface[_sky_of(yuv)] = SKY
    near = np.repeat(np.linspace(0.05, 1, HEIGHT, dtype=np.float32)[:, None], WIDTH, axis=1)
    chroma = [cv2.resize(yuv[..., k], (WIDTH // 2, HEIGHT // 2)) for k in (1, 2)]
    within = ((-80, 20, 30, 100), (280, 90, 160, 210))
    blocks = [
        Caster(outline=[(x, 0), (x, high), (x + wide, high), (x + wide, 0)], foot=foot)
        for x, high, wide, foot in rng.uniform(*within, (4, 4))
    ]
    return View(
        name=name,
        albedo=np.clip(luma**1.6, 0.02, 0.95).astype(np.float32),
        infrared=np.clip(0.6 * luma + 0.15, 0.03, 0.95).astype(np.float32),
        surface=surface,
        near=near,
        tint=np.stack(chroma).astype(np.uint8),
        casters=blocks,
        lamps=[(float(rng.uniform(20, 300)), float(rng.uniform(20, 90)), 50.0) for _ in range(2)],
        facing_deg=float(rng.uniform(0, 360)),
        roughness=0.35,
        infrared_at_night=bool(rng.random() < 0.7),
    )


def _sky_of(yuv: U8) -> npt.NDArray[np.bool_]:
    edges = cv2.blur(cv2.absdiff(yuv[..., 0], cv2.GaussianBlur(yuv[..., 0], (0, 0), 2)), (5, 5))
    smooth = ((yuv[..., 0] > 140) & (edges < 4)).astype(np.uint8)
    smooth[HEIGHT // 2 :] = 0
    _, labels = cv2.connectedComponents(smooth)
    top = set(np.unique(labels[0])) - {0}
    return np.isin(labels, list(top))
