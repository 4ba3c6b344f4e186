"""Since when this server hears its agents without a break.

Whoever hears nobody has no right to call anybody silent. A server doesn't hear while it has lost
the broker; while it was stopped or its machine suspended (time has passed in which nobody asked);
and while reports wait for a database that is away, for what it knows of its agents is then old.
After each of these everybody gets their time anew.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from server.clock import Clock

_STOPPED: Final = timedelta(seconds=20)
"""The watch asks every two seconds."""
_BEHIND: Final = timedelta(seconds=10)


class Hearing:
    """``listening``: since when the connection stands, None without one.

    ``behind_since``: when the oldest report came that is not yet committed, None if there is none.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        listening: Callable[[], datetime | None],
        behind_since: Callable[[], datetime | None],
    ) -> None:
        self._clock = clock
        self._listening = listening
        self._behind_since = behind_since
        self._asked: datetime | None = None
        self._whole_since: datetime | None = None

    def since(self) -> datetime | None:
        """Return since when, None if it doesn't; to be asked often."""
        now = self._clock.now()
        asked, self._asked = self._asked, now
        oldest = self._behind_since()
        was_away = asked is not None and abs(now - asked) > _STOPPED
        if was_away or (oldest is not None and now - oldest > _BEHIND):
            self._whole_since = now
        listening = self._listening()
        if listening is None or self._whole_since is None:
            return listening
        if listening > now:  # by the clock as it was before it was put back
            return self._whole_since
        return max(listening, self._whole_since)
