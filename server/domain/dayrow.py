"""A school's day as plain numbers, and back. Pure.

Five numbers for each camera and three for each place, in the order of the day's basis: so they are
kept, and so a year of thousands of schools is added up column by column within seconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from typing import Final, NamedTuple

from server.domain.basis import Basis
from server.domain.figures import DayFigures
from server.domain.period import AmendedDay
from server.domain.points import MetSeconds
from server.domain.uptime import Availability

PER_CAMERA: Final = 5
PER_PLACE: Final = 3
_Numbers = Sequence[int]


class DayRow(NamedTuple):
    """A school's day as numbers.

    Attributes:
        basis: What it was counted under.
        cameras: Up, degraded, down, unknown and excluded seconds of each camera of the basis.
        places: Met, not met and cannot tell seconds of each of its places.
        lost: Counted seconds that were not watched, by camera and cause.
        amended: Set where it was closed with other values.
    """

    day: date
    basis: Basis
    cameras: tuple[int, ...]
    places: tuple[int, ...]
    lost: Mapping[str, Mapping[str, int]]
    amended: AmendedDay | None = None


def row_of(day: date, basis: Basis, figures: DayFigures) -> DayRow:
    """Return a day's figures as numbers."""
    return DayRow(
        day=day,
        basis=basis,
        cameras=flat_cameras(figures.cameras),
        places=flat_places(figures.places or ()),
        lost=figures.lost or {},
    )


def flat_cameras(cameras: Iterable[Availability]) -> tuple[int, ...]:
    """Return the seconds of cameras one after another."""
    parts = ((c.up, c.degraded, c.down, c.unknown, c.excluded) for c in cameras)
    return tuple(chain.from_iterable(parts))


def flat_places(places: Iterable[MetSeconds]) -> tuple[int, ...]:
    """Return the seconds of places one after another."""
    return tuple(chain.from_iterable((p.met, p.not_met, p.cannot_tell) for p in places))


def cameras_in(numbers: _Numbers) -> tuple[Availability, ...]:
    """Return what ``flat_cameras`` was given."""
    parts = (numbers[i : i + PER_CAMERA] for i in range(0, len(numbers), PER_CAMERA))
    return tuple(
        Availability(up=up, degraded=degraded, down=down, unknown=unknown, excluded=excluded)
        for up, degraded, down, unknown, excluded in parts
    )


def places_in(numbers: _Numbers) -> tuple[MetSeconds, ...]:
    """Return what ``flat_places`` was given."""
    parts = (numbers[i : i + PER_PLACE] for i in range(0, len(numbers), PER_PLACE))
    return tuple(
        MetSeconds(met=met, not_met=not_met, cannot_tell=cannot_tell)
        for met, not_met, cannot_tell in parts
    )


def counted_in(row: DayRow) -> bool:
    """Tell whether any second of a day counted for a camera."""
    excluded = sum(row.cameras[PER_CAMERA - 1 :: PER_CAMERA])
    return sum(row.cameras) > excluded


def table_line(row: DayRow) -> tuple[int, ...]:
    """Return a day's line of a ``DayTable``."""
    places, cameras = row.places, row.cameras
    return (
        row.day.toordinal(),
        *(sum(places[i::PER_PLACE]) for i in range(PER_PLACE)),
        *(sum(cameras[i::PER_CAMERA]) for i in range(PER_CAMERA)),
        row.basis.unset,
    )
