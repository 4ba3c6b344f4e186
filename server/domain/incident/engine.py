"""The engine: what this centre comes to know goes in, what becomes of incidents comes out.

A trouble waits out its grace, measured from its true beginning, and a moment for others of the same
root. Then it becomes an incident, joins one, or turns out to be the wider root of one. What has a
parent in trouble (a camera whose agents are silent; anything while the centre itself is) is held
back, and looked at again when the parent has been well for a little while.

Each thing that falls due is handled at its own moment, not at that of the look, and everything that
falls due stands in the memory: the same observations give the same changes whatever the looks and
restarts between them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from server.domain.incident import ending, owing
from server.domain.incident.desk import BLINDING, Desk
from server.domain.incident.kinds import kind_of, own_root, track_of
from server.domain.incident.ledger import Ledger, Timer
from server.domain.incident.memory import Ailment, Case, Memory
from server.domain.incident.model import Change, Incident, Kind
from server.domain.incident.opening import WITHOUT_SCHOOL, open_due
from server.domain.incident.roots import due_as, look_due
from server.domain.incident.rules import Rules
from server.domain.incident.signals import Aspect, Observation, Signal, Subject
from server.domain.incident.timing import Ground
from server.domain.incident.world import World


class Engine:
    """Turns observations into changes of incidents. Not for two threads at once."""

    def __init__(self, rules: Rules, world: World, memory: Memory | None = None) -> None:
        """Go on from a memory; without one everything is well."""
        self._desk = Desk(Ledger.of(memory or Memory(), rules), Ground(rules, world))

    @property
    def memory(self) -> Memory:
        """What to go on from."""
        return self._desk.ledger.memory()

    @property
    def open(self) -> Sequence[Incident]:
        """The open incidents, by when they were opened."""
        incidents = (case.incident for case in self._desk.ledger.cases.values())
        return sorted(incidents, key=lambda i: (i.opened_at, i.id))

    def signal(self, subject: Subject) -> Signal:
        """Return how a subject stands by what was observed last."""
        return self._desk.ledger.signal(subject)

    def next_at(self) -> datetime | None:
        """Return when something falls due next, None if nothing does."""
        return self._desk.ledger.next_at()

    def observe(self, observation: Observation) -> list[Change]:
        """Take what became known, after all that fell due by then; observations come in order."""
        changes = self.advance(observation.at)
        self._desk.changes = changes
        self._desk.ledger.at = observation.at
        match observation.signal:
            case Signal.TROUBLE:
                self._trouble(observation)
            case Signal.UNKNOWN:
                self._unknown(observation)
            case Signal.OK:
                self._well(observation)
            case Signal.GONE:
                self._gone(observation)
        return changes

    def advance(self, now: datetime) -> list[Change]:
        """Handle all that fell due up to ``now``, each at its own moment."""
        self._desk.changes, self._desk.dark = [], None
        ledger = self._desk.ledger
        for due, timer, name, subject in ledger.due(now):
            ledger.at = due
            if subject is not None:
                open_due(self._desk, due, subject)
                continue
            self._look(due, timer, ledger.cases[name])
        return self._desk.changes

    def _look(self, at: datetime, timer: Timer, case: Case) -> None:
        if timer is Timer.CLOSE:
            ending.close(self._desk, at, case)
        elif timer is Timer.TURN:
            ending.turn(self._desk, at, case)
        else:
            ending.write_down(self._desk, at, case)

    def _trouble(self, seen: Observation) -> None:
        desk, ledger = self._desk, self._desk.ledger
        school = desk.ground.world.school_of(seen.subject)
        if school is None and seen.subject.aspect not in WITHOUT_SCHOOL:
            return
        kind = kind_of(seen.subject, seen.cause)
        old = ledger.ailments.get(seen.subject)
        if old is not None and track_of(kind) is not old.track:
            self._over(old, seen.at, min(seen.since, seen.at))
            old = None
        elif old is not None and (case := self._shared_view(old, kind)) is not None:
            self._forget(old.subject, seen.at)
            ending.leave(desk, seen.at, case, old.subject)
            old = None
        if old is None:
            self._start(seen, kind, school)
        else:
            self._go_on(seen, kind, old)

    def _shared_view(self, old: Ailment, kind: Kind) -> Case | None:
        """Return the picture trouble that a lost camera shared with others, and shares no more."""
        case = self._desk.ledger.holder(old.subject, old.track)
        if case is None or kind is not Kind.CAMERA or case.incident.kind is not Kind.PICTURE:
            return None
        return None if case.incident.root == old.root else case

    def _start(self, seen: Observation, kind: Kind, school: str | None) -> None:
        desk, ledger = self._desk, self._desk.ledger
        ailment = Ailment(
            subject=seen.subject,
            signal=Signal.TROUBLE,
            kind=kind,
            school=school,
            cause=seen.cause,
            since=min(seen.since, seen.at),
            noticed=seen.at,
            detail=seen.detail,
        )
        ledger.flaps.started(own_root(seen.subject, kind), seen.at)
        case = ledger.holder(seen.subject, ailment.track)
        if case is not None:
            ending.rejoin(desk, seen.at, case, ailment)
        else:
            ledger.put(replace(ailment, due=self._due(ailment)))

    def _go_on(self, seen: Observation, kind: Kind, old: Ailment) -> None:
        """The same trouble, with another cause, or known again after a time of not knowing."""
        desk, ledger = self._desk, self._desk.ledger
        case = ledger.holder(seen.subject, old.track)
        ailment = replace(
            old,
            signal=Signal.TROUBLE,
            kind=kind,
            cause=seen.cause,
            since=_dated(old, seen, case),
            detail=seen.detail,
        )
        if ailment == old:
            return
        if case is not None:
            ledger.put(ailment)
            ending.recast(desk, seen.at, case, ailment)
        elif not old.in_trouble:
            ailment = replace(ailment, noticed=seen.at)
            ledger.put(replace(ailment, due=self._due(ailment)))
        else:
            ledger.put(replace(ailment, due=self._sooner(old, ailment, seen.at)))

    def _due(self, ailment: Ailment) -> datetime:
        """Return when a trouble's root is to be looked for."""
        hasty = self._desk.ledger.flaps.is_hasty(ailment)
        return look_due(self._desk.ground, ailment, hasty=hasty)

    def _sooner(self, old: Ailment, new: Ailment, at: datetime) -> datetime | None:
        """Return when to look at a trouble that has another cause now, which may be told sooner.

        Only of what waits out its grace: what waits for a parent's end goes on doing so.
        """
        hasty = self._desk.ledger.flaps.is_hasty(old)
        own = due_as(self._desk.ground, old, old.kind, hasty=hasty)
        if old.due is None or old.due > own or (old.kind, old.cause) == (new.kind, new.cause):
            return old.due
        return min(old.due, self._due(replace(new, noticed=at)))

    def _unknown(self, seen: Observation) -> None:
        ledger = self._desk.ledger
        old = ledger.ailments.get(seen.subject)
        if old is None:
            ledger.unknown.setdefault(seen.subject, seen.since)
        else:
            ledger.put(replace(old, signal=Signal.UNKNOWN, due=None))

    def _well(self, seen: Observation) -> None:
        old = self._desk.ledger.ailments.get(seen.subject)
        if old is None:
            self._forget(seen.subject, seen.at)
        else:
            self._over(old, seen.at, min(seen.since, seen.at))

    def _over(self, old: Ailment, at: datetime, ended_at: datetime) -> None:
        self._forget(old.subject, at)
        case = self._desk.ledger.holder(old.subject, old.track)
        if case is not None:
            ending.ease(self._desk, at, case, old.subject, ended_at)
        owing.settle(self._desk, at, ended_at)

    def _forget(self, subject: Subject, at: datetime) -> None:
        """Take a subject for well, and look again at what it held back.

        Who was in trouble gives what it held back time to follow; of whom nobody could tell (an
        agent that a server waits for after its start) was never away.
        """
        desk, ledger = self._desk, self._desk.ledger
        if ledger.signal(subject) is Signal.OK:
            return
        old = ledger.drop(subject)
        wait_s = desk.ground.rules.gather_s if old is None else desk.ground.rules.settle_s
        due = at + timedelta(seconds=wait_s)
        if subject in BLINDING and not desk.is_blind():
            ledger.centre_until = due
            desk.rearm(list(ledger.ailments), due)
        elif subject.aspect is Aspect.AGENT:
            ledger.settling[subject.id] = due
            school = desk.ground.world.school_of(subject) if old is None else old.school
            desk.rearm(list(ledger.by_school.get(school or "", ())), due)

    def _gone(self, seen: Observation) -> None:
        ledger = self._desk.ledger
        self._forget(seen.subject, seen.at)
        owing.strip(self._desk, seen.subject)
        for track in {track for subject, track in ledger.holders if subject == seen.subject}:
            case = ledger.holder(seen.subject, track)
            if case is not None:
                ending.leave(self._desk, seen.at, case, seen.subject)
        owing.settle(self._desk, seen.at, seen.at)


def _dated(old: Ailment, seen: Observation, case: Case | None) -> datetime:
    """Return since when a trouble that goes on is known to stand so.

    A gate PC that was missed is dated anew by its last will, as long as no incident says otherwise.
    A will of later is of another try to come back. What is looked at too early by that waits on.
    """
    if seen.subject.aspect is not Aspect.AGENT:
        return min(old.since, seen.since)
    return old.since if case is not None or seen.since > old.noticed else seen.since
