"""A period as programs read it: what ``coverage --json`` and the API answer with.

Times are RFC 3339 in UTC, days local dates, shares 0 to 1 (null: nothing was asked), money dong.
"""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every value here."""


class MetTold(Told, frozen=True):
    """Required seconds. ``low`` and ``high``: the share that was met, for sure and at best."""

    met: int
    not_met: int
    cannot_tell: int
    low: float | None
    high: float | None


class UptimeTold(Told, frozen=True):
    """Cameras' seconds; ``excluded`` ones don't count."""

    up: int
    degraded: int
    down: int
    unknown: int
    excluded: int
    low: float | None
    high: float | None


class PlacesTold(Told, frozen=True):
    """Places with a number, those with enough cameras on each day, and those that met the share.

    ``certain`` and ``possible``: for sure and at best. ``unset``: places without a number.
    """

    required: int
    installed: int
    certain: int
    possible: int
    unset: int


class CameraTold(Told, frozen=True):
    """A camera in one zone. ``lost``: seconds by cause; ``lost_on``: the last day with a loss."""

    camera: str
    name: str
    uptime: UptimeTold
    lost: Mapping[str, int]
    lost_on: date | None


class ZoneTold(Told, frozen=True):
    """A zone. ``need`` null: the plan sets no number. ``met``: against the share that it asks."""

    zone: str
    name: str
    kind: str
    need: int | None
    installed: int
    installed_min: int
    installed_max: int
    seconds: MetTold | None
    unset_days: int
    met: str | None
    picture: str | None
    uptime: UptimeTold
    cameras: tuple[CameraTold, ...]


class AmendedTold(Told, frozen=True):
    """A closed day of which more is known since ``at``."""

    day: date
    closed_at: datetime
    at: datetime
    agents: tuple[str, ...]
    closed: MetTold
    known: MetTold


class SchoolTold(Told, frozen=True):
    """A school on the days on which it belonged here. ``zones`` null: not asked for."""

    school: str
    name: str
    kind: str
    unit: str
    first: date
    last: date
    places: PlacesTold
    seconds: MetTold
    uptime: UptimeTold
    unset_days: int
    plans: tuple[str, ...]
    lost: Mapping[str, int]
    amended: tuple[AmendedTold, ...]
    zones: tuple[ZoneTold, ...] | None


class LevelTold(Told, frozen=True):
    """All schools of one kind."""

    schools: int
    places: PlacesTold
    seconds: MetTold
    uptime: UptimeTold
    unset_days: int


class StepTold(Told, frozen=True):
    """One step of the trend."""

    name: str
    first: date
    last: date
    seconds: MetTold
    uptime: UptimeTold
    unset_days: int


class PoorTold(Told, frozen=True):
    """One of the worst places: seconds that it was surely unwatched, of those required."""

    school: str
    zone: str
    lost_s: int
    asked_s: int
    share: float


class RemedyTold(Told, frozen=True):
    """What is to be done at one place; ``gain_s``: required seconds in which it was unwatched."""

    school: str
    zone: str
    action: str
    count: int
    work: Mapping[str, int]
    cameras: tuple[str, ...]
    causes: tuple[str, ...]
    gain_s: int


class BudgetLineTold(Told, frozen=True):
    """Work of one kind; null where it has no price."""

    work: str
    count: int
    amount_vnd: int | None
    fund: str | None
    source: str | None


class BudgetTold(Told, frozen=True):
    """What all remedies cost, in dong. ``unpriced``: units of work without a price."""

    amount_vnd: int
    by_fund: Mapping[str, int]
    unpriced: int
    lines: tuple[BudgetLineTold, ...]


class PeriodTold(Told, frozen=True):
    """A unit, or some schools, over a period. ``remedies``: the first ones of ``remedy_count``."""

    unit: str | None
    first: date
    last: date
    at: datetime
    places: PlacesTold
    seconds: MetTold
    uptime: UptimeTold
    by_kind: Mapping[str, LevelTold]
    trend: tuple[StepTold, ...]
    worst: tuple[PoorTold, ...]
    remedies: tuple[RemedyTold, ...]
    remedy_count: int
    budget: BudgetTold
    schools: tuple[SchoolTold, ...]


class SaidTold(Told, frozen=True):
    """What a camera that did not watch said of itself: one segment's part of a stretch."""

    camera: str
    start: datetime
    end: datetime
    state: str
    cause: str | None


class ProofTold(Told, frozen=True):
    """Required time in which a place was not met, or nobody can tell (``met``)."""

    zone: str
    need: int
    start: datetime
    end: datetime
    met: str
    certain: int
    possible: int
    said: tuple[SaidTold, ...]


class ProofsTold(Told, frozen=True):
    """What a school's figures rest on, the longest sure gaps first; ``count``: how many in all."""

    school: str
    first: date
    last: date
    count: int
    proofs: tuple[ProofTold, ...]


class SideTold(Told, frozen=True):
    """A camera and its place on one side of a repair."""

    zone: str
    place: MetTold | None
    camera: UptimeTold


class RepairTold(Told, frozen=True):
    """A camera before and after a day; null where it stood nowhere."""

    camera: str
    day: date
    before: SideTold | None
    after: SideTold | None
