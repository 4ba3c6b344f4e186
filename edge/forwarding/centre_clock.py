"""The centre's time on this machine's monotonic clock, measured through acks as NTP does. Pure.

What is measured is the UTC of ``Clock.ms``'s zero by the centre's clock. The wall clock has no part
in it: when it is set, what was measured still stands.
"""

from dataclasses import dataclass
from typing import Final

_KEPT: Final = 8
_GOOD_ROUND_TRIP_MS: Final = 4_000
_FAR_OFF_MS: Final = 2_000


@dataclass(frozen=True, slots=True)
class CentreClock:
    """The last few measurements, each (round trip, UTC of the zero) in milliseconds, newest last.

    The error of one is at most half its round trip, so the one with the shortest is believed.
    """

    measured: tuple[tuple[int, int], ...] = ()

    def after(self, *, sent_ms: int, server_utc_ms: int, received_ms: int) -> "CentreClock":
        """Take one answer: ``server_utc_ms`` was read between the two readings of ``Clock.ms``."""
        zero_utc_ms = server_utc_ms - (sent_ms + received_ms) // 2
        measured = (*self.measured, (received_ms - sent_ms, zero_utc_ms))
        return CentreClock(measured[-_KEPT:])

    @property
    def zero_utc_ms(self) -> int | None:
        """The best estimate, None before the first answer."""
        return min(self.measured)[1] if self.measured else None

    def contradicts(self, zero_utc_ms: int) -> bool:
        """Tell whether a zero is surely off by over two seconds."""
        if not self.measured:
            return False
        round_trip_ms, measured_ms = min(self.measured)
        return abs(measured_ms - zero_utc_ms) > _FAR_OFF_MS + round_trip_ms // 2

    def is_worth_telling(self, zero_utc_ms: int) -> bool:
        """Tell whether the estimate is better than the wall clock's ``zero_utc_ms``.

        It is when it is sure to two seconds, and when it is less sure but the other surely wrong.
        """
        if not self.measured:
            return False
        return min(self.measured)[0] <= _GOOD_ROUND_TRIP_MS or self.contradicts(zero_utc_ms)
