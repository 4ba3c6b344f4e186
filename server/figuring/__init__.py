"""Periods of schools and units: read from the store, counted where no roll-up is, added up.

``period`` makes a ``UnitPeriod`` of the ``days`` of schools, which live pages add up too;
``ground`` says which days are counted on what, ``counting`` counts them from claims, ``proving``
shows what they rest on. ``entries`` and ``prices`` are what people typed in; ``told`` says it all
to programs, ``cli`` on a terminal.
"""

from server.figuring.days import school_bases, school_days
from server.figuring.entries import (
    DAY_OFF,
    MAINTENANCE,
    DayOffEntry,
    WorkEntry,
    load_exceptions,
)
from server.figuring.ground import Ground, watched_since
from server.figuring.period import period

__all__ = [
    "DAY_OFF",
    "MAINTENANCE",
    "DayOffEntry",
    "Ground",
    "WorkEntry",
    "load_exceptions",
    "period",
    "school_bases",
    "school_days",
    "watched_since",
]
