"""The school calendar, held against a reading of its rules day by day; and what it never does."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial

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
    local_day,
)
from server.domain.interval import Interval, total
from server.domain.required import required_time
from server.domain.schoolyear import (
    EVERY_WEEK,
    DayKind,
    DayOff,
    DayOffKind,
    EveryWeek,
    SchoolCalendar,
    SchoolYear,
    day_kind,
    why_off,
    windows_on,
)

WEEK = SchoolHours(days=(0, 1, 2, 3, 4), windows=(DayWindow(390, 690), DayWindow(810, 1020)))
ALL_WEEK = SchoolHours(days=tuple(range(7)), windows=(DayWindow(0, 1440),))
MORNING = (DayWindow(390, 690),)
YEAR = SchoolYear(id="2026-2027", first=date(2026, 9, 5), last=date(2027, 5, 31))
NEXT = SchoolYear(id="2027-2028", first=date(2027, 9, 6), last=date(2028, 5, 31))
LATER = SchoolYear(id="2028-2029", first=date(2028, 9, 5), last=date(2029, 5, 31))
FIRST_DAY = date(2026, 8, 1)
SCHOOL = "th-a"


def calendar(*years: SchoolYear, off: Sequence[DayOff] = ()) -> SchoolCalendar:
    return SchoolCalendar(years=years, days_off=tuple(off))


def told(some: SchoolCalendar, day: date, *, extra: Sequence[DayOff] = ()) -> DayKind:
    return day_kind(some, WEEK, day, school=SCHOOL, extra=extra)


def test_a_day_that_no_school_year_covers_is_neither_school_nor_off() -> None:
    monday = date(2026, 11, 23)
    assert told(calendar(), monday) is DayKind.UNSET
    assert told(calendar(YEAR), monday) is DayKind.SCHOOL
    assert told(calendar(YEAR), date(2026, 9, 4)) is DayKind.UNSET
    assert told(calendar(YEAR), date(2027, 6, 1)) is DayKind.UNSET


def test_a_school_year_counts_from_its_first_to_its_last_day() -> None:
    saturday = date(2026, 9, 5)
    every_day = replace(WEEK, days=tuple(range(7)))
    assert windows_on(calendar(YEAR), every_day, saturday, school=SCHOOL) == WEEK.windows
    assert windows_on(calendar(YEAR), every_day, date(2027, 5, 31), school=SCHOOL) == WEEK.windows
    assert windows_on(calendar(YEAR), every_day, date(2027, 6, 1), school=SCHOOL) is None


def test_the_summer_between_two_known_years_is_off_but_a_missing_year_is_not() -> None:
    july = date(2027, 7, 5)
    assert told(calendar(YEAR, NEXT), july) is DayKind.OFF
    assert told(calendar(YEAR, NEXT), NEXT.first) is DayKind.SCHOOL
    assert told(calendar(YEAR, LATER), july) is DayKind.UNSET
    assert told(calendar(YEAR, LATER), date(2028, 2, 7)) is DayKind.UNSET


def test_a_sunday_is_off_whoever_forgot_the_school_year() -> None:
    assert told(calendar(), date(2026, 11, 22)) is DayKind.OFF


def test_unset_sessions_are_unset_on_school_days_and_off_on_days_off() -> None:
    tet = date(2027, 2, 8)
    some = SchoolCalendar(years=(YEAR,), holidays={tet: "Mùng ba Tết"})
    assert windows_on(some, None, date(2026, 11, 23), school=SCHOOL) is None
    assert windows_on(some, None, tet, school=SCHOOL) == ()


def test_public_holidays_of_which_the_plan_says_nothing_can_not_be_told() -> None:
    tet = date(2027, 2, 8)
    unsure = SchoolCalendar(years=(YEAR,), unsure_holidays={tet: "Mùng ba Tết"})
    assert told(unsure, tet) is DayKind.UNSET
    assert told(replace(unsure, holidays=unsure.unsure_holidays), tet) is DayKind.OFF
    assert why_off(replace(unsure, holidays={tet: "Tết"}), tet, school=SCHOOL) == "Tết"


def test_every_week_has_its_sessions_in_every_week_of_every_year() -> None:
    always = SchoolCalendar(years=EVERY_WEEK)
    assert told(always, date(2031, 7, 7)) is DayKind.SCHOOL
    assert told(always, date(2031, 7, 6)) is DayKind.OFF
    assert day_kind(always, None, date(2031, 7, 7), school=SCHOOL) is DayKind.UNSET


def test_a_typhoon_closes_the_schools_that_it_names_and_no_other() -> None:
    monday = date(2026, 11, 23)
    storm = DayOff(
        first=monday,
        last=monday,
        reason="Bão số 9",
        kind=DayOffKind.EXCEPTION,
        schools=("th-a", "th-b"),
    )
    one = calendar(YEAR)
    assert windows_on(one, WEEK, monday, school="th-a", extra=[storm]) == ()
    assert windows_on(one, WEEK, monday, school="th-c", extra=[storm]) == WEEK.windows
    assert why_off(one, monday, school="th-a", extra=[storm]) == "Bão số 9"


def test_a_make_up_saturday_is_held_in_its_own_hours() -> None:
    saturday = date(2026, 11, 28)
    make_up = DayOff(first=saturday, last=saturday, reason="Học bù", windows=MORNING)
    assert windows_on(calendar(YEAR, off=[make_up]), WEEK, saturday, school=SCHOOL) == MORNING


def test_a_day_held_inside_longer_days_off_is_held() -> None:
    tet = DayOff(first=date(2027, 2, 1), last=date(2027, 2, 14), reason="Nghỉ Tết")
    held = DayOff(first=date(2027, 2, 2), last=date(2027, 2, 2), reason="Học", windows=MORNING)
    for order in ([tet, held], [held, tet]):
        one = calendar(YEAR, off=order)
        assert windows_on(one, WEEK, date(2027, 2, 2), school=SCHOOL) == MORNING
        assert windows_on(one, WEEK, date(2027, 2, 3), school=SCHOOL) == ()


def test_what_people_type_in_beats_the_plan_and_a_named_school_beats_all() -> None:
    monday = date(2026, 11, 23)
    entry = partial(DayOff, first=monday, last=monday)
    planned = entry(reason="Hội nghị", schools=(SCHOOL,))
    typed = entry(reason="Học bình thường", windows=MORNING)
    own = entry(reason="Mất điện", schools=(SCHOOL,))
    one = calendar(YEAR, off=[planned])
    assert windows_on(one, WEEK, monday, school=SCHOOL, extra=[typed]) == MORNING
    assert windows_on(one, WEEK, monday, school=SCHOOL, extra=[typed, own]) == ()


def test_of_two_entries_for_one_day_the_graver_one_stands() -> None:
    monday = date(2026, 11, 23)
    entry = partial(DayOff, first=monday, last=monday)
    half = entry(reason="Học buổi sáng", windows=MORNING)
    storm = entry(reason="Bão", kind=DayOffKind.EXCEPTION)
    calm = entry(reason="Bão tan", kind=DayOffKind.EXCEPTION, windows=MORNING)
    off = entry(reason="Nghỉ")
    for stands, gives_way in ((storm, half), (calm, off), (off, half)):
        for order in ([stands, gives_way], [gives_way, stands]):
            assert why_off(calendar(YEAR), monday, school=SCHOOL, extra=order) == stands.reason


def test_maintenance_takes_required_time_away_and_leaves_unset_days_unset() -> None:
    start, end = datetime(2026, 9, 3, tzinfo=LOCAL), datetime(2026, 9, 8, tzinfo=LOCAL)
    window = Interval(start.astimezone(UTC), end.astimezone(UTC))
    work = Maintenance(interval=window, reason="Thay đầu ghi")
    found = required_time(calendar(YEAR), WEEK, window, school=SCHOOL, maintenance=[work])
    assert found.spans == ()
    assert [local_date(span.start) for span in found.unset] == [date(2026, 9, 3), date(2026, 9, 4)]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: SchoolYear(id="x", first=date(2027, 1, 2), last=date(2027, 1, 1)),
        lambda: replace(YEAR, term1_last=date(2027, 6, 1)),
        lambda: calendar(NEXT, YEAR),
        lambda: calendar(YEAR, replace(NEXT, first=YEAR.last)),
        lambda: DayOff(first=date(2027, 1, 2), last=date(2027, 1, 1), reason="x"),
        lambda: DayOff(first=YEAR.first, last=YEAR.first, reason="x", windows=()),
    ],
)
def test_days_out_of_order_are_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        wrong()  # type: ignore[operator]


# ------------------------------------------------------------- held against a slow reading
days = st.integers(0, 500).map(lambda n: FIRST_DAY + timedelta(days=n))
hours = st.one_of(st.none(), st.just(WEEK), st.just(ALL_WEEK))


@st.composite
def entries(draw: st.DrawFn) -> DayOff:
    first = draw(days)
    return DayOff(
        first=first,
        last=first + timedelta(days=draw(st.integers(0, 20))),
        reason=draw(st.sampled_from("abc")),
        kind=draw(st.sampled_from(DayOffKind)),
        schools=draw(st.sampled_from([None, ("th-a",), ("th-b",), ("th-a", "th-b")])),
        windows=draw(st.sampled_from([None, MORNING, WEEK.windows])),
    )


KNOWN: tuple[tuple[SchoolYear, ...] | EveryWeek, ...] = (
    (),
    (YEAR,),
    (NEXT,),
    (YEAR, NEXT),
    EVERY_WEEK,
)


@st.composite
def calendars(draw: st.DrawFn) -> SchoolCalendar:
    holidays = draw(st.sets(days, max_size=8))
    sure = draw(st.booleans())
    return SchoolCalendar(
        years=draw(st.sampled_from(KNOWN)),
        holidays=dict.fromkeys(holidays, "lễ") if sure else {},
        unsure_holidays={} if sure else dict.fromkeys(holidays, "lễ"),
        days_off=tuple(draw(st.lists(entries(), max_size=4))),
    )


def slow(
    some: SchoolCalendar, usual: SchoolHours | None, day: date, extra: Sequence[DayOff]
) -> tuple[DayWindow, ...] | None:
    """Read the rules of the module's docstring one after the other."""
    for told_by in (extra, some.days_off):
        mine = [e for e in told_by if e.first <= day <= e.last]
        mine = [e for e in mine if e.schools is None or SCHOOL in e.schools]
        for better in (
            lambda e: e.schools is not None,
            lambda e: -(e.last - e.first).days,
            lambda e: list(DayOffKind).index(e.kind),
            lambda e: e.windows is None,
        ):
            most = max(map(better, mine), default=None)
            mine = [e for e in mine if better(e) == most]
        if mine:
            tied = max(mine, key=lambda e: (e.first, e.reason, e.windows or ()))
            return tied.windows or ()
    if usual is not None and day.weekday() not in usual.days:
        return ()
    if some.years is not EVERY_WEEK:
        if day in some.holidays:
            return ()
        if {YEAR, NEXT} <= set(some.years) and YEAR.last < day < NEXT.first:
            return ()
        if day in some.unsure_holidays or not any(y.first <= day <= y.last for y in some.years):
            return None
    return None if usual is None else usual.windows


