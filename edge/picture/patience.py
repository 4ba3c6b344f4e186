"""How long to leave alone what fails again and again. Pure.

Two failures in a row may be an accident and cost nothing; from the third on, each doubles the wait.
"""

from dataclasses import dataclass
from typing import Final

TRIES: Final = 3
_MOST_DOUBLINGS: Final = 20


@dataclass(slots=True)
class Patience:
    """Failures in a row; ``wait_ms`` is the shortest wait and the longest."""

    wait_ms: tuple[int, int]
    failures: int = 0
    until_ms: int = 0

    def fail(self, now_ms: int) -> None:
        """Note a failure."""
        self.failures += 1
        shortest, longest = self.wait_ms
        if self.failures >= TRIES:
            doubled = min(self.failures - TRIES, _MOST_DOUBLINGS)
            self.until_ms = now_ms + min(shortest << doubled, longest)

    def forgive(self) -> None:
        """Forget all failures."""
        self.failures = self.until_ms = 0

    def lasts(self, now_ms: int) -> bool:
        """Tell whether it is to be left alone at this time."""
        return now_ms < self.until_ms
