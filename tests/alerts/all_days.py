"""The whole collection of scripted days, and playing them."""

from collections.abc import Mapping

from tests.alerts import days_centre, days_groups, days_other, days_people, days_single
from tests.alerts.script import DAYS, Scripted, Verdict

MODULES = (days_single, days_groups, days_centre, days_people, days_other)
"""They write themselves into ``DAYS``."""


def every_day() -> Mapping[str, Scripted]:
    """Return all scripted days by name."""
    assert MODULES
    return DAYS


def verdict_of(scripted: Scripted, *, seed: int | None = None) -> Verdict:
    """Play a day; ``seed``: with other delays than those of its script."""
    written = scripted.written()
    if seed is not None:
        written.play.seed = seed
    return written.judged(written.play.run())
