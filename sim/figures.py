"""What moves in front of a place: pupils, a cook, a motorbike; where follows from the time alone.

Every path closes after one loop of the clip, so that the clip can be repeated without a jump.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from sim.paint import Brush, Colour

SKIN: Final[Colour] = (206, 158, 124)
HAIR: Final[Colour] = (34, 28, 26)
RED: Final[Colour] = (204, 34, 40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Someone who crosses the picture once per loop.

    Attributes:
        look: A key of ``LOOKS``.
        start: Where in the loop (0 to 1) the crossing begins.
        share: How much of the loop the crossing takes.
        y: Height of the feet, in units.
        size: Height of the body, in units.
        leftward: Walks from right to left.
        coat: Colour of what is worn, or of the motorbike.
    """

    look: str
    start: float
    share: float
    y: float
    size: float
    leftward: bool
    coat: Colour


def _pupil(brush: Brush, figure: Figure, x: float, step: float) -> None:
    s, y, turn = figure.size, figure.y, -1 if figure.leftward else 1
    swing = math.sin(step) * s * 0.14
    brush.blob((x, y + 1), (s * 0.26, s * 0.05), (112, 108, 102))
    for side in (swing, -swing):
        brush.line((x, y - s * 0.42), (x + side, y), (36, 46, 84), s * 0.12)
    brush.box(x - s * 0.13 - turn * s * 0.1, y - s * 0.76, s * 0.18, s * 0.28, figure.coat)
    brush.polygon(
        [
            (x - s * 0.14, y - s * 0.78),
            (x + s * 0.14, y - s * 0.78),
            (x + s * 0.12, y - s * 0.4),
            (x - s * 0.12, y - s * 0.4),
        ],
        (242, 242, 240),
    )
    brush.line((x, y - s * 0.74), (x - swing * 0.8, y - s * 0.46), (228, 226, 222), s * 0.08)
    brush.polygon(
        [
            (x - s * 0.08, y - s * 0.8),
            (x + s * 0.08, y - s * 0.8),
            (x + turn * s * 0.03, y - s * 0.62),
        ],
        RED,
    )
    brush.blob((x, y - s * 0.9), (s * 0.11, s * 0.12), SKIN)
    brush.blob((x - turn * s * 0.03, y - s * 0.95), (s * 0.12, s * 0.09), HAIR)


def _grown_up(brush: Brush, figure: Figure, x: float, step: float) -> None:
    s, y = figure.size, figure.y
    swing = math.sin(step) * s * 0.13
    brush.blob((x, y + 1), (s * 0.2, s * 0.04), (112, 108, 102))
    for side in (swing, -swing):
        brush.line((x, y - s * 0.48), (x + side, y), (52, 54, 62), s * 0.1)
    brush.polygon(
        [
            (x - s * 0.12, y - s * 0.82),
            (x + s * 0.12, y - s * 0.82),
            (x + s * 0.13, y - s * 0.42),
            (x - s * 0.13, y - s * 0.42),
        ],
        figure.coat,
    )
    brush.line((x, y - s * 0.78), (x - swing, y - s * 0.48), figure.coat, s * 0.08)
    brush.blob((x, y - s * 0.9), (s * 0.075, s * 0.09), SKIN)
    brush.blob((x, y - s * 0.95), (s * 0.085, s * 0.05), HAIR)


def _cook(brush: Brush, figure: Figure, x: float, step: float) -> None:
    _grown_up(brush, figure, x, step)
    s, y = figure.size, figure.y
    brush.box(x - s * 0.08, y - s * 0.72, s * 0.16, s * 0.4, (250, 250, 248))
    brush.box(x - s * 0.09, y - s * 1.06, s * 0.18, s * 0.12, (250, 250, 250))


