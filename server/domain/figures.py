"""The figures of one local day of one school, as they are closed, kept and later amended.

Pages count with the functions of this module too, so that both agree to the second. What they are
counted under is the day's ``Basis``.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from server.domain.basis import Basis, without
from server.domain.clocks import Grade
from server.domain.interval import Interval
from server.domain.points import MetSeconds, met_spans, split_seconds
from server.domain.timeline import Claim, Timeline
from server.domain.units import School
from server.domain.uptime import Availability, availability, sum_of
from wire.vocabulary import State

FRESH: Final = timedelta(minutes=3)
NEVER: Final = datetime.min.replace(tzinfo=UTC)
_LOST: Final = frozenset({State.DOWN, State.DEGRADED})


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """A school's day.

    Attributes:
        cameras: Each camera's seconds, in the order of the basis.
        met: Its places' required seconds, added up.
        places: Each place's, in the order of the basis; None: closed before they were kept apart.
        lost: Counted seconds over which a camera did not watch, by camera and cause ("": none was
            told); cameras that always did are left out.
    """

    cameras: tuple[Availability, ...]
    met: MetSeconds
    places: tuple[MetSeconds, ...] | None = None
    lost: Mapping[str, Mapping[str, int]] | None = None

    @property
    def total(self) -> Availability:
        """All cameras added up."""
        return sum_of(self.cameras)

    def says_the_same(self, other: "DayFigures") -> bool:
        """Tell whether nothing differs; what one of them does not keep apart is not compared."""
        if other.places is None or self.places is None:
            return (self.cameras, self.met) == (other.cameras, other.met)
        return self == other


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """A day's figures as they are known since ``at``.

    Attributes:
        agents: Whose history it was; none: an exception was entered or taken back.
        basis: What they are counted under, where that changed; None: it is as before.
    """

    at: datetime
    agents: tuple[str, ...]
    figures: DayFigures
    basis: Basis | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay:
    """A school's day as it was closed, and every better value since, oldest first."""

    school: str
    day: date
    basis: Basis
    closed_at: datetime
    figures: DayFigures
    amendments: tuple[Amendment, ...] = ()

    @property
    def known(self) -> DayFigures:
        """The figures as they are known now."""
        return self.amendments[-1].figures if self.amendments else self.figures

    @property
    def known_basis(self) -> Basis:
        """What they are counted under now."""
        changed = (a.basis for a in reversed(self.amendments) if a.basis is not None)
        return next(changed, self.basis)


def since(spans: Sequence[Interval], began: datetime | None) -> tuple[Interval, ...]:
    """Return what of ``spans`` lies at or after ``began``; nothing for None."""
    if began is None:
        return ()
    return tuple(Interval(max(s.start, began), s.end) for s in spans if s.end > began)


def before(spans: Sequence[Interval], until: datetime | None) -> tuple[Interval, ...]:
    """Return what of ``spans`` lies before ``until``; all of it for None."""
    if until is None:
        return tuple(spans)
    return tuple(Interval(s.start, min(s.end, until)) for s in spans if s.start < until)


def vouched_until(cameras: Iterable[Iterable[Claim]], now: datetime) -> datetime:
    """Return up to where all cameras that are heard have been vouched for; now if none is.

    Claims end at the newest watermark, up to a minute behind now: what is still to come is not
    "not known". A camera is heard whose newest claim is not older than ``FRESH``.
    """
    newest = (
        max((c.end for c in claims if c.clock is not Grade.SUSPECT), default=NEVER)
        for claims in cameras
    )
    return min([now, *(end for end in newest if end >= now - FRESH)])


def began_to_watch(school: School, first_told: Mapping[str, datetime]) -> datetime | None:
    """Return when the first of a school's agents began; none has: when the first of all did.

    Time before that doesn't count: nobody had promised to look. None: nobody watches yet.
    """
    own = [first_told[a.id] for a in school.agents if a.id in first_told]
    first = min(own or first_told.values(), default=None)
    return None if first is None else first.replace(microsecond=0)  # claims are whole seconds, too


def figures_of(
    basis: Basis,
    day: date,
    *,
    began: datetime | None,
    timelines: Mapping[str, Timeline],
    until: datetime | None = None,
) -> DayFigures:
    """Count a local day from ``began`` on, and up to ``until`` where it is not over.

    ``timelines``: of each camera of the basis, filling the day.
    """
    required = before(since(basis.required(day), began), until)
    counted = before(since(basis.counted(day), began), until)
    own = {camera: _left(basis, counted, day, camera=camera) for camera, _ in basis.cameras}
    places = tuple(
        split_seconds(
            met_spans(
                place.need,
                {c: timelines[c] for c in place.cameras},
                without(required, (w for w in basis.off if w.zone == place.zone), day),
                counts=basis.counts,
            )
        )
        for place in basis.places
    )
    return DayFigures(
        cameras=tuple(availability(timelines[c], own[c]) for c, _ in basis.cameras),
        met=sum(places, MetSeconds()),
        places=places,
        lost={c: found for c, _ in basis.cameras if (found := lost_by_cause(timelines[c], own[c]))},
    )


def lost_by_cause(timeline: Timeline, counted: Sequence[Interval]) -> dict[str, int]:
    """Add up, by cause, the counted seconds in which a camera was down or degraded."""
    seconds = Counter[str]()
    for span in timeline:
        if span.state in _LOST:
            cuts = (span.interval.cut(c) for c in counted)
            seconds[span.cause or ""] += sum(cut.seconds for cut in cuts if cut is not None)
    return {cause: n for cause, n in sorted(seconds.items()) if n}


def _left(
    basis: Basis, counted: tuple[Interval, ...], day: date, *, camera: str
) -> tuple[Interval, ...]:
    """Return what announced work leaves of a camera's counted time."""
    works = [work for work in basis.off if camera in work.cameras]
    return without(counted, works, day) if works else counted
