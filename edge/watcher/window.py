"""One session's counters over the last ten seconds, for a verdict, and over the last minute. Pure.

A verdict needs more than one bad moment: packets that were all lost at one look are a glitch, and
the cable that was bent for a second rings no bell. Loss must show at ``LOSSY_LOOKS`` looks.
"""

from collections import deque
from itertools import pairwise
from typing import Final

from edge.rtsp.health import Demand, Rates, loss_trouble, rates, slow_trouble
from edge.rtsp.replies import Trouble
from edge.rtsp.rtp import Counts
from wire.vocabulary import Cause

WINDOW_MS: Final = 10_000
MINUTE_MS: Final = 60_000
LOSSY_LOOKS: Final = 3
_MINUTE_STEP_MS: Final = 5_000
_MIN_WINDOW_MS: Final = 6_000
_MIN_FACTS_MS: Final = 1_500

Marks = deque[tuple[int, Counts]]


class Window:
    """Counters of one session; ``clear`` after a stall."""

    def __init__(self) -> None:
        self._marks: Marks = deque()
        self._minute: Marks = deque()

    def add(self, now_ms: int, counts: Counts) -> None:
        """Note the counters; old notes go, but one that spans the window stays."""
        _add(self._marks, now_ms, counts, WINDOW_MS)
        if not self._minute or now_ms - self._minute[-1][0] >= _MINUTE_STEP_MS:
            _add(self._minute, now_ms, counts, MINUTE_MS)

    def clear(self) -> None:
        """Begin anew, after a stall."""
        self._marks.clear()
        self._minute.clear()

    def last_minute(self) -> Rates | None:
        """Return the rates over the last minute, or as much of it as there is; None: too little."""
        if not self._marks:
            return None
        first = self._minute[0] if self._minute else self._marks[0]
        return _between(first, self._marks[-1], _MIN_FACTS_MS)

    def loss(self, max_loss: float, *, poor: bool = False) -> Trouble | None:
        """Return ``stream.lossy`` if the window shows it at enough looks."""
        if not self._marks:
            return None
        before, after = self._marks[0][1], self._marks[-1][1]
        if after.lost == before.lost or self._lossy_looks() < LOSSY_LOOKS:
            return None
        return loss_trouble(before, after, limit=max_loss, poor=poor)

    def is_doubtful(self, demand: Demand) -> bool:
        """Tell whether something may be poor, though the window is too short to say so."""
        if not self._marks:
            return True
        first, last = self._marks[0], self._marks[-1]
        if last[0] - first[0] >= WINDOW_MS:
            return False
        found = _between(first, last, _MIN_FACTS_MS)
        return found is None or found.loss > demand.max_loss or found.fps < demand.slow_under

    def trouble(self, demand: Demand, said: Cause | None = None) -> tuple[Trouble, int] | None:
        """Return what is poor, if anything, and since when as far as the window tells.

        ``said`` is the cause that stands: what was poor before is held to more.
        """
        if not self._marks:
            return None
        found = _between(self._marks[0], self._marks[-1], _MIN_WINDOW_MS)
        was_lossy = said is Cause.STREAM_LOSSY
        lossy = self.loss(demand.max_loss, poor=was_lossy)
        # Said already, as no key frame came whole: one that did is no reason to take it back.
        if lossy and (found is not None or was_lossy):
            return lossy, self._lossy_since_ms()
        if found is None:
            return None
        slow = slow_trouble(found.fps, demand, poor=said is Cause.STREAM_SLOW)
        # Few pictures came in all of the window, so it has been slow for nearly all of it.
        return (slow, self._marks[0][0]) if slow else None

    def whole_since_ms(self) -> int | None:
        """Return the first note after the last loss, None without notes."""
        if not self._marks:
            return None
        lost_now = self._marks[-1][1].lost
        return min(at_ms for at_ms, counts in self._marks if counts.lost == lost_now)

    def _lossy_looks(self) -> int:
        """Count the looks that found packets missing."""
        return sum(after.lost > before.lost for (_, before), (_, after) in pairwise(self._marks))

    def _lossy_since_ms(self) -> int:
        """The last note before the first loss."""
        lost_before = self._marks[0][1].lost
        return max(at_ms for at_ms, counts in self._marks if counts.lost == lost_before)


def _add(marks: Marks, now_ms: int, counts: Counts, span_ms: int) -> None:
    marks.append((now_ms, counts))
    while len(marks) > 2 and now_ms - marks[1][0] >= span_ms:  # noqa: PLR2004
        marks.popleft()


def _between(first: tuple[int, Counts], last: tuple[int, Counts], min_ms: int) -> Rates | None:
    """Return the rates between two notes, None if they are too near."""
    span_ms = last[0] - first[0]
    return None if span_ms < min_ms else rates(first[1], last[1], span_ms / 1000)
