"""The whole way of a camera's story, in a model: told in pieces, lost, late, twice; then joined.

The edge tells each change when it happens (the end of one segment, the start of the next) and now
and then a watermark. What the server has so far makes claims as the store does: an open segment
holds as far as the largest watermark before which nothing is missing.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby

from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.interval import Interval
from server.domain.liveness import HOLE_S, Presence, PresenceKind, PresenceWhy, live_state
from server.domain.timeline import Claim, build
from server.domain.units import Source
from tests.pure.server.drawn import LETTERS, T0, at
from wire.vocabulary import State

LENGTH = 40
REPORTING = Presence(kind=PresenceKind.REPORTING, why=PresenceWhy.REPORTED_IN_TIME)
SILENT = Presence(kind=PresenceKind.SILENT, why=PresenceWhy.QUIET_TOO_LONG, since=T0)


@dataclass(frozen=True)
class Watermark:
    boot: str
    until: int


Said = Claim | Watermark


def tell(story: str, every: int) -> list[Said]:
    """Say what the edge says of ``story``, in sequence; ``?`` is switched off."""
    said: list[Said] = []
    second = 0
    for off, group in groupby(story, key=lambda letter: letter == "?"):
        run = "".join(group)
        boot = f"boot-{97 - second:02}"  # names fall as time goes: order must not hang on them
        if not off:
            said += tell_boot(run, boot, start=second, every=every)
        second += len(run)
    return said


def tell_boot(run: str, boot: str, *, start: int, every: int) -> list[Said]:
    said: list[Said] = []
    current: Claim | None = None
    number = 0
    for second, letter in enumerate(run, start=start):
        state = LETTERS[letter]
        if current is None or state is not current.state:
            if current is not None:
                said.append(replace(current, end=at(second), open=False))
            number += 1
            current = Claim(
                source="a/c",
                boot=boot,
                number=number,
                state=state,
                start=at(second),
                end=at(second),
                open=True,
            )
            said.append(current)
        if (second + 1) % every == 0:
            said.append(Watermark(boot, second + 1))
    said.append(Watermark(boot, start + len(run)))
    return said


def claims_of(said: list[Said], arrived: set[int]) -> list[Claim]:
    """What the store gives out of what has arrived."""
    until: dict[str, int] = {}
    for i, thing in enumerate(said):
        whole = all(j in arrived for j in range(i + 1))
        if isinstance(thing, Watermark) and whole:
            until[thing.boot] = max(thing.until, until.get(thing.boot, 0))
    found = []
    for i, thing in enumerate(said):
        if isinstance(thing, Claim) and i in arrived:
            reach = at(until.get(thing.boot, 0))
            found.append(replace(thing, end=max(thing.end, reach)) if thing.open else thing)
    return found


def states(claims: list[Claim]) -> list[State]:
    timeline = build(claims, Interval(T0, T0 + timedelta(seconds=LENGTH)))
    return [s.state for s in timeline for _ in range(s.interval.seconds)]


STORIES = st.text("UUUDDG?", min_size=LENGTH, max_size=LENGTH)


@given(STORIES, st.integers(1, 15), st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_still_missing_nothing_false_is_claimed(
    story: str, every: int, data: st.DataObject
) -> None:
    said = tell(story, every)
    arrived = data.draw(st.sets(st.integers(0, max(0, len(said) - 1))))
    claims = data.draw(st.permutations(claims_of(said, arrived)))
    for second, state in enumerate(states(claims)):
        assert state in {State.UNKNOWN, LETTERS[story[second]]}


@given(STORIES, st.integers(1, 15), st.data())
@settings(max_examples=100, deadline=None)
def test_once_everything_has_arrived_the_story_is_known_to_the_second(
    story: str, every: int, data: st.DataObject
) -> None:
    said = tell(story, every)
    claims = claims_of(said, set(range(len(said))))
    twice = data.draw(st.permutations([*claims, *claims[: len(claims) // 2]]))
    assert states(twice) == [LETTERS[letter] for letter in story]


@given(STORIES, st.integers(1, 15), st.data())
@settings(max_examples=100, deadline=None)
def test_more_reports_in_order_never_make_known_time_unknown(
    story: str, every: int, data: st.DataObject
) -> None:
    said = tell(story, every)
    some = data.draw(st.integers(0, len(said)))
    more = data.draw(st.integers(some, len(said)))
    before = states(claims_of(said, set(range(some))))
    after = states(claims_of(said, set(range(more))))
    for old, new in zip(before, after, strict=True):
        assert old in {State.UNKNOWN, new}


def run_began(told: str, here: str) -> int:
    """Where the last run began; seconds that nobody knows do not break it."""
    began = len(told.rstrip(here))
    before = told[:began].rstrip("?")
    if before.endswith(here) and began - len(before) <= HOLE_S:
        return run_began(before, here)
    return began


@given(STORIES, st.integers(1, 15), st.integers(1, LENGTH))
@settings(max_examples=200, deadline=None)
def test_what_is_shown_live_is_the_last_letter_and_dates_from_where_its_run_began(
    story: str, every: int, now: int
) -> None:
    told = story[:now]
    here = told[-1]
    said = tell(told, every)
    if here != "?" and len(told) % every:
        said.pop()  # the running boot's next watermark is still to come
    who = REPORTING if here != "?" else SILENT
    claims = claims_of(said, set(range(len(said))))
    found = live_state([Source("a", "c")], claims, {"a": who}, at(now), carry_s=LENGTH)
    assert found.state is LETTERS[here]
    if claims:
        assert found.since == at(run_began(told, here))
        trouble = at(max(told.rfind("U") + 1, len(told) - len(told.lstrip("?"))))
        assert found.trouble_since == (None if here == "U" else trouble)
