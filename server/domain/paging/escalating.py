"""Who is told next while nobody has taken an incident on. Pure.

Seconds count from when the incident was first told; from when it worsened, if it did.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from server.domain.incident.model import Incident, Phase
from server.domain.paging.calls import calls_to
from server.domain.paging.directory import Directory
from server.domain.paging.people import Call, Occasion, Policy

_FIRST: Final = frozenset({Occasion.OPENED, Occasion.UNSTABLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """An incident that is open, whether somebody has taken it on, and all calls of it so far."""

    incident: Incident
    acknowledged: bool
    calls: tuple[Call, ...]


def escalations(
    unsettled: Iterable[Unsettled], directory: Directory, now: datetime
) -> tuple[Call, ...]:
    """Return the calls that are due by ``now`` and were not made; nobody hears of it twice."""
    found: dict[str, Call] = {}
    for one in unsettled:
        base = first_told(one.calls, now)
        if one.acknowledged or one.incident.phase is Phase.CLOSED or base is None:
            continue
        told = {call.receiver for call in one.calls}
        for policy in directory.fitting(one.incident):
            for call in _of_policy(policy, one.incident, directory, base=base, now=now):
                if call.receiver not in told:
                    found.setdefault(call.id, call)
    return tuple(found.values())


def first_told(calls: Iterable[Call], now: datetime) -> datetime | None:
    """Return from when stages count; None: nobody was told by ``now``."""
    due = [call for call in calls if call.at <= now]
    worse = [call.at for call in due if call.occasion is Occasion.WORSENED]
    first = [call.at for call in due if call.occasion in _FIRST]
    return min(worse or first, default=None)


def _of_policy(
    policy: Policy, incident: Incident, directory: Directory, *, base: datetime, now: datetime
) -> Iterable[Call]:
    for stage in policy.stages:
        at = base + timedelta(seconds=stage.after_s)
        if stage.after_s > 0 and at <= now:
            for receiver in directory.called(stage, incident, at):
                yield from calls_to(receiver, incident, Occasion.ESCALATED, at)
