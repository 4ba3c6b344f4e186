"""Which clocks are trusted, which are doubted and why, and who shares a name."""

import random
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.clocks import (
    DRIFT_PARTS,
    EARLIEST_MS,
    OLDEST_MS,
    SLACK_MS,
    BootClock,
    Doubt,
    Grade,
    Twins,
    doubts,
    grades,
    twins,
)

T0 = 1_795_000_000_000  # in November 2026
MIN = 60_000
HOUR = 60 * MIN


def boot(
    name: str,
    start: int,
    end: int,
    *,
    measured: bool = False,
    agent: str = "a",
    latest_zero_ms: int | None = None,
    machine: str | None = None,
) -> BootClock:
    """A boot that ran from ``start`` to ``end``, in minutes after T0."""
    return BootClock(
        agent=agent,
        boot=name,
        zero_ms=T0 + start * MIN,
        last_ms=(end - start) * MIN,
        measured=measured,
        latest_zero_ms=latest_zero_ms,
        machine=machine,
    )


def graded(*boots: BootClock) -> dict[str, Grade]:
    return {name: grade for (_, name), grade in grades(boots).items()}


def test_a_measured_clock_is_trusted_whatever_else_is_told() -> None:
    strange = replace(boot("b", 0, 60, measured=True), zero_ms=0, latest_zero_ms=-HOUR)
    assert graded(strange) == {"b": Grade.MEASURED}


def test_a_clock_that_nothing_contradicts_is_assumed_to_be_right() -> None:
    assert graded(boot("b", 0, 60)) == {"b": Grade.ASSUMED}
    assert graded(boot("b", 0, 60, latest_zero_ms=T0)) == {"b": Grade.ASSUMED}


@pytest.mark.parametrize(
    ("ahead_ms", "grade"), [(SLACK_MS, Grade.ASSUMED), (SLACK_MS + 1, Grade.SUSPECT)]
)
def test_what_claims_the_future_of_its_receipt_is_suspect(ahead_ms: int, grade: Grade) -> None:
    ahead = boot("b", 0, 60, latest_zero_ms=T0 - ahead_ms)
    assert graded(ahead) == {"b": grade}
    assert doubts([ahead]) == ({("a", "b"): Doubt.FUTURE} if grade is Grade.SUSPECT else {})


def test_what_claims_a_time_before_anybody_watched_is_suspect() -> None:
    empty_battery = replace(boot("b", 0, 60), zero_ms=EARLIEST_MS - 1)
    assert doubts([empty_battery]) == {("a", "b"): Doubt.ANCIENT}
    assert doubts([replace(empty_battery, zero_ms=EARLIEST_MS)]) == {}


@pytest.mark.parametrize(("late_ms", "suspect"), [(OLDEST_MS, False), (OLDEST_MS + 1, True)])
def test_what_was_over_for_a_year_before_anybody_heard_of_it_is_suspect(
    late_ms: int, suspect: bool
) -> None:
    """A computer without a battery may start in the year in which it was made."""
    old = boot("b", 0, 60, latest_zero_ms=T0 + late_ms)
    assert doubts([old]) == ({("a", "b"): Doubt.ANCIENT} if suspect else {})


def test_unmeasured_boots_that_ran_at_once_are_all_suspect() -> None:
    """A computer without a battery starts at the same moment each day."""
    found = doubts([boot("b1", 0, 60), boot("b2", 0, 90), boot("b3", 0, 30), boot("b4", 200, 300)])
    assert found == {("a", f"b{n}"): Doubt.OVERLAP for n in (1, 2, 3)}


def test_a_measured_boot_contradicts_an_unmeasured_one_and_stays_what_it_is() -> None:
    assert graded(boot("b1", 0, 600), boot("b2", 100, 110, measured=True)) == {
        "b1": Grade.SUSPECT,
        "b2": Grade.MEASURED,
    }


def test_what_is_suspect_for_itself_contradicts_no_other() -> None:
    future = boot("b1", 0, 600, latest_zero_ms=T0 - HOUR)
    assert graded(future, boot("b2", 100, 200)) == {"b1": Grade.SUSPECT, "b2": Grade.ASSUMED}


@pytest.mark.parametrize(
    ("end", "grade"),
    [(60, Grade.ASSUMED), (61, Grade.ASSUMED), (62, Grade.SUSPECT)],
)
def test_clocks_may_contradict_each_other_by_a_minute(end: int, grade: Grade) -> None:
    assert graded(boot("b1", 0, end), boot("b2", 60, 120)) == {"b1": grade, "b2": grade}


def test_the_end_of_a_long_boot_may_have_drifted() -> None:
    """Ninety days offline: a computer's own clock is minutes off by then."""
    days = 90 * 24 * 60
    drift = days * MIN // DRIFT_PARTS // MIN
    off = boot("b1", 0, days, measured=True)
    assert twins([off, boot("b2", days - drift, days + 60, measured=True)]) == ()
    assert twins([off, boot("b2", days - drift - 2, days + 60, measured=True)]) != ()


def test_boots_that_touch_contradict_nothing() -> None:
    assert set(graded(*(boot(f"b{n}", n * 60, n * 60 + 60) for n in range(9))).values()) == {
        Grade.ASSUMED
    }


