"""How a unit did from one step of time to the next, and who did worst. Pure.

Steps are sums of their days, so that the trend of a year adds up to the year.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

from server.domain.period import CameraPeriod, SchoolPeriod, UnitPeriod, ZonePeriod
from server.domain.points import MetSeconds
from server.domain.schoolyear import SchoolCalendar
from server.domain.uptime import Availability


class Step(StrEnum):
    """The steps of a trend. Weeks begin on Monday; terms and years are the calendar's."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    TERM = "term"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """One step: its days, both included, and what it is called ("2026-2027/1" of a term)."""

    first: date
    last: date
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendPoint:
    """What all schools did in one step, as far as it lies in the period.

    ``unset_days``: school days of which nobody says which hours were required.
    """

    stretch: Stretch
    seconds: MetSeconds
    uptime: Availability
    unset_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Poor:
    """A school, a place or a camera among the worst: what it lost of what was asked of it."""

    school: SchoolPeriod
    zone: ZonePeriod | None = None
    camera: CameraPeriod | None = None
    lost_s: int
    asked_s: int

    @property
    def share(self) -> Fraction:
        """The share that was lost for sure."""
        return Fraction(self.lost_s, self.asked_s)


def trend(schools: Iterable[SchoolPeriod], stretches: Iterable[Stretch]) -> list[TrendPoint]:
    """Add the days of schools up by stretch. Stretches must rise and not overlap."""
    steps = list(stretches)
    at = {day: n for n, step in enumerate(steps) for day in _days(step)}
    seconds = [[0] * 9 for _ in steps]
    for school in schools:
        for told in school.by_day:
            step = at.get(told.day)
            if step is None:
                continue
            met, up = told.seconds, told.uptime
            row = seconds[step]
            row[0] += met.met
            row[1] += met.not_met
            row[2] += met.cannot_tell
            row[3] += up.up
            row[4] += up.degraded
            row[5] += up.down
            row[6] += up.unknown
            row[7] += up.excluded
            row[8] += told.unset
    return [_point(step, row) for step, row in zip(steps, seconds, strict=True)]


def stretches(step: Step, first: date, last: date, calendar: SchoolCalendar) -> list[Stretch]:
    """Cut the days from ``first`` to ``last`` into steps; days outside a school year have no term.

    A term is known where the plan says when the first one ends.
    """
    match step:
        case Step.TERM | Step.YEAR:
            found = [s for s in _of_years(calendar, step) if s.first <= last and first <= s.last]
            return [
                Stretch(first=max(s.first, first), last=min(s.last, last), name=s.name)
                for s in found
            ]
        case Step.DAY | Step.WEEK | Step.MONTH:
            return list(_even(step, first, last))


def worst_schools(period: UnitPeriod, most: int = 10) -> list[Poor]:
    """Return the schools whose places were surely unwatched for the largest share."""
    found = (
        Poor(school=s, lost_s=s.sums.seconds.not_met, asked_s=s.sums.seconds.required)
        for s in period.schools
    )
    return _worst(found, most, lambda p: p.school.school.id)


def worst_places(period: UnitPeriod, most: int = 10) -> list[Poor]:
    """Return the places that were surely unwatched for the largest share of required time."""
    found = (
        Poor(school=s, zone=z, lost_s=z.seconds.not_met, asked_s=z.seconds.required)
        for s in period.schools
        for z in s.zones
        if z.seconds is not None
    )
    return _worst(found, most, lambda p: p.zone.zone.id if p.zone else "")


def worst_cameras(period: UnitPeriod, most: int = 10) -> list[Poor]:
    """Return the cameras that surely did not watch for the largest share of counted time."""
    found = (
        Poor(
            school=s,
            zone=z,
            camera=c,
            lost_s=c.uptime.down + c.uptime.degraded,
            asked_s=c.uptime.counted,
        )
        for s in period.schools
        for z in s.zones
        for c in z.cameras
    )
    return _worst(found, most, lambda p: p.camera.camera.id if p.camera else "")


def _worst(found: Iterable[Poor], most: int, name: Callable[[Poor], str]) -> list[Poor]:
    lost = (p for p in found if p.lost_s)
    ranked = sorted(lost, key=lambda p: (-p.share, -p.lost_s, p.school.school.id, name(p)))
    return ranked[:most]


def _point(step: Stretch, row: list[int]) -> TrendPoint:
    met, not_met, cannot_tell, up, degraded, down, unknown, excluded, unset = row
    return TrendPoint(
        stretch=step,
        seconds=MetSeconds(met=met, not_met=not_met, cannot_tell=cannot_tell),
        uptime=Availability(
            up=up, degraded=degraded, down=down, unknown=unknown, excluded=excluded
        ),
        unset_days=unset,
    )


def _even(step: Step, first: date, last: date) -> Iterator[Stretch]:
    start = first
    while start <= last:
        end = min(_end_of(step, start), last)
        name = f"{start:%Y-%m}" if step is Step.MONTH else start.isoformat()
        yield Stretch(first=start, last=end, name=name)
        start = end + timedelta(days=1)


def _end_of(step: Step, day: date) -> date:
    if step is Step.DAY:
        return day
    if step is Step.WEEK:
        return day + timedelta(days=6 - day.weekday())
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _of_years(calendar: SchoolCalendar, step: Step) -> Iterator[Stretch]:
    for year in calendar.known_years:
        if step is Step.YEAR or year.term1_last is None:
            yield Stretch(first=year.first, last=year.last, name=year.id)
            continue
        yield Stretch(first=year.first, last=year.term1_last, name=f"{year.id}/1")
        second = year.term1_last + timedelta(days=1)
        if second <= year.last:
            yield Stretch(first=second, last=year.last, name=f"{year.id}/2")


def _days(step: Stretch) -> Iterator[date]:
    for ordinal in range(step.first.toordinal(), step.last.toordinal() + 1):
        yield date.fromordinal(ordinal)
