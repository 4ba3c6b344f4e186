"""What an incident says: made anew from its members whenever they change.

All functions take an incident and give the one that takes its place; the engine keeps and tells it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from server.domain.incident.ledger import Ledger
from server.domain.incident.memory import Ailment
from server.domain.incident.model import Incident, Member, Phase
from server.domain.incident.roots import Root
from server.domain.incident.signals import Aspect, Subject
from server.domain.incident.timing import OFF_HOURS, Ground, graver, is_quiet, severity, telling
from server.domain.incident.world import CameraPlace

_SPACE: Final = UUID("3d5c7b8e-90a1-5c2f-8e0d-766f6e676763")


def incident_id(root: Root, began_at: datetime, opened_at: datetime, times: int) -> str:
    """Return the id of an incident that opens so: a replay names it alike.

    ``times``: how often the root has failed lately; a gate may be forced twice in one second.
    """
    name = (root.kind, root.root, began_at.isoformat(), opened_at.isoformat(), str(times))
    return str(uuid5(_SPACE, "\n".join(name)))


def opened(ledger: Ledger, ground: Ground, root: Root, at: datetime) -> Incident:
    """Return a new incident of a root; unstable at once if the root has failed often."""
    members = tuple(_member(a) for a in root.ailing)
    began_at = min(m.since for m in members)
    school = _school(root.ailing)
    shaky, times = is_shaky(ledger, root, at), ledger.flaps.starts(root.root, at)
    hours = root.ailing[0].school
    subjects = [m.subject for m in members]
    grave = severity(ground, root.kind, subjects, school=hours, at=at)
    told = telling(ground, root.kind, subjects, grave=grave, school=hours, at=at)
    incident = Incident(
        id=incident_id(root, began_at, at, times),
        kind=root.kind,
        root=root.root,
        school=school,
        unit=root.unit,
        severity=grave,
        phase=Phase.UNSTABLE if shaky else Phase.OPEN,
        members=members,
        began_at=began_at,
        opened_at=at,
        tell_at=told.at,
        held=told.held,
        sure=root.sure,
        why=root.why if not shaky else (*root.why, ("times", times)),
    )
    return touched(ledger, ground, incident)


def is_shaky(ledger: Ledger, root: Root, at: datetime) -> bool:
    """Tell whether a root, or each of its members by itself, comes and goes."""
    return ledger.flaps.is_shaky(root.root, at) or all(
        ledger.flaps.is_shaky(a.root, at) for a in root.ailing
    )


def with_members(incident: Incident, ailing: Iterable[Ailment]) -> Incident:
    """Return it with these in trouble (again, or with another cause), the first first."""
    known = {m.subject: m for m in incident.members}
    for ailment in ailing:
        known[ailment.subject] = _member(ailment)
    members = sorted(known.values(), key=lambda m: (m.since, m.subject))
    began_at = min(incident.began_at, *(m.since for m in members))
    return replace(incident, members=tuple(members), began_at=began_at)


def without(incident: Incident, gone: Iterable[Subject]) -> Incident:
    """Return it without these."""
    away = set(gone)
    return replace(incident, members=tuple(m for m in incident.members if m.subject not in away))


def with_end(incident: Incident, subject: Subject, ended_at: datetime) -> Incident:
    """Return it with one of its members well since ``ended_at``."""
    members = list(incident.members)
    place = next(i for i, m in enumerate(members) if m.subject == subject)
    members[place] = replace(members[place], until=max(members[place].since, ended_at))
    return replace(incident, members=tuple(members))


def widened(incident: Incident, root: Root) -> Incident:
    """Return it with a wider root and all whom it explains, as grave as it was."""
    return replace(
        with_members(incident, root.ailing),
        kind=root.kind,
        root=root.root,
        school=_school(root.ailing),
        unit=root.unit,
        sure=root.sure,
        why=root.why,
    )


def regraded(ground: Ground, incident: Incident, at: datetime) -> Incident:
    """Return it as grave as it is at that time, if that is graver, and told when that asks for.

    What was told stays told; what was not may be told earlier, never later.
    """
    subjects = _asked_of(incident)
    hours = hours_of(ground, incident)
    grave = severity(ground, incident.kind, subjects, school=hours, at=at)
    if graver(grave, incident.severity) is incident.severity:
        return incident
    if is_told(incident, at):
        return replace(incident, severity=grave)
    told = telling(ground, incident.kind, subjects, grave=grave, school=hours, at=at)
    if incident.tell_at is not None and told.at is not None and told.at >= incident.tell_at:
        return replace(incident, severity=grave)
    return replace(incident, severity=grave, tell_at=told.at, held=told.held)


def retimed(ground: Ground, incident: Incident, at: datetime) -> Incident:
    """Return one that is not told yet with the time that silences leave it now.

    What waits for the morning is asked about the morning: a silence may have been made for it.
    """
    subjects = _asked_of(incident)
    told_at = incident.tell_at
    if told_at is not None and incident.held == OFF_HOURS:
        if not is_quiet(ground, incident.kind, subjects, told_at):
            return incident
        at = told_at
    hours = hours_of(ground, incident)
    grave = incident.severity
    told = telling(ground, incident.kind, subjects, grave=grave, school=hours, at=at)
    return replace(incident, tell_at=told.at, held=told.held)


def touched(ledger: Ledger, ground: Ground, incident: Incident) -> Incident:
    """Return it with the cameras and zones that it touches now."""
    places = list(_affected(ledger, ground, incident))
    return replace(
        incident,
        affected=tuple(dict.fromkeys(p.id for p in places)),
        required=tuple(dict.fromkeys(p.zone for p in places if p.required)),
    )


def is_told(incident: Incident, at: datetime) -> bool:
    """Tell whether people have been told of it by then."""
    return incident.tell_at is not None and incident.tell_at <= at


def hours_of(ground: Ground, incident: Incident) -> str | None:
    """Return the school whose hours count: its own, or its first member's."""
    if incident.school is not None:
        return incident.school
    return ground.world.school_of(incident.members[0].subject)


def ailing_members(incident: Incident) -> list[Member]:
    """Return the members that are not known to be well."""
    return [m for m in incident.members if m.until is None]


def _asked_of(incident: Incident) -> list[Subject]:
    """Return whose silences and places count: who is in trouble, or all if nobody is any more."""
    ailing = [m.subject for m in ailing_members(incident)]
    return ailing or [m.subject for m in incident.members]


def _member(ailment: Ailment) -> Member:
    return Member(
        subject=ailment.subject,
        cause=ailment.cause,
        since=ailment.since,
        detail=ailment.detail,
    )


def _school(ailing: Sequence[Ailment]) -> str | None:
    schools = {a.school for a in ailing}
    return schools.pop() if len(schools) == 1 else None


def _affected(ledger: Ledger, ground: Ground, incident: Incident) -> Iterable[CameraPlace]:
    """Yield cameras that are in trouble themselves, and those that silent agents alone look at."""
    schools: dict[str, None] = {}
    for member in incident.members:
        if member.until is None:
            place = ground.place(member.subject)
            if place is not None:
                yield place
            elif member.subject.aspect is Aspect.AGENT:
                school = ground.world.school_of(member.subject)
                schools |= {school: None} if school is not None else {}
    for school in schools:
        yield from _unseen(ledger, ground, school)


def _unseen(ledger: Ledger, ground: Ground, school: str) -> Iterable[CameraPlace]:
    place = ground.world.school(school)
    for camera in place.cameras if place is not None else ():
        found = ground.world.camera(camera)
        if found is not None and found.agents and all(map(ledger.is_silent, found.agents)):
            yield found
