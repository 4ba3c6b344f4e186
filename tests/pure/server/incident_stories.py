"""Stories for hypothesis: what befalls a town's cameras, agents and its centre, at random.

A story is a few happenings laid over each other: single troubles, many at once, things that come
and go, silences. Its observations contradict nobody's rules, so any order of them may occur.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from hypothesis import strategies as st

from server.domain.incident.rules import Rules
from server.domain.incident.signals import Aspect, Observation, Signal, Subject
from tests.pure.server.incident_world import Town, agent, at, camera, centre, seen

RULES = Rules(line_least=3)
BROKER = centre("broker")
DOOR = Subject(Aspect.GATE_DOOR, "s/door")
CAMERAS = (*(camera(f"s.{i}") for i in range(6)), *(camera(f"t.{i}") for i in range(4)))
AGENTS = tuple(agent(a) for a in ("s-a0", "t-a0", "t-a1", "u-a0", "v-a0", "w-a0"))
OTHERS = (BROKER, centre("disk"), Subject(Aspect.SPOOL, "s-a0"), DOOR)
SUBJECTS = (*CAMERAS, *AGENTS, *OTHERS)
CAUSES = (
    "network.timeout",
    "rtsp.auth",
    "picture.covered",
    "stream.lossy",
    "recording.missing",
)
_GAPS = st.sampled_from([0, 1, 3, 7, 25, 50, 95, 140, 700, 2000, 20_000])
_LAGS = st.sampled_from([0, 5, 38, 76])


class Move(NamedTuple):
    """At ``s`` seconds a subject is seen so, true since ``lag`` seconds."""

    s: int
    subject: Subject
    signal: Signal
    lag: int = 0
    cause: str = ""


def town(*, always: bool | None = None) -> Town:
    """Two schools with cameras, a recorder among them, and three small ones."""
    found = Town(always=always)
    found.add_school("s", cameras=6, hosts={1: "nvr", 2: "nvr", 3: "nvr"})
    found.add_school("t", cameras=4, agents=2)
    for name in "uvw":
        found.add_school(name, cameras=1)
    return found


@st.composite
def _together(draw: st.DrawFn, subjects: Sequence[Subject]) -> list[Move]:
    """Several fail at nearly the same time, and come back one after the other, or not."""
    start, length = draw(st.integers(0, 4000)), draw(_GAPS)
    cause = draw(st.sampled_from(CAUSES))
    kind = draw(st.sampled_from([CAMERAS[:6], CAMERAS[6:], AGENTS, AGENTS[1:3], OTHERS[:1]]))
    chosen = draw(st.lists(st.sampled_from(kind), min_size=1, max_size=6, unique=True))
    moves = []
    for subject in chosen:
        if subject not in subjects:
            continue
        first = start + draw(st.sampled_from([0, 2, 9, 30, 61]))
        moves.append(Move(first, subject, Signal.TROUBLE, draw(_LAGS), cause))
        if draw(st.booleans()):
            moves.append(Move(first + length + draw(_GAPS), subject, Signal.OK))
    return moves


@st.composite
def _flapping(draw: st.DrawFn, subjects: Sequence[Subject]) -> list[Move]:
    """One subject fails again and again."""
    subject = draw(st.sampled_from(subjects))
    when, moves = draw(st.integers(0, 4000)), []
    failed, well = draw(_GAPS), draw(_GAPS)
    for _ in range(draw(st.integers(2, 7))):
        moves.append(Move(when, subject, Signal.TROUBLE, 0, draw(st.sampled_from(CAUSES[:3]))))
        moves.append(Move(when + failed, subject, Signal.OK))
        when += failed + well
    return moves


@st.composite
def _held_back(draw: st.DrawFn, subjects: Sequence[Subject]) -> list[Move]:
    """An agent, or the centre, is away or unknown, and cameras fail before, meanwhile or after."""
    parent, cameras = draw(
        st.sampled_from([(AGENTS[0], CAMERAS[:6]), (AGENTS[1], CAMERAS[6::2]), (BROKER, CAMERAS)])
    )
    if parent not in subjects:
        return []
    start, length = draw(st.integers(0, 4000)), draw(_GAPS)
    signal = draw(st.sampled_from([Signal.TROUBLE, Signal.UNKNOWN]))
    end = draw(st.sampled_from([Signal.OK, Signal.OK, Signal.GONE]))
    cause = "agent.silent" if signal is Signal.TROUBLE else ""
    moves = [
        Move(start, parent, signal, draw(_LAGS), cause),
        Move(start + length, parent, end),
    ]
    for subject in draw(st.lists(st.sampled_from(cameras), max_size=4, unique=True)):
        when = start + draw(st.sampled_from([-100, -40, -20, 0, 1, length, length + 1]))
        moves.append(
            Move(when, subject, Signal.TROUBLE, draw(_LAGS), draw(st.sampled_from(CAUSES)))
        )
        if draw(st.booleans()):
            moves.append(Move(start + draw(_GAPS), subject, Signal.UNKNOWN))
    return moves


@st.composite
def _single(draw: st.DrawFn, subjects: Sequence[Subject]) -> list[Move]:
    signal = draw(st.sampled_from([Signal.TROUBLE, Signal.TROUBLE, Signal.OK, Signal.UNKNOWN]))
    cause = draw(st.sampled_from(CAUSES)) if signal is Signal.TROUBLE else ""
    when = draw(st.integers(0, 40_000))
    return [Move(when, draw(st.sampled_from(subjects)), signal, draw(_LAGS), cause)]


@st.composite
def stories(draw: st.DrawFn, subjects: Sequence[Subject] = SUBJECTS) -> list[Observation]:
    """Draw a story: observations in order of time, at least one."""
    happening = st.one_of(
        _together(subjects), _flapping(subjects), _held_back(subjects), _single(subjects)
    )
    parts = draw(st.lists(happening, min_size=1, max_size=8))
    moves = [move for part in parts for move in part] or [Move(0, subjects[0], Signal.OK)]
    begin = at(draw(st.sampled_from([0, 9 * 3600, 24 * 3600 * 5])))
    return [
        seen(
            move.subject,
            move.signal,
            begin + timedelta(seconds=move.s),
            since=begin + timedelta(seconds=move.s - move.lag),
            cause=move.cause,
        )
        for move in sorted(moves, key=lambda m: m.s)
    ]
