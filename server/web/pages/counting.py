"""Which time counts, and the sums over it. Pure.

Claims end at the newest watermark, up to a minute behind now. Figures therefore count a school's
time only up to where all its cameras that are heard have been vouched for; the minute that is
still to come is not "not known", it is not over yet. Nor does the time count before a school's
first agent began to watch: nobody had promised to look.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from server.domain.calendar import counted_time, local_date, local_dates, local_day, local_week
from server.domain.figures import hours_that_count, judged, places_of
from server.domain.interval import Interval
from server.domain.plan import Plan
from server.domain.points import ZoneSpan, split_seconds
from server.domain.units import School
from server.domain.uptime import Availability, DayAvailability, availability, by_day, sum_of
from server.web.pages.looks import CameraLook, DayMet


def counted_of(
    plan: Plan, school: School, start: datetime, until: datetime
) -> tuple[Interval, ...]:
    """Return the time that counts for uptime between two moments: the plan's hours, else all."""
    if start >= until:
        return ()
    return counted_time(hours_that_count(plan, school.kind), Interval(start, until))


def scored_week(plan: Plan, school: School, until: datetime) -> tuple[Interval, ...] | None:
    """Return this week's required time so far; None where the plan sets no hours."""
    hours = plan.hours(school.kind)
    week = local_week(local_date(until))
    if hours is None:
        return None
    return counted_time(hours, Interval(week.start, until)) if week.start < until else ()


def last_days(counted: Sequence[Interval], until: datetime, days: int) -> tuple[Interval, ...]:
    """Return the counted time of the last ``days`` local days, today's part included."""
    first = local_day(local_date(until) - timedelta(days=days - 1)).start
    if first >= until:
        return ()
    recent = Interval(first, until)
    return tuple(cut for span in counted if (cut := span.cut(recent)) is not None)


def data_until(cameras: Iterable[CameraLook], now: datetime) -> datetime:
    """Return up to where the cameras that are heard have all been vouched for; now if none is."""
    return min([now, *(c.vouched for c in cameras if c.vouched is not None)])


def uptime(cameras: Iterable[CameraLook], counted: Sequence[Interval]) -> Availability:
    """Add the cameras' availability up over the counted time."""
    return sum_of(availability(camera.timeline, counted) for camera in cameras)


def days_of(
    cameras: Iterable[CameraLook], counted: Sequence[Interval]
) -> tuple[DayAvailability, ...]:
    """Add the cameras' days up."""
    sums: dict[date, Availability] = {}
    for camera in cameras:
        for day in by_day(camera.timeline, counted):
            sums[day.day] = sums.get(day.day, Availability()) + day.availability
    return tuple(DayAvailability(day=day, availability=total) for day, total in sums.items())


def met_days(
    plan: Plan, school: School, cameras: Sequence[CameraLook], counted: Sequence[Interval]
) -> tuple[DayMet, ...]:
    """Split the required time of every scored place by day and add the places up."""
    if plan.hours(school.kind) is None or not counted:
        return ()
    spans = judged(places_of(plan, school), {c.camera.id: c.timeline for c in cameras}, counted)
    days = local_dates(Interval(counted[0].start, counted[-1].end))
    return tuple(
        DayMet(day=day, seconds=split_seconds(_within(spans, local_day(day)))) for day in days
    )


def _within(spans: Iterable[ZoneSpan], day: Interval) -> Iterator[ZoneSpan]:
    for span in spans:
        cut = span.interval.cut(day)
        if cut is not None:
            yield replace(span, interval=cut)
