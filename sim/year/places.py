"""Words for who there is: schools, their places, agents and cameras, each with its days. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sim.year.dates import EVER, OPEN

SINCE: Final = date(2025, 9, 1)
"""Most agents began to watch on this day, before lessons began."""


class Days(NamedTuple):
    """Local days, both included, and what held on them."""

    value: str
    first: date = EVER
    last: date = OPEN

    def holds(self, day: date) -> bool:
        """Tell whether it held on a day."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A place of a school; ``kind`` is a word of the plan."""

    id: str
    name: str
    kind: str
    first: date = EVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A gate PC. ``began`` is the local time of its very first start, in seconds of ``first``."""

    id: str
    name: str
    first: date = SINCE
    last: date = OPEN
    began: int = 7 * 3600 + 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera. ``zones``: where it stood when; ``eyes``: agents, and what they call it."""

    id: str
    name: str
    zones: tuple[Days, ...]
    eyes: tuple[tuple[str, str], ...]

    def zone(self, day: date) -> str | None:
        """Return where it stood on a day; None: it was not there."""
        return next((stay.value for stay in self.zones if stay.holds(day)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school. ``units``: to whom it belonged when; without gaps."""

    id: str
    name: str
    kind: str
    units: tuple[Days, ...]
    zones: tuple[Zone, ...]
    agents: tuple[Agent, ...]
    cameras: tuple[Camera, ...]
    levels: tuple[str, ...] = ()
    merged_into: str | None = None

    @property
    def last(self) -> date:
        """Return its last day."""
        return self.units[-1].last

    def unit(self, day: date) -> str | None:
        """Return to whom it belonged on a day; None: it was no more."""
        return next((stay.value for stay in self.units if stay.holds(day)), None)
