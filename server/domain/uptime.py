"""How much of some time a camera watched: whole seconds per state, added up and never averaged.

A share is a range. Unknown time is neither up nor down: ``low`` takes it as not watched, ``high``
as watched. Degraded time is not watched either way: a picture that nobody can use.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from server.domain.calendar import local_dates, local_day
from server.domain.interval import Interval, union
from server.domain.timeline import Timeline, cut_to
from wire.vocabulary import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Availability:
    """Seconds per state; with ``excluded`` they sum to the window. Adding sums the seconds."""

    up: int = 0
    degraded: int = 0
    down: int = 0
    unknown: int = 0
    excluded: int = 0

    @property
    def counted(self) -> int:
        """Seconds that count."""
        return self.up + self.degraded + self.down + self.unknown

    @property
    def total(self) -> int:
        """Seconds of the window."""
        return self.counted + self.excluded

    @property
    def low(self) -> Fraction | None:
        """The sure share of counted time that was watched; None when nothing counts."""
        return Fraction(self.up, self.counted) if self.counted else None

    @property
    def high(self) -> Fraction | None:
        """The share that would have been watched had all unknown time been up; None as above."""
        return Fraction(self.up + self.unknown, self.counted) if self.counted else None

    def __add__(self, other: "Availability") -> "Availability":
        return Availability(
            up=self.up + other.up,
            degraded=self.degraded + other.degraded,
            down=self.down + other.down,
            unknown=self.unknown + other.unknown,
            excluded=self.excluded + other.excluded,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAvailability:
    """One local day (as much of it as the timeline holds)."""

    day: date
    availability: Availability


def availability(timeline: Timeline, counted: Iterable[Interval]) -> Availability:
    """Integrate a timeline; what lies outside ``counted`` is excluded."""
    seconds = Counter[State]()
    excluded = 0
    spans = union(counted)
    for piece in timeline:
        inside = sum(
            common.seconds
            for span in _near(spans, piece.interval)
            if (common := span.cut(piece.interval)) is not None
        )
        seconds[piece.state] += inside
        excluded += piece.interval.seconds - inside
    return Availability(
        up=seconds[State.UP],
        degraded=seconds[State.DEGRADED],
        down=seconds[State.DOWN],
        unknown=seconds[State.UNKNOWN],
        excluded=excluded,
    )


def sum_of(parts: Iterable[Availability]) -> Availability:
    """Add availabilities up (never average them)."""
    return sum(parts, Availability())


def by_day(timeline: Timeline, counted: Iterable[Interval]) -> tuple[DayAvailability, ...]:
    """Integrate each local day that the timeline touches by itself, in order."""
    if not timeline:
        return ()
    spans = union(counted)
    window = Interval(timeline[0].interval.start, timeline[-1].interval.end)
    days = []
    for day in local_dates(window):
        whole = local_day(day)
        part = cut_to(timeline, whole)
        days.append(DayAvailability(day=day, availability=availability(part, _near(spans, whole))))
    return tuple(days)


def _near(spans: Sequence[Interval], whole: Interval) -> Sequence[Interval]:
    """Return the spans that reach into ``whole``; ``spans`` is sorted and disjoint."""
    first = bisect_right(spans, whole.start, key=lambda s: s.end)
    last = bisect_left(spans, whole.end, key=lambda s: s.start)
    return spans[first:last]
