"""Which time counts, and the sums over it. Pure.

Claims end at the newest watermark, up to a minute behind now. Figures therefore count a school's
time only up to where all its cameras that are heard have been vouched for; the minute that is
still to come is not "not known", it is not over yet. Nor does the time count before a school's
first agent began to watch: nobody had promised to look.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from server.domain import basis
from server.domain.calendar import local_date, local_dates, local_day, local_week
from server.domain.interval import Interval, subtract
from server.domain.plan import Plan
from server.domain.points import ZoneSpan, met_spans, split_seconds
from server.domain.units import School
from server.domain.uptime import Availability, DayAvailability, availability, by_day, sum_of
from server.web.pages.looks import CameraLook, DayMet, Off, Setting


def counted_of(
    setting: Setting, school: School, start: datetime, until: datetime
) -> tuple[Interval, ...]:
    """Return the time that counts for uptime between two moments: the plan's hours, else all."""
    if start >= until:
        return ()
    window = Interval(start, until)
    return basis.counted_of(setting.plan, school, window, exceptions=setting.exceptions)


def scored_of(
    setting: Setting, school: School, start: datetime, until: datetime
) -> tuple[Interval, ...] | None:
    """Return the required time between two moments; None where nobody says of any of it."""
    if start >= until:
        return ()
    window = Interval(start, until)
    asked = basis.required_of(setting.plan, school, window, exceptions=setting.exceptions)
    return None if asked.unset and not asked.spans else asked.spans


def scored_week(setting: Setting, school: School, until: datetime) -> tuple[Interval, ...] | None:
    """Return this week's required time so far; None where nobody says of any of it."""
    return scored_of(setting, school, local_week(local_date(until)).start, until)


def off_of(setting: Setting, school: School, window: Interval) -> Off:
    """Return the announced work on single zones, by zone."""
    return basis.off_by_zone(school, window, setting.exceptions)


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


def uptime(cameras: Iterable[CameraLook], counted: Sequence[Interval], off: Off) -> Availability:
    """Add the cameras' availability up over the counted time, less work on their zones."""
    return sum_of(availability(c.timeline, left(counted, off, c.zone.id)) for c in cameras)


def days_of(
    cameras: Iterable[CameraLook], counted: Sequence[Interval], off: Off
) -> tuple[DayAvailability, ...]:
    """Add the cameras' days up."""
    sums: dict[date, Availability] = {}
    for camera in cameras:
        for day in by_day(camera.timeline, left(counted, off, camera.zone.id)):
            sums[day.day] = sums.get(day.day, Availability()) + day.availability
    return tuple(DayAvailability(day=day, availability=total) for day, total in sums.items())


def met_days(
    plan: Plan,
    school: School,
    cameras: Sequence[CameraLook],
    required: Sequence[Interval],
    off: Off,
) -> tuple[DayMet, ...]:
    """Split the required time of every scored place by day and add the places up."""
    if not required:
        return ()
    timelines = {c.camera.id: c.timeline for c in cameras}
    spans = [
        span
        for place in basis.places_of(plan, school)
        for span in met_spans(
            place.need,
            {c: timelines[c] for c in place.cameras},
            left(required, off, place.zone),
            counts=plan.counts_degraded,
        )
    ]
    days = local_dates(Interval(required[0].start, required[-1].end))
    return tuple(
        DayMet(day=day, seconds=split_seconds(_within(spans, local_day(day)))) for day in days
    )


def left(spans: Sequence[Interval], off: Off, zone: str) -> Sequence[Interval]:
    """Return what work on a zone leaves of some time."""
    return subtract(spans, off[zone]) if zone in off else spans


def _within(spans: Iterable[ZoneSpan], day: Interval) -> Iterator[ZoneSpan]:
    for span in spans:
        cut = span.interval.cut(day)
        if cut is not None:
            yield replace(span, interval=cut)
