"""The whole collection of scripted days, and playing them."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.alerts import (
    days_centre,
    days_certificate,
    days_groups,
    days_other,
    days_people,
    days_shared,
    days_single,
    days_turns,
    days_visits,
)
from tests.alerts.centre import Played
from tests.alerts.script import DAYS, Day, Scripted, Verdict

MODULES = (
    days_single,
    days_groups,
    days_centre,
    days_certificate,
    days_people,
    days_other,
    days_shared,
    days_turns,
    days_visits,
)
"""They write themselves into ``DAYS``."""


def every_day() -> Mapping[str, Scripted]:
    """Return all scripted days by name."""
    assert MODULES
    return DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlayed:
    """A day as it was written and what came of it."""

    day: Day
    played: Played

    @property
    def verdict(self) -> Verdict:
        """Expected against sent."""
        return self.day.judged(self.played)


def played_day(scripted: Scripted) -> DayPlayed:
    """Play a day."""
    day = scripted.written()
    return DayPlayed(day=day, played=day.play.run())


def verdict_of(scripted: Scripted, *, seed: int | None = None) -> Verdict:
    """Play a day; ``seed``: with other delays than those of its script."""
    written = scripted.written()
    if seed is not None:
        written.play.seed = seed
    return written.judged(written.play.run())
