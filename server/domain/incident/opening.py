"""From a trouble that is due to an incident: held back, joined, widened or opened."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from server.domain.incident import owing
from server.domain.incident.cases import (
    ailing_members,
    is_told,
    opened,
    widened,
    with_members,
    without,
)
from server.domain.incident.desk import Desk
from server.domain.incident.kinds import CAMERA_KINDS, width
from server.domain.incident.ledger import in_order
from server.domain.incident.memory import Ailment, Case
from server.domain.incident.model import Incident, Kind, Phase, Step
from server.domain.incident.roots import Root, camera_root, centre_root, single
from server.domain.incident.signals import Aspect, Subject

_OF_AN_AGENT = frozenset({Aspect.SPOOL, Aspect.CLOCK, Aspect.CERTIFICATE})
WITHOUT_SCHOOL = frozenset({Aspect.CENTRE, Aspect.CHANNEL, Aspect.CERTIFICATE})
"""What may be the centre's own; anything else of no school is not registered."""
_AGENT_KINDS = frozenset({Kind.AGENT, Kind.SCHOOL, Kind.LINE})


def open_due(desk: Desk, at: datetime, subject: Subject) -> None:
    """Handle a trouble whose time has come."""
    ledger = desk.ledger
    ailment = ledger.ailments[subject]
    if not _is_registered(desk, subject):
        ledger.drop(subject)
        desk.dark = None
        return
    held, until = _held(desk, at, ailment)
    if held:
        ledger.put(replace(ailment, due=until))
        return
    root = _root(desk, ailment)
    if root.due > at:
        for waiting in (ailment, *root.waiting):
            ledger.put(replace(waiting, due=max(root.due, waiting.due or root.due)))
        return
    for member in root.ailing:
        ledger.put(replace(member, due=None))
    _settle(desk, at, root)


def _is_registered(desk: Desk, subject: Subject) -> bool:
    if subject.aspect in WITHOUT_SCHOOL:
        return True
    return desk.ground.world.school_of(subject) is not None


def _held(desk: Desk, at: datetime, ailment: Ailment) -> tuple[bool, datetime | None]:
    """Tell whether something else explains a trouble, and until when if that is known."""
    if ailment.subject.aspect is Aspect.CENTRE:
        return False, None
    if desk.is_blind():
        return True, None
    until = desk.ledger.centre_until
    if until is not None and until > at:
        return True, until
    parents = _parents(desk, ailment)
    if not parents:
        return False, None
    settling = desk.ledger.settling
    free = [settling.get(p, at) for p in parents if not desk.ledger.is_silent(p)]
    if not free:
        return True, None
    return (True, min(free)) if min(free) > at else (False, None)


def _parents(desk: Desk, ailment: Ailment) -> Sequence[str]:
    """Return the agents by whom alone a trouble is known."""
    aspect = ailment.subject.aspect
    if aspect in _OF_AN_AGENT:
        return (ailment.subject.id,)
    if aspect is Aspect.CAMERA:
        place = desk.ground.place(ailment.subject)
        return () if place is None else place.agents
    if aspect is Aspect.GATE_STREAM and ailment.school is not None:
        school = desk.ground.world.school(ailment.school)
        return () if school is None else school.agents
    return ()


def _root(desk: Desk, ailment: Ailment) -> Root:
    aspect = ailment.subject.aspect
    ledger, ground = desk.ledger, desk.ground
    if aspect is Aspect.CAMERA:
        near = ledger.near(ailment.school, Aspect.CAMERA)
        others = [a for a in near if ledger.is_open_to(ailment, a)]
        return camera_root(ground, ailment, others, is_hasty=ledger.flaps.is_hasty)
    if aspect is Aspect.AGENT:
        return desk.darkness().root(ailment)
    if aspect is Aspect.CENTRE:
        own = (a for s, a in ledger.ailments.items() if s.aspect is Aspect.CENTRE)
        return centre_root(ground, ailment, own)
    return single(ground, ailment, hasty=ledger.flaps.is_hasty(ailment))


def _settle(desk: Desk, at: datetime, root: Root) -> None:
    """Join the incident that knows this root, widen those that are of it, or open one."""
    holders = _holders(desk, root)
    wide = width(root.kind, root.root)
    known = [c for c in holders if width(c.incident.kind, c.incident.root) >= wide]
    if known:
        owing.inherit(desk, _join(desk, at, known[0], root))
        return
    narrow = sorted(
        (*holders, *_children(desk, root)),
        key=lambda c: (not is_told(c.incident, at), c.incident.opened_at, c.incident.id),
    )
    root = _with_theirs(desk, root, holders)
    base = next((c for c in narrow if _says_enough(desk, at, c.incident, root)), None)
    kept = _open(desk, at, root) if base is None else _widen(desk, at, base, root)
    for case in narrow:
        if case is not base:
            absorb(desk, at, case, into=kept.incident.id)
    owing.inherit(desk, kept)


