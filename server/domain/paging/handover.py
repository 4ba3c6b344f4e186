"""Whoever's turn begins hears what is open, as far as policies would tell it to them. Pure.

The letters of one hand-over are due together, so that ``posting`` makes one message of them. Their
ids are made of the incident and the moment of the hand-over; asking again, or in another process,
changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from server.domain.incident.model import Incident, Phase, Severity
from server.domain.paging.calls import call_id, names, ways_to
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call, Occasion, Policy, Receiver, Target
from server.domain.paging.turns import after_quiet, on_turn, turns_begun

SETTLED: Final = timedelta(seconds=30)
"""So long after a hand-over what fell due before it has been written by a look."""
LATEST: Final = timedelta(hours=12)
"""A server that was away tells it late, but not a day that is nearly over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """Somebody's turns begin at ``at`` (UTC). ``rotas``: the ids of those whose turn it is."""

    at: datetime
    receiver: str
    rotas: frozenset[str]

    @property
    def due(self) -> datetime:
        """From when on it is told."""
        return self.at + SETTLED


class Known(NamedTuple):
    """An incident, and all calls of it so far."""

    incident: Incident
    calls: tuple[Call, ...]


def hand_overs(directory: Directory, start: datetime, end: datetime) -> tuple[HandOver, ...]:
    """Return the hand-overs that fall due in (start, end], in order."""
    rotas: dict[tuple[datetime, str], set[str]] = defaultdict(set)
    for rota in directory.rotas.values():
        for begun in turns_begun(rota, start - SETTLED, end - SETTLED):
            rotas[begun.at, begun.receiver].add(begun.rota)
    return tuple(
        HandOver(at=at, receiver=receiver, rotas=frozenset(theirs))
        for (at, receiver), theirs in sorted(rotas.items(), key=lambda item: item[0])
    )


def standing_hand_overs(directory: Directory, now: datetime) -> tuple[HandOver, ...]:
    """Return those of the last twelve hours whose turn has not gone on since."""
    return tuple(
        one
        for one in hand_overs(directory, now - LATEST, now)
        if any(on_turn(directory.rotas[rota], now) == one.receiver for rota in one.rotas)
    )


def handed_over(
    one: HandOver, directory: Directory, known: Iterable[Known], now: datetime
) -> tuple[Call, ...]:
    """Return the calls that tell a hand-over, as things stand ``now``; none if nothing is open.

    One message: what is urgent takes the rest along, over the ways for what is urgent and in
    quiet hours too.
    """
    receiver = directory.receivers.get(one.receiver)
    if receiver is None or not receiver.active or not receiver.handover:
        return ()
    theirs = [k.incident for k in known if _is_theirs(k, one, directory, now)]
    urgent = any(incident.severity is Severity.URGENT for incident in theirs)
    at = one.due if urgent else after_quiet(receiver.quiet, one.due)
    return tuple(call for i in theirs for call in _calls(i, receiver, one, urgent=urgent, at=at))


def _calls(
    incident: Incident, receiver: Receiver, one: HandOver, *, urgent: bool, at: datetime
) -> Iterable[Call]:
    about = f"{incident.id}\n{one.at.isoformat()}"
    for way in ways_to(receiver, incident, urgent=urgent):
        yield Call(
            id=call_id(Occasion.HANDOVER, about, receiver.id, way),
            incident=incident.id,
            occasion=Occasion.HANDOVER,
            receiver=receiver.id,
            way=way,
            language=receiver.language,
            at=at,
        )


def _is_theirs(known: Known, one: HandOver, directory: Directory, now: datetime) -> bool:
    """Tell whether an incident is open, was due to be told, and is one of their rotas'."""
    incident, calls = known
    is_open = incident.phase is not Phase.CLOSED
    if not is_open or incident.tell_at is None or incident.tell_at >= now:
        return False
    if any(_knows(call, one) for call in calls if call.receiver == one.receiver):
        return False
    told = {call.receiver for call in calls if call.at < one.at}
    policies = directory.fitting(incident)
    return any(_tells(policy, one, directory, told) for policy in policies)


def _knows(call: Call, one: HandOver) -> bool:
    """Tell whether a call to them makes another needless: one of this turn, or of its beginning."""
    of_turn = call.at >= one.at
    return of_turn or (call.occasion is Occasion.HANDOVER and call.at > one.at - LATEST)


def _tells(policy: Policy, one: HandOver, directory: Directory, told: set[str]) -> bool:
    """Tell whether a policy asks one of their rotas: first, or someone of that rota was asked."""
    first_s = min(stage.after_s for stage in policy.stages)
    return any(
        stage.after_s == first_s or any(names(stage, receiver, directory) for receiver in told)
        for stage in policy.stages
        if stage.target is Target.ROTA and stage.id in one.rotas
    )
