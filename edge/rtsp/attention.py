"""Whether this machine has time for us, by a loop that should turn every so often. Pure.

A timeout that comes while nothing of us runs tells nothing of the camera: its answer may lie in the
socket, unread. ``asyncio`` then lets the timeout win.
"""

from typing import Final

AWAY_MS: Final = 1_500
"""A turn that comes so much too late tells that we were put aside."""


class Attention:
    """Remembers when we were put aside last."""

    def __init__(self, period_ms: int) -> None:
        self._late_after_ms = period_ms + AWAY_MS
        self._turned_ms: int | None = None
        self._away_ms: int | None = None

    def turned(self, now_ms: int) -> None:
        """Note that the loop has turned."""
        if self._is_late(now_ms):
            self._away_ms = now_ms
        self._turned_ms = now_ms

    def was_lost_since(self, began_ms: int, now_ms: int) -> bool:
        """Tell whether we were put aside at any time since then, be it that we are just back."""
        was_away = self._away_ms is not None and self._away_ms >= began_ms
        return was_away or self._is_late(now_ms)

    def _is_late(self, now_ms: int) -> bool:
        return self._turned_ms is not None and now_ms - self._turned_ms > self._late_after_ms
