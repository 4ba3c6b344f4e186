"""Everything that is counted, held against looking at every second by itself.

Any worlds: boots that overlap, touch and contradict each other, wrong and suspect clocks, segments
out of order, open and closed, cameras that are held back, two agents that see one camera; around
local midnights, year ends and leap days; with school hours and maintenance.
"""

import os
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.calendar import DayWindow, Maintenance, SchoolHours, counted_time
from server.domain.clocks import BootClock, grades
from server.domain.interval import Interval, whole_second
from server.domain.outages import outages
from server.domain.points import met_spans, split_seconds
from server.domain.timeline import Claim, Timeline, build, cut_to
from server.domain.uptime import Availability, availability, by_day, sum_of
from tests.pure.server.oracle import LONG, Counted, Told, Word, World, met, sums, words
from tests.pure.server.worlds import CAMERAS, counted_times, worlds
from wire.vocabulary import State

pytestmark = pytest.mark.long

EXAMPLES = int(os.environ.get("ORACLE_EXAMPLES", "120"))
"""Set it to 20,000 for a quarter of an hour of other worlds."""

EYES = {"c1": ("a", "b"), "c2": ("a",)}
"""Both agents look at the first camera."""


def clock_of(told: Told) -> BootClock:
    latest = None if told.received_ms is None else told.received_ms - told.last_ms
    return BootClock(
        agent=told.agent,
        boot=told.boot,
        zero_ms=told.zero_ms,
        last_ms=told.last_ms,
        measured=told.offset_ms is not None,
        latest_zero_ms=latest,
    )


def claims_of(world: World, camera: str) -> list[Claim]:
    """What the store gives out of a world."""
    graded = grades(clock_of(b) for b in world.boots)
    return [
        Claim(
            source=f"{told.agent}/{camera}",
            boot=told.boot,
            number=s.number,
            state=s.state,
            start=whole_second(told.zero_ms + s.start_ms),
            end=whole_second(told.zero_ms + max(s.start_ms, told.end_of(s))),
            open=s.end_ms is None,
            cause=s.cause,
            clock=graded[told.agent, told.boot],
        )
        for told in world.boots
        if told.agent in EYES[camera]
        for s in told.segments
        if s.camera == camera
    ]


def window_of(world: World) -> Interval:
    return Interval(world.first, world.first + timedelta(seconds=LONG))


def built(world: World) -> dict[str, Timeline]:
    return {c: build(claims_of(world, c), window_of(world)) for c in CAMERAS}


def true(world: World) -> dict[str, list[Word]]:
    return {c: words(world, c, EYES[c]) for c in CAMERAS}


def by_second(timeline: Timeline) -> list[Word]:
    return [(s.state, s.cause) for s in timeline for _ in range(s.interval.seconds)]


def counted_spans(world: World, counted: Counted) -> tuple[Interval, ...]:
    hours = (
        None
        if counted.days is None
        else SchoolHours(days=counted.days, windows=tuple(DayWindow(*w) for w in counted.minutes))
    )
    closed = [
        Maintenance(
            interval=Interval(
                world.first + timedelta(seconds=a), world.first + timedelta(seconds=b)
            ),
            reason="the fuse box is changed",
        )
        for a, b in counted.maintenance
    ]
    return counted_time(hours, window_of(world), maintenance=closed)


def told(found: Availability) -> dict[str, int]:
    return {
        name: seconds
        for name in ("up", "degraded", "down", "unknown", "excluded")
        if (seconds := getattr(found, name))
    }


@given(worlds(), counted_times(), st.integers(1, 3))
@settings(max_examples=EXAMPLES, deadline=None)
def test_every_second_is_known_and_counted_as_the_rules_say(
    world: World, counted: Counted, need: int
) -> None:
    known, timelines, spans = true(world), built(world), counted_spans(world, counted)
    for camera, timeline in timelines.items():
        assert by_second(timeline) == known[camera]
        assert_sums(world, timeline, known[camera], counted)
        assert_outages(world, timeline, known[camera])
    found = {
        int((s.interval.start - world.first).total_seconds()) + i: s.met.value
        for s in met_spans(need, timelines, spans)
        for i in range(s.interval.seconds)
    }
    assert found == {
        second: met(need, list(known.values()), second)
        for second in range(LONG)
        if counted.counts(world, second)
    }
    seconds = split_seconds(met_spans(need, timelines, spans))
    assert (seconds.met, seconds.required) == (list(found.values()).count("met"), len(found))


def assert_sums(world: World, timeline: Timeline, known: list[Word], counted: Counted) -> None:
    """Up, down, degraded, unknown and excluded are the window, and so they are by day."""
    wanted = sums(world, known, counted)
    spans = counted_spans(world, counted)
    found = availability(timeline, spans)
    assert found.total == LONG
    assert told(found) == sum(wanted.values(), Counter())
    days = by_day(timeline, spans)
    assert {d.day.isoformat(): told(d.availability) for d in days} == wanted
    assert sum_of(d.availability for d in days) == found


def assert_outages(world: World, timeline: Timeline, known: list[Word]) -> None:
    """Outages are the runs of seconds that were not up."""
    wanted = []
    second = 0
    for up, group in groupby(known, key=lambda w: w[0] is State.UP):
        length = len(list(group))
        if not up:
            wanted.append((world.first + timedelta(seconds=second), length))
        second += length
    assert [(o.start, o.seconds) for o in outages(timeline)] == wanted


@given(worlds(), st.integers(0, LONG - 1))
@settings(max_examples=40, deadline=None)
def test_a_window_of_one_second_is_that_second(world: World, second: int) -> None:
    start = world.first + timedelta(seconds=second)
    one = Interval(start, start + timedelta(seconds=1))
    for camera, known in true(world).items():
        timeline = build(claims_of(world, camera), one)
        assert by_second(timeline) == [known[second]]
        assert cut_to(built(world)[camera], one) == timeline
        assert availability(timeline, [one]).counted == 1
        assert availability(timeline, []).excluded == 1


@pytest.mark.parametrize(
    ("year", "days"), [(2026, 365), (2027, 365), (2028, 366)], ids=["2026", "2027", "leap"]
)
def test_a_year_has_all_its_seconds(year: int, days: int) -> None:
    """From one local New Year to the next, with a claim that runs through both."""
    new_year = [datetime(y, 12, 31, 17, tzinfo=UTC) for y in (year - 1, year)]
    window = Interval(*new_year)
    day = timedelta(days=1)
    through = Claim(
        source="a/c",
        boot="b",
        number=1,
        state=State.UP,
        start=window.start - day,
        end=window.end + day,
        open=False,
    )
    hours = SchoolHours(days=tuple(range(7)), windows=(DayWindow(0, 60), DayWindow(1380, 1440)))
    found = by_day(build([through], window), counted_time(hours, window))
    assert [len(found), found[0].day.isoformat()] == [days, f"{year}-01-01"]
    assert found[-1].day.isoformat() == f"{year}-12-31"
    assert {told_seconds(d.availability) for d in found} == {(7200, 79_200)}


def told_seconds(found: Availability) -> tuple[int, int]:
    return found.up, found.excluded


def test_an_empty_timeline_counts_nothing() -> None:
    nothing: Sequence[Interval] = ()
    assert availability((), nothing) == Availability()
    assert by_day((), nothing) == ()
    assert met_spans(1, {}, nothing) == []
