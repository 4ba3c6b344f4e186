"""What a clock's offset and a recorder's answer are worth: no wolf is cried, no sheep is lost."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.onvif.grade import (
    Kept,
    Span,
    clock_trouble,
    gaps,
    recording_trouble,
    zone_shift,
)
from edge.onvif.markup import parse
from edge.onvif.reading import Offset, best, offset, read_clocks
from sim.onvif.envelopes import date_and_time
from wire.vocabulary import Cause

NOW = datetime(2026, 11, 22, 1, 0, 0, tzinfo=UTC)
HOUR_MS = 3_600_000
DAY = timedelta(days=1)


def read(utc_s: float, local_s: float | None = None, *, error_ms: int = 520) -> Offset:
    local_ms = None if local_s is None else round(local_s * 1000)
    return Offset(utc_ms=round(utc_s * 1000), error_ms=error_ms, local_ms=local_ms)


# ------------------------------------------------------------ reading


def test_half_of_the_way_and_half_a_second_are_taken_off() -> None:
    clocks = read_clocks(parse(date_and_time(NOW, None)))
    asked, answered = NOW - timedelta(seconds=4), NOW + timedelta(seconds=2)
    assert offset(clocks, asked=asked, answered=answered) == Offset(
        utc_ms=1500, error_ms=3500, local_ms=None
    )


@given(st.integers(-400, 400), st.integers(0, 3000), st.floats(0, 1))
def test_a_reading_is_never_wrong_by_more_than_it_says(
    off_s: int, way_ms: int, share: float
) -> None:
    asked = NOW + timedelta(milliseconds=137)
    answered = asked + timedelta(milliseconds=way_ms)
    told = asked + timedelta(milliseconds=way_ms * share) + timedelta(seconds=off_s)
    clocks = read_clocks(parse(date_and_time(told.replace(microsecond=0), None)))
    found = offset(clocks, asked=asked, answered=answered)
    assert found is not None
    assert abs(found.utc_ms - off_s * 1000) <= found.error_ms + 2


def test_the_surest_reading_counts() -> None:
    assert best([None, read(1, error_ms=900), read(2, error_ms=510), None]) == read(2, error_ms=510)
    assert best([None]) is None


def test_a_time_of_zeros_is_none() -> None:
    clocks = read_clocks(parse(date_and_time(None, None)))
    assert clocks.utc is None
    assert offset(clocks, asked=NOW, answered=NOW) is None


# ------------------------------------------------------------ the clock


@pytest.mark.parametrize("off_s", [0, 59, -59, 60.4, -60.4])
def test_within_the_limit_and_the_reading_s_own_error_all_is_well(off_s: float) -> None:
    assert clock_trouble(read(off_s), max_offset_s=60) is None


@pytest.mark.parametrize(
    ("off_s", "said"),
    [
        (61, "its clock is 61 s ahead"),
        (-200, "its clock is 3 min behind"),
        (-400 * 86_400, "its clock is 400 days behind"),
        (7 * 3600, "its clock is +7 h off, as if local time were called UTC"),
        (7 * 3600 + 50, "its clock is +7 h off"),
        (8 * 3600, "its clock is +8 h off"),
        (-5 * 3600, "its clock is -5 h off"),
        (6.5 * 3600, "its clock is +6.5 h off"),
        (7 * 3600 + 90, "its clock is 7 h ahead"),
        (45 * 60, "its clock is 45 min ahead"),
    ],
)
def test_beyond_it_the_detail_says_how_far(off_s: float, said: str) -> None:
    trouble = clock_trouble(read(off_s), max_offset_s=60)
    assert trouble is not None
    assert trouble.cause is Cause.CLOCK_DRIFT
    assert trouble.detail.startswith(said)


def test_local_time_called_utc_is_left_in_peace_where_the_shown_time_is_right() -> None:
    assert clock_trouble(read(7 * 3600, 7 * 3600), max_offset_s=60) is None
    assert clock_trouble(read(7 * 3600 + 3, 7 * 3600 + 3), max_offset_s=60) is None
    assert clock_trouble(read(8 * 3600, 7 * 3600), max_offset_s=60) is None
    assert clock_trouble(read(7 * 3600, 14 * 3600), max_offset_s=60) is not None
    assert clock_trouble(read(1000, 7 * 3600), max_offset_s=60) is not None
    assert clock_trouble(read(8 * 3600, 8 * 3600), max_offset_s=60) is not None


def test_our_own_clock_s_error_is_not_the_camera_s() -> None:
    slow_by_300_s = 300_000
    assert clock_trouble(read(300), max_offset_s=60, ours_off_ms=slow_by_300_s) is None
    assert clock_trouble(read(0), max_offset_s=60, ours_off_ms=slow_by_300_s) is not None
    shown = read(7 * 3600 + 300, 7 * 3600 + 300)
    assert clock_trouble(shown, max_offset_s=60, ours_off_ms=slow_by_300_s) is None


def test_zone_shifts() -> None:
    assert zone_shift(7 * HOUR_MS + 900, 1000) == 7 * HOUR_MS
    assert zone_shift(-12 * HOUR_MS, 1000) == -12 * HOUR_MS
    assert zone_shift(0, 1000) is None
    assert zone_shift(15 * HOUR_MS, 1000) is None


# ------------------------------------------------------------ recordings


def kept(
    oldest_days: float | None, newest_h: float | None, *, began_days: float | None = None,
    disk: str | None = "ok", told: bool = True,
) -> Kept:  # fmt: skip
    def ago(span: timedelta | None) -> datetime | None:
        return None if span is None else NOW - span

    return Kept(
        oldest=ago(None if oldest_days is None else oldest_days * DAY),
        newest=ago(None if newest_h is None else timedelta(hours=newest_h)),
        began=ago(None if began_days is None else began_days * DAY),
        disk=disk,
        told=told,
    )


def grade(one: Kept, days: int | None = 30) -> Cause | None:
    found = recording_trouble(one, now=NOW, days=days, newest_within=DAY)
    return found.cause if found else None


@pytest.mark.parametrize(
    ("one", "cause"),
    [
        (kept(30.2, 0.1, began_days=200), None),
        (kept(29.2, 0.1, began_days=200), None),
        (kept(10, 0.1, began_days=10), None),
        (kept(10, 0.1), None),
        (kept(10, 0.1, began_days=10.5), None),
        (kept(10, 0.1, began_days=12), Cause.RECORDING_SHORT),
        (kept(10, 0.1, began_days=200), Cause.RECORDING_SHORT),
        (kept(28.5, 0.1, began_days=200), Cause.RECORDING_SHORT),
        (kept(30, 23.9, began_days=200), None),
        (kept(30, 24.1, began_days=200), Cause.RECORDING_MISSING),
        (kept(None, None), Cause.RECORDING_MISSING),
        (kept(None, None, told=False), None),
        (kept(30, 0.1, disk="error"), Cause.RECORDING_MISSING),
        (kept(None, None, disk="none"), Cause.RECORDING_MISSING),
        (kept(30, 0.1, disk="full"), None),
        (kept(None, None, told=False, disk="error"), Cause.RECORDING_MISSING),
        (kept(30, -5, began_days=200), None),
    ],
)
def test_what_recordings_are_worth(one: Kept, cause: Cause | None) -> None:
    assert grade(one) is cause


def test_a_plan_that_sets_no_days_finds_nothing_short() -> None:
    assert grade(kept(3, 0.1, began_days=200), days=None) is None


def test_a_recorder_that_overwrites_after_five_days_is_found_out_in_the_second_day() -> None:
    began = NOW - 5 * DAY
    found = None
    for hours in range(72):
        now = NOW + timedelta(hours=hours)
        one = Kept(oldest=now - 5 * DAY, newest=now, disk="ok", began=began)
        if recording_trouble(one, now=now, days=30, newest_within=DAY):
            found = hours
            break
    assert found == 25


def test_a_camera_hung_up_today_is_never_short() -> None:
    for day in range(60):
        now = NOW + day * DAY
        oldest = max(NOW, now - 31 * DAY)
        one = Kept(oldest=oldest, newest=now, disk="ok", began=NOW)
        assert recording_trouble(one, now=now, days=30, newest_within=DAY) is None


def test_gaps_are_holes_of_over_a_minute() -> None:
    def span(start_min: float, end_min: float) -> Span:
        return Span(start=NOW + timedelta(minutes=start_min), end=NOW + timedelta(minutes=end_min))

    until = NOW + timedelta(minutes=60)
    assert gaps([span(0, 60)], since=NOW, until=until) == 0
    assert gaps([span(0, 20), span(20.9, 60)], since=NOW, until=until) == 0
    assert gaps([span(30, 60), span(0, 20)], since=NOW, until=until) == 1
    assert gaps([span(5, 20), span(10, 15), span(30, 50)], since=NOW, until=until) == 3
    assert gaps([], since=NOW, until=until) == 1
    assert gaps([span(-10, 90)], since=NOW, until=until) == 0
