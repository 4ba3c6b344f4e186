"""What one camera did, second by second: the join of everything that was ever claimed of it.

A ``Claim`` is one segment as the database holds it, put on the UTC axis. ``build`` (see its rules)
makes of any set of claims, in any order and with repeats, one gapless sequence of spans over a
window. What no claim covers is ``unknown``.

The rules, each of which only looks at the *set* of claims, so that order and repetition cannot
matter:

1. One segment, ``(source, boot, number)``, is taken once: closed beats open, even with an earlier
   end; of two open ones the one that reaches further (a watermark only grows).
2. Within a boot a segment counts up to the earliest start of any later-numbered one, even where
   that later one is too short to cover a second itself.
3. Within a source, where several boots cover a second, the better grade of clock counts, then the
   better state (up, degraded, down): two boots of one grade overlap by the little that a clock is
   off, or they are two machines with one name, of which each watched. A suspect clock's claims
   count for nothing: nobody knows when they were true.
4. Of several sources the better state counts, whatever their clocks.

A boot that goes on where another of its source ended leaves no trace: what touches and says the
same is one span.

All is done by at most two sweeps over sorted edges: O(n log n).
"""

import heapq
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Final, NamedTuple

from server.domain.clocks import SLACK_MS, Grade
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
        clock: How the boot's place on the UTC axis is known; the same for all its segments.
        machine: Where the boot ran, as it calls itself; None: it did not tell.
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
    clock: Grade = Grade.ASSUMED
    machine: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A piece of a timeline: one state and cause over an interval."""

    interval: Interval
    state: State
    cause: str | None = None
    detail: str | None = None


Timeline = tuple[Span, ...]
"""Spans that follow each other without hole or overlap and fill their window exactly."""

BETTER_FIRST: Final = {State.UP: 0, State.DEGRADED: 1, State.DOWN: 2, State.UNKNOWN: 3}
"""Rank of a state where two who looked disagree."""

_SURER_FIRST: Final = {Grade.MEASURED: 0, Grade.ASSUMED: 1}
_SLACK: Final = timedelta(milliseconds=SLACK_MS)
_Rank = tuple[int, int, str, str]

SEVERITY: Final = {State.UP: 0, State.UNKNOWN: 1, State.DEGRADED: 2, State.DOWN: 3}
"""Which state stands for a whole of several: the one with the greatest value."""


class _Piece(NamedTuple):
    """A stretch of one claim; of all pieces over a second the least ``rank`` counts."""

    start: datetime
    end: datetime
    rank: _Rank
    claim: Claim


def build(claims: Iterable[Claim], window: Interval) -> Timeline:
    """Join claims of one camera into spans that fill ``window``, unknown where nobody claimed.

    Adjacent spans differ in state, cause or detail.
    """
    by_source: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in _each_once(claims):
        by_source[claim.source].append(claim)
    pieces = [p for found in by_source.values() for p in _of_source(found)]
    return tuple(_fill(_sweep(pieces), window))


def newest_claims(claims: Iterable[Claim]) -> list[Claim]:
    """Return the last word of one source: its newest boot's highest number. None: an empty list.

    Of two machines with one name each has a last word: that of a boot which ran on beside the
    newest for longer than clocks may contradict each other is given, too. So is that of a boot
    which ran on another machine: whether it goes on is seen at its next word only.
    """
    boots = _by_boot(_each_once(claims))
    if not boots:
        return []
    newest = max(boots, key=lambda found: min((c.start, c.boot) for c in found))
    beside = min(c.start for c in newest) + _SLACK
    words = ((found, max(found, key=lambda c: c.number)) for found in boots)
    elsewhere = {None, newest[0].machine}
    return [
        word
        for found, word in words
        if found is newest
        or word.end > beside
        or (newest[0].machine is not None and word.machine not in elsewhere)
    ]


def _each_once(claims: Iterable[Claim]) -> Iterable[Claim]:
    """Take each segment once (rule 1), and none whose time is not known (rule 3)."""
    best: dict[tuple[str, str, int], Claim] = {}
    for claim in claims:
        if claim.clock is Grade.SUSPECT:
            continue
        key = (claim.source, claim.boot, claim.number)
        known = best.get(key)
        if known is None or _weight(claim) > _weight(known):
            best[key] = claim
    return best.values()


def _weight(claim: Claim) -> tuple[bool, datetime, datetime, str, str, str]:
    """Order two tellings of one segment; the last four only make the choice total."""
    return (
        not claim.open,
        claim.end,
        claim.start,
        claim.state,
        claim.cause or "",
        claim.detail or "",
    )


def _of_source(claims: Iterable[Claim]) -> Iterator[_Piece]:
    """Join the boots of one source (rules 2 and 3), ranked for rule 4."""
    pieces = (piece for found in _by_boot(claims) for piece in _of_boot(found))
    for piece in _sweep(pieces):
        yield piece._replace(rank=(0, *piece.rank[1:])) if piece.rank[0] else piece


def _by_boot(claims: Iterable[Claim]) -> list[list[Claim]]:
    """Part the claims of one source by boot."""
    by_boot: defaultdict[str, list[Claim]] = defaultdict(list)
    for claim in claims:
        by_boot[claim.boot].append(claim)
    return list(by_boot.values())


def _of_boot(claims: Iterable[Claim]) -> Iterator[_Piece]:
    """Cut each claim of one boot at the earliest later-numbered start (rule 2)."""
    cut: datetime | None = None
    for claim in sorted(claims, key=lambda c: c.number, reverse=True):
        end = claim.end if cut is None else min(claim.end, cut)
        if claim.start < end and claim.state is not State.UNKNOWN:
            yield _Piece(claim.start, end, _rank(claim), claim)
        cut = claim.start if cut is None else min(cut, claim.start)


def _rank(claim: Claim) -> _Rank:
    """Rank a claim among those of its source (rule 3); the reasons only make the choice total."""
    return (
        _SURER_FIRST[claim.clock],
        BETTER_FIRST[claim.state],
        claim.cause or "",
        claim.detail or "",
    )


def _sweep(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Yield the pieces of least rank, cut so that they follow each other without overlap."""
    waiting = sorted(pieces, key=attrgetter("start"))
    if all(one.end <= after.start for one, after in pairwise(waiting)):
        yield from waiting  # one boot, or boots one after another: nearly always
        return
    edges = sorted({edge for p in waiting for edge in (p.start, p.end)})
    active: list[tuple[_Rank, int]] = []
    at = 0
    for here, there in pairwise(edges):
        while at < len(waiting) and waiting[at].start <= here:
            heapq.heappush(active, (waiting[at].rank, at))
            at += 1
        while active and waiting[active[0][1]].end <= here:
            heapq.heappop(active)
        if active:
            yield waiting[active[0][1]]._replace(start=here, end=there)


