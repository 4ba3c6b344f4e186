"""Whether cameras deliver the picture that the plan asks of a place: its size, its frame rate."""

from collections.abc import Iterable
from typing import Protocol

from server.domain.plan import PictureNeed
from server.domain.points import Met, met_by


class Seen(Protocol):
    """What was last measured of a camera's stream; None: it was not."""

    @property
    def width(self) -> int | None:
        """Pixels."""

    @property
    def height(self) -> int | None:
        """Pixels."""

    @property
    def fps(self) -> float | None:
        """Frames a second."""


def picture_met(asked: PictureNeed | None, need: int, cameras: Iterable[Seen | None]) -> Met | None:
    """Tell whether ``need`` of a place's cameras have the asked picture; None: none is asked.

    A camera whose stream was never measured (None) can't be told.
    """
    if asked is None or not asked.is_set:
        return None
    found = [_suits(asked, camera) for camera in cameras]
    certain = found.count(Met.MET)
    return met_by(need, certain, certain + found.count(Met.CANNOT_TELL))


def _suits(asked: PictureNeed, camera: Seen | None) -> Met:
    if camera is None:
        return Met.CANNOT_TELL
    pairs = [
        (asked.min_width, camera.width),
        (asked.min_height, camera.height),
        (asked.min_fps, camera.fps),
    ]
    told = [(least, has) for least, has in pairs if least is not None]
    if any(has is not None and has < least for least, has in told):
        return Met.NOT_MET
    return Met.CANNOT_TELL if any(has is None for _, has in told) else Met.MET
