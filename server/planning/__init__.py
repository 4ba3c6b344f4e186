"""The plan's versions in the book of records: typed by one person, confirmed by another.

``paper`` (pure) says what may happen to a version, ``book`` writes it down and reads the confirmed
ones back as a ``PlanBook``, ``cli`` does both from a terminal. A confirmed version is never changed
and never taken away; what replaces it is a new version.
"""

from server.planning.book import (
    KIND,
    Taken,
    all_papers,
    confirm,
    load_planbook,
    open_paper,
    save,
    submit,
    take_in,
    withdraw,
)
from server.planning.paper import Filed, Paper, PaperState, PlanningError, Refusal, parsed

__all__ = [
    "KIND",
    "Filed",
    "Paper",
    "PaperState",
    "PlanningError",
    "Refusal",
    "Taken",
    "all_papers",
    "confirm",
    "load_planbook",
    "open_paper",
    "parsed",
    "save",
    "submit",
    "take_in",
    "withdraw",
]
