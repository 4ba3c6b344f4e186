"""Late history changes an incident's times and nothing else."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.incident.memory import Memory
from server.domain.incident.signals import Aspect, Signal, Subject
from server.domain.liveness import (
    CARRY_MARGIN_S,
    Presence,
    PresenceKind,
    PresenceWhy,
    live_state,
)
from server.domain.retelling import retold
from server.domain.units import Source
from server.watching.agents import SILENT, presence_findings
from server.watching.eyes import camera_finding
from server.watching.heard import Finding, Heard
from tests.pure.server.drawn import T0, at, claim, drawings, line
from wire.vocabulary import State

UP, DOWN = State.UP, State.DOWN


@pytest.mark.parametrize(
    ("drawing", "told", "shown"),
    [
        pytest.param("UUDDDDUU", (2, 6), (2, 6), id="as it was told"),
        pytest.param("DDDDDDUU", (3, 6), (0, 6), id="it had begun before"),
        pytest.param("UUUDDDUU", (1, 6), (3, 6), id="it began later"),
        pytest.param("UUDDUUUU", (2, 7), (2, 4), id="it was over long before"),
        pytest.param("UDDUUDUU", (1, 7), (1, 6), id="two troubles under one incident"),
        pytest.param("UUDD???U", (2, 7), (2, 7), id="what nobody knows may still have been it"),
        pytest.param("UUUUUUUU", (2, 6), (2, 6), id="never down: its own moments stay"),
        pytest.param("UUGGGGUU", (2, 6), (2, 6), id="a poor picture is another trouble"),
        pytest.param("UUDDDDDD", (2, 6), (2, 6), id="a run to the window's end tells no end"),
        pytest.param("DDDDDDDD", (3, None), (0, None), id="open, and begun before"),
        pytest.param("UUDDUUDD", (2, None), (2, None), id="open, and once over in between"),
        pytest.param("DDUUUDDU", (5, 7), (5, 7), id="an earlier trouble is not this one"),
        pytest.param("UDDDUUDD", (1, 4), (1, 4), id="a later trouble is not this one"),
        pytest.param(
            "DDUUDDUU", (2, 6), (4, 6), id="what was over at its beginning is not this one"
        ),
    ],
)
def test_times_are_told_again(
    drawing: str, told: tuple[int, int | None], shown: tuple[int, int | None]
) -> None:
    began, ended = retold(line(drawing), at(told[0]), None if told[1] is None else at(told[1]))
    assert (began, ended) == (at(shown[0]), None if shown[1] is None else at(shown[1]))


@given(drawing=drawings(12), began=st.integers(0, 10), length=st.integers(1, 5))
def test_telling_twice_is_telling_once(drawing: str, began: int, length: int) -> None:
    timeline = line(drawing)
    once = retold(timeline, at(began), at(began + length))
    assert retold(timeline, *once) == once
    assert once[1] is not None
    assert once[0] < once[1]


REPORTS = Presence(kind=PresenceKind.REPORTING, why=PresenceWhy.REPORTED_IN_TIME)
EYE = Source("a", "c")
DAY = 86_400


@given(
    history=st.lists(
        st.tuples(st.integers(0, 3 * DAY - 200), st.integers(1, DAY), st.sampled_from([UP, DOWN])),
        max_size=12,
    ),
    now_down_s=st.none() | st.integers(1, 4 * DAY),
)
def test_whatever_was_in_the_past_only_what_is_down_now_rings(
    history: list[tuple[int, int, State]], now_down_s: int | None
) -> None:
    """Three days of late history, in any state, beside a present that is told by a newer boot."""
    present = 3 * DAY
    now = T0 + timedelta(seconds=present)
    past = [
        claim(start, min(start + length, present - 120), state, boot="old", number=n)
        for n, (start, length, state) in enumerate(sorted(history, key=lambda h: h[0]), 1)
        if start < present - 120
    ]
    since = present - 300 if now_down_s is None else max(present - 110, present - now_down_s)
    state = UP if now_down_s is None else DOWN
    live = claim(since, present, state, boot="new", number=1, is_open=True)
    seen = live_state((EYE,), [*past, live], {"a": REPORTS}, now, carry_s=75 + CARRY_MARGIN_S)
    news = Heard(Memory()).news([camera_finding("c", seen, now)], now)
    assert [o.signal for o in news] == ([] if now_down_s is None else [Signal.TROUBLE])


def test_a_silent_gate_pc_that_returns_recovers_once() -> None:
    heard = Heard(Memory())
    agent = Subject(Aspect.AGENT, "a")
    silent = Finding(subject=agent, signal=Signal.TROUBLE, since=at(0), cause=SILENT)
    assert len(heard.news([silent], at(80))) == 1
    back = list(presence_findings({"a": REPORTS}, heard, at(900)))
    assert [o.signal for o in heard.news(back, at(900))] == [Signal.OK]
    assert list(presence_findings({"a": REPORTS}, heard, at(902))) == []
