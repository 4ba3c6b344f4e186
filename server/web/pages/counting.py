"""Which time counts, and the sums over past days. Pure.

Sums are made of the days that ``figuring`` tells, as a period's are: a closed day as it was closed
or amended, any other under the plan and the register of that day. Only what is to come, or is drawn
of the present, is held against today's plan.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from server.domain import basis
from server.domain.calendar import local_date, local_dates, local_day
from server.domain.dayrow import PER_CAMERA, PER_PLACE, DayRow, cameras_in, places_in
from server.domain.figures import since
from server.domain.interval import Interval, intersect, subtract
from server.domain.points import MetSeconds
from server.domain.units import School
from server.domain.uptime import Availability, DayAvailability, sum_of
from server.web.pages.looks import CameraLook, DayMet, Off, SchoolLook, Setting


def counted_of(
    setting: Setting, school: School, start: datetime, until: datetime
) -> tuple[Interval, ...]:
    """Return the time that today's plan counts for uptime between two moments."""
    if start >= until:
        return ()
    window = Interval(start, until)
    return basis.counted_of(setting.plan, school, window, exceptions=setting.exceptions)


def counted_on(setting: Setting, look: SchoolLook, day: date) -> tuple[Interval, ...]:
    """Return the time of a day that counts for uptime: as the day was counted, else as today's."""
    row = next((row for row in look.past if row.day == day), None)
    if row is not None:
        return row.basis.counted(day)
    whole = local_day(day)
    return counted_of(setting, look.school, whole.start, whole.end)


def counted_in(setting: Setting, look: SchoolLook, window: Interval) -> tuple[Interval, ...]:
    """Return what of a window counts for a school's uptime."""
    days = [span for day in local_dates(window) for span in counted_on(setting, look, day)]
    return since(intersect(days, (window,)), look.began)


def scored_of(
    setting: Setting, school: School, start: datetime, until: datetime
) -> tuple[Interval, ...] | None:
    """Return the time that today's plan requires; None where nobody says of any of it."""
    if start >= until:
        return ()
    window = Interval(start, until)
    asked = basis.required_of(setting.plan, school, window, exceptions=setting.exceptions)
    return None if asked.unset and not asked.spans else asked.spans


def off_of(setting: Setting, school: School, window: Interval) -> Off:
    """Return the announced work on single zones, by zone."""
    return basis.off_by_zone(school, window, setting.exceptions)


def left(spans: Sequence[Interval], off: Off, zone: str) -> Sequence[Interval]:
    """Return what work on a zone leaves of some time."""
    return subtract(spans, off[zone]) if zone in off else spans


def data_until(cameras: Iterable[CameraLook], now: datetime) -> datetime:
    """Return up to where the cameras that are heard have all been vouched for; now if none is."""
    return min([now, *(c.vouched for c in cameras if c.vouched is not None)])


def last_days(past: Iterable[DayRow], today: date, days: int) -> tuple[DayRow, ...]:
    """Return the last ``days`` local days, today's part included."""
    return within(past, today - timedelta(days=days - 1), today)


def within(past: Iterable[DayRow], first: date, last: date) -> tuple[DayRow, ...]:
    """Return the days from ``first`` to ``last``."""
    return tuple(row for row in past if first <= row.day <= last)


def uptime(past: Iterable[DayRow], camera: str | None = None) -> Availability:
    """Add one camera's days up, or those of all cameras that the school had on them."""
    return sum_of(_uptime_on(row, camera) for row in past)


def days_of(
    past: Iterable[DayRow], today: date, days: int, camera: str | None = None
) -> tuple[DayAvailability, ...]:
    """Return each of the last ``days`` days for itself; nothing counts on one that is no day."""
    known = {row.day: _uptime_on(row, camera) for row in past}
    wanted = (today - timedelta(days=back) for back in range(days - 1, -1, -1))
    return tuple(
        DayAvailability(day=day, availability=known.get(day, Availability())) for day in wanted
    )


def met_days(past: Iterable[DayRow]) -> tuple[DayMet, ...]:
    """Return the required seconds of all places, by day."""
    return tuple(DayMet(day=row.day, seconds=_met_on(row)) for row in past)


def met_by_zone(past: Iterable[DayRow]) -> Mapping[str, MetSeconds]:
    """Add each place's required seconds up; places of days of which nobody says are left out."""
    found: dict[str, MetSeconds] = {}
    for row in past:
        if not row.basis.unset:
            for place, seconds in zip(row.basis.places, places_in(row.places), strict=True):
                found[place.zone] = found.get(place.zone, MetSeconds()) + seconds
    return found


def monday_of(moment: datetime) -> date:
    """Return the first day of a moment's local week."""
    day = local_date(moment)
    return day - timedelta(days=day.weekday())


def _uptime_on(row: DayRow, camera: str | None) -> Availability:
    if camera is None:
        return cameras_in([sum(row.cameras[i::PER_CAMERA]) for i in range(PER_CAMERA)])[0]
    for at, (name, _) in enumerate(row.basis.cameras):
        if name == camera:
            return cameras_in(row.cameras[at * PER_CAMERA : (at + 1) * PER_CAMERA])[0]
    return Availability()


def _met_on(row: DayRow) -> MetSeconds:
    return places_in([sum(row.places[i::PER_PLACE]) for i in range(PER_PLACE)])[0]
