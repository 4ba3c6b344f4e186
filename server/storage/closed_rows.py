"""A day's figures as text, and back. Pure.

``{"c": [up, degraded, down, unknown, excluded, up, ...], "p": [met, not_met, cannot_tell, ...],
"l": {camera: {cause: seconds}}, "b": basis}``: five numbers for each camera and three for each
place, in the order of the basis (``domain.dayrow``), so that a year of a city is added up without
a value for each camera and day. ``b`` stands in amendments alone that have a basis of their own:
its number in ``figure_basis``.

Older rows are ``[[met, ...], [[up, degraded, ...], ...]]``: all places together.
"""

from itertools import chain
from typing import Final

import msgspec

from server.domain.dayrow import cameras_in, flat_cameras, flat_places, places_in
from server.domain.figures import DayFigures
from server.domain.points import MetSeconds

_NAMES: Final = {"cameras": "c", "places": "p", "lost": "l", "basis": "b"}


class Written(msgspec.Struct, frozen=True, omit_defaults=True, rename=_NAMES):
    """A row's numbers."""

    cameras: tuple[int, ...]
    places: tuple[int, ...]
    lost: dict[str, dict[str, int]] = {}
    basis: int | None = None


class _Older(msgspec.Struct, frozen=True, array_like=True):
    """A row from before places were kept apart."""

    met: tuple[int, int, int]
    cameras: tuple[tuple[int, int, int, int, int], ...]


_written: Final = msgspec.json.Decoder(Written)
_older: Final = msgspec.json.Decoder(_Older)


def text_of(figures: DayFigures, *, basis: int | None = None) -> str:
    """Return figures as they are stored. Raises ``ValueError`` for those of an older row."""
    if figures.places is None:
        raise ValueError("figures without their places are never written again")
    told = Written(
        cameras=flat_cameras(figures.cameras),
        places=flat_places(figures.places),
        lost={camera: dict(lost) for camera, lost in (figures.lost or {}).items()},
        basis=basis,
    )
    return msgspec.json.encode(told).decode()


def numbers_in(text: str) -> Written | None:
    """Return a row's numbers; None for an older one, whose places are not known apart."""
    return None if text.startswith("[") else _written.decode(text)


def figures_in(text: str) -> DayFigures:
    """Return the figures of a row."""
    row = numbers_in(text)
    if row is None:
        return _from_older(_older.decode(text))
    places = places_in(row.places)
    return DayFigures(
        cameras=cameras_in(row.cameras),
        met=sum(places, MetSeconds()),
        places=places,
        lost=row.lost,
    )


def basis_in(text: str) -> int | None:
    """Return the number of the basis that a row names."""
    row = numbers_in(text)
    return None if row is None else row.basis


def _from_older(row: _Older) -> DayFigures:
    met, not_met, cannot_tell = row.met
    return DayFigures(
        met=MetSeconds(met=met, not_met=not_met, cannot_tell=cannot_tell),
        cameras=cameras_in(tuple(chain.from_iterable(row.cameras))),
    )
