"""What a camera answers to "what time is it?", and how far that is from ours. Pure.

A reading has whole seconds and was made somewhere on its way, so half of the way and half of a
second are taken off, and of several readings the one with the shortest way counts: it can be wrong
by half its way and half a second at most.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from edge.onvif.markup import Node

_HALF_SECOND_MS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """A camera's answer: its UTC and its local time (naive), either of which may be missing."""

    utc: datetime | None
    local: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offset:
    """A camera's clock minus ours, in ms.

    Attributes:
        utc_ms: By what it calls UTC (its local time where it tells nothing else: see ``is_local``).
        error_ms: Half the way there and back, plus the half second: the most it can be wrong.
        local_ms: What it calls local time, minus our UTC: its zone's offset plus its clock's.
    """

    utc_ms: int
    error_ms: int
    local_ms: int | None = None


def read_clocks(answer: Node) -> Clocks:
    """Return the times in a GetSystemDateAndTimeResponse; nonsense (month 0) counts as missing."""
    return Clocks(utc=_time(answer.find("UTCDateTime")), local=_time(answer.find("LocalDateTime")))


def offset(clocks: Clocks, *, asked: datetime, answered: datetime) -> Offset | None:
    """Return how far off the camera is; ``asked`` and ``answered`` are ours, around the answer."""
    if clocks.utc is None:
        return None
    way_ms = (answered - asked).total_seconds() * 1000
    middle = asked + (answered - asked) / 2
    return Offset(
        utc_ms=_ms(clocks.utc, middle),
        error_ms=round(abs(way_ms) / 2) + _HALF_SECOND_MS,
        local_ms=_ms(clocks.local, middle) if clocks.local else None,
    )


def best(offsets: Iterable[Offset | None]) -> Offset | None:
    """Return the surest of several readings."""
    read = [one for one in offsets if one is not None]
    return min(read, key=lambda one: one.error_ms, default=None)


def _time(node: Node | None) -> datetime | None:
    if node is None:
        return None
    words = [node.said(group, part) for group, part in _PARTS]
    try:
        return datetime(*(int(word or "") for word in words), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except (ValueError, OverflowError):
        return None


_PARTS: Final = (
    ("Date", "Year"),
    ("Date", "Month"),
    ("Date", "Day"),
    ("Time", "Hour"),
    ("Time", "Minute"),
    ("Time", "Second"),
)


def _ms(theirs: datetime, ours: datetime) -> int:
    return round((theirs - ours).total_seconds() * 1000) + _HALF_SECOND_MS
