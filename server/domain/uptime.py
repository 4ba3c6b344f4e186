"""How much of some time a camera watched: whole seconds per state, added up and never averaged.

A share is a range. Unknown time is neither up nor down: ``low`` takes it as not watched, ``high``
as watched. Degraded time is not watched either way: a picture that nobody can use.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from operator import attrgetter
from typing import Final

from server.domain.calendar import local_dates, local_day
from server.domain.interval import Interval, union
from server.domain.timeline import Timeline
from wire.vocabulary import State

_DAY_S: Final = 86_400
_piece_start: Final = attrgetter("interval.start")
_piece_end: Final = attrgetter("interval.end")


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
    if not timeline:
        return Availability()
    return _integrate(timeline, union(counted), _window(timeline))


def sum_of(parts: Iterable[Availability]) -> Availability:
    """Add availabilities up (never average them)."""
    return sum(parts, Availability())


def by_day(timeline: Timeline, counted: Iterable[Interval]) -> tuple[DayAvailability, ...]:
    """Integrate each local day that the timeline touches by itself, in order."""
    if not timeline:
        return ()
    spans = union(counted)
    window = _window(timeline)
    wholes = ((day, local_day(day).cut(window)) for day in local_dates(window))
    return tuple(
        DayAvailability(day=day, availability=_integrate(timeline, spans, part))
        for day, part in wholes
        if part is not None
    )


def _window(timeline: Timeline) -> Interval:
    return Interval(timeline[0].interval.start, timeline[-1].interval.end)


def _integrate(timeline: Timeline, counted: Sequence[Interval], part: Interval) -> Availability:
    """Integrate the part of a timeline; ``counted`` is sorted and disjoint.

    Bounds are compared without making spans of them: a district's page does this half a million
    times.
    """
    seconds = Counter[State]()
    first = bisect_right(timeline, part.start, key=_piece_end)
    last = bisect_left(timeline, part.end, key=_piece_start)
    for piece in timeline[first:last]:
        start = max(piece.interval.start, part.start)
        end = min(piece.interval.end, part.end)
        for span in _near(counted, start, end):
            common = min(span.end, end) - max(span.start, start)
            seconds[piece.state] += common.days * _DAY_S + common.seconds
    return Availability(
        up=seconds[State.UP],
        degraded=seconds[State.DEGRADED],
        down=seconds[State.DOWN],
        unknown=seconds[State.UNKNOWN],
        excluded=part.seconds - seconds.total(),
    )


def _near(spans: Sequence[Interval], start: datetime, end: datetime) -> Sequence[Interval]:
    """Return the spans that reach into a part of time; they are sorted and disjoint."""
    first = bisect_right(spans, start, key=attrgetter("end"))
    return spans[first : bisect_left(spans, end, lo=first, key=attrgetter("start"))]
