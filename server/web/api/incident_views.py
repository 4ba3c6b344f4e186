"""From what the store holds of incidents to what the API says. Pure."""

from collections.abc import Callable

from server.domain.incident.model import Member
from server.storage.incident_rows import IncidentRow, LetterRow, StepRow
from server.web.api import incident_types as n
from server.web.pages.response import DAYS, Response, Responses
from server.web.pages.spoken import Spoken


def incident(row: IncidentRow, said: Spoken) -> n.IncidentOut:
    """Return an incident."""
    one = row.incident
    return n.IncidentOut(
        id=one.id,
        headline=said.headline(one),
        kind=one.kind,
        root=one.root,
        school=one.school,
        unit=one.unit,
        severity=one.severity,
        phase=one.phase,
        members=tuple(_member(member) for member in one.members),
        affected=one.affected,
        required=one.required,
        began_at=row.began_at,
        opened_at=one.opened_at,
        tell_at=one.tell_at,
        told_at=row.told_at,
        held=one.held,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by,
        assigned_to=row.assigned_to,
        ended_at=row.ended_at,
        closed_at=one.closed_at,
        sure=one.sure,
        why=dict(one.why),
    )


def _member(member: Member) -> n.MemberOut:
    return n.MemberOut(
        aspect=member.subject.aspect,
        id=member.subject.id,
        cause=member.cause,
        since=member.since,
        until=member.until,
        detail=member.detail,
    )


def step(row: StepRow) -> n.StepOut:
    """Return a line of its course."""
    return n.StepOut(at=row.at, step=row.step, by=row.by, text=row.text)


def letter(row: LetterRow, name: Callable[[str], str]) -> n.LetterOut:
    """Return a message; ``name`` names its receiver."""
    return n.LetterOut(
        id=row.id,
        occasion=row.occasion,
        receiver=name(row.receiver),
        channel=row.way.channel,
        at=row.at,
        attempts=row.attempts,
        next_at=row.next_at,
        done_at=row.done_at,
    )


def responses(found: Responses) -> n.ResponsesOut:
    """Return the medians."""
    return n.ResponsesOut(
        days=DAYS,
        all=_response(found.all),
        units=tuple(_response(r) for r in found.units),
        contractors=tuple(_response(r) for r in found.contractors),
    )


def _response(found: Response) -> n.ResponseOut:
    return n.ResponseOut(
        name=found.name,
        incidents=found.incidents,
        acknowledged_after_s=found.taken_s,
        over_after_s=found.mended_s,
    )
