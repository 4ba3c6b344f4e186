"""School hours and local days, held against asking each minute for its local time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.calendar import (
    LOCAL,
    DayWindow,
    Maintenance,
    SchoolHours,
    counted_time,
    local_date,
    local_dates,
    local_day,
    local_week,
    school_hours,
)
from server.domain.interval import Interval, subtract

MONDAY = date(2026, 11, 23)
WEEKDAYS = (0, 1, 2, 3, 4)
ALL_DAY = SchoolHours(days=tuple(range(7)), windows=(DayWindow(0, 1440),))


def local(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=LOCAL).astimezone(UTC)


@st.composite
def hours_values(draw: st.DrawFn) -> SchoolHours:
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    edges = sorted(draw(st.sets(st.integers(0, 96), min_size=2, max_size=6)))
    pairs = zip(edges[::2], edges[1::2], strict=False)
    return SchoolHours(
        days=tuple(sorted(days)), windows=tuple(DayWindow(a * 15, b * 15) for a, b in pairs)
    )


@given(hours_values(), st.integers(0, 14 * 1440), st.integers(1, 4 * 1440))
@settings(max_examples=60, deadline=None)
def test_each_minute_counts_if_the_wall_clock_says_so(
    hours: SchoolHours, begin_min: int, length_min: int
) -> None:
    start = local(16, 0) + timedelta(minutes=begin_min)
    window = Interval(start, start + timedelta(minutes=length_min))
    spans = school_hours(hours, window)
    found = set[datetime]()
    for span in spans:
        found |= {span.start + timedelta(minutes=i) for i in range(span.seconds // 60)}
    wanted = set[datetime]()
    for i in range(length_min):
        moment = start + timedelta(minutes=i)
        wall = moment.astimezone(LOCAL)
        minute = wall.hour * 60 + wall.minute
        inside = any(w.start_min <= minute < w.end_min for w in hours.windows)
        if wall.weekday() in hours.days and inside:
            wanted.add(moment)
    assert found == wanted


def test_a_school_week_has_its_hours_in_utc() -> None:
    hours = SchoolHours(days=WEEKDAYS, windows=(DayWindow(390, 690), DayWindow(810, 1020)))
    spans = school_hours(hours, local_week(MONDAY))
    assert len(spans) == 10
    assert spans[0] == Interval(local(23, 6, 30), local(23, 11, 30))
    assert spans[0].start == datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    assert spans[-1] == Interval(local(27, 13, 30), local(27, 17))


def test_the_whole_day_every_day_is_one_span() -> None:
    window = Interval(local(23, 5), local(26, 13))
    assert school_hours(ALL_DAY, window) == (window,)


def test_no_school_on_sunday_means_nothing_counts() -> None:
    hours = SchoolHours(days=WEEKDAYS, windows=(DayWindow(0, 1440),))
    assert school_hours(hours, local_day(date(2026, 11, 29))) == ()


def test_maintenance_is_taken_out_and_unset_hours_count_always() -> None:
    day = local_day(MONDAY)
    work = Maintenance(interval=Interval(local(23, 9), local(23, 10)), reason="thay cột")
    assert counted_time(None, day) == (day,)
    assert counted_time(None, day, maintenance=[work]) == subtract((day,), (work.interval,))
    hours = SchoolHours(days=WEEKDAYS, windows=(DayWindow(480, 720),))
    assert counted_time(hours, day, maintenance=[work]) == (
        Interval(local(23, 8), local(23, 9)),
        Interval(local(23, 10), local(23, 12)),
    )


def test_a_local_day_begins_at_17_utc_of_the_day_before() -> None:
    assert local_day(MONDAY).start == datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert local_day(MONDAY).seconds == 86400
    assert local_date(datetime(2026, 11, 22, 17, tzinfo=UTC)) == MONDAY
    assert local_date(datetime(2026, 11, 22, 16, 59, 59, tzinfo=UTC)) == MONDAY - timedelta(days=1)


@pytest.mark.parametrize("day", [MONDAY + timedelta(days=i) for i in range(7)])
def test_a_week_runs_from_monday(day: date) -> None:
    week = local_week(day)
    assert week.start == local_day(MONDAY).start
    assert week.seconds == 7 * 86400


def test_the_days_of_a_window_are_those_that_it_touches() -> None:
    touched = list(local_dates(Interval(local(23, 23, 59), local(25, 0, 1))))
    assert touched == [MONDAY + timedelta(days=i) for i in range(3)]
    assert list(local_dates(local_day(MONDAY))) == [MONDAY]


@pytest.mark.parametrize(
    ("days", "windows"),
    [
        ((), ((0, 10),)),
        ((0,), ()),
        ((1, 0), ((0, 10),)),
        ((0, 0), ((0, 10),)),
        ((7,), ((0, 10),)),
        ((0,), ((0, 20), (10, 30))),
        ((0,), ((20, 30), (0, 10))),
        ((0,), ((10, 10),)),
        ((0,), ((10, 5),)),
        ((0,), ((-5, 5),)),
        ((0,), ((0, 1441),)),
    ],
)
def test_impossible_hours_are_refused(
    days: tuple[int, ...], windows: tuple[tuple[int, int], ...]
) -> None:
    with pytest.raises(ValueError, match=r"school hours|weekdays|window"):
        SchoolHours(days=days, windows=tuple(DayWindow(*w) for w in windows))
