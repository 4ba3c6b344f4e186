"""What a clock's offset and a recorder's answer are worth. Pure.

``clock.drift``: over the limit by more than the reading can be wrong. A camera whose UTC is off by
a time zone (an old firmware fault: it gives its local time as UTC) may show the right time to
people: where it tells its local time and that is right, it is left in peace; where it doesn't, the
shift is named in the detail.

``recording.missing``: the newest recording is too old, or no disk is sound.

``recording.short``: what the plan asks to be kept is gone. A camera that hangs for ten days can
have no thirty days, and nobody tells when it was hung up; so what counts is what the recorder has
*had*: its oldest recording ever told (``Kept.began``). Older days that are gone although the plan
still asks for them make it short, and a recorder that overwrites too early shows itself within a
day of the first time it was asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edge.onvif.reading import Offset
from edge.rtsp.replies import Trouble
from wire.vocabulary import Cause

GAP_MIN: Final = timedelta(minutes=1)
_SLACK: Final = timedelta(days=1)
_HOUR_MS: Final = 3_600_000
_ODD_ZONES_H: Final = (-9.5, -3.5, 3.5, 4.5, 5.5, 6.5, 9.5, 10.5)
_ZONES_MS: Final = tuple(round(h * _HOUR_MS) for h in (*range(-12, 15), *_ODD_ZONES_H) if h)
_ZONE_MS: Final = 7 * _HOUR_MS
"""Vietnam's, all year."""
_ERROR_DISKS: Final = frozenset({"error", "none"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A recording, or a part of one, half-open, UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What a recorder holds of one camera, by our clock.

    Attributes:
        oldest: Beginning of the oldest recording; None if there is none, or it was not told.
        newest: End of the newest.
        told: Whether it answered about recordings at all.
        disk: ``ok``, ``full``, ``error``, ``none``, or None where it did not tell.
        began: The oldest beginning that it has ever told us of.
    """

    oldest: datetime | None
    newest: datetime | None
    told: bool = True
    disk: str | None = None
    began: datetime | None = None


def clock_trouble(read: Offset, *, max_offset_s: float, ours_off_ms: int = 0) -> Trouble | None:
    """Return ``clock.drift`` for a clock too far off; ``ours_off_ms`` is our own clock's error.

    That error is the centre's clock minus ours: a gate PC that is five minutes slow must not call
    every camera fast.
    """
    limit_ms = max_offset_s * 1000 + read.error_ms
    off_ms = read.utc_ms - ours_off_ms
    if abs(off_ms) <= limit_ms:
        return None
    shift_ms = zone_shift(off_ms, limit_ms)
    if shift_ms is None:
        return Trouble(Cause.CLOCK_DRIFT, f"its clock is {_span(off_ms)}")
    shown_ms = None if read.local_ms is None else read.local_ms - ours_off_ms
    if shown_ms is not None and abs(shown_ms - _ZONE_MS) <= limit_ms:
        return None
    hours = shift_ms / _HOUR_MS
    detail = f"its clock is {hours:+g} h off, as if local time were called UTC: look at its zone"
    return Trouble(Cause.CLOCK_DRIFT, detail)


def zone_shift(off_ms: int, limit_ms: float) -> int | None:
    """Return the time zone's offset in ms that ``off_ms`` equals within the limit, or None."""
    nearest = min(_ZONES_MS, key=lambda zone_ms: abs(off_ms - zone_ms))
    return nearest if abs(off_ms - nearest) <= limit_ms else None


def recording_trouble(
    kept: Kept, *, now: datetime, days: int | None, newest_within: timedelta
) -> Trouble | None:
    """Return what is wrong with a camera's recordings; ``days`` is what the plan asks."""
    if kept.disk in _ERROR_DISKS:
        what = "has no disk" if kept.disk == "none" else "reports a disk error"
        return Trouble(Cause.RECORDING_MISSING, f"the recorder {what}")
    if not kept.told:
        return None
    if kept.newest is None:
        return Trouble(Cause.RECORDING_MISSING, "the recorder holds nothing of this camera")
    if now - kept.newest > newest_within:
        return Trouble(Cause.RECORDING_MISSING, f"nothing recorded for {_long(now - kept.newest)}")
    return _short(kept, now, days)


def _short(kept: Kept, now: datetime, days: int | None) -> Trouble | None:
    if days is None or kept.oldest is None:
        return None
    asked_from = now - timedelta(days=days)
    held_from = max(asked_from, kept.began or kept.oldest)
    if kept.oldest - held_from <= _SLACK:
        return None
    detail = f"kept {_long(now - kept.oldest)}, {days} days are asked; older ones are gone"
    return Trouble(Cause.RECORDING_SHORT, detail)


def gaps(spans: Sequence[Span], *, since: datetime, until: datetime) -> int:
    """Return the holes of over a minute between ``since`` and ``until`` that no span covers."""
    count, at = 0, since
    for span in sorted(spans, key=lambda one: one.start):
        if min(span.start, until) - at > GAP_MIN:
            count += 1
        at = max(at, span.end)
    return count + (until - at > GAP_MIN)


def _span(ms: int) -> str:
    return f"{_long(timedelta(milliseconds=abs(ms)))} {'ahead' if ms > 0 else 'behind'}"


def _long(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    for size, name in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {name}"
    return f"{seconds} s"
