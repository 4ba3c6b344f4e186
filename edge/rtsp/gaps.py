"""Which RTP sequence numbers are missing, by gap. Pure.

A camera may jump at each packet, so a gap of thousands must cost no more than a gap of one; the
oldest gaps are forgotten.
"""

from typing import Final

_MASK: Final = 0xFFFF
_REMEMBERED: Final = 64
"""So many gaps are known: a packet of an older one stays lost."""


class Gaps:
    """Runs of missing numbers, the newest last."""

    __slots__ = ("_runs",)

    def __init__(self) -> None:
        self._runs: list[tuple[int, int]] = []

    def miss(self, first: int, count: int) -> None:
        """Note that ``count`` numbers from ``first`` on are missing."""
        self._runs.append((first & _MASK, count))
        if len(self._runs) > _REMEMBERED:
            del self._runs[0]

    def fill(self, number: int) -> bool:
        """Take a missing number off; tell whether it was one."""
        for i in range(len(self._runs) - 1, -1, -1):
            first, count = self._runs[i]
            before = number - first & _MASK
            if before < count:
                halves = ((first, before), (number + 1 & _MASK, count - before - 1))
                self._runs[i : i + 1] = [half for half in halves if half[1]]
                return True
        return False

    def clear(self) -> None:
        """Forget all."""
        self._runs.clear()

    def __len__(self) -> int:
        return len(self._runs)
