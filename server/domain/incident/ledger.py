"""The engine's memory while it works: the same values, with the look-ups that it needs.

Timers are the moments that stand in the values themselves; the heap is only an order over them. An
entry whose value has changed since is passed over, so nothing is ever taken out of the heap.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from heapq import heappop, heappush

from server.domain.incident.flaps import FlapBook
from server.domain.incident.kinds import Track, track_of
from server.domain.incident.memory import Ailment, Case, Memory, Owed
from server.domain.incident.model import Incident
from server.domain.incident.rules import Rules
from server.domain.incident.signals import Aspect, Signal, Subject


class Timer(IntEnum):
    """What falls due, in the order in which things that are due at one moment are handled."""

    CLOSE = 0
    TURN = 1
    OPEN = 2
    STALE = 3


@dataclass(slots=True)
class Ledger:
    """What is not well now. Change it by its methods alone: they keep the look-ups right.

    Attributes:
        holders: The incident that a subject is or was a part of, by subject and track.
        owed: Absorbed incidents whose end is still to be told (``owing``), by id.
        by_school: The ailing subjects of each school; ``agents``: all ailing agents.
    """

    rules: Rules
    flaps: FlapBook
    at: datetime | None = None
    ailments: dict[Subject, Ailment] = field(default_factory=dict)
    unknown: dict[Subject, datetime] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    settling: dict[str, datetime] = field(default_factory=dict)
    centre_until: datetime | None = None
    owed: dict[str, Owed] = field(default_factory=dict)
    holders: dict[tuple[Subject, Track], str] = field(default_factory=dict)
    by_school: defaultdict[str, dict[Subject, None]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    agents: dict[Subject, None] = field(default_factory=dict)
    heap: list[tuple[datetime, Timer, str, Subject | None]] = field(default_factory=list)

    @classmethod
    def of(cls, memory: Memory, rules: Rules) -> "Ledger":
        """Return the ledger of a memory."""
        ledger = cls(
            rules=rules,
            at=memory.at,
            unknown=dict(memory.unknown),
            flaps=FlapBook(rules, {f.root: f for f in memory.flaps}),
            settling=dict(memory.settling),
            centre_until=memory.centre_until,
            owed={debt.incident.id: debt for debt in memory.owed},
        )
        for ailment in memory.ailments:
            ledger.put(ailment)
        for case in memory.cases:
            ledger.put_case(case)
        return ledger

    def memory(self) -> Memory:
        """Return what is to be kept; what no longer matters is left out."""
        at = self.at
        return Memory(
            at=at,
            ailments=tuple(self.ailments.values()),
            unknown=tuple(self.unknown.items()),
            cases=tuple(self.cases.values()),
            flaps=self.flaps.kept(at),
            settling=tuple(x for x in self.settling.items() if at is None or x[1] > at),
            centre_until=self.centre_until,
            owed=tuple(self.owed.values()),
        )

    def put(self, ailment: Ailment) -> None:
        """Note an ailment, or how it stands now."""
        subject = ailment.subject
        old = self.ailments.get(subject)
        if old is None or old.school != ailment.school:
            self.drop(subject)
        self.ailments[subject] = ailment
        if ailment.school is not None:
            self.by_school[ailment.school][subject] = None
        if subject.aspect is Aspect.AGENT:
            self.agents[subject] = None
        if ailment.due is not None:
            name = f"{subject.aspect}:{subject.id}"
            heappush(self.heap, (ailment.due, Timer.OPEN, name, subject))

    def drop(self, subject: Subject) -> Ailment | None:
        """Forget a subject; return its ailment, None if it was well (or unknown)."""
        self.unknown.pop(subject, None)
        ailment = self.ailments.pop(subject, None)
        if ailment is None:
            return None
        self.agents.pop(subject, None)
        if ailment.school is not None:
            near = self.by_school[ailment.school]
            near.pop(subject, None)
            if not near:
                del self.by_school[ailment.school]
        return ailment

    def put_case(self, case: Case) -> None:
        """Note an open incident, or how it stands now."""
        name = case.incident.id
        old = self.cases.get(name)
        if old is None or not _same_subjects(old.incident, case.incident):
            self._release(old)
            track = track_of(case.incident.kind)
            for member in case.incident.members:
                self.holders[member.subject, track] = name
        self.cases[name] = case
        before, after = _moments(old), _moments(case)
        for timer, due in after.items():
            if due is not None and due != before.get(timer):
                heappush(self.heap, (due, timer, name, None))

    def drop_case(self, name: str) -> None:
        """Forget an incident that is closed."""
        self._release(self.cases.pop(name, None))

    def _release(self, case: Case | None) -> None:
        """Let the members of an incident go."""
        if case is None:
            return
        track = track_of(case.incident.kind)
        for member in case.incident.members:
            if self.holders.get((member.subject, track)) == case.incident.id:
                del self.holders[member.subject, track]

    def holder(self, subject: Subject, track: Track) -> Case | None:
        """Return the open incident that a subject is or was a part of on that track."""
        name = self.holders.get((subject, track))
        return None if name is None else self.cases[name]

    def next_at(self) -> datetime | None:
        """Return when the next timer is due, None if there is none."""
        while self.heap:
            if self._valid(self.heap[0]):
                return self.heap[0][0]
            heappop(self.heap)
        return None

    def due(self, now: datetime) -> Iterator[tuple[datetime, Timer, str, Subject | None]]:
        """Yield each timer that is due up to ``now``; whoever takes it must move what it is of."""
        while (first := self.next_at()) is not None and first <= now:
            yield heappop(self.heap)

    def signal(self, subject: Subject) -> Signal:
        """Return how a subject stands by what was observed last."""
        if subject in self.unknown:
            return Signal.UNKNOWN
        ailment = self.ailments.get(subject)
        return Signal.OK if ailment is None else ailment.signal

    def is_silent(self, agent: str) -> bool:
        """Tell whether an agent is silent, or nobody can tell."""
        subject = Subject(Aspect.AGENT, agent)
        return subject in self.ailments or subject in self.unknown

    def is_open_to(self, ailment: Ailment, other: Ailment) -> bool:
        """Tell whether another trouble may share a root with one.

        It may not if it is in an incident that is much older: nobody would hear of the new root.
        """
        case = self.holder(other.subject, other.track)
        reach = self.rules.reach(ailment.kind, ailment.cause)
        return case is None or case.incident.began_at >= ailment.since - 2 * reach

    def near(self, school: str | None, aspect: Aspect) -> list[Ailment]:
        """Return the ailments of one aspect in one school, first first."""
        found = (self.ailments[s] for s in self.by_school.get(school or "", ()))
        return in_order(a for a in found if a.subject.aspect is aspect)

    def _valid(self, entry: tuple[datetime, Timer, str, Subject | None]) -> bool:
        due, timer, name, subject = entry
        if subject is not None:
            ailment = self.ailments.get(subject)
            return ailment is not None and ailment.due == due
        return _moments(self.cases.get(name)).get(timer) == due


def in_order(ailments: Iterable[Ailment]) -> list[Ailment]:
    """Return ailments by their beginning, then by name."""
    return sorted(ailments, key=lambda a: (a.since, a.subject))


def _moments(case: Case | None) -> dict[Timer, datetime | None]:
    """Return when a case is to be looked at, by what for."""
    if case is None:
        return {}
    return {Timer.CLOSE: case.close_at, Timer.TURN: case.turn_at, Timer.STALE: case.stale_at}


def _same_subjects(old: Incident, new: Incident) -> bool:
    """Tell whether two states of an incident hold the same subjects on the same track.

    A line's thousands of members come back one by one, so what is the same object is not looked at.
    """
    if len(old.members) != len(new.members) or track_of(old.kind) is not track_of(new.kind):
        return False
    pairs = zip(old.members, new.members, strict=True)
    return all(a is b or a.subject == b.subject for a, b in pairs)
