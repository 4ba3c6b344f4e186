"""Six places for synthetic cameras, drawn: outdoors and in, near and far, rich and plain."""

from collections.abc import Callable
from typing import Final

from tests.bench.days_views import (
    FRONT,
    GROUND,
    HEIGHT,
    INSIDE,
    LEFT,
    RIGHT,
    ROOF,
    WIDTH,
    Caster,
    Draft,
    Points,
    View,
)


def _gate() -> View:
    d = Draft(1)
    d.ground(112, 0.36)
    house, windows = d.house(90, 40, 150, 108, floors=3, near=0.2)
    casters = [house, d.tree(52, 112, 62, near=0.3), d.tree(284, 110, 54, near=0.3)]
    for x, wide in ((0, 92), (228, 92)):
        d.box(x, 92, wide, 32, 0.55, FRONT, near=0.4, tint=(120, 138))
        d.box(x, 90, wide, 3, 0.3, ROOF, near=0.4)
        casters.append(Caster(outline=[(x, 0), (x, 34), (x + wide, 34), (x + wide, 0)], foot=124))
    for x in (92, 212):
        d.box(x, 64, 16, 60, 0.42, FRONT, near=0.45, tint=(116, 148))
        casters.append(Caster(outline=[(x, 0), (x, 60), (x + 16, 60), (x + 16, 0)], foot=124))
    d.box(92, 48, 136, 14, 0.2, FRONT, near=0.45, tint=(160, 116))
    for k in range(14):
        d.stroke((98 + k * 9, 53), (102 + k * 9, 58), 3.0)
    for k in range(11):
        d.stroke((110 + k * 5, 90), (110 + k * 5, 124), 0.35)
    d.box(0, 136, WIDTH, 44, 0.16, GROUND, near=0.8)
    for k in range(6):
        d.stroke((k * 60, 158), (k * 60 + 30, 158), 3.2)
    for k in range(18):
        d.stroke((160 + (k - 9) * 14, 124), (160 + (k - 9) * 22, 136), 0.8)
    return d.view(
        "gate", casters=casters, windows=windows, lamps=[(70, 60, 50), (250, 58, 50)],
        walks=(124, 174, 44), parking=[(270, 150, 26), (30, 170, 34)], facing_deg=320.0,
    )  # fmt: skip


def _yard() -> View:
    d = Draft(2)
    d.ground(98, 0.46, tint=(118, 142))
    house, windows = d.house(20, 32, 190, 98, floors=3, near=0.25, albedo=0.62)
    casters = [house]
    d.shape([(228, 98), (228, 58), (320, 40), (320, 130)], 0.48, RIGHT, near=0.4, tint=(118, 138))
    for k in range(4):
        d.shape([(238 + k * 22, 66 - k * 4), (250 + k * 22, 64 - k * 4), (250 + k * 22, 88 + k * 4),
                 (238 + k * 22, 86 + k * 4)], 0.15, RIGHT, near=0.4)  # fmt: skip
    for k in range(12):
        y = 100 + k * k * 0.6
        d.stroke((0, y), (WIDTH, y), 0.8)
        d.stroke((160 + (k - 6) * 14, 98), (160 + (k - 6) * 60, 180), 0.8)
    casters += [d.tree(268, 132, 74, near=0.5), d.tree(14, 122, 56, near=0.4)]
    d.box(124, 40, 2, 78, 0.7, FRONT, near=0.4)
    casters.append(Caster(outline=[(124, 0), (124, 78), (126, 78), (126, 0)], foot=118))
    # A block behind the camera: its shadow lies over the yard in the afternoon.
    casters.append(Caster(outline=[(-60, 0), (-60, 95), (250, 95), (250, 0)], foot=215))
    return d.view(
        "yard", casters=casters, windows=windows, lamps=[(220, 70, 60)], walks=(104, 178, 42),
        parking=[(60, 128, 18), (84, 128, 18), (108, 129, 18), (132, 129, 18), (156, 130, 18)],
        facing_deg=120.0, snows=True,
    )  # fmt: skip


def _corridor() -> View:
    d = Draft(3)
    d.box(0, 0, WIDTH, HEIGHT, 0.55, INSIDE, near=0.3, grain=0.02)
    d.shape([(0, 180), (128, 104), (192, 104), (320, 180)], 0.4, INSIDE, near=0.7, grain=0.04)
    d.shape([(0, 0), (128, 62), (192, 62), (320, 0)], 0.75, INSIDE, near=0.5, grain=0.01)
    for k in range(7):
        near = 1 / (1 + k * 0.55)
        for side in (-1, 1):
            x0, x1 = 160 + side * (32 + 128 * near), 160 + side * (32 + 128 * near * 0.8)
            y0, y1 = 83 - 70 * near * 0.62, 104 + 76 * near
            door = [(x0, y0), (x1, 83 - 60 * near * 0.55), (x1, 104 + 60 * near), (x0, y1)]
            shade = 0.22 + 0.1 * (k % 2)
            d.shape(door, shade, INSIDE, near=near, grain=0.06, tint=(110, 146))
            d.stroke((x0, y0), (x0, y1), 0.5)
        d.stroke((160 - 32 - 128 * near, 104 + 76 * near), (192 + 128 * near, 104 + 76 * near), 0.8)
    d.box(140, 68, 40, 34, 0.3, INSIDE, near=0.1)
    window: Points = [(148, 70), (172, 70), (172, 92), (148, 92)]
    d.shape(window, 0.6, INSIDE, near=0.05)
    lamps = [(160.0, 58.0 - 55 / (1 + k), 30.0 + 60 / (1 + k)) for k in range(4)]
    return d.view(
        "corridor", windows=[window], lamps=lamps, indoors=True, walks=(110, 180, 90),
        facing_deg=95.0,
    )  # fmt: skip


