"""What the system knew of a school when an inspection began: noted then, never counted anew."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCamera:
    """What the system knew of one camera when the visit began.

    Attributes:
        state, cause: Words of the vocabulary; ``since``: since when, None: never claimed.
        up_s, counted_s, unknown_s: Seconds of the thirty days before, of which ``counted_s`` count.
        width, height, fps: Last measured of its picture; None: never.
        suits: Whether that is what the plan asks; None: it asks nothing, or it can't be told.
        recorded_days: From the recorder's own answer; None: it gave none.
    """

    camera: str
    name: str
    zone: str
    state: str
    cause: str | None = None
    since: datetime | None = None
    up_s: int = 0
    counted_s: int = 0
    unknown_s: int = 0
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    suits: bool | None = None
    recorded_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownZone:
    """A zone against the plan: ``need`` None is unset; ``met`` None can't be told, or is unset."""

    zone: str
    name: str
    installed: int
    working: int
    need: int | None = None
    met: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the system knew, at a moment, under a version of the plan."""

    at: datetime
    plan: str
    cameras: tuple[KnownCamera, ...] = ()
    zones: tuple[KnownZone, ...] = ()
