"""On which days school hours are held: school years, public holidays, the plan's own days.

Public holidays come from the package ``holidays``, for every calendar year that a school year of
the file touches. A plan that does not say whether they are off leaves them open.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from holidays import country_holidays

from server.config.citations import source_of
from server.config.document import Field
from server.config.sessions import read_windows
from server.domain.citation import Citation
from server.domain.schoolyear import (
    EVERY_WEEK,
    DayOff,
    DayOffKind,
    EveryWeek,
    SchoolCalendar,
    SchoolYear,
)

PACKAGE: Final = "package holidays, country VN"
NONE: Final = "none"
MOST_WEEKS: Final = 53
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
_YEAR: Final = re.compile(r"(\d{4})-(\d{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """The calendar, the school years that are named without their days, and who confirmed it."""

    calendar: SchoolCalendar
    open_years: tuple[str, ...] = ()
    confirmed_by: str | None = None


def read_days(
    school_year: Field | None, holidays: Field | None, sources: Mapping[str, Citation]
) -> Days:
    """Read which days have school."""
    years, open_years = _years(school_year, sources)
    told = None if holidays is None else holidays.mapping("from", "extra", "confirmed_by")
    whence = None if told is None else told.set("from")
    word = None if whence is None else whence.one_of((PACKAGE, NONE))
    if years is EVERY_WEEK and whence is not None and word == PACKAGE:
        raise whence.error("with school_year: every_week no public holiday is off; write 'none'")
    public = {} if years is EVERY_WEEK else _public(years)
    extra = None if told is None else told.set("extra")
    confirmed = None if told is None else told.set("confirmed_by")
    return Days(
        calendar=SchoolCalendar(
            years=years,
            holidays=public if word == PACKAGE else {},
            unsure_holidays=public if word is None else {},
            days_off=tuple(_day_off(item, sources) for item in (extra.items() if extra else ())),
        ),
        open_years=open_years,
        confirmed_by=None if confirmed is None else confirmed.text(),
    )


def _public(years: tuple[SchoolYear, ...]) -> dict[date, str]:
    """Return the public holidays of every calendar year that a school year touches."""
    touched = {day.year for year in years for day in (year.first, year.last)}
    if not touched:
        return {}
    return dict(sorted(country_holidays("VN", years=touched, language="vi").items()))


def _years(
    field: Field | None, sources: Mapping[str, Citation]
) -> tuple[tuple[SchoolYear, ...] | EveryWeek, tuple[str, ...]]:
    if field is None:
        return (), ()
    if field.kind == "str":
        field.one_of([EVERY_WEEK.value], "a list of school years, or")
        return EVERY_WEEK, ()
    known: list[SchoolYear] = []
    still_open: list[str] = []
    for item in field.items():
        name, year = _year(item, sources)
        if name in {*still_open, *(y.id for y in known)}:
            raise item.error(f"the school year {name} stands twice")
        if year is None:
            still_open.append(name)
        elif known and year.first <= known[-1].last:
            raise item.error(f"{name} begins before {known[-1].id} ends")
        else:
            known.append(year)
    return tuple(known), tuple(still_open)


def _year(field: Field, sources: Mapping[str, Citation]) -> tuple[str, SchoolYear | None]:
    told = field.mapping("year", "starts", "term1_before", "ends_before", "weeks", "source")
    name, years = _year_name(told.need("year"))
    starts, term1, ends = told.set("starts"), told.set("term1_before"), told.set("ends_before")
    weeks = told.set("weeks")
    source = source_of(told, sources, given=starts or ends or term1 or weeks)
    if starts is None and ends is None:
        return name, None
    if starts is None or ends is None:
        missing = "starts" if starts is None else "ends_before"
        raise field.error(f"starts and ends_before are set together; {missing} is unset")
    for told_day, year in zip((starts, ends), years, strict=True):
        if _near(told_day).year != year:
            raise told_day.error(f"a day in {year} is expected, found {told_day.date()}")
    last = _day_before(ends)
    term1_last = None if term1 is None else _day_before(term1)
    if term1 is not None and term1_last and not starts.date() <= term1_last <= last:
        raise term1.error("the first term ends within its school year")
    return name, SchoolYear(
        id=name,
        first=starts.date(),
        last=last,
        term1_last=term1_last,
        weeks=None if weeks is None else weeks.integer(1, MOST_WEEKS),
        source=source,
    )


def _day_before(field: Field) -> date:
    """Return the last day that lies before the one that is named, as such decisions are worded."""
    return _near(field) - timedelta(days=1)


def _near(field: Field) -> date:
    """Return a day of our times: a slip of the finger is not a calendar of eight thousand years."""
    day = field.date()
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise field.error(f"a day between {FIRST_YEAR} and {LAST_YEAR} is expected, found {day}")
    return day


def _year_name(field: Field) -> tuple[str, tuple[int, int]]:
    match = _YEAR.fullmatch(field.text())
    if match is None or int(match[2]) != int(match[1]) + 1:
        raise field.error(f'a school year like "2026-2027" is expected, found {field.found()}')
    return field.text(), (int(match[1]), int(match[2]))


def _day_off(field: Field, sources: Mapping[str, Citation]) -> DayOff:
    """Read days that differ from their weekday."""
    told = field.mapping("first", "last", "vi", "kind", "windows", "schools", "source")
    first, last, schools = told.need("first"), told.get("last"), told.set("schools")
    source_of(told, sources, given=first)
    begins, ends = _near(first), _near(last or first)
    if last is not None and ends < begins:
        raise last.error(f"ends ({ends}) before it begins ({begins})")
    kind, windows = told.get("kind"), told.set("windows")
    return DayOff(
        first=begins,
        last=ends,
        reason=told.need("vi").text(),
        kind=DayOffKind.LOCAL if kind is None else kind.choice(DayOffKind),
        schools=None if schools is None else tuple(s.identifier() for s in schools.items()),
        windows=None if windows is None else read_windows(windows),
        source=source_of(told, sources, given=first),
    )
