"""What is wrong with a camera's picture, if anything. Pure: pictures and the time in, findings out.

One ``Judge`` per camera. Checks, in the order in which they count: black (two pictures in a row,
so that one lost frame rings no bell), frozen. A finding says since when it has been true.
"""

from dataclasses import dataclass
from typing import Final

from edge.picture.black import is_black
from edge.picture.freeze import Freeze
from edge.picture.picture import Picture
from wire.vocabulary import Cause

_BLACK_PICTURES: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one picture, after those before it, tells.

    ``cause`` None means a usable picture; ``began_ms`` is since when the cause has been true, as
    far as pictures can tell, on the clock of ``at_ms``. ``unchecked`` names the causes that can't
    be told of this camera now: "not seen" would claim too much of them.
    """

    cause: Cause | None
    began_ms: int
    detail: str | None = None
    unchecked: tuple[Cause, ...] = ()


class Judge:
    """One camera's eye."""

    def __init__(self, *, freeze_after_ms: int) -> None:
        self._freeze = Freeze(freeze_after_ms)
        self._black_since_ms: int | None = None
        self._black_pictures = 0

    def step(self, picture: Picture, at_ms: int) -> Finding:
        """Judge the next picture, seen at ``at_ms``."""
        if is_black(picture.luma):
            return self._black(at_ms)
        self._black_since_ms, self._black_pictures = None, 0
        frozen_since_ms = self._freeze.step(picture, at_ms)
        if frozen_since_ms is None:
            return Finding(cause=None, began_ms=at_ms)
        detail = f"no change but the clock for {(at_ms - frozen_since_ms) // 1000} s"
        return Finding(cause=Cause.PICTURE_FROZEN, began_ms=frozen_since_ms, detail=detail)

    def _black(self, at_ms: int) -> Finding:
        self._freeze.forget()
        self._black_pictures += 1
        if self._black_since_ms is None:
            self._black_since_ms = at_ms
        if self._black_pictures < _BLACK_PICTURES:
            return Finding(cause=None, began_ms=at_ms)
        return Finding(cause=Cause.PICTURE_BLACK, began_ms=self._black_since_ms)