def test_boots_of_two_agents_contradict_nothing() -> None:
    both = boot("b1", 0, 60, agent="a"), boot("b2", 0, 60, agent="b")
    assert set(grades(both).values()) == {Grade.ASSUMED}
    assert twins(replace(b, measured=True) for b in both) == ()


def test_two_measured_boots_that_ran_at_once_are_two_machines() -> None:
    one = boot("b1", 0, 600, measured=True, machine="pc-1")
    other = boot("b2", 100, 700, measured=True, machine="pc-2")
    assert graded(one, other) == {"b1": Grade.MEASURED, "b2": Grade.MEASURED}
    assert twins([other, one, one]) == (
        Twins(
            agent="a",
            start_ms=T0 + 100 * MIN,
            end_ms=T0 + 600 * MIN,
            machines=("pc-1", "pc-2"),
        ),
    )


def test_twins_that_are_restarted_now_and_then_are_told_once() -> None:
    """One machine begins a new boot each hour, the other each two; both without a break."""
    hourly = [boot(f"h{n}", n * 60, n * 60 + 60, measured=True, machine="pc-1") for n in range(8)]
    other = [boot(f"o{n}", n * 120, n * 120 + 120, measured=True, machine="pc-2") for n in range(4)]
    found = twins([*hourly, *other])
    assert [t.machines for t in found] == [("pc-1", "pc-2")]
    assert (found[0].start_ms, found[0].end_ms) == (T0, T0 + 480 * MIN)


def test_twins_of_last_week_and_of_today_are_two() -> None:
    week = 7 * 24 * 60
    boots = [
        boot(f"{machine}{day}", day, day + 60, measured=True, machine=machine)
        for day in (0, week)
        for machine in ("pc-1", "pc-2")
    ]
    assert [t.start_ms for t in twins(boots)] == [T0, T0 + week * MIN]


def test_a_twin_that_is_gone_hides_no_later_one() -> None:
    boots = [
        boot("long", 0, 600, measured=True),
        boot("b1", 100, 110, measured=True),
        boot("b2", 300, 310, measured=True),
    ]
    assert [(t.start_ms - T0) // MIN for t in twins(boots)] == [100, 300]


def test_a_machine_that_does_not_tell_its_name_is_a_twin_all_the_same() -> None:
    found = twins([boot("b1", 0, 60, measured=True), boot("b2", 0, 60, measured=True)])
    assert [t.machines for t in found] == [()]


# ------------------------------------------------------------------ in general


@st.composite
def boot_sets(draw: st.DrawFn) -> list[BootClock]:
    return [
        BootClock(
            agent=draw(st.sampled_from("ab")),
            boot=f"b{n}",
            zero_ms=draw(st.sampled_from([T0, EARLIEST_MS - HOUR]))
            + draw(st.integers(0, 20)) * 30_000,
            last_ms=draw(st.integers(0, 20)) * 30_000,
            measured=draw(st.booleans()),
            latest_zero_ms=draw(
                st.none()
                | st.integers(0, 20).map(lambda n: T0 + n * 30_000)
                | st.integers(0, 20).map(lambda n: T0 + OLDEST_MS + n * 30_000)
            ),
            machine=draw(st.none() | st.sampled_from(["pc-1", "pc-2"])),
        )
        for n in range(draw(st.integers(0, 8)))
    ]


def overlap_surely(one: BootClock, other: BootClock) -> bool:
    """By the words of the rule: they share over a minute, and what a clock drifts."""
    slack = {b.boot: SLACK_MS + b.last_ms // DRIFT_PARTS for b in (one, other)}
    start = max(one.zero_ms, other.zero_ms)
    return all(start < b.zero_ms + b.last_ms - slack[b.boot] for b in (one, other))


@given(boot_sets())
@settings(max_examples=100, deadline=None)
def test_every_doubt_is_what_the_rules_say(boots: list[BootClock]) -> None:
    alone = {
        b.boot
        for b in boots
        if not b.measured
        and (
            b.zero_ms < EARLIEST_MS
            or (
                b.latest_zero_ms is not None
                and not -OLDEST_MS <= b.zero_ms - b.latest_zero_ms <= SLACK_MS
            )
        )
    }
    shared = {
        b.boot
        for one, other in combinations([b for b in boots if b.boot not in alone], 2)
        if one.agent == other.agent and overlap_surely(one, other)
        for b in (one, other)
        if not b.measured
    }
    suspect = {name for (_, name), g in grades(boots).items() if g is Grade.SUSPECT}
    assert suspect == alone | shared
    named = {t.agent for t in twins(boots)}
    assert named == {
        one.agent
        for one, other in combinations([b for b in boots if b.measured], 2)
        if one.agent == other.agent and overlap_surely(one, other)
    }


@given(boot_sets(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_order_and_repetition_do_not_matter(boots: list[BootClock], rng: random.Random) -> None:
    shuffled = [*boots, *rng.choices(boots, k=3)] if boots else []
    rng.shuffle(shuffled)
    assert grades(shuffled) == grades(boots)
    assert twins(shuffled) == twins(boots)


def test_years_of_boots_are_graded_in_no_time() -> None:
    """All overlap: two years of a computer without a battery, thrice over."""
    boots = [boot(f"b{n}", 0, 60 + n) for n in range(2000)]
    assert set(grades(boots).values()) == {Grade.SUSPECT}
    assert len(twins(replace(b, measured=True) for b in boots)) == 1
