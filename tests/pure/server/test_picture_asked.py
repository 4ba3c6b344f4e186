"""Whether enough of a place's cameras have the picture that the plan asks for."""

from dataclasses import dataclass

import pytest

from server.domain.picture import picture_met
from server.domain.plan import PictureNeed
from server.domain.points import Met


@dataclass
class Seen:
    width: int | None = None
    height: int | None = None
    fps: float | None = None


FULL = PictureNeed(min_width=1920, min_height=1080, min_fps=15)
GOOD, SMALL = Seen(1920, 1080, 15.0), Seen(640, 360, 25.0)
HALF_TOLD = Seen(1920, 1080)
SLOW = Seen(2560, 1440, 8.0)


@pytest.mark.parametrize(
    ("need", "cameras", "met"),
    [
        (1, [GOOD], Met.MET),
        (1, [SMALL, GOOD], Met.MET),
        (2, [SMALL, GOOD], Met.NOT_MET),
        (1, [SLOW], Met.NOT_MET),
        (1, [None], Met.CANNOT_TELL),
        (1, [HALF_TOLD], Met.CANNOT_TELL),
        (2, [GOOD, HALF_TOLD, SMALL], Met.CANNOT_TELL),
        (2, [GOOD], Met.NOT_MET),
        (1, [], Met.NOT_MET),
    ],
)
def test_as_many_as_are_needed_must_have_it(
    need: int, cameras: list[Seen | None], met: Met
) -> None:
    assert picture_met(FULL, need, cameras) is met


def test_what_is_not_asked_is_not_judged() -> None:
    assert picture_met(None, 1, [SMALL]) is None
    assert picture_met(PictureNeed(), 1, [SMALL]) is None
    assert picture_met(PictureNeed(min_fps=10), 1, [Seen(fps=10.0)]) is Met.MET
