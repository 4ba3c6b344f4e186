"""Whether one point was met, second by second.

A point is met while the number of cameras that it needs is up. A camera whose state is unknown
makes a second one that nobody can tell; not met is only what is sure. Required time is cut at every
change of one of the point's cameras, so the sums are exact.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from server.domain.interval import Interval, union
from server.domain.timeline import Timeline
from wire.vocabulary import State


class Met(StrEnum):
    """Whether a point had its number of working cameras."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetSeconds:
    """Required seconds of one or many points, split; they sum to the required time."""

    met: int = 0
    not_met: int = 0
    cannot_tell: int = 0

    @property
    def required(self) -> int:
        """All required seconds."""
        return self.met + self.not_met + self.cannot_tell

    @property
    def low(self) -> Fraction | None:
        """The sure share; None when nothing is required."""
        return Fraction(self.met, self.required) if self.required else None

    @property
    def high(self) -> Fraction | None:
        """The share if all that cannot be told was met; None as above."""
        return Fraction(self.met + self.cannot_tell, self.required) if self.required else None

    def __add__(self, other: "MetSeconds") -> "MetSeconds":
        return MetSeconds(
            met=self.met + other.met,
            not_met=self.not_met + other.not_met,
            cannot_tell=self.cannot_tell + other.cannot_tell,
        )


def met_over(seconds: MetSeconds, percent: float | None, *, untold: bool) -> Met | None:
    """Compare a share of required time with the percentage that is asked for.

    None: none is asked for, or nothing was required. ``untold``: there is time of which nobody can
    say what was required, so nothing is known of the whole.
    """
    if percent is None:
        return None
    if untold:
        return Met.CANNOT_TELL
    low, high = seconds.low, seconds.high
    if low is None or high is None:
        return None
    asked = Fraction(str(percent)) / 100
    if low >= asked:
        return Met.MET
    return Met.NOT_MET if high < asked else Met.CANNOT_TELL


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSums:
    """Points of a zone, a school or a district, and their required seconds. Adding sums them.

    Attributes:
        required: Points.
        installed: Points with as many cameras as needed.
        certain: Points met now for sure.
        possible: Points that may be met now.
        seconds: Their required time, split.
        unset_zones: Zones for which the plan sets no number: not scored.
    """

    required: int = 0
    installed: int = 0
    certain: int = 0
    possible: int = 0
    seconds: MetSeconds = field(default_factory=MetSeconds)
    unset_zones: int = 0

    def __add__(self, other: "PointSums") -> "PointSums":
        return PointSums(
            required=self.required + other.required,
            installed=self.installed + other.installed,
            certain=self.certain + other.certain,
            possible=self.possible + other.possible,
            seconds=self.seconds + other.seconds,
            unset_zones=self.unset_zones + other.unset_zones,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSpan:
    """Evidence: required time in which a point was not met, or nobody can tell.

    ``certain`` and ``possible`` count its cameras that were up; ``failing`` names the others.
    """

    interval: Interval
    met: Met
    certain: int
    possible: int
    failing: tuple[str, ...]


def met_by(need: int, certain: int, possible: int) -> Met:
    """Compare what is needed with what is up for sure and at best."""
    if certain >= need:
        return Met.MET
    return Met.CANNOT_TELL if possible >= need else Met.NOT_MET


def split_seconds(spans: Iterable[ZoneSpan]) -> MetSeconds:
    """Sum spans by verdict."""
    seconds = Counter[Met]()
    for span in spans:
        seconds[span.met] += span.interval.seconds
    return MetSeconds(
        met=seconds[Met.MET],
        not_met=seconds[Met.NOT_MET],
        cannot_tell=seconds[Met.CANNOT_TELL],
    )


def watched(state: State, cause: str | None, counts: Collection[str]) -> State:
    """Return the state that counts: a degraded picture of one of these causes counts as up."""
    return State.UP if state is State.DEGRADED and cause in counts else state


def met_spans(
    need: int,
    timelines: Mapping[str, Timeline],
    counted: Iterable[Interval],
    *,
    counts: Collection[str] = (),
) -> list[ZoneSpan]:
    """Cut required time at every change of one of the zone's cameras and judge each piece.

    ``counts``: causes of a degraded picture that still counts as watched.
    """
    moves = sorted(
        (at, camera, state)
        for camera, timeline in timelines.items()
        for at, state in _changes(timeline, counts)
    )
    states = dict.fromkeys(timelines, State.UNKNOWN)
    found: list[ZoneSpan] = []
    reached = 0
    for span in union(counted):
        start = span.start
        while start < span.end:
            while reached < len(moves) and moves[reached][0] <= start:
                states[moves[reached][1]] = moves[reached][2]
                reached += 1
            end = min(span.end, moves[reached][0]) if reached < len(moves) else span.end
            _append(found, _judge_span(Interval(start, end), need, states))
            start = end
    return found


def _changes(timeline: Timeline, counts: Collection[str]) -> Iterator[tuple[datetime, State]]:
    """Yield when a camera turns to which state; after its timeline it is unknown."""
    for span in timeline:
        yield span.interval.start, watched(span.state, span.cause, counts)
    if timeline:
        yield timeline[-1].interval.end, State.UNKNOWN


def _judge_span(interval: Interval, need: int, states: Mapping[str, State]) -> ZoneSpan:
    """Judge a stretch in which nothing changes."""
    certain = sum(s is State.UP for s in states.values())
    possible = certain + sum(s is State.UNKNOWN for s in states.values())
    return ZoneSpan(
        interval=interval,
        met=met_by(need, certain, possible),
        certain=certain,
        possible=possible,
        failing=tuple(c for c, s in states.items() if s is not State.UP),
    )


def _append(found: list[ZoneSpan], span: ZoneSpan) -> None:
    """Add a span, or lengthen the last one if it touches and says the same."""
    last = found[-1] if found else None
    if last is not None and last.interval.end == span.interval.start:
        longer = replace(last, interval=Interval(last.interval.start, span.interval.end))
        if longer == replace(span, interval=longer.interval):
            found[-1] = longer
            return
    found.append(span)
