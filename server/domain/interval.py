"""Half-open spans of UTC time in whole seconds, ``[start, end)``, and sums over them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import attrgetter


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """``[start, end)``, both aware UTC, whole seconds, ``start < end``.

    Raises ``ValueError`` for anything else: an empty span is no span.
    """

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Refuse naive, fractional, empty and reversed spans."""
        for moment in (self.start, self.end):
            if moment.tzinfo is not UTC or moment.microsecond:
                raise ValueError(f"not whole seconds of UTC: {moment!r}")
        if self.start >= self.end:
            raise ValueError(f"empty or reversed: {self.start} to {self.end}")

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return int((self.end - self.start).total_seconds())

    def contains(self, moment: datetime) -> bool:
        """Tell whether ``moment`` lies inside."""
        return self.start <= moment < self.end

    def cut(self, other: "Interval") -> "Interval | None":
        """Return the common part, or None."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Interval(start, end) if start < end else None


def whole_second(ms: int) -> datetime:
    """Return the second that holds ``ms`` since 1970 UTC (rounded down, so order is kept)."""
    return datetime.fromtimestamp(ms // 1000, UTC)


def union(spans: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the same time as sorted spans that neither touch nor overlap."""
    merged: list[Interval] = []
    for span in sorted(spans, key=attrgetter("start")):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Interval(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return tuple(merged)


def intersect(left: Iterable[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the time that lies in both."""
    a, b = union(left), union(right)
    i = j = 0
    found: list[Interval] = []
    while i < len(a) and j < len(b):
        common = a[i].cut(b[j])
        if common is not None:
            found.append(common)
        if a[i].end <= b[j].end:
            i += 1
        else:
            j += 1
    return tuple(found)


def subtract(left: Iterable[Interval], right: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the time of ``left`` that lies outside ``right``."""
    holes = union(right)
    found: list[Interval] = []
    i = 0
    for span in union(left):
        start = span.start
        while i < len(holes) and holes[i].start < span.end:
            hole = holes[i]
            if hole.start > start:
                found.append(Interval(start, hole.start))
            start = max(start, hole.end)
            if hole.end > span.end:
                break  # it reaches into the next span, too
            i += 1
        if start < span.end:
            found.append(Interval(start, span.end))
    return tuple(found)


def total(spans: Iterable[Interval]) -> timedelta:
    """Return the length of the time that ``spans`` cover, each second once."""
    return sum((s.end - s.start for s in union(spans)), timedelta())