@given(calendars(), hours, st.lists(entries(), max_size=4), days)
@settings(max_examples=150, deadline=None)
def test_each_day_is_what_its_rules_say_in_whatever_order_entries_stand(
    some: SchoolCalendar, usual: SchoolHours | None, extra: list[DayOff], day: date
) -> None:
    found = windows_on(some, usual, day, school=SCHOOL, extra=extra)
    assert found == slow(some, usual, day, extra)
    turned = replace(some, days_off=some.days_off[::-1])
    assert windows_on(turned, usual, day, school=SCHOOL, extra=extra[::-1]) == found


@given(calendars(), hours, st.lists(entries(), max_size=3), days, st.integers(1, 20))
@settings(max_examples=60, deadline=None)
def test_required_time_is_the_sum_of_its_days(
    some: SchoolCalendar, usual: SchoolHours | None, extra: list[DayOff], first: date, length: int
) -> None:
    window = Interval(
        local_day(first).start + timedelta(hours=9),
        local_day(first + timedelta(days=length)).start + timedelta(hours=15, seconds=7),
    )
    found = required_time(some, usual, window, school=SCHOOL, extra=extra)
    seconds, unset = 0, []
    for n in range(length + 1):
        day = first + timedelta(days=n)
        windows = windows_on(some, usual, day, school=SCHOOL, extra=extra)
        inside = local_day(day).cut(window)
        assert inside is not None
        if windows is None:
            unset.append(inside)
        elif windows:
            held = SchoolHours(days=(day.weekday(),), windows=windows)
            seconds += int(total(counted_time(held, inside)).total_seconds())
    assert int(total(found.spans).total_seconds()) == seconds
    assert found.unset == tuple(unset)
