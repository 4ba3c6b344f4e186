"""Periods of schools and units: read from the store, counted where no roll-up is, added up.

``period`` makes a ``UnitPeriod``; ``ground`` says which days are counted on what, ``counting``
counts them from claims, ``proving`` shows what they rest on. ``entries`` and ``prices`` are what
people typed in; ``told`` says it all to programs, ``cli`` on a terminal.
"""

from server.figuring.entries import (
    DAY_OFF,
    MAINTENANCE,
    DayOffEntry,
    WorkEntry,
    load_exceptions,
)
from server.figuring.period import period

__all__ = ["DAY_OFF", "MAINTENANCE", "DayOffEntry", "WorkEntry", "load_exceptions", "period"]
