"""Who comes and goes: how often each root has failed lately, and when it was told to be well.

A root that fails too often within an hour is given no grace and is called unstable, and so is one
that fails again soon after people were told that it is well. Both end only after a long calm, so
whatever comes and goes gives two messages per calm.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from server.domain.incident.memory import Ailment, Flaps
from server.domain.incident.rules import Rules


@dataclass(slots=True)
class FlapBook:
    """The failures of each root. What is too old to matter is forgotten when they are kept."""

    rules: Rules
    by_root: dict[str, Flaps] = field(default_factory=dict)

    def kept(self, at: datetime | None) -> tuple[Flaps, ...]:
        """Return what still matters at that time, and forget the rest."""
        self.by_root = {f.root: f for f in self.by_root.values() if self._matters(f, at)}
        return tuple(self.by_root.values())

    def started(self, root: str, at: datetime) -> int:
        """Count one more failure of a root; return how many it had within the window."""
        old = self.by_root.get(root) or Flaps(root=root)
        starts = (*self._recent(old, at), at)
        self.by_root[root] = replace(old, starts=starts)
        return len(starts)

    def starts(self, root: str, at: datetime) -> int:
        """Return how often a root has failed within the window."""
        return len(self._recent(self.by_root.get(root) or Flaps(root=root), at))

    def told_over(self, root: str, at: datetime) -> None:
        """Note that people were told that a root is well again."""
        old = self.by_root.get(root) or Flaps(root=root)
        self.by_root[root] = replace(old, over_at=at)

    def is_shaky(self, root: str, at: datetime) -> bool:
        """Tell whether a root fails too often, or soon after it was told to be well."""
        old = self.by_root.get(root)
        return self.is_often(root, at) or (old is not None and self._just_over(old, at))

    def is_often(self, root: str, at: datetime) -> bool:
        """Tell whether a root has failed too often within the window."""
        return self.starts(root, at) >= self.rules.flaps

    def is_hasty(self, ailment: Ailment) -> bool:
        """Tell whether a trouble is one too many of its subject, so that it is given no grace."""
        return self.is_often(ailment.root, ailment.noticed)

    def _recent(self, flaps: Flaps, at: datetime) -> tuple[datetime, ...]:
        first = at - timedelta(seconds=self.rules.flap_window_s)
        return tuple(s for s in flaps.starts if s > first)

    def _just_over(self, flaps: Flaps, at: datetime) -> bool:
        over = flaps.over_at
        return over is not None and at < over + timedelta(seconds=self.rules.steady_s)

    def _matters(self, flaps: Flaps, at: datetime | None) -> bool:
        return at is None or bool(self._recent(flaps, at)) or self._just_over(flaps, at)
