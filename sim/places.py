"""The still part of what a camera sees: one function per place, picked from a table.

Drawn once per camera at twice the size and shrunk, so that edges are clean; whatever moves is
``figures``' business. ``rng`` gives leaves, stains and tiles their place, so two gates differ.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final

from sim.paint import Brush, Colour

LEAF: Final[tuple[Colour, ...]] = ((58, 96, 48), (72, 116, 56), (88, 134, 66), (106, 150, 80))
WALL: Final[Colour] = (224, 190, 118)
TILE: Final[Colour] = (170, 82, 58)
STEEL: Final[Colour] = (54, 84, 110)


def _tree(brush: Brush, rng: Random, x: float, ground: float, size: float) -> None:
    brush.blob((x + 4, ground + 2), (size * 0.7, size * 0.1), (96, 92, 84))
    brush.polygon(
        [(x - 5, ground), (x - 3, ground - size), (x + 4, ground - size), (x + 7, ground)],
        (92, 70, 52),
    )
    for shade in LEAF:
        for _ in range(26):
            dx, dy = rng.gauss(0, size * 0.36), rng.gauss(0, size * 0.24)
            lift = 0.05 * LEAF.index(shade)
            centre = (x + dx, ground - size * (1.25 + lift) + dy)
            brush.blob(centre, (size * 0.12, size * 0.09), shade, rng.uniform(0, 180))


def _windows(brush: Brush, x: float, y: float, count: int, step: float) -> None:
    for i in range(count):
        left = x + i * step
        brush.box(left - 1.5, y - 1.5, 21, 25, (242, 236, 222))
        brush.box(left, y, 18, 22, (84, 118, 138))
        brush.polygon([(left, y), (left + 11, y), (left, y + 14)], (126, 158, 172))
        brush.line((left + 9, y), (left + 9, y + 22), (242, 236, 222), 1.4)


def _building(brush: Brush, x: float, top: float, wide: float, ground: float) -> None:
    brush.polygon(
        [(x - 10, top), (x + 14, top - 26), (x + wide - 14, top - 26), (x + wide + 10, top)], TILE
    )
    for i in range(int(wide // 12)):
        brush.line((x + 6 + i * 12, top - 25), (x + 2 + i * 12.4, top - 1), (150, 68, 48), 0.8)
    brush.box(x, top, wide, ground - top, WALL)
    brush.box(x, top, wide, 3, (186, 152, 88))
    storeys = 2
    high = (ground - top) / storeys
    for storey in range(storeys):
        floor = top + storey * high
        _windows(brush, x + 12, floor + 11, int((wide - 20) // 30), 30)
        brush.box(x, floor + high - 6, wide, 4, (240, 226, 194))


def _flag(brush: Brush, x: float, foot: float, top: float) -> None:
    brush.line((x, foot), (x, top), (210, 212, 214), 2)
    brush.polygon(
        [(x, top + 1), (x + 30, top + 3), (x + 28, top + 21), (x, top + 20)], (206, 32, 38)
    )
    star = [(14, 5), (15.8, 9.6), (20.6, 9.8), (16.9, 12.8), (18.2, 17.4)]
    star += [(14, 14.8), (9.8, 17.4), (11.1, 12.8), (7.4, 9.8), (12.2, 9.6)]
    brush.polygon([(x + a, top + b) for a, b in star], (250, 214, 40))


def _wall(brush: Brush, x: float, wide: float) -> None:
    brush.box(x, 172, wide, 78, (230, 204, 146))
    brush.box(x, 166, wide, 8, (166, 92, 70))
    brush.box(x, 234, wide, 16, (150, 140, 126))
    for i in range(int(wide // 31)):
        brush.box(x + 8 + i * 31, 184, 20, 38, (206, 176, 116))
        brush.line((x + 18 + i * 31, 184), (x + 18 + i * 31, 222), (120, 98, 70), 1.6)


def _gateway(brush: Brush, name: str) -> None:
    """Posts, sign and the sliding gate, half open."""
    for x in (186, 424):
        brush.box(x, 132, 30, 120, (196, 104, 74))
        brush.box(x + 22, 132, 8, 120, (168, 84, 60))
        brush.box(x - 4, 126, 38, 8, (240, 226, 194))
        brush.blob((x + 15, 121), (7, 7), (246, 240, 222))
    brush.box(180, 92, 280, 30, (28, 74, 142))
    brush.box(180, 92, 280, 2, (240, 226, 194))
    brush.box(180, 120, 280, 2, (240, 226, 194))
    for x in (190, 448):
        brush.line((x, 122), (x, 132), (120, 124, 130), 3)
    size = min(14.0, 250 / (0.64 * max(1, len(name))))
    brush.text(name, (320 - len(name) * size * 0.318, 107 + size * 0.4), (250, 244, 214), size)
    for i in range(17):
        bar = 217 + i * 6.2
        brush.line((bar, 182), (bar, 248), STEEL, 2)
        brush.polygon([(bar - 2, 183), (bar, 177), (bar + 2, 183)], STEEL)
    for y in (188, 214, 243):
        brush.line((214, y), (320, y), STEEL, 3)


def _road(brush: Brush, rng: Random) -> None:
    brush.gradient(250, 268, (188, 180, 168), (176, 168, 158))
    brush.box(0, 266, 640, 4, (222, 218, 208))
    brush.gradient(270, 360, (104, 106, 110), (84, 86, 92))
    for i in range(8):
        x = i * 90
        dash = [(x, 312), (x + 46, 312), (x + 42, 317), (x - 5, 317)]
        brush.polygon(dash, (214, 212, 200))
    for _ in range(60):
        brush.blob((rng.uniform(0, 640), rng.uniform(272, 358)), (9, 1.4), (92, 94, 99))


def _gate(brush: Brush, rng: Random, name: str) -> None:
    brush.gradient(0, 190, (150, 190, 226), (226, 232, 232))
    for _ in range(9):
        brush.blob((rng.uniform(0, 640), rng.uniform(15, 70)), (50, 7), (208, 222, 234))
    _building(brush, 150, 92, 350, 205)
    _flag(brush, 330, 205, 22)
    _tree(brush, rng, 92, 226, 96)
    _tree(brush, rng, 566, 222, 82)
    brush.gradient(205, 250, (176, 168, 152), (190, 182, 166))
    _wall(brush, 0, 186)
    _wall(brush, 454, 186)
    _gateway(brush, name)
    _road(brush, rng)


def _yard(brush: Brush, rng: Random, name: str) -> None:
    del name
    brush.gradient(0, 200, (160, 198, 228), (226, 232, 230))
    brush.box(440, 168, 200, 30, (222, 204, 160))
    brush.box(440, 164, 200, 5, (166, 92, 70))
    _building(brush, 40, 66, 420, 196)
    for i in range(9):  # the arcade
        brush.box(46 + i * 50, 134, 7, 62, (244, 232, 204))
    brush.gradient(196, 360, (196, 176, 150), (168, 146, 122))
    for i in range(14):  # brick paving that runs away from the viewer
        y = 200 + i * i * 0.9
        brush.line((0, y), (640, y), (178, 156, 132), 0.8 + i * 0.08)
    for i in range(-12, 26):
        brush.line((300 + i * 18, 197), (300 + (i - 1) * 74, 360), (178, 156, 132), 0.9)
    _flag(brush, 250, 232, 40)
    brush.polygon([(232, 236), (268, 236), (276, 246), (224, 246)], (222, 214, 200))
    _tree(brush, rng, 540, 262, 128)
    _tree(brush, rng, 24, 240, 84)
    brush.line((470, 222), (470, 150), (90, 96, 104), 3)  # basketball
    brush.box(452, 138, 36, 24, (240, 240, 236))
    brush.ring((470, 163), 6, (206, 90, 40), 1.6)
    for x in (330, 380):
        brush.box(x, 214, 34, 4, (120, 84, 58))
        brush.line((x + 4, 218), (x + 4, 226), (90, 64, 46), 2)
        brush.line((x + 30, 218), (x + 30, 226), (90, 64, 46), 2)


def _kitchen(brush: Brush, rng: Random, name: str) -> None:
    brush.gradient(0, 210, (226, 228, 222), (208, 212, 206))
    for x in range(0, 640, 20):
        brush.line((x, 40), (x, 210), (192, 198, 194), 0.8)
    for y in range(40, 210, 20):
        brush.line((0, y), (640, y), (192, 198, 194), 0.8)
    brush.box(410, 56, 150, 84, (244, 244, 238))
    brush.box(416, 62, 66, 72, (178, 212, 226))
    brush.box(488, 62, 66, 72, (190, 220, 230))
    brush.polygon([(70, 88), (330, 88), (300, 48), (100, 48)], (176, 182, 188))
    brush.box(70, 88, 260, 8, (146, 152, 158))
    brush.box(160, 0, 60, 48, (160, 166, 172))
    brush.gradient(210, 360, (150, 112, 92), (126, 92, 74))
    for i in range(10):
        brush.line((0, 214 + i * i * 1.5), (640, 214 + i * i * 1.5), (138, 102, 84), 1)
    for i in range(-8, 22):
        brush.line((320 + (i - 7) * 30, 210), (320 + (i - 7) * 92, 360), (138, 102, 84), 1)
    brush.box(40, 176, 330, 70, (186, 192, 198))
    brush.box(40, 172, 330, 6, (222, 226, 230))
    for i in range(4):
        brush.box(52 + i * 80, 190, 66, 48, (168, 174, 182))
        brush.line((62 + i * 80, 196), (106 + i * 80, 196), (120, 126, 134), 2)
    for x, size in ((80, 24), (150, 30), (226, 26), (300, 22)):
        brush.box(x - size, 172 - size, size * 2, size, (204, 208, 214))
        brush.box(x + size - 8, 172 - size, 8, size, (166, 172, 180))
        brush.blob((x, 172 - size), (size, 4), (228, 232, 236))
        brush.line((x - 5, 166 - size), (x + 5, 166 - size), (110, 116, 122), 2.4)
    brush.polygon([(420, 246), (620, 246), (640, 286), (410, 286)], (214, 218, 222))
    brush.box(410, 286, 230, 8, (170, 176, 182))
    for _ in range(16):
        tray = (rng.uniform(434, 606), rng.uniform(252, 278))
        brush.blob(tray, (10, 3.4), rng.choice([(236, 236, 230), (206, 120, 60), (120, 158, 82)]))
    brush.box(420, 152, 112, 18, (28, 74, 142))
    brush.text(name, (428, 165.5), (250, 244, 214), 11)


def _motorbike_row(brush: Brush, rng: Random, y: float, size: float) -> None:
    count = int(600 / (size * 1.05))
    for i in range(count):
        x = 24 + i * size * 1.05
        paint = rng.choice(
            [(150, 38, 38), (40, 62, 112), (60, 60, 64), (196, 196, 196), (30, 98, 84)]
        )
        for wheel in (x, x + size * 0.62):
            brush.ring((wheel, y), size * 0.17, (34, 34, 36), size * 0.07)
        brush.polygon(
            [
                (x + size * 0.08, y - size * 0.1),
                (x + size * 0.5, y - size * 0.12),
                (x + size * 0.72, y - size * 0.36),
                (x + size * 0.18, y - size * 0.34),
            ],
            paint,
        )
        brush.line((x, y), (x + size * 0.1, y - size * 0.56), (70, 72, 76), size * 0.05)
        brush.box(x + size * 0.24, y - size * 0.42, size * 0.42, size * 0.08, (40, 36, 36))


def _parking(brush: Brush, rng: Random, name: str) -> None:
    brush.gradient(0, 360, (196, 210, 218), (178, 184, 186))
    brush.box(0, 96, 640, 96, (214, 200, 170))
    brush.box(0, 176, 640, 16, (168, 154, 130))
    brush.polygon([(0, 0), (640, 0), (640, 64), (0, 92)], (120, 138, 150))
    for i in range(33):
        brush.line((i * 20, 0), (i * 20 - 6, 92 - i * 0.85), (104, 122, 134), 2)
    brush.box(0, 86, 640, 7, (92, 106, 116))
    brush.gradient(192, 360, (164, 160, 152), (140, 136, 128))
    _motorbike_row(brush, rng, 220, 58)
    for x in (60, 250, 440, 630):
        brush.box(x, 60, 8, 190, (80, 104, 122))
        brush.box(x - 4, 244, 16, 8, (120, 118, 112))
    _motorbike_row(brush, rng, 306, 92)
    for x in range(10, 640, 96):
        brush.line((x, 330), (x - 26, 360), (232, 228, 214), 3)
    brush.box(272, 112, 96, 30, (28, 74, 142))
    brush.text(name, (320 - len(name) * 5, 133), (250, 244, 214), 16)


Draw = Callable[[Brush, Random, str], None]
PLACES: Final[Mapping[str, Draw]] = {
    "gate": _gate,
    "yard": _yard,
    "kitchen": _kitchen,
    "parking": _parking,
}
"""Every place that can be drawn, by name; the last argument is what its sign says."""
