"""How numbers, times and spans are written."""

from datetime import UTC, date, datetime, timedelta
from gettext import NullTranslations

import pytest

from server.texts.tongue import Tongue, load, local_day

NOW = datetime(2026, 11, 24, 2, 42, 10, tzinfo=UTC)  # 09:42:10 in Vietnam, a Tuesday
VI = load("vi")
EN = load("en")
J = "\N{WORD JOINER}–\N{WORD JOINER}"


@pytest.mark.parametrize(
    ("low", "high", "text"),
    [
        (0.962, 0.978, f"96,2{J}97,8\N{NO-BREAK SPACE}%"),
        (0.9623, 0.96234, "96,2\N{NO-BREAK SPACE}%"),
        (1, 1, "100,0\N{NO-BREAK SPACE}%"),
        (0.99996, 0.99996, "99,9\N{NO-BREAK SPACE}%"),
        (0.00001, 1, f"0,1{J}100,0\N{NO-BREAK SPACE}%"),
        (0, 0, "0,0\N{NO-BREAK SPACE}%"),
    ],
)
def test_a_percentage_is_a_range_while_it_is_not_sure(low: float, high: float, text: str) -> None:
    assert VI.percent_range(low, high) == text


def test_numbers_have_a_decimal_comma_and_a_thousands_dot() -> None:
    assert VI.number(1234567.25, 1) == "1.234.567,2"
    assert EN.number(1234567.25, 1) == "1,234,567.2"
    assert VI.size(1_234_567) == "1,2\N{NO-BREAK SPACE}MB"
    assert VI.range(21, 23) == f"21{J}23"
    assert VI.range(25, 25) == "25"


@pytest.mark.parametrize(
    ("at", "vi", "en"),
    [
        (datetime(2026, 11, 23, 23, 48, tzinfo=UTC), "06:48 hôm nay", "06:48 today"),
        (datetime(2026, 11, 23, 8, 40, tzinfo=UTC), "15:40 hôm qua", "15:40 yesterday"),
        (datetime(2026, 11, 20, 1, 5, tzinfo=UTC), "08:05 ngày 20/11", "08:05 on 20/11"),
        (datetime(2025, 11, 20, 1, 5, tzinfo=UTC), "08:05 ngày 20/11/2025", "08:05 on 20/11/2025"),
    ],
)
def test_a_moment_is_said_from_today(at: datetime, vi: str, en: str) -> None:
    assert VI.moment(at, NOW) == vi
    assert EN.moment(at, NOW) == en


@pytest.mark.parametrize(
    ("seconds", "vi", "en"),
    [
        (0, "0 giây", "0 seconds"),
        (1, "1 giây", "1 second"),
        (59.9, "59 giây", "59 seconds"),
        (60, "1 phút", "1 minute"),
        (2 * 3600 + 54 * 60 + 7, "2 giờ 54 phút", "2 hours 54 minutes"),
        (3600, "1 giờ", "1 hour"),
        (86400 + 120, "1 ngày", "1 day"),
        (3 * 86400 + 5 * 3600, "3 ngày 5 giờ", "3 days 5 hours"),
        (-3, "0 giây", "0 seconds"),
    ],
)
def test_a_duration_names_its_two_largest_units(seconds: float, vi: str, en: str) -> None:
    assert VI.duration(seconds) == vi
    assert EN.duration(seconds) == en


def test_a_span_names_the_day_once() -> None:
    start = datetime(2026, 11, 23, 8, 5, tzinfo=UTC)
    assert VI.span(start, start + timedelta(minutes=26), NOW) == f"15:05{J}15:31 hôm qua"
    assert VI.span(start, start + timedelta(seconds=20), NOW) == "15:05 hôm qua"
    assert VI.clock_end(datetime(2026, 11, 23, 17, 0, tzinfo=UTC)) == "24:00"
    assert VI.span(start, NOW, NOW) == "15:05 hôm qua – 09:42 hôm nay"


def test_the_local_day_turns_at_seventeen_utc() -> None:
    assert local_day(datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)) == date(2026, 11, 23)
    assert local_day(datetime(2026, 11, 23, 17, 0, tzinfo=UTC)) == date(2026, 11, 24)


def test_an_unknown_text_speaks_for_itself() -> None:
    bare = Tongue("vi", NullTranslations())
    assert bare.text("Nobody wrote this %(n)s", n=1) == "Nobody wrote this 1"
