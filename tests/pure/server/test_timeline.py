"""The join of claims, held against a second-by-second reading of the rules."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.clocks import Grade
from server.domain.interval import Interval
from server.domain.liveness import LiveState, Presence, PresenceKind, PresenceWhy, live_state
from server.domain.outages import outages
from server.domain.timeline import Claim, Span, Timeline, build, cut_to, newest_claims
from server.domain.units import Source
from tests.pure.server.drawn import T0, at, claim, line
from wire.vocabulary import State

END = 60
WINDOW = Interval(T0, T0 + timedelta(seconds=END))
UP, DEGRADED, DOWN, UNKNOWN = State.UP, State.DEGRADED, State.DOWN, State.UNKNOWN
GOODNESS = [UP, DEGRADED, DOWN]


def told(timeline: Timeline) -> list[tuple[int, int, State, str | None]]:
    """The timeline as (start, end, state, cause) in seconds."""
    return [
        (
            int((s.interval.start - T0).total_seconds()),
            int((s.interval.end - T0).total_seconds()),
            s.state,
            s.cause,
        )
        for s in timeline
    ]


def by_second(timeline: Timeline) -> list[tuple[State, str | None]]:
    return [(s.state, s.cause) for s in timeline for _ in range(s.interval.seconds)]


# ------------------------------------------------------------------ the oracle


def oracle_second(claims: list[Claim], moment: datetime) -> tuple[State, str | None]:
    """The rules of architecture.md, read aloud for one second; slow on purpose."""
    tellings: dict[tuple[str, str, int], list[Claim]] = {}
    for c in claims:
        tellings.setdefault((c.source, c.boot, c.number), []).append(c)
    segments = []
    for several in tellings.values():
        closed = [c for c in several if not c.open]
        segments.append(closed[0] if closed else max(several, key=lambda c: c.end))
    answers = []
    for source in {c.source for c in segments}:
        answer = oracle_source([c for c in segments if c.source == source], moment)
        if answer is not None:
            answers.append(answer)
    if not answers:
        return (UNKNOWN, None)
    best = min(answers, key=lambda c: (GOODNESS.index(c.state), c.cause or ""))
    return (best.state, best.cause)


def oracle_source(segments: list[Claim], moment: datetime) -> Claim | None:
    """Every boot's word on the second; then the surer clock, then the better state."""
    words = []
    for c in segments:
        if c.clock is Grade.SUSPECT or not c.start <= moment < c.end:
            continue
        cutters = [x for x in segments if x.boot == c.boot and x.number > c.number]
        if not any(x.start <= moment for x in cutters):
            words.append(c)
    measured = [c for c in words if c.clock is Grade.MEASURED]
    return min(
        measured or words,
        key=lambda c: (GOODNESS.index(c.state), c.cause or ""),
        default=None,
    )


@st.composite
def claim_sets(draw: st.DrawFn) -> list[Claim]:
    """Any claims: starts out of order, overlaps, empty ones, and several tellings of one."""
    found = []
    for source in draw(st.sampled_from([["a/c"], ["a/c", "b/c"], ["a/c", "b/c", "d/c"]])):
        for boot in draw(st.sampled_from([["b1"], ["b1", "b2"], ["b2", "b1", "b3"]])):
            clock = draw(st.sampled_from(Grade))
            for number in range(1, draw(st.integers(0, 4)) + 1):
                start = draw(st.integers(-10, END))
                end = start + draw(st.integers(0, 40))
                state = draw(st.sampled_from(GOODNESS))
                cause = None if state is UP else draw(st.sampled_from(["x.a", "x.b"]))
                base = claim(
                    start,
                    end,
                    state,
                    source=source,
                    boot=boot,
                    number=number,
                    cause=cause,
                    clock=clock,
                )
                opens = draw(st.lists(st.integers(0, 60), max_size=2))
                found += [replace(base, open=True, end=at(start + more)) for more in opens]
                if not opens or draw(st.booleans()):
                    found.append(base)
    return found


@given(claim_sets())
@settings(max_examples=150, deadline=None)
def test_every_second_is_what_the_rules_say(claims: list[Claim]) -> None:
    timeline = build(claims, WINDOW)
    wanted = [oracle_second(claims, at(second)) for second in range(END)]
    assert by_second(timeline) == wanted


