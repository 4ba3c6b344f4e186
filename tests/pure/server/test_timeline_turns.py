"""An agent that comes back begins a new boot: nothing of it is seen, nothing rings.

The new boot's present is here within seconds; how the old boot ended may come hours later. Until
then there is a hole, and afterwards the story is whole: one outage with its true beginning.
"""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.incident.memory import Memory
from server.domain.incident.signals import Observation, Signal
from server.domain.liveness import (
    HOLE_S,
    LiveState,
    Presence,
    PresenceKind,
    PresenceWhy,
    live_state,
)
from server.domain.outages import outages
from server.domain.timeline import Claim, build
from server.domain.units import Source
from server.watching.eyes import camera_finding
from server.watching.heard import Heard
from tests.pure.server.drawn import at, claim, span
from wire.vocabulary import State

UP, DOWN = State.UP, State.DOWN
REPORTING = Presence(kind=PresenceKind.REPORTING, why=PresenceWhy.REPORTED_IN_TIME)
CARRY_S = 105


def live(claims: Sequence[Claim], now: int) -> LiveState:
    return live_state([Source("a", "c")], claims, {"a": REPORTING}, at(now), carry_s=CARRY_S)


def news(found: LiveState, now: int, heard: Heard) -> list[Observation]:
    return heard.news([camera_finding("c", found, at(now))], at(now))


def knowing() -> Heard:
    """An engine that knows the camera to be down since 100."""
    heard = Heard(Memory())
    [seen] = news(live(BEFORE, 951), 951, heard)
    assert (seen.signal, seen.since) == (Signal.TROUBLE, at(100))
    return heard


# A camera is up, down since 100; the agent turns to a new boot at 1000.
BEFORE = [claim(0, 100, UP, boot="old"), claim(100, 950, DOWN, boot="old", number=2, is_open=True)]
PRESENT = claim(1000, 1003, DOWN, boot="new", is_open=True)
WHOLE = [BEFORE[0], claim(100, 1000, DOWN, boot="old", number=2), PRESENT]


def test_while_the_old_boots_end_is_on_its_way_nothing_is_news() -> None:
    found = live([*BEFORE, PRESENT], 1004)
    assert (found.state, found.state_since) == (DOWN, at(1000))
    assert found.trouble_since == at(100), "the hole is no recovery"
    assert news(found, 1004, knowing()) == []


def test_once_the_old_boots_end_is_here_the_outage_is_one_with_its_true_beginning() -> None:
    found = live(WHOLE, 1010)
    assert (found.state, found.state_since, found.since) == (DOWN, at(100), at(100))
    assert news(found, 1010, knowing()) == []
    [outage] = outages(build(WHOLE, span(0, 1003)))
    assert (outage.start, outage.end, len(outage.history)) == (at(100), None, 1)


def test_a_new_boot_that_says_nothing_yet_leaves_no_moment_unknown() -> None:
    """Its first report is committed; its first watermark is not."""
    silent = claim(1000, 1000, DOWN, boot="new", is_open=True)
    for now in (1001, 1030, 1090):
        assert live([*BEFORE, silent], now).state is DOWN


def test_a_recovery_during_the_absence_is_told_by_the_present() -> None:
    back = claim(1000, 1003, UP, boot="new", is_open=True)
    assert live([*BEFORE, back], 1004).state is UP


@pytest.mark.parametrize(("hole", "since"), [(2, 100), (HOLE_S, 100), (HOLE_S + 1, 1000)])
def test_a_clock_that_drifted_leaves_a_hole_that_changes_no_since(hole: int, since: int) -> None:
    """The new boot begins by the right time, which is seconds later than the old one thought."""
    old = claim(100, 1000 - hole, DOWN, boot="old", number=2)
    found = live([BEFORE[0], old, PRESENT], 1004)
    assert (found.state_since, found.since) == (at(since), at(since))
    up = claim(1000, 1003, UP, boot="new", is_open=True)
    assert live([BEFORE[0], old, up], 1004).state_since == at(1000)


@st.composite
def stories(draw: st.DrawFn) -> list[tuple[State, int, int]]:
    """Up and down by turns, from 0 to 2000."""
    edges = [0, *sorted(draw(st.sets(st.integers(1, 1999), max_size=5))), 2000]
    first = draw(st.booleans())
    return [
        (UP if (i % 2 == 0) is first else DOWN, a, b) for i, (a, b) in enumerate(pairwise(edges))
    ]


def told(story: Sequence[tuple[State, int, int]], turns: Sequence[int], now: int) -> list[Claim]:
    """What the centre knows at ``now`` if the agent turned to new boots at ``turns``."""
    bounds = [0, *[t for t in turns if t < now], now]
    return [
        claim(
            max(a, begin),
            min(b, end),
            state,
            boot=f"boot-{97 - turn:02}",
            number=number,
            is_open=b >= end and end == now,
        )
        for turn, (begin, end) in enumerate(pairwise(bounds))
        for number, (state, a, b) in enumerate(story, 1)
        if a < end and b > begin
    ]


@given(stories(), st.lists(st.integers(1, 1999), max_size=4, unique=True).map(sorted))
@settings(max_examples=30, deadline=None)
def test_the_bell_rings_as_if_there_had_been_one_boot(
    story: list[tuple[State, int, int]], turns: list[int]
) -> None:
    heard = {True: Heard(Memory()), False: Heard(Memory())}
    rung: dict[bool, list[Observation]] = {True: [], False: []}
    for now in range(20, 2000, 40):
        for whole in (True, False):
            found = live(told(story, [] if whole else turns, now), now)
            rung[whole] += news(found, now, heard[whole])
    assert rung[True] == rung[False]
