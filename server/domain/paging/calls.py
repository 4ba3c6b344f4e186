"""From a change of an incident to the calls that tell it. Pure.

``calls_for`` and ``withdrawn`` are asked once for each change, in the transaction that writes it,
with the calls that the incident has had so far. What is not yet due is taken back when a later
change makes it untrue; who was told (a call of theirs was due) is told that it is over.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID, uuid5

from server.domain.incident.model import Change, Incident, Kind, Severity, Step
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call, Occasion, Policy, Receiver, Stage, Target, Way
from server.domain.paging.turns import after_quiet

_SPACE: Final = UUID("6f0c3a5e-2d1b-5e0a-9d53-7667616c6c73")
_TELLING: Final = {
    Step.OPENED: Occasion.OPENED,
    Step.RETIMED: Occasion.OPENED,
    Step.WORSENED: Occasion.WORSENED,
    Step.UNSTABLE: Occasion.UNSTABLE,
}
_OUTDATES: Final = frozenset(
    {Step.RETIMED, Step.WORSENED, Step.UNSTABLE, Step.RECOVERED, Step.ABSORBED}
)


def call_id(occasion: Occasion, about: str, receiver: str, way: Way) -> str:
    """Return a call's stable id; ``about`` is an incident's id, or a day of a daily message."""
    return str(uuid5(_SPACE, f"{about}\n{occasion}\n{receiver}\n{way.channel}\n{way.address}"))


def calls_for(change: Change, directory: Directory, told: Sequence[Call] = ()) -> tuple[Call, ...]:
    """Return the calls that a change leads to; ``told`` are all calls of its incident so far."""
    occasion = _TELLING.get(change.step)
    if occasion is not None:
        first = first_calls(change, occasion, directory)
        if occasion is not Occasion.UNSTABLE:
            return first
        return _once((*first, *_again(change, occasion, told)))
    if change.step is not Step.RECOVERED:
        return ()
    fitting = directory.fitting(change.incident)
    wanted = [call for call in told if _wants_end(call, fitting, directory)]
    return _once(_again(change, Occasion.RECOVERED, wanted, directory))


def withdrawn(change: Change, told: Iterable[Call]) -> frozenset[str]:
    """Return the ids of the calls that a change makes void: those that are not yet due."""
    if change.step not in _OUTDATES:
        return frozenset()
    return frozenset(c.id for c in told if c.at > change.at)


def first_calls(change: Change, occasion: Occasion, directory: Directory) -> tuple[Call, ...]:
    """Return the calls to those whom every fitting policy names first.

    Where nobody has the turn at a policy's first stage, the next one's are first.
    """
    incident = change.incident
    if incident.tell_at is None:
        return ()
    at = max(incident.tell_at, change.at)
    found: list[Call] = []
    for policy in directory.fitting(incident):
        for receiver in first_called(policy, incident, directory, at):
            found += calls_to(receiver, incident, occasion, at)
    return _once(found)


def first_called(
    policy: Policy, incident: Incident, directory: Directory, at: datetime
) -> list[Receiver]:
    """Return those of the first stage that has anybody (stages of one time are one)."""
    for after_s in sorted({stage.after_s for stage in policy.stages}):
        found = [
            receiver
            for stage in policy.stages
            if stage.after_s == after_s
            for receiver in directory.called(stage, incident, at)
            if ways_to(receiver, incident, urgent=incident.severity is Severity.URGENT)
        ]
        if found:
            return found
    return []


def calls_to(
    receiver: Receiver, incident: Incident, occasion: Occasion, at: datetime
) -> list[Call]:
    """Return the calls to one receiver, one for each of their ways."""
    urgent = incident.severity is Severity.URGENT
    due = at if urgent else after_quiet(receiver.quiet, at)
    return [
        Call(
            id=call_id(occasion, incident.id, receiver.id, way),
            incident=incident.id,
            occasion=occasion,
            receiver=receiver.id,
            way=way,
            language=receiver.language,
            at=due,
        )
        for way in ways_to(receiver, incident, urgent=urgent)
    ]


def ways_to(receiver: Receiver, incident: Incident, *, urgent: bool) -> tuple[Way, ...]:
    """Return how a receiver is told of an incident: never over the channel that it is about."""
    ways = receiver.urgent_ways if urgent and receiver.urgent_ways else receiver.ways
    if incident.kind is not Kind.CHANNEL:
        return ways
    broken = {member.subject.id for member in incident.members}
    broken.add(incident.root.partition(":")[2])
    every = dict.fromkeys((*ways, *receiver.ways, *receiver.urgent_ways))
    return tuple(way for way in every if way.channel not in broken)


def _again(
    change: Change,
    occasion: Occasion,
    told: Iterable[Call],
    directory: Directory | None = None,
) -> list[Call]:
    """Return a call to everybody who was told by now, over the way by which they were."""
    incident = change.incident
    found = []
    for call in told:
        if call.at > change.at:
            continue
        receiver = directory.receivers.get(call.receiver) if directory is not None else None
        calm = receiver is not None and incident.severity is not Severity.URGENT
        at = after_quiet(receiver.quiet, change.at) if receiver and calm else change.at
        found.append(
            Call(
                id=call_id(occasion, incident.id, call.receiver, call.way),
                incident=incident.id,
                occasion=occasion,
                receiver=call.receiver,
                way=call.way,
                language=call.language,
                at=at,
            )
        )
    return found


def _wants_end(call: Call, fitting: Sequence[Policy], directory: Directory) -> bool:
    """Tell whether who was called is to hear that it is over: yes, unless a policy says no."""
    naming = [p for p in fitting if any(names(s, call.receiver, directory) for s in p.stages)]
    return not naming or any(policy.recovery for policy in naming)


def names(stage: Stage, receiver: str, directory: Directory) -> bool:
    """Tell whether a stage may call a receiver, at whatever time."""
    if stage.target is Target.SCHOOL:
        return receiver.startswith("school:")
    if stage.target is Target.RECEIVER:
        return stage.id == receiver
    rota = directory.rotas.get(stage.id)
    if rota is None:
        return False
    return receiver in rota.members or any(stand.receiver == receiver for stand in rota.stands)


def _once(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Leave out repeats: one person whom several policies name is told once, at the earliest."""
    found: dict[str, Call] = {}
    for call in calls:
        known = found.get(call.id)
        if known is None or call.at < known.at:
            found[call.id] = call
    return tuple(found.values())
