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
from server.domain.incident.silences import Darkness
from server.domain.incident.timing import OFF_HOURS, Ground, is_quiet

_UNSTABLE_EVERY: Final = timedelta(minutes=5)
"""How often the members of what comes and goes are written down."""
_SILENCES_EVERY: Final = timedelta(minutes=5)
"""How often it is looked whether a silence has been ended early."""
_LAST_LOOK: Final = timedelta(seconds=10)
"""So long before something is told it is looked whether it still is to be."""
BLINDING: Final = frozenset(Subject(Aspect.CENTRE, name) for name in ("broker", "database", "line"))
"""Troubles of the centre during which it knows nothing of schools."""


@dataclass(slots=True)
class Desk:
    """A step at work. ``changes`` are those of the present call, in their order."""

    ledger: Ledger
    ground: Ground
    changes: list[Change] = field(default_factory=list)
    dark: Darkness | None = None
    """Which schools are dark now; None once that may have changed."""

    def darkness(self) -> Darkness:
        """Return which schools are dark now."""
        if self.dark is None:
            self.dark = Darkness(self.ledger, self.ground)
        return self.dark

    def emit(
        self,
        at: datetime,
        step: Step,
        case: Case,
        *,
        into: str | None = None,
        heirs: tuple[str, ...] = (),
    ) -> Case:
        """Tell of a step of an incident and keep how it stands after; return the case as kept."""
        incident = touched(self.ledger, self.ground, case.incident)
        case = replace(case, incident=incident, stale_at=None)
        if incident.phase is Phase.CLOSED:
            self.ledger.drop_case(case.incident.id)
        else:
            case = replace(case, turn_at=self.look_at(at, incident))
            self.ledger.put_case(case)
        change = Change(at=at, step=step, incident=incident, into=into, heirs=heirs)
        self.changes.append(change)
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

    def look_at(self, at: datetime, incident: Incident) -> datetime | None:
        """Return when hours may make it graver, or a silence be seen to be other than it was."""
        looks = []
        school = hours_of(self.ground, incident)
        if incident.severity is not Severity.URGENT and school is not None:
            looks.append(self.ground.world.next_turn(school, at))
        if incident.tell_at is not None and incident.tell_at > at:
            looks.append(incident.tell_at - _LAST_LOOK)
            if incident.held != OFF_HOURS:
                looks.append(at + _SILENCES_EVERY)
        return min((look for look in looks if look is not None and look > at), default=None)