@given(claim_sets(), st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_order_and_repetition_do_not_matter(claims: list[Claim], rng: random.Random) -> None:
    shuffled = [*claims, *rng.choices(claims, k=5)] if claims else []
    rng.shuffle(shuffled)
    assert build(shuffled, WINDOW) == build(claims, WINDOW)


@given(claim_sets())
@settings(max_examples=80, deadline=None)
def test_spans_fill_the_window_without_hole_overlap_or_equal_neighbours(
    claims: list[Claim],
) -> None:
    timeline = build(claims, WINDOW)
    assert timeline[0].interval.start == WINDOW.start
    assert timeline[-1].interval.end == WINDOW.end
    for one, other in pairwise(timeline):
        assert one.interval.end == other.interval.start
        assert (one.state, one.cause, one.detail) != (other.state, other.cause, other.detail)


@given(claim_sets(), st.integers(0, END - 1), st.integers(1, END))
@settings(max_examples=80, deadline=None)
def test_a_smaller_window_is_a_part_of_the_larger_one(
    claims: list[Claim], start: int, length: int
) -> None:
    small = Interval(at(start), at(min(END, start + length)))
    whole = build(claims, WINDOW)
    part = build(claims, small)
    assert part == cut_to(whole, small)
    assert by_second(part) == by_second(whole)[start : start + small.seconds]


# ------------------------------------------------------------------ the rules by name


def test_what_nobody_claimed_is_unknown() -> None:
    assert told(build([], WINDOW)) == [(0, 60, UNKNOWN, None)]
    assert told(build([claim(10, 20)], WINDOW)) == [
        (0, 10, UNKNOWN, None),
        (10, 20, UP, None),
        (20, 60, UNKNOWN, None),
    ]


def test_closed_beats_open_even_where_it_ends_earlier_than_a_watermark_claimed() -> None:
    opened = claim(0, 50, is_open=True)
    closed = claim(0, 30)
    frozen = claim(30, 55, DEGRADED, number=2, cause="picture.frozen")
    for claims in ([opened, closed, frozen], [frozen, closed, opened]):
        assert told(build(claims, WINDOW)) == [
            (0, 30, UP, None),
            (30, 55, DEGRADED, "picture.frozen"),
            (55, 60, UNKNOWN, None),
        ]


def test_a_later_segment_cuts_an_earlier_one_whose_end_was_lost() -> None:
    lost_end = claim(0, 50, is_open=True)
    later = claim(20, 25, DOWN, number=2, cause="rtsp.auth")
    assert told(build([lost_end, later], WINDOW)) == [
        (0, 20, UP, None),
        (20, 25, DOWN, "rtsp.auth"),
        (25, 60, UNKNOWN, None),
    ]


def test_a_later_segment_that_covers_nothing_yet_cuts_all_the_same() -> None:
    assert told(build([claim(0, 50, is_open=True), claim(20, 20, DOWN, number=2)], WINDOW)) == [
        (0, 20, UP, None),
        (20, 60, UNKNOWN, None),
    ]


def test_of_two_boots_of_one_agent_the_better_state_counts_whichever_began_later() -> None:
    old = claim(0, 40, boot="zz")
    new = claim(10, 50, DOWN, boot="aa", cause="x")
    assert told(build([old, new], WINDOW)) == [
        (0, 40, UP, None),
        (40, 50, DOWN, "x"),
        (50, 60, UNKNOWN, None),
    ]


def test_of_two_boots_of_one_agent_the_surer_clock_counts_before_the_better_state() -> None:
    assumed = claim(0, 40, boot="b1")
    measured = claim(10, 20, DOWN, boot="b2", cause="x", clock=Grade.MEASURED)
    assert told(build([assumed, measured], WINDOW)) == [
        (0, 10, UP, None),
        (10, 20, DOWN, "x"),
        (20, 40, UP, None),
        (40, 60, UNKNOWN, None),
    ]


def test_what_a_suspect_clock_claims_neither_counts_nor_hides_what_is_known() -> None:
    wrong = claim(0, 50, boot="b1", clock=Grade.SUSPECT)
    right = claim(20, 30, DOWN, boot="b2", cause="x")
    assert told(build([wrong, right], WINDOW)) == [
        (0, 20, UNKNOWN, None),
        (20, 30, DOWN, "x"),
        (30, 60, UNKNOWN, None),
    ]


def test_of_two_agents_the_better_state_counts_whatever_their_clocks() -> None:
    one = claim(0, 60, DOWN, source="a/c", clock=Grade.MEASURED)
    other = claim(0, 60, UP, source="b/c", clock=Grade.ASSUMED)
    assert told(build([one, other], WINDOW)) == [(0, 60, UP, None)]


def in_boots(story: Timeline, cuts: set[int], *, is_open: bool) -> list[Claim]:
    """What an agent tells of a story that goes on in a new boot at each cut."""
    edges = [0, *sorted(cuts), END]
    found = []
    for turn, (begin, end) in enumerate(pairwise(edges)):
        part = cut_to(story, Interval(at(begin), at(end)))
        boot = f"boot-{97 - turn:02}"  # names fall as time goes: order must not hang on them
        found += [
            Claim(
                source="a/c",
                boot=boot,
                number=number,
                state=s.state,
                start=s.interval.start,
                end=s.interval.end,
                open=is_open and s.interval.end == WINDOW.end,
                cause=s.cause,
            )
            for number, s in enumerate(part, 1)
        ]
    return found


STORY = st.text("UGD", min_size=END, max_size=END).map(line)
CUTS = st.sets(st.integers(1, END - 1), max_size=6)


@given(STORY, CUTS, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_a_story_that_goes_on_in_a_new_boot_is_one_story(
    story: Timeline, cuts: set[int], rng: random.Random
) -> None:
    claims = in_boots(story, cuts, is_open=False)
    rng.shuffle(claims)
    assert build(claims, WINDOW) == story
    assert outages(build(claims, WINDOW)) == outages(story)


@given(STORY, CUTS)
@settings(max_examples=50, deadline=None)
def test_a_new_boot_changes_nothing_of_what_is_shown_live(story: Timeline, cuts: set[int]) -> None:
    here = {"a": Presence(kind=PresenceKind.REPORTING, why=PresenceWhy.REPORTED_IN_TIME)}

    def live(claims: list[Claim]) -> LiveState:
        return live_state([Source("a", "c")], claims, here, at(END + 40), carry_s=60)

    assert live(in_boots(story, cuts, is_open=True)) == live(in_boots(story, set(), is_open=True))


@pytest.mark.parametrize(
    ("one", "other", "wanted"),
    [
        (UP, DOWN, UP),
        (DEGRADED, DOWN, DEGRADED),
        (UP, DEGRADED, UP),
    ],
)
def test_of_two_agents_the_better_state_counts(one: State, other: State, wanted: State) -> None:
    for first, second in ((one, other), (other, one)):
        claims = [claim(0, 60, first, source="a/c"), claim(0, 60, second, source="b/c")]
        assert told(build(claims, WINDOW)) == [(0, 60, wanted, None)]


def test_two_agents_that_agree_are_one_span() -> None:
    claims = [claim(0, 40, source="a/c"), claim(30, 60, source="b/c")]
    assert told(build(claims, WINDOW)) == [(0, 60, UP, None)]


def test_a_lone_claim_of_down_is_better_than_unknown() -> None:
    claims = [claim(0, 60, DOWN, source="a/c", cause="x"), claim(0, 0, UP, source="b/c")]
    assert told(build(claims, WINDOW)) == [(0, 60, DOWN, "x")]


def test_another_detail_is_another_span() -> None:
    one = replace(claim(0, 10, DEGRADED, cause="stream.lossy"), detail="12 %")
    two = replace(claim(10, 20, DEGRADED, cause="stream.lossy", number=2), detail="30 %")
    assert [s.detail for s in build([one, two], WINDOW)] == ["12 %", "30 %", None]


def test_the_newest_boot_is_the_one_that_began_last_even_if_an_older_one_still_speaks() -> None:
    old = [claim(0, 10, boot="zz"), claim(40, 50, DOWN, boot="zz", number=2)]
    new = [claim(20, 30, boot="aa"), claim(30, 45, boot="aa", number=2)]
    assert [c.boot for c in newest_claims([*old, *new])] == ["aa"]


def test_a_claim_of_unknown_covers_nothing_yet_cuts() -> None:
    odd = claim(20, 40, UNKNOWN, number=2, cause="odd")
    assert told(build([claim(0, 50), odd], WINDOW)) == [
        (0, 20, UP, None),
        (20, 60, UNKNOWN, None),
    ]


@pytest.mark.parametrize("field", ["cause", "detail", "state", "start", "end"])
def test_two_tellings_that_contradict_each_other_give_one_answer_in_any_order(field: str) -> None:
    one = claim(0, 30, DOWN, cause="x.a")
    changes: dict[str, object] = {
        "cause": "x.b",
        "detail": "d",
        "state": UP,
        "start": at(5),
        "end": at(40),
    }
    other = replace(one, **{field: changes[field]})  # type: ignore[arg-type] # by name
    assert build([one, other], WINDOW) == build([other, one], WINDOW)


@pytest.mark.parametrize("field", ["cause", "detail"])
def test_two_sources_that_give_different_reasons_give_one_answer_in_any_order(field: str) -> None:
    one = claim(0, 60, DOWN, cause="x.a", source="a/c")
    other = replace(one, source="b/c", **{field: "x.b"})  # type: ignore[arg-type] # by name
    assert build([one, other], WINDOW) == build([other, one], WINDOW)


def test_the_last_word_is_the_newest_boots_highest_number() -> None:
    old = claim(0, 50, boot="zz", number=9)
    claims = [claim(20, 21, boot="aa", number=2), old, claim(10, 20, boot="aa", number=1)]
    assert [c.number for c in newest_claims(claims)] == [2]
    assert newest_claims([]) == []


def test_two_machines_with_one_name_have_two_last_words_once_they_surely_run_at_once() -> None:
    one, other = claim(0, 160, boot="b1"), claim(100, 165, boot="b2")
    assert newest_claims([one, other]) == [other]
    later = replace(one, end=at(161))
    assert newest_claims([later, other]) == [later, other]


def test_a_boot_on_another_machine_has_a_last_word_from_the_first_second_on() -> None:
    here = replace(claim(0, 90, boot="b1"), machine="pc1 (10.0.0.2)")
    there = replace(claim(95, 96, DOWN, boot="b2"), machine="pc1 (10.9.0.7)")
    assert newest_claims([here, there]) == [here, there]
    assert newest_claims([here, replace(there, machine="pc1 (10.0.0.2)")])[0].boot == "b2"
    for one, other in ((None, "pc1"), ("pc1", None)):
        assert len(newest_claims([replace(here, machine=one), replace(there, machine=other)])) == 1


def test_a_suspect_clock_has_no_last_word() -> None:
    right, wrong = claim(0, 50, boot="b1"), claim(60, 70, boot="b2", clock=Grade.SUSPECT)
    assert newest_claims([right, wrong]) == [right]
    assert newest_claims([wrong]) == []


def test_a_timeline_cut_to_a_window_that_it_does_not_reach_is_empty() -> None:
    timeline = (Span(interval=WINDOW, state=UP),)
    after = Interval(WINDOW.end, WINDOW.end + timedelta(seconds=5))
    assert cut_to(timeline, after) == ()
    assert cut_to((), WINDOW) == ()


# ------------------------------------------------------------------ speed


def worst_case(n: int) -> list[Claim]:
    """Every claim overlaps every other: nested, in two sources, in shuffled order."""
    rng = random.Random(7)
    claims = [
        claim(i, 4 * n - i, rng.choice(GOODNESS), source=f"{i % 50}/c", boot=f"b{i}")
        for i in range(n)
    ]
    rng.shuffle(claims)
    return claims


def test_the_join_of_overlapping_claims_is_not_quadratic() -> None:
    def cost(n: int) -> float:
        claims = worst_case(n)
        window = Interval(T0, at(4 * n))
        began = process_time()
        build(claims, window)
        return process_time() - began

    cost(500)
    small, large = cost(1000), min(cost(6000), cost(6000))
    assert large < small * 6 * 4
