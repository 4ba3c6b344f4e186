"""Timelines drawn as text, a letter a second: U up, G degraded, D down, ? unknown."""

from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from hypothesis import strategies as st

from server.domain.clocks import Grade
from server.domain.interval import Interval
from server.domain.timeline import Claim, Span, Timeline
from wire.vocabulary import State

T0: Final = datetime(2026, 11, 23, tzinfo=UTC)  # a Monday, 07:00 in Viet Nam
LETTERS: Final = {
    "U": State.UP,
    "G": State.DEGRADED,
    "D": State.DOWN,
    "?": State.UNKNOWN,
}
CAUSES: Final = {"U": None, "G": "picture.black", "D": "network.timeout", "?": None}


def at(second: int) -> datetime:
    """Return a moment in seconds after the drawing's start."""
    return T0 + timedelta(seconds=second)


def span(start: int, end: int) -> Interval:
    """Return a span in seconds after the drawing's start."""
    return Interval(at(start), at(end))


def line(text: str, *, start: int = 0) -> Timeline:
    """Return the timeline that ``text`` draws."""
    spans = []
    for letter, group in groupby(text):
        end = start + len(list(group))
        spans.append(Span(interval=span(start, end), state=LETTERS[letter], cause=CAUSES[letter]))
        start = end
    return tuple(spans)


def marked(text: str, letter: str = "#") -> tuple[Interval, ...]:
    """Return the spans in which ``text`` shows ``letter``."""
    found = []
    start = 0
    for shown, group in groupby(text):
        end = start + len(list(group))
        if shown == letter:
            found.append(span(start, end))
        start = end
    return tuple(found)


def drawings(length: int) -> st.SearchStrategy[str]:
    """Return a strategy of drawings."""
    return st.text("UGD?", min_size=length, max_size=length)


def masks(length: int) -> st.SearchStrategy[str]:
    """Return a strategy of masks, ``#`` where something counts."""
    return st.text("#.", min_size=length, max_size=length)


def claim(
    start: int,
    end: int,
    state: State = State.UP,
    *,
    source: str = "a/c",
    boot: str = "b1",
    number: int = 1,
    is_open: bool = False,
    cause: str | None = None,
    clock: Grade = Grade.ASSUMED,
) -> Claim:
    """Return a claim in seconds after the drawing's start."""
    return Claim(
        source=source,
        boot=boot,
        number=number,
        state=state,
        start=at(start),
        end=at(end),
        open=is_open,
        cause=cause,
        clock=clock,
    )