def _open(desk: Desk, at: datetime, root: Root) -> Case:
    if len(root.ailing) > 1 or root.root != root.ailing[0].root:
        desk.ledger.flaps.started(root.root, at)
    incident = opened(desk.ledger, desk.ground, root, at)
    return desk.emit(at, Step.OPENED, Case(incident=incident))


def _holders(desk: Desk, root: Root) -> list[Case]:
    """Return the incidents that those in trouble are a part of already."""
    found = {}
    for member in root.ailing:
        case = desk.ledger.holder(member.subject, member.track)
        if case is not None:
            found[case.incident.id] = case
    return list(found.values())


def _with_theirs(desk: Desk, root: Root, holders: Sequence[Case]) -> Root:
    """Return a root with whoever else is in trouble in the incidents that it takes over."""
    ailments = desk.ledger.ailments
    every = {a.subject: a for a in root.ailing}
    for case in holders:
        for member in ailing_members(case.incident):
            every.setdefault(member.subject, ailments[member.subject])
    return replace(root, ailing=tuple(in_order(every.values())))


def _join(desk: Desk, at: datetime, case: Case, root: Root) -> Case:
    """Take those into an incident who are in none: what others hold stays with them."""
    held = desk.ledger.holder
    mine = [a for a in root.ailing if held(a.subject, a.track) in {None, case}]
    incident = with_members(case.incident, mine)
    if root.root == incident.root:
        incident = replace(incident, why=root.why, sure=root.sure)
    return desk.regrade(at, desk.keep(at, replace(case, incident=incident)))


def _widen(desk: Desk, at: datetime, case: Case, root: Root) -> Case:
    """Give an incident its wider root. A parent's members are agents: cameras wait for them."""
    incident = case.incident
    if root.kind in _AGENT_KINDS:
        cameras = [m.subject for m in incident.members if m.subject.aspect is Aspect.CAMERA]
        incident = without(incident, cameras)
    desk.ledger.flaps.started(root.root, at)
    case = replace(case, incident=widened(incident, root))
    return desk.regrade(at, desk.emit(at, Step.WIDENED, case))


def _children(desk: Desk, root: Root) -> list[Case]:
    """Return the incidents of cameras that began when their agents fell silent."""
    if root.kind not in _AGENT_KINDS:
        return []
    silent = {a.subject.id: a.since for a in root.ailing}
    length = timedelta(seconds=desk.ground.rules.silent_together_s)
    found = []
    for case in desk.ledger.cases.values():
        agents = _agents_of(desk, case) if case.incident.kind in CAMERA_KINDS else set()
        if agents and agents <= silent.keys():
            first = min(silent[a] for a in agents) - length
            if case.incident.phase is Phase.OPEN and case.incident.began_at >= first:
                found.append(case)
    return found


def _agents_of(desk: Desk, case: Case) -> set[str]:
    places = [desk.ground.place(m.subject) for m in ailing_members(case.incident)]
    return {agent for place in places if place is not None for agent in place.agents}


def _says_enough(desk: Desk, at: datetime, narrow: Incident, root: Root) -> bool:
    """Tell whether an incident may go on as the wider one without telling anybody again.

    Not if people were told of it and do not know the half by that: a line is others' business too,
    a silent school has more dark cameras than its first silent gate PC had, and a silent gate PC
    more than one of a few that were lost.
    """
    if root.kind not in _AGENT_KINDS or not is_told(narrow, at):
        return True
    if root.kind is Kind.LINE:
        return False
    wide = opened(desk.ledger, desk.ground, root, at).affected
    if narrow.kind in CAMERA_KINDS:
        return 2 * len(ailing_members(narrow)) >= len(wide)
    return set(wide) <= set(narrow.affected)


def absorb(desk: Desk, at: datetime, case: Case, *, into: str | None) -> None:
    """Close an incident that another explains, or whose subject is gone."""
    incident = replace(case.incident, phase=Phase.CLOSED, ended_at=at, closed_at=at)
    desk.emit(at, Step.ABSORBED, replace(case, incident=incident), into=into)
    if into is not None:
        owing.owe(desk, at, incident, into)
