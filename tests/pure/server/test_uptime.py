"""Seconds per state, added up: held against counting letters one by one."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.calendar import local_day
from server.domain.interval import Interval
from server.domain.timeline import Span
from server.domain.uptime import Availability, availability, by_day, sum_of
from tests.pure.server.drawn import drawings, line, marked, masks, span
from wire.vocabulary import State

LENGTH = 40


def count(text: str, mask: str) -> Availability:
    """The oracle: look at each second."""
    seen = Counter("." if m == "." else letter for letter, m in zip(text, mask, strict=True))
    return Availability(
        up=seen["U"], degraded=seen["G"], down=seen["D"], unknown=seen["?"], excluded=seen["."]
    )


@given(drawings(LENGTH), masks(LENGTH))
def test_every_second_is_in_exactly_one_sum(text: str, mask: str) -> None:
    found = availability(line(text), marked(mask))
    assert found == count(text, mask)
    assert found.total == LENGTH


@given(drawings(LENGTH), masks(LENGTH), st.integers(1, LENGTH - 1))
def test_two_halves_add_up_to_the_whole(text: str, mask: str, cut: int) -> None:
    left = availability(line(text[:cut]), marked(mask))
    right = availability(line(text[cut:], start=cut), marked(mask))
    assert left + right == availability(line(text), marked(mask))


@given(drawings(LENGTH), masks(LENGTH))
def test_the_true_share_lies_between_low_and_high_whatever_the_unknown_was(
    text: str, mask: str
) -> None:
    found = availability(line(text), marked(mask))
    if found.low is None or found.high is None:
        assert found.counted == 0
        return
    for truth in ("U", "D", "G"):
        known = availability(line(text.replace("?", truth)), marked(mask))
        assert known.low is not None
        assert found.low <= known.low <= found.high
        assert known.low == known.high


def test_counted_spans_that_overlap_or_repeat_count_once() -> None:
    assert availability(line("UUUUDD"), [span(0, 4), span(2, 5), span(2, 5)]) == Availability(
        up=4, down=1, excluded=1
    )


def test_nothing_counted_has_no_share() -> None:
    nothing = availability(line("UUUU"), [])
    assert (nothing.low, nothing.high, nothing.excluded) == (None, None, 4)
    assert availability((), [span(0, 5)]) == Availability()


def test_sums_are_of_seconds_and_never_an_average_of_averages() -> None:
    short, long = Availability(up=1), Availability(up=0, down=99)
    assert sum_of([short, long]).low == Fraction(1, 100)
    assert sum_of([]) == Availability()


def test_degraded_time_is_not_watched_time() -> None:
    found = availability(line("UUGG"), [span(0, 4)])
    assert (found.low, found.high) == (Fraction(1, 2), Fraction(1, 2))


def test_days_are_local_and_cut_at_local_midnight() -> None:
    start = datetime(2026, 11, 23, 16, 59, 0, tzinfo=UTC)  # 23:59 in Viet Nam
    timeline = (
        Span(interval=Interval(start, start + timedelta(seconds=90)), state=State.UP),
        Span(
            interval=Interval(start + timedelta(seconds=90), start + timedelta(hours=25)),
            state=State.DOWN,
        ),
    )
    whole = Interval(start, start + timedelta(hours=25))
    days = by_day(timeline, [whole])
    assert [d.day for d in days] == [date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25)]
    assert days[0].availability == Availability(up=60)
    assert days[1].availability == Availability(up=30, down=86400 - 30)
    assert sum_of(d.availability for d in days) == availability(timeline, [whole])


@given(drawings(12), masks(12))
def test_days_add_up_to_the_window(text: str, mask: str) -> None:
    """One letter is six hours here."""
    day = local_day(date(2026, 11, 23)).start
    step = timedelta(hours=6)

    def piece(i: int) -> Interval:
        return Interval(day + i * step, day + (i + 1) * step)

    stretched = tuple(
        Span(interval=piece(i), state=line(letter)[0].state) for i, letter in enumerate(text)
    )
    counted = [piece(i) for i, m in enumerate(mask) if m == "#"]
    days = by_day(stretched, counted)
    assert len(days) == 3
    assert all(d.availability.total == 86400 for d in days)
    for i, found in enumerate(days):
        part = slice(4 * i, 4 * i + 4)
        wanted = count(text[part], mask[part])
        assert found.availability.up == wanted.up * 6 * 3600
        assert found.availability.excluded == wanted.excluded * 6 * 3600
    assert sum_of(d.availability for d in days) == availability(stretched, counted)


def test_no_timeline_has_no_days() -> None:
    assert by_day((), []) == ()


@pytest.mark.parametrize("name", ["up", "degraded", "down", "unknown", "excluded"])
def test_adding_adds_each_sum(name: str) -> None:
    one = Availability(**{name: 3})
    assert getattr(one + one, name) == 6
    assert (one + one).total == 6
