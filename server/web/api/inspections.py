"""The API's inspections and fault register: what the pages show."""

from datetime import date
from typing import Final

from aiohttp import web

from server.domain.calendar import local_date
from server.domain.inspection import Finding, Visit
from server.inspecting.visits import Kept, load_visits
from server.web import forms
from server.web.api import inspection_types as i
from server.web.api.handlers import json_answer
from server.web.api.openapi import Operation, Parameter
from server.web.api.route import Handler
from server.web.deps import DEPS, TONGUE
from server.web.faultroutes import fault_filter, wanted_faults
from server.web.pages.faults import FaultLine, what_of
from server.web.readings import READINGS

_DAYS: Final = (
    Parameter(name="from", text="First day, YYYY-MM-DD", form="date"),
    Parameter(name="to", text="Last day, YYYY-MM-DD", form="date"),
)
_SCHOOL: Final = Parameter(name="school", text="Only this school's")


async def get_inspections(request: web.Request) -> web.Response:
    """Serve ``/inspections``."""
    school = forms.identifier(request.query, "school")
    first, last = forms.day(request.query, "from"), forms.day(request.query, "to")
    today = local_date(request.app[READINGS].now())
    found = tuple(
        _inspection(kept, today)
        for kept in await load_visits(request.app[DEPS].store)
        if (school is None or kept.visit.school == school)
        and (first is None or kept.visit.planned >= first)
        and (last is None or kept.visit.planned <= last)
    )
    return json_answer(i.InspectionsOut(inspections=found))


async def get_faults(request: web.Request) -> web.Response:
    """Serve ``/faults``."""
    lines = await wanted_faults(request, fault_filter(request.query))
    return json_answer(i.FaultsOut(faults=tuple(_fault(request, line) for line in lines)))


def _inspection(kept: Kept, today: date) -> i.InspectionOut:
    visit, record = kept.visit, kept.record
    return i.InspectionOut(
        id=record.id,
        school=visit.school,
        planned=visit.planned,
        step=visit.step,
        revision=record.revision,
        corrections=len(visit.corrections),
        team=tuple(member.name for member in visit.paper.team),
        findings=tuple(_finding(visit, f, today) for f in visit.paper.findings),
        changed_at=record.at,
        changed_by=record.by,
    )


def _finding(visit: Visit, finding: Finding, today: date) -> i.FindingOut:
    turns = [t for t in visit.turns if t.finding == finding.id]
    closed = turns[-1] if turns and turns[-1].closed else None
    return i.FindingOut(
        id=finding.id,
        what=finding.what,
        camera=finding.camera,
        zone=finding.zone,
        severity=finding.severity,
        deadline=finding.deadline,
        acts=finding.acts,
        healthy_days=finding.healthy_days,
        closed_on=closed.day if closed else None,
        closed_by=closed.by if closed else None,
        late=finding in visit.late_findings(today),
    )


def _fault(request: web.Request, line: FaultLine) -> i.FaultOut:
    entry, told = line.entry, line.entry.written
    seen = entry.seen
    return i.FaultOut(
        id=line.id,
        school=entry.school,
        camera=entry.camera,
        cause=seen.cause if seen else None,
        what=what_of(request[TONGUE], entry),
        since=entry.since,
        ended=entry.ended,
        days_open=line.days,
        seen_since=seen.since if seen else None,
        seen_until=seen.until if seen else None,
        lost_s=seen.seconds if seen else None,
        withdrawn=line.withdrawn,
        reported=told.reported,
        reported_to=told.reported_to,
        repaired_by=told.repaired_by,
        warranty_until=told.warranty_until,
        cost=told.cost,
        contractor=told.contractor,
        note=told.note,
    )


INSPECTIONS: Final[tuple[tuple[Operation, Handler], ...]] = (
    (
        Operation(
            method="GET",
            path="/inspections",
            text="Inspections and their findings",
            answer=i.InspectionsOut,
            query=(_SCHOOL, *_DAYS),
        ),
        get_inspections,
    ),
    (
        Operation(
            method="GET",
            path="/faults",
            text="The fault register",
            answer=i.FaultsOut,
            query=(
                Parameter(name="which", text="open (default) or all"),
                _SCHOOL,
                *_DAYS,
            ),
        ),
        get_faults,
    ),
)
"""This module's rows of the API's table."""
