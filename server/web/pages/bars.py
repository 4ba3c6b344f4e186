"""A day's seconds as a bar. Pure."""

from server.domain.uptime import Availability, DayAvailability
from server.web.charts.days import DayBar, Late
from wire.vocabulary import State


def seconds_of(some: Availability) -> dict[State, int]:
    """Return the counted seconds by state."""
    return {
        State.UP: some.up,
        State.DEGRADED: some.degraded,
        State.DOWN: some.down,
        State.UNKNOWN: some.unknown,
    }


def day_bar(day: DayAvailability, late: Late | None = None) -> DayBar:
    """Return one day as a bar; ``late``: what changed after it was closed."""
    return DayBar(day=day.day, seconds=seconds_of(day.availability), late=late)
