"""What happens to an incident once it is open: it eases, returns, worsens, ends."""

from dataclasses import replace
from datetime import datetime, timedelta

from server.domain.incident import owing
from server.domain.incident.cases import (
    ailing_members,
    is_told,
    retimed,
    with_end,
    with_members,
    without,
)
from server.domain.incident.desk import Desk
from server.domain.incident.memory import Ailment, Case
from server.domain.incident.model import Incident, Kind, Member, Phase, Step
from server.domain.incident.opening import absorb
from server.domain.incident.signals import Subject
from server.domain.incident.timing import is_quiet


def ease(desk: Desk, at: datetime, case: Case, subject: Subject, ended_at: datetime) -> None:
    """A member is well again: the incident may be over by that."""
    incident = with_end(case.incident, subject, ended_at)
    left = ailing_members(incident)
    share = desk.ground.rules.leftover_share
    if left and len(left) < share * len(incident.members):
        incident = without(incident, [m.subject for m in left])
        _over(desk, at, replace(case, incident=incident))
        _leave(desk, at, left)
    elif left:
        desk.keep(at, replace(case, incident=incident))
    else:
        _over(desk, at, replace(case, incident=incident))


def leave(desk: Desk, at: datetime, case: Case, subject: Subject) -> None:
    """A member is no longer registered: the incident goes on without it, or is closed untold."""
    incident = without(case.incident, [subject])
    if not incident.members:
        absorb(desk, at, case, into=None)
    elif ailing_members(incident):
        desk.keep(at, replace(case, incident=incident))
    else:
        _over(desk, at, replace(case, incident=incident))


def rejoin(desk: Desk, at: datetime, case: Case, ailment: Ailment) -> None:
    """A member is in trouble again before the incident was over."""
    desk.ledger.put(replace(ailment, due=None))
    was_over = not ailing_members(case.incident)
    incident = replace(with_members(case.incident, [ailment]), ended_at=None)
    case = replace(case, incident=incident, close_at=None)
    if was_over and incident.root != ailment.root:
        desk.ledger.flaps.started(incident.root, at)
    if incident.phase is not Phase.UNSTABLE and desk.ledger.flaps.is_shaky(incident.root, at):
        _unstable(desk, at, case)
    elif incident.phase is Phase.RECOVERING:
        case = replace(case, incident=replace(incident, phase=Phase.OPEN))
        desk.regrade(at, desk.emit(at, Step.RETURNED, case))
    else:
        desk.regrade(at, desk.keep(at, case))


def recast(desk: Desk, at: datetime, case: Case, ailment: Ailment) -> None:
    """A member has another cause now: a covered camera that gives no picture is a lost one."""
    incident = with_members(case.incident, [ailment])
    if incident.kind is Kind.PICTURE and ailment.kind is Kind.CAMERA:
        case = replace(case, incident=replace(incident, kind=Kind.CAMERA))
        desk.regrade(at, desk.emit(at, Step.WIDENED, case))
    else:
        desk.regrade(at, desk.keep(at, replace(case, incident=incident)))


def close(desk: Desk, at: datetime, case: Case) -> None:
    """It has been well for long enough. Those who were told are told so.

    What is over at once (a forced gate) is an event: the next one is not the same trouble again.
    """
    told = is_told(case.incident, at)
    incident = replace(
        case.incident,
        phase=Phase.CLOSED,
        closed_at=at,
        tell_at=case.incident.tell_at if told else None,
    )
    if told and desk.ground.rule(incident.kind).calm_s:
        desk.ledger.flaps.told_over(incident.root, at)
    desk.emit(at, Step.RECOVERED, replace(case, incident=incident))
    owing.close_of(desk, at, incident)


def turn(desk: Desk, at: datetime, case: Case) -> None:
    """Hours or silences may be other than they were: it is graver now, or told at another time."""
    incident = case.incident
    waits = incident.tell_at is not None and not is_told(incident, at)
    moved = retimed(desk.ground, incident, at) if waits else incident
    if moved.tell_at != incident.tell_at:
        case = desk.emit(at, Step.RETIMED, replace(case, incident=moved))
    desk.regrade(at, replace(case, turn_at=desk.look_at(at, moved)))


def write_down(desk: Desk, at: datetime, case: Case) -> None:
    """Tell of members that joined or left meanwhile, all at once."""
    desk.emit(at, Step.JOINED, case)


def _over(desk: Desk, at: datetime, case: Case) -> None:
    """Nobody is in trouble any more: believe it after a calm, at once if nobody was told."""
    incident = replace(case.incident, ended_at=_last_end(case.incident, at))
    unstable = incident.phase is Phase.UNSTABLE
    calm_s = desk.ground.rule(incident.kind).calm_s
    if unstable:
        calm_s = max(calm_s, desk.ground.rules.steady_s)
    waiting = incident.tell_at is not None and not is_told(incident, at)
    case = replace(case, incident=incident)
    if not calm_s or (waiting and not unstable):
        close(desk, at, case)
        return
    close_at = max(at, (incident.ended_at or at) + timedelta(seconds=calm_s))
    case = replace(case, close_at=close_at)
    if unstable:
        desk.keep(at, case)
    else:
        easing = replace(case, incident=replace(incident, phase=Phase.RECOVERING))
        desk.emit(at, Step.EASED, easing)


def _last_end(incident: Incident, at: datetime) -> datetime:
    return max((m.until for m in incident.members if m.until is not None), default=at)


def _leave(desk: Desk, at: datetime, left: list[Member]) -> None:
    """What stays behind has a root of its own: it is told after it had time to follow."""
    settled = at + timedelta(seconds=desk.ground.rules.settle_s)
    desk.rearm([m.subject for m in left], settled)


def _unstable(desk: Desk, at: datetime, case: Case) -> None:
    """It comes and goes: say so once, if it may be told now."""
    times = desk.ledger.flaps.starts(case.incident.root, at)
    incident = replace(
        case.incident, phase=Phase.UNSTABLE, why=(*case.incident.why, ("times", times))
    )
    subjects = [m.subject for m in ailing_members(incident)]
    hushed = is_told(incident, at) and is_quiet(desk.ground, incident.kind, subjects, at)
    step = Step.RETURNED if hushed else Step.UNSTABLE
    desk.regrade(at, desk.emit(at, step, replace(case, incident=incident)))
