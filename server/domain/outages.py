"""Outages: the contiguous spans of a timeline in which a camera was not up.

An outage may change its state and cause while it lasts (a timeout turns into a refused password);
its history keeps them all, and its headline is the worst state, for the cause that it had longest.
Time in which nobody looked is a part of it (or, alone, one of state ``unknown``).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from server.domain.interval import Interval, intersect, union
from server.domain.timeline import SEVERITY, Span, Timeline
from wire.vocabulary import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """One contiguous time of not being up.

    Attributes:
        state: The worst state of its history (down, degraded, unknown).
        cause: The cause that lasted longest in that state.
        start: When it began (the window's start, if ``cut_at_start``).
        end: When it was over; None while it runs on at the window's end.
        seconds: Its length, up to the window's end.
        counted_seconds: As much of it as lies in counted time.
        history: Its spans, in order.
    """

    state: State
    cause: str | None
    start: datetime
    end: datetime | None
    seconds: int
    counted_seconds: int
    history: tuple[Span, ...]
    cut_at_start: bool = False


def outages(timeline: Timeline, *, counted: Iterable[Interval] | None = None) -> tuple[Outage, ...]:
    """Return a timeline's outages in order; given ``counted``, those alone that touch it."""
    found = []
    spans = None if counted is None else union(counted)
    for up, group in groupby(timeline, key=lambda s: s.state is State.UP):
        if up:
            continue
        outage = _outage(tuple(group), timeline, spans)
        if spans is None or outage.counted_seconds:
            found.append(outage)
    return tuple(found)


def _outage(
    history: tuple[Span, ...], timeline: Timeline, counted: Sequence[Interval] | None
) -> Outage:
    """Sum up one run of spans that are not up."""
    whole = Interval(history[0].interval.start, history[-1].interval.end)
    worst = max((s.state for s in history), key=SEVERITY.__getitem__)
    inside = (whole,) if counted is None else intersect((whole,), counted)
    return Outage(
        state=worst,
        cause=_main_cause(s for s in history if s.state is worst),
        start=whole.start,
        end=None if history[-1] is timeline[-1] else whole.end,
        seconds=whole.seconds,
        counted_seconds=sum(s.seconds for s in inside),
        history=history,
        cut_at_start=history[0] is timeline[0],
    )


def _main_cause(spans: Iterable[Span]) -> str | None:
    """Return the cause with the most seconds; of equals the one seen first."""
    seconds = Counter[str | None]()
    for span in spans:
        seconds[span.cause] += span.interval.seconds
    return max(seconds, key=seconds.__getitem__)
