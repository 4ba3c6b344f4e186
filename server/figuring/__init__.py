"""Periods of schools and units: read from the store, counted where no roll-up is, added up.

``counting`` counts days from claims, ``entries`` are the days off and announced work that people
typed in, ``period`` makes a ``UnitPeriod`` of both.
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
