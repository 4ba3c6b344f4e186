"""Moments as the database holds them: whole milliseconds since 1970 UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST_MS: Final = 253_402_300_799_000  # the last second of year 9999


def ms_of(moment: datetime) -> int:
    """Return whole milliseconds since 1970 UTC, exactly."""
    delta = moment - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1000 + delta.microseconds // 1000


def moment_of(ms: int) -> datetime:
    """Return the UTC moment; what lies outside the years 1970 to 9999 is cut to them."""
    return _EPOCH + timedelta(milliseconds=min(max(ms, 0), LAST_MS))


def moment_or_none(ms: int | None) -> datetime | None:
    """Return ``moment_of`` or None."""
    return None if ms is None else moment_of(ms)
