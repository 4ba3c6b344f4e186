"""How soon people take incidents on, and how soon they are over: medians, by unit and contractor.

Taken on: from the first letter (or, where nobody was told, from the opening) until somebody took it
on. Mended: from its true beginning to its end. An incident that nobody took on has no first figure,
and none of one that was only noted or held back counts. Pure.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from server.domain.calendar import local_date
from server.domain.faults import FaultEntry
from server.domain.incident.model import Phase, Severity
from server.domain.units import Organisation
from server.storage.incident_rows import IncidentRow

DAYS: Final = 30
"""Over so many days the medians go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Of some incidents: medians in seconds (None: nothing to take one of), and how many.

    ``name``: the unit's id or the contractor's name; empty for all.
    """

    name: str
    incidents: int
    taken_s: int | None
    mended_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Responses:
    """Of all, by unit (most incidents first), and by contractor where a fault names one."""

    all: Response
    units: tuple[Response, ...]
    contractors: tuple[Response, ...]


def responses(
    rows: Iterable[IncidentRow], faults: Sequence[FaultEntry], organisation: Organisation
) -> Responses:
    """Work the medians out."""
    counted = [row for row in rows if _counts(row)]
    by_unit: dict[str, list[IncidentRow]] = {}
    by_contractor: dict[str, list[IncidentRow]] = {}
    for row in counted:
        school = organisation.school(row.incident.school or "")
        unit = school.unit if school else row.incident.unit
        if unit is not None:
            by_unit.setdefault(unit, []).append(row)
        for name in _contractors(row, faults):
            by_contractor.setdefault(name, []).append(row)
    return Responses(
        all=_response("", counted),
        units=_sorted(by_unit),
        contractors=_sorted(by_contractor),
    )


def _counts(row: IncidentRow) -> bool:
    return row.incident.severity is not Severity.NOTED and row.incident.tell_at is not None


def _sorted(groups: dict[str, list[IncidentRow]]) -> tuple[Response, ...]:
    found = [_response(name, rows) for name, rows in groups.items()]
    return tuple(sorted(found, key=lambda r: (-r.incidents, r.name)))


def _response(name: str, rows: Sequence[IncidentRow]) -> Response:
    taken = [
        (row.acknowledged_at - (row.told_at or row.incident.opened_at)).total_seconds()
        for row in rows
        if row.acknowledged_at is not None
    ]
    mended = [
        (row.ended_at - row.began_at).total_seconds()
        for row in rows
        if row.ended_at is not None and row.incident.phase is Phase.CLOSED
    ]
    return Response(
        name=name, incidents=len(rows), taken_s=_median(taken), mended_s=_median(mended)
    )


def _median(seconds: Sequence[float]) -> int | None:
    return max(0, int(median(seconds))) if seconds else None


def _contractors(row: IncidentRow, faults: Sequence[FaultEntry]) -> set[str]:
    """Return whom the fault register names for a camera of this incident in its time."""
    first = local_date(row.began_at)
    last = local_date(row.ended_at) if row.ended_at else date.max
    return {
        fault.written.contractor
        for fault in faults
        if fault.written.contractor
        and fault.camera in row.incident.affected
        and fault.since <= last
        and (fault.ended is None or fault.ended >= first)
    }
