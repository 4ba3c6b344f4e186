"""What a recorder keeps of a camera, for its page. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from wire.messages import Recording

_DAY_S: Final = 86_400
_MS: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What was answered; ``days`` is the span from the oldest to the newest, rounded down."""

    asked_at: datetime
    oldest_at: datetime | None
    newest_at: datetime | None
    days: int | None
    gaps: int | None
    disk: str | None


def recorded(recording: Recording | None) -> Recorded | None:
    """Return an answer with its times as moments."""
    if recording is None:
        return None
    oldest, newest = _moment(recording.oldest_utc_ms), _moment(recording.newest_utc_ms)
    span = (newest - oldest).total_seconds() if oldest and newest else None
    return Recorded(
        asked_at=datetime.fromtimestamp(recording.asked_utc_ms / _MS, UTC),
        oldest_at=oldest,
        newest_at=newest,
        days=None if span is None else max(0, int(span // _DAY_S)),
        gaps=recording.gaps,
        disk=recording.disk,
    )


def _moment(utc_ms: int | None) -> datetime | None:
    return None if utc_ms is None else datetime.fromtimestamp(utc_ms / _MS, UTC)
