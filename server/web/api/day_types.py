"""The API's types around closed days. Seconds are whole, shares 0 to 1."""

from datetime import date, datetime

from server.web.api.camera_types import Answer


class SecondsOut(Answer, frozen=True):
    """Seconds by state; they and ``excluded`` sum to the local day (cameras' days, where many).

    ``low`` and ``high`` bound the share of counted time that was watched; null: nothing counts.
    """

    up: int
    degraded: int
    down: int
    unknown: int
    excluded: int
    low: float | None
    high: float | None


class PlacesMetOut(Answer, frozen=True):
    """Required seconds of a school's places, split; null shares: nothing is required."""

    met: int
    not_met: int
    cannot_tell: int
    low: float | None
    high: float | None


class DayValueOut(Answer, frozen=True):
    """A day's figures as they were known from ``at`` on.

    ``agents``: the gate PCs whose history it was; empty for the value as it was closed. ``cameras``
    is by camera id; ``total`` adds them up.
    """

    at: datetime
    agents: tuple[str, ...]
    cameras: dict[str, SecondsOut]
    total: SecondsOut
    places: PlacesMetOut


class ClosedDayOut(Answer, frozen=True):
    """A closed local day: ``closed`` never changes, ``amended`` holds each later value in order.

    ``plan`` and ``version`` name what it was counted under; later values are counted the same way.
    """

    day: date
    plan: str
    version: str
    closed: DayValueOut
    amended: tuple[DayValueOut, ...]


class ClosedDaysOut(Answer, frozen=True):
    """A school's closed days, in order; days that are not closed yet are missing."""

    school: str
    days: tuple[ClosedDayOut, ...]
