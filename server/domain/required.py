"""The time over which a school must be watched, and the days of which nobody can say it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from server.domain.calendar import (
    DayWindow,
    Maintenance,
    SchoolHours,
    local_dates,
    local_day,
    local_moment,
)
from server.domain.interval import Interval, intersect, subtract
from server.domain.schoolyear import DayOff, SchoolCalendar, windows_on


@dataclass(frozen=True, slots=True, kw_only=True)
class Required:
    """The time over which something is asked.

    Attributes:
        spans: Sorted, not touching: what must be watched for sure.
        unset: One span per local day (cut to the window, rising) of which nobody can say whether
            and when it must be watched.
    """

    spans: tuple[Interval, ...]
    unset: tuple[Interval, ...] = ()


def required_time(
    calendar: SchoolCalendar,
    hours: SchoolHours | None,
    window: Interval,
    *,
    school: str,
    extra: Sequence[DayOff] = (),
    maintenance: Iterable[Maintenance] = (),
) -> Required:
    """Return what of ``window`` a school must be watched, less announced maintenance.

    A day that nobody can say something of stands in ``unset`` whole, maintenance or not.
    """
    near = tuple(e for e in extra if e.schools is None or school in e.schools)
    spans: list[Interval] = []
    unset: list[Interval] = []
    for day in local_dates(window):
        windows = windows_on(calendar, hours, day, school=school, extra=near)
        if windows is None:
            unset += intersect((local_day(day),), (window,))
        else:
            spans += _held(day, windows)
    counted = subtract(intersect(spans, (window,)), (m.interval for m in maintenance))
    return Required(spans=counted, unset=tuple(unset))


@lru_cache(maxsize=8192)  # thousands of schools share the hours of a day
def _held(day: date, windows: tuple[DayWindow, ...]) -> tuple[Interval, ...]:
    return tuple(
        Interval(local_moment(day, w.start_min), local_moment(day, w.end_min)) for w in windows
    )
