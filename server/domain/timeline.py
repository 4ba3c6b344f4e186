"""What one camera did, second by second: the join of everything that was ever claimed of it.

A ``Claim`` is one segment as the database holds it, put on the UTC axis. ``build`` (see its rules)
makes of any set of claims, in any order and with repeats, one gapless sequence of spans over a
window. What no claim covers is ``unknown``.
"""

from dataclasses import dataclass
from datetime import datetime

from server.domain.interval import Interval
from wire.vocabulary import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One segment of one source, on the UTC axis, whole seconds.

    Attributes:
        source: Which agent's eye (any hashable text); two sources count as the better of the two.
        boot: The agent's run.
        number: Rises within ``(source, boot)`` in the order in which the changes began.
        state: Never ``unknown``.
        start: When the state began.
        end: When it ended; an open segment's is the effective watermark of its boot, or the
            camera's last good moment where the watermark holds the camera back. May equal
            ``start``: then it covers nothing.
        open: Whether the edge has not closed it.
        cause: Word of the vocabulary, or a newer agent's.
        detail: A short fact for the technician.
    """

    source: str
    boot: str
    number: int
    state: State
    start: datetime
    end: datetime
    open: bool
    cause: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a timeline: one state and cause over an interval."""

    interval: Interval
    state: State
    cause: str | None = None
    detail: str | None = None


Timeline = tuple[Span, ...]
"""Spans that follow each other without hole or overlap and fill their window exactly."""
