"""Whom the end is owed of an incident that another took over.

Who was told of a gate PC and not of the line that its silence turned out to be (a school's own
contact) must hear that it is over. So an incident that had been told when it was absorbed is kept
with its *heirs*: those that took it over, one after the other. It is over when its last heir is and
none of its members is in trouble any more. If some stay behind, it waits for them to be well, or
for the incident that they become: that is an heir too.

Of people this module knows nothing: who was told of an heir hears the heir's end, and the pagers
leave that one out.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from server.domain.incident.cases import is_told, without
from server.domain.incident.desk import Desk
from server.domain.incident.kinds import track_of
from server.domain.incident.memory import Case, Owed
from server.domain.incident.model import Incident, Member, Step
from server.domain.incident.signals import Subject

_NO_ENDS: Final[Mapping[Subject, datetime]] = MappingProxyType({})


def owe(desk: Desk, at: datetime, absorbed: Incident, into: str) -> None:
    """Note that an incident was taken over, with all that it had taken over itself."""
    owed = desk.ledger.owed
    for name, debt in owed.items():
        if debt.heirs[-1] == absorbed.id:
            owed[name] = replace(debt, heirs=(*debt.heirs, into))
    if is_told(absorbed, at):
        owed[absorbed.id] = Owed(incident=absorbed, heirs=(into,))


def inherit(desk: Desk, case: Case) -> None:
    """Let an incident that was opened, or has grown, take over what stayed behind of others."""
    owed, name = desk.ledger.owed, case.incident.id
    subjects = {m.subject for m in case.incident.members} if owed else set()
    track = track_of(case.incident.kind)
    for key, debt in owed.items():
        mine = any(m.subject in subjects for m in debt.incident.members)
        if mine and debt.heirs[-1] != name and track_of(debt.incident.kind) is track:
            owed[key] = replace(debt, heirs=(*debt.heirs, name))


def close_of(desk: Desk, at: datetime, heir: Incident) -> None:
    """An incident is closed: what it had taken over is over, or waits for what stays behind."""
    ends = {m.subject: m.until for m in heir.members if m.until is not None}
    for debt in [d for d in desk.ledger.owed.values() if d.heirs[-1] == heir.id]:
        ailing = _ailing(desk, debt)
        if not ailing:
            _pay(desk, at, debt, ends=ends, ended_at=heir.ended_at or at)
            continue
        track = track_of(debt.incident.kind)
        holders = (desk.ledger.holder(m.subject, track) for m in ailing)
        other = next((c for c in holders if c is not None), None)
        if other is not None:
            heirs = (*debt.heirs, other.incident.id)
            desk.ledger.owed[debt.incident.id] = replace(debt, heirs=heirs)


def settle(desk: Desk, at: datetime, ended_at: datetime) -> None:
    """Somebody is well, or gone: that may have been the last of what stayed behind."""
    for debt in list(desk.ledger.owed.values()):
        if debt.heirs[-1] not in desk.ledger.cases and not _ailing(desk, debt):
            _pay(desk, at, debt, ends=_NO_ENDS, ended_at=ended_at)


def strip(desk: Desk, subject: Subject) -> None:
    """A subject is no longer registered: nobody is told of its end."""
    owed = desk.ledger.owed
    for name, debt in list(owed.items()):
        incident = without(debt.incident, [subject])
        if not incident.members:
            del owed[name]
        elif len(incident.members) < len(debt.incident.members):
            owed[name] = replace(debt, incident=incident)


def _ailing(desk: Desk, debt: Owed) -> list[Member]:
    """Return the members that are in that trouble still, or of which nobody can tell."""
    track = track_of(debt.incident.kind)
    ailments = ((m, desk.ledger.ailments.get(m.subject)) for m in debt.incident.members)
    return [m for m, ailment in ailments if ailment is not None and ailment.track is track]


def _pay(
    desk: Desk, at: datetime, debt: Owed, *, ends: Mapping[Subject, datetime], ended_at: datetime
) -> None:
    """Tell that it is over. ``ends``: since when its members are well, as far as that is known."""
    members = tuple(
        replace(m, until=m.until or max(m.since, ends.get(m.subject, ended_at)))
        for m in debt.incident.members
    )
    last = max(m.until for m in members if m.until is not None)
    incident = replace(debt.incident, members=members, ended_at=last, closed_at=at)
    del desk.ledger.owed[incident.id]
    desk.emit(at, Step.RECOVERED, Case(incident=incident), heirs=debt.heirs)