def _classroom() -> View:
    d = Draft(4)
    d.box(0, 0, WIDTH, HEIGHT, 0.6, INSIDE, near=0.3, grain=0.02)
    d.shape(
        [(0, 180), (0, 120), (90, 92), (320, 92), (320, 180)], 0.35, INSIDE, near=0.6, grain=0.04
    )
    d.shape([(0, 0), (90, 24), (320, 24), (320, 0)], 0.8, INSIDE, near=0.4, grain=0.01)
    d.box(130, 38, 120, 36, 0.1, INSIDE, near=0.25, grain=0.1, tint=(120, 120))
    windows: list[Points] = []
    for k in range(3):
        x0, x1 = 4 + k * 28, 26 + k * 28
        pane: Points = [(x0, 20 + k * 6), (x1, 25 + k * 6), (x1, 84 - k * 2), (x0, 90 - k * 2)]
        d.shape(pane, 0.6, INSIDE, near=0.2)
        windows.append(pane)
    for row in range(4):
        for k in range(5):
            x, y, s = 110 + k * (30 + row * 9) - row * 26, 100 + row * 20, 18 + row * 6
            d.box(x, y, s, s * 0.28, 0.5, INSIDE, near=0.5 + row * 0.12, tint=(108, 148))
            d.box(x + 2, y + s * 0.28, s - 4, s * 0.4, 0.18, INSIDE, near=0.5 + row * 0.12)
    lamps = [(140.0, 10.0, 110.0), (240.0, 10.0, 110.0)]
    return d.view(
        "classroom", windows=windows, lamps=lamps, indoors=True, walks=(110, 182, 70),
        facing_deg=60.0,
    )  # fmt: skip


def _wall() -> View:
    d = Draft(5)
    d.ground(160, 0.34)
    d.box(0, 0, WIDTH, 160, 0.58, FRONT, near=0.5, grain=0.025, tint=(120, 136))
    d.box(262, 0, 4, 160, 0.4, FRONT, near=0.5)
    d.box(40, 120, 22, 40, 0.3, FRONT, near=0.5)
    d.stroke((0, 150), (WIDTH, 150), 0.9)
    eaves = Caster(outline=[(-80, 0), (-80, 46), (210, 46), (210, 0)], foot=172)
    return d.view(
        "wall",
        casters=[eaves],
        lamps=[(200, 8, 70)],
        walks=(168, 190, 110),
        facing_deg=280.0,
        roughness=0.15,
    )


def _skyline() -> View:
    d = Draft(6)
    d.ground(120, 0.3)
    windows: list[Points] = []
    for k in range(26):
        x, high = k * 13.0 - 6, d.rng.uniform(10, 44)
        shade = d.rng.uniform(0.2, 0.6)
        side = (LEFT, FRONT, RIGHT)[k % 3]
        d.box(x, 96 - high, 15, high + 6, shade, side, near=0.02, grain=0.05)
        for row in range(int(high // 5)):
            d.stroke((x + 2, 99 - high + row * 5), (x + 12, 99 - high + row * 5), 0.7)
        if k % 2:
            up = 96 - high + 4
            windows.append([(x + 4, up), (x + 8, up), (x + 8, up + 4), (x + 4, up + 4)])
    casters = []
    for _ in range(9):
        x, foot = d.rng.uniform(0, 320), d.rng.uniform(112, 150)
        size = 14 + (foot - 110) * 0.4
        d.box(x, foot - size, size * 1.4, size, d.rng.uniform(0.3, 0.6), FRONT, near=0.12)
        d.box(x - 1, foot - size - 3, size * 1.4 + 2, 4, 0.25, ROOF, near=0.12)
        outline = [(x, 0.0), (x, size), (x + size * 1.4, size), (x + size * 1.4, 0.0)]
        casters.append(Caster(outline=outline, foot=foot))
    casters += [d.tree(d.rng.uniform(0, 320), 165, 26, near=0.25) for _ in range(4)]
    for k in range(5):
        d.stroke((0, 124 + k * 11), (WIDTH, 130 + k * 13), 0.7)
    d.stroke((214, 20), (214, 110), 0.3)
    d.stroke((180, 26), (262, 24), 0.3)
    return d.view(
        "skyline", casters=casters, windows=windows, lamps=[(100, 130, 24), (230, 140, 26)],
        walks=(130, 176, 7), parking=[(150, 160, 7), (180, 168, 8)], facing_deg=250.0,
        snows=True, builds=True, infrared_at_night=False, roughness=0.9,
    )  # fmt: skip


PLACES: Final[dict[str, Callable[[], View]]] = {
    "gate": _gate,
    "yard": _yard,
    "corridor": _corridor,
    "classroom": _classroom,
    "wall": _wall,
    "skyline": _skyline,
}
