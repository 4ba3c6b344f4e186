"""Local days and seconds of UTC. Moments are whole seconds since 1970 UTC. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Final

DAY_S: Final = 86_400
_UTC_AHEAD_S: Final = 7 * 3600
_EPOCH: Final = date(1970, 1, 1)

EVER: Final = date.min
OPEN: Final = date.max


def midnight(day: date) -> int:
    """Return the moment at which a local day begins; Vietnam has kept UTC+7 without summer time."""
    return (day - _EPOCH).days * DAY_S - _UTC_AHEAD_S


def clock(day: date, hours: int, minutes: int = 0, seconds: int = 0) -> int:
    """Return the moment of a local time of day."""
    return midnight(day) + hours * 3600 + minutes * 60 + seconds


def day_of(moment: int) -> date:
    """Return the local day of a moment."""
    return date.fromordinal(_EPOCH.toordinal() + (moment + _UTC_AHEAD_S) // DAY_S)


def days(first: date, last: date) -> Iterator[date]:
    """Yield every day from ``first`` to ``last``, both included."""
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        yield date.fromordinal(ordinal)
