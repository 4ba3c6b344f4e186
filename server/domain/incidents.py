"""Outages: the contiguous spans of a timeline in which a camera was not up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from server.domain.interval import Interval
from server.domain.timeline import Span, Timeline
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


def outages(timeline: Timeline, *, counted: Sequence[Interval] | None = None) -> tuple[Outage, ...]:
    """Return a timeline's outages in order; given ``counted``, those alone that touch it."""
    raise NotImplementedError
