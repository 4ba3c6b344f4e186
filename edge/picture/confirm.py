"""From what each picture shows to what is held: a fault is believed once several pictures agree.

One lost frame, one headlight, one person close to the lens ring no bell; a fault that goes is
believed gone after two good pictures, black at the first. It is dated back to the first picture of
the run that showed trouble, whatever that picture's trouble was called.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Final

from wire.vocabulary import Cause

NEEDED: Final = {
    Cause.PICTURE_BLACK: 2,
    Cause.PICTURE_NO_SIGNAL: 2,
    Cause.PICTURE_OVEREXPOSED: 3,
    Cause.PICTURE_NOISE: 2,
    Cause.PICTURE_COVERED: 3,
    Cause.PICTURE_MOVED: 3,
    Cause.PICTURE_BLURRED: 3,
}
_GOOD_TO_CLEAR: Final = 2
_GONE_AT_ONCE: Final = (Cause.PICTURE_BLACK, Cause.PICTURE_NO_SIGNAL)
"""Who sees anything at all is no longer black."""
_KEPT: Final = 4
_VOTES: Final = 2
_TO_RENAME: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What one picture shows, with a fact for the technician."""

    cause: Cause
    at_ms: int
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A fault that is believed."""

    cause: Cause
    began_ms: int
    detail: str | None


class Confirm:
    """The run of troubles since the last good pictures."""

    def __init__(self) -> None:
        self._run: list[Trouble] = []
        self._began_ms = 0
        self._good = 0
        self._held: Held | None = None

    def step(self, trouble: Trouble | None) -> Held | None:
        """Take what the next picture shows; return what is held now."""
        if trouble is None:
            return self._fine()
        self._good = 0
        if not self._run:
            self._began_ms = trouble.at_ms
        self._run = [*self._run, trouble][-_KEPT:]
        self._held = self._believed(trouble)
        return self._held

    def _fine(self) -> Held | None:
        self._good += 1
        held = self._held
        if held is None or held.cause in _GONE_AT_ONCE or self._good >= _GOOD_TO_CLEAR:
            self._run, self._held = [], None
        return self._held

    def _believed(self, newest: Trouble) -> Held | None:
        counts = Counter(trouble.cause for trouble in self._run)
        cause, times = counts.most_common(1)[0]
        before = self._held
        if before is None:
            if len(self._run) < NEEDED[cause] or times < _VOTES:
                return None
            return Held(cause=cause, began_ms=self._began_ms, detail=self._detail(cause))
        if before.cause == newest.cause:
            return Held(cause=before.cause, began_ms=before.began_ms, detail=newest.detail)
        if all(trouble.cause == newest.cause for trouble in self._run[-_TO_RENAME:]):
            first = self._run[-_TO_RENAME].at_ms
            return Held(cause=newest.cause, began_ms=first, detail=newest.detail)
        return before

    def _detail(self, cause: Cause) -> str | None:
        return next(t.detail for t in reversed(self._run) if t.cause == cause)
