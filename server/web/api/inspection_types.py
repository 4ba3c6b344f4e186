"""Inspections and the fault register as programs see them."""

from datetime import date, datetime

from server.web.api.camera_types import Answer


class FindingOut(Answer, frozen=True):
    """Something that has to be put right. ``closed_on``: None while it is open."""

    id: str
    what: str
    camera: str | None
    zone: str | None
    severity: str
    deadline: date | None
    acts: str
    healthy_days: int | None
    closed_on: date | None
    closed_by: str | None
    late: bool


class InspectionOut(Answer, frozen=True):
    """One inspection. ``step``: draft, filled, confirmed or closed."""

    id: str
    school: str
    planned: date
    step: str
    revision: int
    corrections: int
    team: tuple[str, ...]
    findings: tuple[FindingOut, ...]
    changed_at: datetime
    changed_by: str


class InspectionsOut(Answer, frozen=True):
    """Inspections by day."""

    inspections: tuple[InspectionOut, ...]


class FaultOut(Answer, frozen=True):
    """One line of the fault register.

    ``seen_since`` and ``seen_until``: by the system; None: entered by hand. ``since`` and ``ended``
    are what counts: what people wrote before what was seen. ``cost``: VND.
    """

    id: str
    school: str
    camera: str | None
    cause: str | None
    what: str
    since: date
    ended: date | None
    days_open: int
    seen_since: datetime | None
    seen_until: datetime | None
    lost_s: int | None
    withdrawn: bool
    reported: date | None
    reported_to: str
    repaired_by: str
    warranty_until: date | None
    cost: int | None
    contractor: str
    note: str


class FaultsOut(Answer, frozen=True):
    """The fault register, oldest first."""

    faults: tuple[FaultOut, ...]