def _motorbike(brush: Brush, figure: Figure, x: float, step: float) -> None:
    s, y, turn = figure.size, figure.y, -1 if figure.leftward else 1
    del step
    brush.blob((x, y + s * 0.02), (s * 0.62, s * 0.05), (70, 72, 76))
    for wheel in (-0.42, 0.42):
        brush.ring((x + wheel * s, y - s * 0.15), s * 0.14, (26, 26, 28), s * 0.06)
    brush.polygon(
        [
            (x - turn * s * 0.5, y - s * 0.36),
            (x + turn * s * 0.2, y - s * 0.34),
            (x + turn * s * 0.36, y - s * 0.5),
            (x + turn * s * 0.34, y - s * 0.16),
            (x - turn * s * 0.3, y - s * 0.14),
        ],
        figure.coat,
    )
    brush.line(
        (x + turn * s * 0.42, y - s * 0.15),
        (x + turn * s * 0.3, y - s * 0.6),
        (70, 72, 76),
        s * 0.05,
    )
    brush.line(
        (x - turn * s * 0.08, y - s * 0.4), (x + turn * s * 0.14, y - s * 0.12), HAIR, s * 0.13
    )
    brush.line(
        (x - turn * s * 0.1, y - s * 0.42),
        (x - turn * s * 0.02, y - s * 0.82),
        (86, 106, 130),
        s * 0.24,
    )
    brush.line(
        (x - turn * s * 0.02, y - s * 0.74), (x + turn * s * 0.28, y - s * 0.56), SKIN, s * 0.07
    )
    brush.blob((x + turn * s * 0.02, y - s * 0.98), (s * 0.13, s * 0.14), (226, 226, 222))
    brush.blob((x + turn * s * 0.09, y - s * 0.96), (s * 0.06, s * 0.07), SKIN)


Draw = Callable[[Brush, Figure, float, float], None]
LOOKS: Final[Mapping[str, Draw]] = {
    "pupil": _pupil,
    "grown_up": _grown_up,
    "cook": _cook,
    "motorbike": _motorbike,
}
_CAST: Final[Mapping[str, tuple[tuple[str, float, float, float, float], ...]]] = {
    # look, feet from, feet to, size from, size to. Nobody fills the picture: a loop that an agent
    # meets again after an outage must show it a change in few tiles, not a different picture.
    "gate": (
        ("pupil", 252, 258, 40, 44),
        ("motorbike", 306, 314, 74, 84),
        ("motorbike", 336, 348, 90, 98),
        ("pupil", 260, 264, 46, 50),
        ("grown_up", 250, 256, 58, 64),
        ("pupil", 254, 262, 42, 48),
    ),
    "yard": (
        ("pupil", 206, 214, 30, 34),
        ("pupil", 232, 250, 42, 50),
        ("pupil", 280, 310, 66, 78),
        ("grown_up", 240, 260, 70, 78),
        ("pupil", 250, 290, 54, 66),
    ),
    "kitchen": (
        ("cook", 248, 254, 88, 94),
        ("cook", 272, 282, 98, 104),
    ),
    "parking": (
        ("motorbike", 330, 346, 74, 80),
        ("grown_up", 244, 254, 84, 92),
        ("pupil", 252, 258, 62, 70),
    ),
}
_COATS: Final[tuple[Colour, ...]] = ((40, 92, 156), (176, 60, 96), (38, 122, 96), (196, 128, 40))
_MARGIN: Final = 70.0
ALWAYS_THERE: Final = 2
"""The last two of each cast take turns, so that no two key frames of a loop look the same."""


def cast(place: str, rng: Random) -> tuple[Figure, ...]:
    """Return the figures of one place, spread over the loop, further ones first."""
    roles = _CAST[place]
    last = len(roles) - ALWAYS_THERE
    figures = [
        Figure(
            look=look,
            start=(i - last) / ALWAYS_THERE
            if i >= last
            else (i + rng.uniform(0, 0.6)) / len(roles),
            share=1.0 if i >= last else _share(rng, look),
            y=rng.uniform(low, high),
            size=rng.uniform(small, large),
            leftward=rng.random() < 0.5,  # noqa: PLR2004 (a coin)
            coat=rng.choice(_COATS),
        )
        for i, (look, low, high, small, large) in enumerate(roles)
    ]
    return tuple(sorted(figures, key=lambda figure: figure.y))


def _share(rng: Random, look: str) -> float:
    return rng.uniform(0.22, 0.34) if look == "motorbike" else rng.uniform(0.5, 0.85)


def draw_figures(brush: Brush, figures: tuple[Figure, ...], phase: float, loop_s: float) -> None:
    """Draw whoever is in the picture at ``phase`` (0 to 1) of a loop of ``loop_s`` seconds."""
    for figure in figures:
        way = ((phase - figure.start) % 1.0) / figure.share
        if way <= 1.0:
            x = -_MARGIN + way * (640 + 2 * _MARGIN)
            x = 640 - x if figure.leftward else x
            LOOKS[figure.look](brush, figure, x, way * figure.share * loop_s * 6)
