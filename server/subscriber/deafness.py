"""Notices that nothing is heard although agents are there. Pure.

Some brokers grant a shared subscription (``$share/...``) and never deliver anything on it; their
answer is no proof. Presence comes on plain subscriptions: where agents have been online for minutes
(they report every minute) and not one report was heard since the connection was made, something is
wrong that nobody would see otherwise.
"""

from datetime import datetime, timedelta
from typing import Final

PATIENCE: Final = timedelta(minutes=2)


class Deafness:
    """What one connection has heard, and since when it should have heard more."""

    def __init__(self) -> None:
        self._online: set[str] = set()
        self._since: datetime | None = None
        self._heard = False

    def begin(self) -> None:
        """Start anew: a connection was made."""
        self._online.clear()
        self._since, self._heard = None, False

    def report(self) -> None:
        """Note that a report was heard."""
        self._heard = True

    def status(self, agent: str, now: datetime, *, online: bool) -> None:
        """Note an agent's presence."""
        if online:
            self._since = self._since or now
            self._online.add(agent)
        else:
            self._online.discard(agent)
        if not self._online:
            self._since = None

    def unheard(self, now: datetime) -> int:
        """Return how many agents are online of whom nothing is heard; 0 is as it should be."""
        if self._heard or self._since is None or now - self._since < PATIENCE:
            return 0
        return len(self._online)
