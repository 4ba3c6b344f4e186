"""Which looks of the watch are played: those at which something may be news.

It looks every two seconds, 43,200 times a day. Nearly all of them find nothing: see ``centre``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from math import ceil
from typing import Final

from tests.alerts.eyes import GatePc
from tests.alerts.truth import Truth

LOOK_S: Final = 2
SILENT_S: Final = 75
_WILL_S: Final = 10
_HEARTBEAT_S: Final = 1800
_AFTER_S: Final = 200
_MANY_LEAST: Final = 3
_MANY_SHARE: Final = 1 / 8
"""So many gate PCs at nearly one time may be a line, or the centre's."""


def looks_of(
    truth: Truth,
    pcs: Mapping[str, GatePc],
    deeds: Sequence[datetime],
    *,
    dense: tuple[datetime, datetime] | None,
) -> Iterator[float]:
    """Yield moments in seconds of the story; ``deeds``: when people change something.

    ``dense``: every look from then to then.
    """

    def s_of(moment: datetime) -> float:
        return (moment - truth.start).total_seconds()

    end_s = int(s_of(truth.end))
    yield from map(float, range(0, end_s, _HEARTBEAT_S))
    if truth.gate_counts:
        yield from map(float, range(0, end_s, 300))
    for _, start, end in truth.broken:
        yield from map(float, range(int(s_of(start)), int(s_of(end)) + 3600, 30))
    for pc in pcs.values():
        moments = chain(pc.items, (first for first, _ in pc.links), _silences(pc))
        yield from map(look_after, moments)
    spans = [(s_of(start), s_of(end) + _AFTER_S) for start, end in _busy(truth, deeds)]
    spans += [] if dense is None else [(s_of(dense[0]), s_of(dense[1]))]
    many = max(_MANY_LEAST, int(len(pcs) * _MANY_SHARE))
    for first_s, last_s in chain(spans, _many(truth, many)):
        yield from map(float, range(int(first_s) // LOOK_S * LOOK_S, int(last_s), LOOK_S))


def _busy(truth: Truth, deeds: Sequence[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """Yield spells of the centre's own troubles, and moments of whatever else there is."""
    yield from (*truth.deaf, *truth.away, *((start, end) for start, end, _ in truth.slow))
    yield from ((at, at + timedelta(seconds=truth.restart_s)) for at in truth.restarts)
    yield from ((at, at) for at in (*deeds, *_moments(truth)))


def _many(truth: Truth, many: int) -> Iterator[tuple[float, float]]:
    """Yield spells in which several gate PCs are cut off, or come back, at nearly one time."""
    edges = sorted(
        (edge - truth.start).total_seconds()
        for offs in truth.offs.values()
        for off in offs
        for edge in (off.start, off.end)
    )
    for n in range(len(edges) - many + 1):
        if edges[n + many - 1] - edges[n] <= SILENT_S:
            yield edges[n], edges[n] + _AFTER_S


def _moments(truth: Truth) -> Iterable[datetime]:
    """Return when something of the other facts changes."""
    told = (truth.offsets, truth.spools, truth.doors, truth.disk)
    found = [one[0] for some in told for one in some]
    found += [edge for s in truth.silences for edge in (s.start, s.until)]
    found += [edge for _, start, end in truth.broken for edge in (start, end)]
    found += [edge for span in truth.suspect.values() for edge in span]
    found += list(truth.clones.values())
    return found


def _silences(pc: GatePc) -> Iterator[float]:
    """Yield when a gate PC may be called silent, or be dated anew: by its last word or will."""
    for _, end in pc.links:
        if end != float("inf"):
            word = pc.last_word(end)
            if word is not None:
                yield from (word + SILENT_S, word + SILENT_S + LOOK_S)
    for s, online in pc.hints:
        if not online:
            yield from (s, s + LOOK_S, s + _WILL_S, s + _WILL_S + LOOK_S)


def look_after(s: float) -> float:
    """Return when the watch looks first from a moment on."""
    return float(ceil(s / LOOK_S) * LOOK_S)