def _fill(pieces: Iterable[_Piece], window: Interval) -> Iterator[Span]:
    """Cut to the window, fill holes with unknown, merge what is equal."""
    spans: list[Span] = []
    reached = window.start
    for piece in pieces:
        start, end = max(piece.start, window.start), min(piece.end, window.end)
        if start >= end:
            continue
        if reached < start:
            spans.append(Span(interval=Interval(reached, start), state=State.UNKNOWN))
        claim = piece.claim
        spans.append(
            Span(
                interval=Interval(start, end),
                state=claim.state,
                cause=claim.cause,
                detail=claim.detail,
            )
        )
        reached = end
    if reached < window.end:
        spans.append(Span(interval=Interval(reached, window.end), state=State.UNKNOWN))
    return merged(spans)


def cut_to(timeline: Timeline, window: Interval) -> Timeline:
    """Return the part of a timeline that lies in ``window``."""
    first = bisect_right(timeline, window.start, key=lambda s: s.interval.end)
    last = bisect_left(timeline, window.end, key=lambda s: s.interval.start)
    parts = ((s, s.interval.cut(window)) for s in timeline[first:last])
    return tuple(replace(s, interval=common) for s, common in parts if common is not None)


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """Join neighbours that touch and say the same."""
    held: Span | None = None
    for span in spans:
        if held is None:
            held = span
        elif held.interval.end == span.interval.start and _says(held) == _says(span):
            held = replace(held, interval=Interval(held.interval.start, span.interval.end))
        else:
            yield held
            held = span
    if held is not None:
        yield held


def _says(span: Span) -> tuple[State, str | None, str | None]:
    """Return what must be equal for two spans to be one."""
    return span.state, span.cause, span.detail
