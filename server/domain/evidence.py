"""The proof of a place's figures: which cameras failed it, from when to when, and what they said.

What a roll-up adds up can be shown second by second for as long as the reports are kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from server.domain.basis import Basis, Place, without
from server.domain.figures import before, since
from server.domain.points import Met, ZoneSpan, met_spans
from server.domain.timeline import Span, Timeline, cut_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """A stretch of required time in which a place was not met, or nobody can tell.

    Attributes:
        need: How many cameras it needed then.
        failing: What each camera that did not watch said of itself meanwhile, by camera.
    """

    zone: str
    need: int
    span: ZoneSpan
    failing: Mapping[str, Timeline]


def proofs(
    basis: Basis,
    day: date,
    *,
    began: datetime | None,
    timelines: Mapping[str, Timeline],
    until: datetime | None = None,
) -> list[Proof]:
    """Return what a day's figures rest on: all that was not met, by place and time.

    Arguments as for ``figures.figures_of``, whose seconds these spans add up to.
    """
    required = before(since(basis.required(day), began), until)
    found: list[Proof] = []
    for place in basis.places:
        own = without(required, (w for w in basis.off if w.zone == place.zone), day)
        spans = met_spans(
            place.need, {c: timelines[c] for c in place.cameras}, own, counts=basis.counts
        )
        found += [_proof(place, span, timelines) for span in spans if span.met is not Met.MET]
    return found


def worst_first(found: Iterable[Proof]) -> Sequence[Proof]:
    """Return what is sure before what can't be told, the longest first."""
    return sorted(
        found,
        key=lambda p: (
            p.span.met is not Met.NOT_MET,
            -p.span.interval.seconds,
            p.zone,
            p.span.interval.start,
        ),
    )


def _proof(place: Place, span: ZoneSpan, timelines: Mapping[str, Timeline]) -> Proof:
    said: dict[str, tuple[Span, ...]] = {
        camera: cut_to(timelines[camera], span.interval) for camera in span.failing
    }
    return Proof(zone=place.zone, need=place.need, span=span, failing=said)
