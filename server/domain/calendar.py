"""School hours, maintenance and local days: the only place of the domain that knows local time.

Everything is stored in UTC; a school day, a week (from Monday) and "06:30" exist only in
``LOCAL``, Viet Nam's zone (UTC+7, no daylight saving since 1975, yet nothing here relies on that:
local moments are put on the UTC axis one by one by ``zoneinfo``).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from server.domain.interval import Interval, intersect, subtract

LOCAL: Final = ZoneInfo("Asia/Ho_Chi_Minh")
MINUTES_PER_DAY: Final = 24 * 60
WEEKDAYS: Final = ("T2", "T3", "T4", "T5", "T6", "T7", "CN")
"""Monday to Sunday as Vietnamese calendars write them; the index is ``date.weekday()``."""


class DayWindow(NamedTuple):
    """A part of a local day in minutes since midnight, ``[start_min, end_min)``; 24:00 is 1440."""

    start_min: int
    end_min: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolHours:
    """When a kind of school must be watched.

    Attributes:
        days: Weekdays, Monday 0 to Sunday 6, rising.
        windows: Parts of such a day, in order, not overlapping, none past midnight.

    Raises ``ValueError`` for anything else.
    """

    days: tuple[int, ...]
    windows: tuple[DayWindow, ...]

    def __post_init__(self) -> None:
        """Refuse empty, disordered and overlapping values."""
        if not self.days or not self.windows:
            raise ValueError("school hours need at least one day and one window")
        if sorted(set(self.days)) != list(self.days) or not set(self.days) <= set(range(7)):
            raise ValueError(f"not rising weekdays from 0 to 6: {self.days}")
        edges = [minute for window in self.windows for minute in window]
        if edges != sorted(edges) or edges[0] < 0 or edges[-1] > MINUTES_PER_DAY:
            raise ValueError(f"windows overlap, are out of order or leave the day: {self.windows}")
        if any(w.start_min == w.end_min for w in self.windows):
            raise ValueError(f"an empty window: {self.windows}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Maintenance:
    """Time that is not counted because somebody announced work, and why."""

    interval: Interval
    reason: str


def local_moment(day: date, minute: int) -> datetime:
    """Return the UTC moment of a local day's ``minute`` (0 to 1440)."""
    days, rest = divmod(minute, MINUTES_PER_DAY)
    clock = time(rest // 60, rest % 60, tzinfo=LOCAL)
    return datetime.combine(day + timedelta(days=days), clock).astimezone(UTC)


def local_date(moment: datetime) -> date:
    """Return the local day that holds ``moment``."""
    return moment.astimezone(LOCAL).date()


@lru_cache(maxsize=4096)  # a district's page asks for the same ninety days of each camera
def local_day(day: date) -> Interval:
    """Return a local day as a span of UTC."""
    return Interval(local_moment(day, 0), local_moment(day, MINUTES_PER_DAY))


def local_week(day: date) -> Interval:
    """Return the week, from Monday, that holds the local ``day``."""
    monday = day - timedelta(days=day.weekday())
    return Interval(local_moment(monday, 0), local_moment(monday + timedelta(days=7), 0))


def local_dates(window: Interval) -> Iterator[date]:
    """Yield every local day that ``window`` touches, in order."""
    day = local_date(window.start)
    while local_day(day).start < window.end:
        yield day
        day += timedelta(days=1)


def school_hours(hours: SchoolHours, window: Interval) -> tuple[Interval, ...]:
    """Return the school hours inside ``window``: sorted spans that do not touch."""
    spans = (
        Interval(local_moment(day, w.start_min), local_moment(day, w.end_min))
        for day in local_dates(window)
        if day.weekday() in hours.days
        for w in hours.windows
    )
    return intersect(spans, (window,))


def hours_together(several: Sequence[SchoolHours | None]) -> SchoolHours | None:
    """Return the hours in which any of several kinds of school is held; None: that can't be told.

    It can't where one of them is unset, where there is none, or where their weekdays differ:
    ``SchoolHours`` has the same windows on each of its days.
    """
    known = [hours for hours in several if hours is not None]
    if not known or len(known) < len(several) or len({h.days for h in known}) > 1:
        return None
    merged: list[DayWindow] = []
    for window in sorted(w for hours in known for w in hours.windows):
        if merged and window.start_min <= merged[-1].end_min:
            end = max(merged[-1].end_min, window.end_min)
            merged[-1] = DayWindow(merged[-1].start_min, end)
        else:
            merged.append(window)
    return SchoolHours(days=known[0].days, windows=tuple(merged))


def counted_time(
    hours: SchoolHours | None, window: Interval, *, maintenance: Iterable[Maintenance] = ()
) -> tuple[Interval, ...]:
    """Return the part of ``window`` that counts: school hours (None: always) less maintenance."""
    spans = (window,) if hours is None else school_hours(hours, window)
    return subtract(spans, (m.interval for m in maintenance))
