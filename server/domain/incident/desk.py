"""Where an engine's step writes: its ledger, and the changes that the step leads to."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from server.domain.incident.cases import (
    ailing_members,
    hours_of,
    is_told,
    regraded,
    touched,
)
from server.domain.incident.ledger import Ledger
from server.domain.incident.memory import Case
from server.domain.incident.model import Change, Incident, Phase, Severity, Step
from server.domain.incident.signals import Aspect, Subject
from server.domain.incident.timing import Ground, is_quiet

_UNSTABLE_EVERY: Final = timedelta(minutes=5)
"""How often the members of what comes and goes are written down."""
BLINDING: Final = frozenset(Subject(Aspect.CENTRE, name) for name in ("broker", "database", "line"))
"""Troubles of the centre during which it knows nothing of schools."""


@dataclass(slots=True)
class Desk:
    """A step at work. ``changes`` are those of the present call, in their order."""

    ledger: Ledger
    ground: Ground
    changes: list[Change] = field(default_factory=list)

    def emit(self, at: datetime, step: Step, case: Case, *, into: str | None = None) -> Case:
        """Tell of a step of an incident and keep how it stands after; return the case as kept."""
        incident = touched(self.ledger, self.ground, case.incident)
        case = replace(case, incident=incident, stale_at=None)
        if incident.phase is Phase.CLOSED:
            self.ledger.drop_case(case.incident.id)
        else:
            case = self._with_turn(at, case)
            self.ledger.put_case(case)
        self.changes.append(Change(at=at, step=step, incident=incident, into=into))
        return case

    def keep(self, at: datetime, case: Case) -> Case:
        """Keep how an incident's members stand; it is told of a moment later, with what follows."""
        wait = timedelta(seconds=self.ground.rules.gather_s)
        if case.incident.phase is Phase.UNSTABLE:
            wait = _UNSTABLE_EVERY
        case = replace(case, stale_at=case.stale_at or at + wait)
        self.ledger.put_case(case)
        return case

    def regrade(self, at: datetime, case: Case) -> Case:
        """Make a case as grave as it is now, and tell if that is to be told; keep it."""
        before, after = case.incident, regraded(self.ground, case.incident, at)
        if after == before:
            self.ledger.put_case(case)
            return case
        case = replace(case, incident=after)
        return (
            self.emit(at, Step.WORSENED, case)
            if self._tells(before, after, at)
            else self.keep(at, case)
        )

    def is_blind(self) -> bool:
        """Tell whether the centre's own trouble keeps it from knowing anything of schools."""
        return any(subject in self.ledger.ailments for subject in BLINDING)

    def rearm(self, subjects: Iterable[Subject], due: datetime) -> None:
        """Look again at what was held back and is still in trouble."""
        for subject in subjects:
            ailment = self.ledger.ailments.get(subject)
            if ailment is None or ailment.due is not None or not ailment.in_trouble:
                continue
            if self.ledger.holder(subject, ailment.track) is None:
                self.ledger.put(replace(ailment, due=due))

    def _tells(self, before: Incident, after: Incident, at: datetime) -> bool:
        """Tell whether a graver severity is news: nobody was told, or it is urgent now."""
        if not is_told(before, at):
            return after.tell_at != before.tell_at
        subjects = [m.subject for m in ailing_members(after)]
        urgent = after.severity is Severity.URGENT
        return urgent and not is_quiet(self.ground, after.kind, subjects, at)

    def _with_turn(self, at: datetime, case: Case) -> Case:
        """Return it with the next moment at which school hours may make it graver."""
        if case.incident.severity is Severity.URGENT:
            return replace(case, turn_at=None)
        school = hours_of(self.ground, case.incident)
        if case.turn_at is not None and case.turn_at > at:
            return case
        turn_at = None if school is None else self.ground.world.next_turn(school, at)
        return replace(case, turn_at=turn_at if turn_at is not None and turn_at > at else None)
