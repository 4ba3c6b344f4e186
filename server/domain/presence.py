"""Who was on duty at a gate, second by second, from the shift events of its log. Pure.

A guard takes over (``taking``) and hands over. Between the two they were there. Who took over and
never handed over was there for sure until the end of the shift that they took over for; after it
nobody can tell, until they are heard of again or ``LONGEST`` has passed. Time in which the gate's
log is not known (its gate PC did not report) can't be told either: late events amend it, because
all of this is reckoned on reading.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from server.domain.interval import Interval, union
from server.domain.points import Met, MetSeconds, met_by

LONGEST: Final = timedelta(hours=24)
"""Nobody is on duty for longer: after it a forgotten hand-over means nothing any more."""
EARLY: Final = timedelta(hours=1)
"""Whoever takes over so shortly before a shift ends takes over for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class ShiftEvent:
    """One guard (a code) took over or handed over, at a whole second of UTC.

    ``sure``: the clock was right and the code belongs to a guard of the school.
    """

    at: datetime
    guard: str
    taking: bool
    sure: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDuty:
    """A guard was there, for sure or maybe."""

    guard: str
    interval: Interval
    sure: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DutySpan:
    """Required time with as many guards: ``certain`` for sure, ``possible`` at best.

    ``need`` None: nobody can say how many must be there.
    """

    interval: Interval
    met: Met
    need: int | None
    certain: int
    possible: int
    known: bool


def on_duty(
    events: Iterable[ShiftEvent], shifts: Sequence[Interval], *, now: datetime
) -> list[OnDuty]:
    """Return who was there when; one guard's pieces never overlap, repeats change nothing.

    ``shifts``: the gate's shifts, each for itself, in any order.
    """
    by_guard: dict[str, list[ShiftEvent]] = {}
    for event in sorted(events):
        by_guard.setdefault(event.guard, []).append(event)
    ends = sorted(shift.end for shift in shifts)
    return [
        duty
        for own in by_guard.values()
        for event, after in zip(own, (*own[1:], None), strict=True)
        if event.taking
        for duty in _duties(event, after, ends, now)
    ]


def _duties(
    event: ShiftEvent, after: ShiftEvent | None, ends: Sequence[datetime], now: datetime
) -> Iterator[OnDuty]:
    """Yield what one taking over means, up to the same guard's next event."""
    latest = min(now, event.at + LONGEST)
    if after is not None and not after.taking and after.at <= latest:
        yield from _duty(event.guard, event.at, after.at, sure=event.sure and after.sure)
        return
    until = min(latest, after.at) if after is not None else latest
    shift_end = next((end for end in ends if end > event.at + EARLY), event.at)
    certain = min(until, shift_end)
    yield from _duty(event.guard, event.at, certain, sure=event.sure)
    yield from _duty(event.guard, certain, until, sure=False)


def _duty(guard: str, start: datetime, end: datetime, *, sure: bool) -> Iterator[OnDuty]:
    if start < end:
        yield OnDuty(guard=guard, interval=Interval(start, end), sure=sure)


def duty_spans(
    need: int | None,
    required: Iterable[Interval],
    duties: Iterable[OnDuty],
    known: Sequence[Interval],
) -> list[DutySpan]:
    """Return required time, cut wherever the number of guards changes; the same side by side once.

    Where the log is not ``known``, or nobody can say how many are needed (``need`` None), nothing
    can be told.
    """
    found: list[DutySpan] = []
    there = list(duties)
    for span in union(required):
        near = [d for d in there if d.interval.start < span.end and d.interval.end > span.start]
        told = [k for k in known if k.start < span.end and k.end > span.start]
        for piece in _pieces(span, [d.interval for d in near] + told):
            _add(found, _judged(need, piece, near, told))
    return found


def duty_seconds(spans: Iterable[DutySpan]) -> MetSeconds:
    """Sum spans by verdict."""
    seconds = Counter[Met]()
    for span in spans:
        seconds[span.met] += span.interval.seconds
    return MetSeconds(
        met=seconds[Met.MET],
        not_met=seconds[Met.NOT_MET],
        cannot_tell=seconds[Met.CANNOT_TELL],
    )


def _pieces(span: Interval, cuts: Iterable[Interval]) -> Iterator[Interval]:
    inside = {m for cut in cuts for m in (cut.start, cut.end) if span.start < m < span.end}
    edges = [span.start, *sorted(inside), span.end]
    return (Interval(a, b) for a, b in pairwise(edges))


def _judged(
    need: int | None, piece: Interval, duties: Iterable[OnDuty], known: Iterable[Interval]
) -> DutySpan:
    here = [duty for duty in duties if duty.interval.contains(piece.start)]
    certain, possible = sum(duty.sure for duty in here), len(here)
    told = any(span.contains(piece.start) for span in known)
    met = met_by(need, certain, possible) if told and need is not None else Met.CANNOT_TELL
    return DutySpan(
        interval=piece, met=met, need=need, certain=certain, possible=possible, known=told
    )


def _add(found: list[DutySpan], new: DutySpan) -> None:
    """Append a span, or lengthen the last one where nothing changed."""
    last = found[-1] if found else None
    if last is not None and last.interval.end == new.interval.start:
        longer = replace(new, interval=Interval(last.interval.start, new.interval.end))
        if replace(last, interval=longer.interval) == longer:
            found[-1] = longer
            return
    found.append(new)
