"""Outages: runs of seconds that are not up."""

from itertools import groupby

import pytest
from hypothesis import given

from server.domain.outages import Outage, outages
from server.domain.timeline import Span
from tests.pure.server.drawn import at, drawings, line, marked, masks, span
from wire.vocabulary import State

LENGTH = 30


@given(drawings(LENGTH), masks(LENGTH))
def test_each_run_of_seconds_that_are_not_up_is_one_outage(text: str, mask: str) -> None:
    wanted = []
    start = 0
    for up, group in groupby(text, key=lambda letter: letter == "U"):
        letters = "".join(group)
        end = start + len(letters)
        counted = mask[start:end].count("#")
        if not up and counted:
            worst = next(c for c in "DG?" if c in letters)
            wanted.append((start, None if end == LENGTH else end, len(letters), counted, worst))
        start = end
    found = [
        (
            int((o.start - at(0)).total_seconds()),
            None if o.end is None else int((o.end - at(0)).total_seconds()),
            o.seconds,
            o.counted_seconds,
            {State.DOWN: "D", State.DEGRADED: "G", State.UNKNOWN: "?"}[o.state],
        )
        for o in outages(line(text), counted=marked(mask))
    ]
    assert found == wanted


@given(drawings(LENGTH))
def test_without_counted_time_every_outage_counts_whole(text: str) -> None:
    for outage in outages(line(text)):
        assert outage.counted_seconds == outage.seconds
        assert sum(s.interval.seconds for s in outage.history) == outage.seconds


def test_an_outage_keeps_its_history_and_is_known_by_its_worst() -> None:
    (found,) = outages(line("UUG??DDDU"))
    assert (found.state, found.cause) == (State.DOWN, "network.timeout")
    assert [s.state for s in found.history] == [State.DEGRADED, State.UNKNOWN, State.DOWN]
    assert (found.start, found.end, found.seconds) == (at(2), at(8), 6)
    assert not found.cut_at_start


def test_one_that_runs_on_has_no_end_and_one_from_before_says_so() -> None:
    first, last = outages(line("DDUUGG"))
    assert (first.cut_at_start, first.end) == (True, at(2))
    assert (last.cut_at_start, last.end, last.seconds) == (False, None, 2)
    (whole,) = outages(line("DDD"))
    assert (whole.cut_at_start, whole.end) == (True, None)


@pytest.mark.parametrize(
    ("causes", "wanted"),
    [
        ([("a", 3), ("b", 5)], "b"),
        ([("a", 3), ("b", 5), ("a", 3)], "a"),
        ([("a", 4), ("b", 4)], "a"),
    ],
)
def test_its_cause_is_the_one_that_it_had_longest(
    causes: list[tuple[str, int]], wanted: str
) -> None:
    spans = []
    start = 0
    for cause, length in causes:
        spans.append(Span(interval=span(start, start + length), state=State.DOWN, cause=cause))
        start += length
    (found,) = outages(tuple(spans))
    assert found.cause == wanted


def test_time_in_which_nobody_looked_is_an_outage_of_its_own_kind() -> None:
    (found,) = outages(line("UU??UU"))
    assert found == Outage(
        state=State.UNKNOWN,
        cause=None,
        start=at(2),
        end=at(4),
        seconds=2,
        counted_seconds=2,
        history=line("UU??UU")[1:2],
    )


def test_no_timeline_has_no_outages() -> None:
    assert outages(()) == ()
