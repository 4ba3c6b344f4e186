"""How long to wait, how grave it is, and from when on it may be told.

School hours are asked of the world. Where nobody can say whether a school must be watched, it is
treated as if it must: a calendar that nobody filled in silences no alarm.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from server.domain.calendar import LOCAL, local_date, local_moment
from server.domain.incident.model import Kind, Severity
from server.domain.incident.rules import Rule, Rules
from server.domain.incident.signals import Aspect, Subject
from server.domain.incident.world import CameraPlace, World

MORNING: Final = time(7)
"""When what has waited for working hours is told, local time."""
NOTED: Final = "noted"
OFF_HOURS: Final = "off_hours"
_EVENING: Final = time(17)
_SATURDAY: Final = 5
_FORTNIGHT_OF_TURNS: Final = 200
_AS_MANY_SILENCES: Final = 50
_GRAVITY: Final = (Severity.NOTED, Severity.NORMAL, Severity.URGENT)
_LEAST_S: Final = 20
_LEAST_AT_A_GATE_S: Final = 10
"""So long a loss at which nobody looked must last after it was found, before it is told: a camera
that was restarted just then is back by then."""
_OF_NO_PLACE: Final = frozenset({Kind.CENTRE, Kind.CHANNEL, Kind.LINE, Kind.SCHOOL, Kind.AGENT})


@dataclass(frozen=True, slots=True)
class Ground:
    """What every decision rests on."""

    rules: Rules
    world: World

    def rule(self, kind: Kind, place: CameraPlace | None = None) -> Rule:
        """Return how a kind is treated, at a camera's place if it is about one."""
        own = None if place is None else self.rules.zones.get((kind, place.zone_kind))
        return own or self.rules.kinds.get(kind) or Rule(grace_s=60)

    def place(self, subject: Subject) -> CameraPlace | None:
        """Return a camera's place; None for anything else."""
        return self.world.camera(subject.id) if subject.aspect is Aspect.CAMERA else None

    def grace(self, kind: Kind, place: CameraPlace | None = None) -> timedelta:
        """Return how long trouble may last before it is told, from when it is known to have begun.

        Where nobody looks for a while, it may well have begun before, and has less time left.
        """
        rule = self.rule(kind, place)
        if place is None:
            return timedelta(seconds=rule.grace_s)
        own = rule.gate_grace_s if place.is_gate else None
        grace_s = rule.grace_s if own is None else own
        least_s = _LEAST_AT_A_GATE_S if place.is_gate else _LEAST_S
        return timedelta(seconds=min(grace_s, max(grace_s - place.unseen_s, least_s)))

    def ripe(
        self, place: CameraPlace | None, *, since: datetime, noticed: datetime, grace: timedelta
    ) -> datetime:
        """Return when a trouble has waited long enough: for itself, and for others of its root.

        What was noticed late waits for others only as long as its message can bear.
        """
        rules, gate = self.rules, place is not None and place.is_gate
        least = timedelta(seconds=rules.gate_gather_s if gate else rules.gather_s)
        gather = timedelta(seconds=rules.gather_s)
        return max(
            since + grace, noticed + least, min(noticed + gather, since + grace + 2 * gather)
        )


class Telling(NamedTuple):
    """From when on something is to be told, None: never; and why not at once."""

    at: datetime | None
    held: str


def graver(one: Severity, other: Severity) -> Severity:
    """Return the graver of two."""
    return max(one, other, key=_GRAVITY.index)


def is_working(ground: Ground, school: str | None, at: datetime) -> bool:
    """Tell whether a school's places must be watched then; of no school: yes."""
    return school is None or ground.world.is_required(school, at) is not False


def severity(
    ground: Ground, kind: Kind, subjects: Iterable[Subject], *, school: str | None, at: datetime
) -> Severity:
    """Return how grave it is that these subjects are in a trouble of that kind, at that time."""
    working = is_working(ground, school, at)
    found = Severity.NOTED
    for place in dict.fromkeys(ground.place(s) for s in subjects):
        found = graver(found, _at_place(ground.rule(kind, place), kind, place, working=working))
    return found


def _at_place(rule: Rule, kind: Kind, place: CameraPlace | None, *, working: bool) -> Severity:
    if not working:
        return rule.off_hours
    if place is not None and place.is_gate and rule.gate is not None:
        return rule.gate
    asked = kind in _OF_NO_PLACE or place is None or place.required or place.is_gate
    return rule.in_hours if asked else rule.off_hours


def telling(
    ground: Ground,
    kind: Kind,
    subjects: Sequence[Subject],
    *,
    grave: Severity,
    school: str | None,
    at: datetime,
) -> Telling:
    """Return from when on it is to be told, if it lasts so long.

    The latest of now, the end of what keeps it quiet, and for what is not urgent the next working
    morning. That which is quiet one after the other is waited for to its end.
    """
    if grave is Severity.NOTED:
        return Telling(None, NOTED)
    held = ""
    for _ in range(_AS_MANY_SILENCES):
        quiet = _quiet(ground, kind, subjects, at)
        if quiet is not None:
            at, held = quiet
        elif grave is Severity.NORMAL and held != OFF_HOURS and _can_wait(ground, school, at):
            at, held = next_morning(ground, school, at), OFF_HOURS
        else:
            break
    return Telling(at, held)


def _can_wait(ground: Ground, school: str | None, at: datetime) -> bool:
    """Tell whether what is not urgent waits for the morning; of no school: of a weekday."""
    if school is not None:
        return not is_working(ground, school, at)
    local = at.astimezone(LOCAL)
    return local.weekday() >= _SATURDAY or not MORNING <= local.time() < _EVENING


def _quiet(
    ground: Ground, kind: Kind, subjects: Sequence[Subject], at: datetime
) -> tuple[datetime, str] | None:
    """Return until when all of the subjects are quiet, and the reason; None: one is not."""
    first: tuple[datetime, str] | None = None
    for subject in subjects:
        found = ground.world.quiet(subject, kind, at)
        if found is None or found.until <= at:
            return None
        if first is None or found.until < first[0]:
            first = (found.until, found.reason)
    return first


def is_quiet(ground: Ground, kind: Kind, subjects: Sequence[Subject], at: datetime) -> bool:
    """Tell whether nothing is to be told of any of the subjects then."""
    return _quiet(ground, kind, subjects, at) is not None


def next_morning(ground: Ground, school: str | None, at: datetime) -> datetime:
    """Return 07:00 of the next day on which the school must be watched, after ``at``.

    Within such a day, past 07:00, its next hours. A school that has none for a fortnight (summer)
    is told of on the next weekday: somebody works then, and a dead camera is no summer's matter.
    """
    turn: datetime | None = at
    for _ in range(_FORTNIGHT_OF_TURNS):
        turn = None if school is None or turn is None else ground.world.next_turn(school, turn)
        if turn is None or turn <= at:
            break
        if is_working(ground, school, turn):
            morning = _morning(turn)
            return morning if morning > at else turn
    return _weekday_morning(at)


def _morning(moment: datetime) -> datetime:
    return local_moment(local_date(moment), MORNING.hour * 60)


def _weekday_morning(at: datetime) -> datetime:
    moment = _morning(at)
    while moment <= at or moment.astimezone(LOCAL).weekday() >= _SATURDAY:
        moment += timedelta(days=1)
    return moment
