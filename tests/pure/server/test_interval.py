"""Spans of time, held against plain sets of seconds."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.interval import Interval, intersect, subtract, total, union, whole_second

T0 = datetime(2026, 11, 23, tzinfo=UTC)
SPANS = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 12)).map(
        lambda p: Interval(T0 + timedelta(seconds=p[0]), T0 + timedelta(seconds=p[0] + p[1]))
    ),
    max_size=8,
)


def seconds(spans: Sequence[Interval]) -> set[int]:
    return {int((s.start - T0).total_seconds()) + i for s in spans for i in range(s.seconds)}


def assert_canonical(spans: Sequence[Interval]) -> None:
    assert all(a.end < b.start for a, b in itertools.pairwise(spans))


@given(SPANS, SPANS)
def test_set_algebra_holds_to_the_second(left: list[Interval], right: list[Interval]) -> None:
    a, b = seconds(left), seconds(right)
    for result, wanted in (
        (union([*left, *right]), a | b),
        (intersect(left, right), a & b),
        (subtract(left, right), a - b),
    ):
        assert seconds(result) == wanted
        assert_canonical(result)
    assert total(left) == timedelta(seconds=len(a))


@given(SPANS, SPANS)
def test_what_is_taken_away_and_what_is_left_make_the_whole(
    left: list[Interval], right: list[Interval]
) -> None:
    parts = [*subtract(left, right), *intersect(left, right)]
    assert union(parts) == union(left)


@given(st.integers(0, 10**12))
def test_a_millisecond_falls_into_the_second_that_holds_it(ms: int) -> None:
    second = whole_second(ms)
    assert second.microsecond == 0
    assert second.timestamp() * 1000 <= ms < second.timestamp() * 1000 + 1000


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (T0, T0),
        (T0 + timedelta(seconds=1), T0),
        (T0.replace(tzinfo=None), T0.replace(tzinfo=None) + timedelta(seconds=1)),
        (T0, T0 + timedelta(milliseconds=1500)),
        (T0.astimezone(timezone(timedelta(hours=7))), T0 + timedelta(hours=9)),
    ],
)
def test_an_empty_reversed_naive_fractional_or_foreign_span_is_no_span(
    start: datetime, end: datetime
) -> None:
    with pytest.raises(ValueError, match=r"empty or reversed|not whole seconds of UTC"):
        Interval(start, end)


def test_taking_much_from_much_is_not_quadratic() -> None:
    def cost(n: int) -> float:
        days = [Interval(T0 + timedelta(days=i), T0 + timedelta(days=i, hours=9)) for i in range(n)]
        holes = [Interval(d.start + timedelta(hours=1), d.start + timedelta(hours=2)) for d in days]
        began = process_time()
        assert len(subtract(days, holes)) == 2 * n
        return process_time() - began

    cost(100)
    small, large = cost(1000), min(cost(8000), cost(8000))
    assert large < small * 8 * 5
