"""What a technician reads in the log while a backlog is sent. Pure."""

from dataclasses import dataclass, replace
from typing import Final

_EVERY_MS: Final = 60_000
_MINUTE_MS: Final = 60_000
_WORTH_TELLING: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A backlog on its way: how much is left, how much is done since when."""

    left: int
    done: int = 0
    began_ms: int
    told_ms: int

    @classmethod
    def begin(cls, items: int, now_ms: int) -> "Progress | None":
        """Return the beginning; None for too little to talk about."""
        if items < _WORTH_TELLING:
            return None
        return cls(left=items, began_ms=now_ms, told_ms=now_ms)

    def after(self, count: int) -> "Progress":
        """Return the progress after ``count`` more items have arrived."""
        return replace(self, left=max(self.left - count, 0), done=self.done + count)

    def due(self, now_ms: int) -> "tuple[Progress, str] | None":
        """Return what to say, if it is time to say something."""
        if now_ms - self.told_ms < _EVERY_MS or not self.left:
            return None
        return replace(
            self, told_ms=now_ms
        ), f"{self.left} older items are left{self._how_long(now_ms)}"

    def _how_long(self, now_ms: int) -> str:
        if not self.done:
            return ""
        minutes = self.left * (now_ms - self.began_ms) / self.done / _MINUTE_MS
        return f", about {max(round(minutes), 1)} min"
