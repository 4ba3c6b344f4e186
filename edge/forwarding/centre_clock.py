"""The centre's time on this machine's monotonic clock, measured through acks as NTP does. Pure.

What is measured is the UTC of ``Clock.ms``'s zero by the centre's clock. The wall clock has no part
in it: when it is set, what was measured still stands.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

_KEPT: Final = 8
_GOOD_ROUND_TRIP_MS: Final = 4_000
_FAR_OFF_MS: Final = 2_000
_SURE_MS: Final = 200


class Measured(NamedTuple):
    """One measurement: the UTC of ``Clock.ms``'s zero, wrong by at most half the round trip."""

    round_trip_ms: int
    zero_utc_ms: int

    @property
    def is_sure(self) -> bool:
        """Whether it need never be bettered."""
        return self.round_trip_ms <= 2 * _SURE_MS

    def is_bettered_by(self, other: "Measured") -> bool:
        """Tell whether another is so much surer that the boot is to be moved for it."""
        return not self.is_sure and 2 * other.round_trip_ms <= self.round_trip_ms


@dataclass(frozen=True, slots=True)
class CentreClock:
    """The last few measurements, newest last; the one with the shortest round trip is believed."""

    measured: tuple[Measured, ...] = ()

    def after(self, *, sent_ms: int, server_utc_ms: int, received_ms: int) -> "CentreClock":
        """Take one answer: ``server_utc_ms`` was read between the two readings of ``Clock.ms``."""
        one = Measured(received_ms - sent_ms, server_utc_ms - (sent_ms + received_ms) // 2)
        return CentreClock((*self.measured, one)[-_KEPT:])

    @property
    def best(self) -> Measured | None:
        """The best measurement, None before the first answer."""
        return min(self.measured, default=None)

    def contradicts(self, zero_utc_ms: int) -> bool:
        """Tell whether a zero is surely off by over two seconds."""
        best = self.best
        if best is None:
            return False
        return abs(best.zero_utc_ms - zero_utc_ms) > _FAR_OFF_MS + best.round_trip_ms // 2

    def to_tell(self, told: Measured | None, wall_zero_utc_ms: int) -> Measured | None:
        """Return what is to be told of the boot from now on; None: what is told stays.

        The first is told if it is sure to two seconds, or the wall clock's surely wrong.
        """
        best = self.best
        if best is None:
            return None
        if told is not None:
            return best if told.is_bettered_by(best) else None
        is_good = best.round_trip_ms <= _GOOD_ROUND_TRIP_MS
        return best if is_good or self.contradicts(wall_zero_utc_ms) else None
