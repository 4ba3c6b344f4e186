"""What the system itself knows of a school's year, for each kind of evidence that criteria name."""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from server.domain.calendar import local_date, local_day
from server.domain.criteria import EvidenceKind
from server.domain.duties import Guards
from server.domain.duties_owed import WorkYear
from server.domain.evaluation import Proof
from server.domain.exceptions import Exceptions
from server.domain.guards import Trained, training_state
from server.domain.inspection import Step
from server.domain.interval import Interval
from server.domain.period import UnitPeriod
from server.domain.planbook import PlanBook
from server.domain.points import Met, MetSeconds
from server.domain.register import Register
from server.domain.units import School
from server.figuring import period
from server.guards.book import load_roster
from server.guards.duty import Wanted, duty_of
from server.inspecting.faultbook import load_faults
from server.inspecting.visits import load_visits
from server.storage import Store
from server.yearly.book import load_papers
from server.yearly.lists import lines

Numbers = Mapping[str, int]
_OF_PERIOD: Final = frozenset({EvidenceKind.COVERAGE, EvidenceKind.UPTIME, EvidenceKind.PICTURE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A school's year, and what it is read from."""

    store: Store
    register: Register
    plans: PlanBook
    exceptions: Exceptions
    school: School
    year: WorkYear
    now: datetime

    @property
    def last(self) -> date:
        """The last day that can be told of."""
        return min(local_date(self.now), self.year.last)


async def proofs(asked: Asked, kinds: Collection[EvidenceKind]) -> tuple[Proof, ...]:
    """Return what is known of each kind, in order; nothing of those that only papers can show.

    Raises ``StoreError``.
    """
    figures = await _period(asked) if _OF_PERIOD.intersection(kinds) else None
    found = []
    for kind in kinds:
        if figures is not None and kind in _OF_PERIOD:
            found.append(Proof(kind=kind, numbers=_FIGURES[kind](figures)))
        elif kind in _READERS:
            found.append(Proof(kind=kind, numbers=await _READERS[kind](asked)))
    return tuple(found)


async def _period(asked: Asked) -> UnitPeriod:
    return await period(
        asked.store,
        asked.register,
        asked.plans,
        schools=[asked.school.id],
        first=asked.year.first,
        last=asked.last,
        now=asked.now,
    )


def _coverage(figures: UnitPeriod) -> Numbers:
    seconds = figures.sums.seconds
    return {
        "met": seconds.met,
        "not_met": seconds.not_met,
        "cannot_tell": seconds.cannot_tell,
        "unset_days": sum(school.unset_days for school in figures.schools),
    }


def _uptime(figures: UnitPeriod) -> Numbers:
    known = figures.uptime
    return {"up": known.up, "unknown": known.unknown, "counted": known.counted}


def _picture(figures: UnitPeriod) -> Numbers:
    zones = [zone.picture for school in figures.schools for zone in school.zones]
    return {met.value: zones.count(met) for met in Met}


_FIGURES: Final[Mapping[EvidenceKind, Callable[[UnitPeriod], Numbers]]] = {
    EvidenceKind.COVERAGE: _coverage,
    EvidenceKind.UPTIME: _uptime,
    EvidenceKind.PICTURE: _picture,
}


async def _faults(asked: Asked) -> Numbers:
    kept = await load_faults(asked.store, [asked.school.id])
    own = [
        k.entry
        for k in kept
        if not (k.entry.seen and k.entry.seen.withdrawn)
        and k.entry.since <= asked.last
        and (k.entry.ended or asked.last) >= asked.year.first
    ]
    return {"faults": len(own), "open": sum(1 for entry in own if entry.ended is None)}


async def _inspections(asked: Asked) -> Numbers:
    done = [
        kept.visit
        for kept in await load_visits(asked.store)
        if kept.visit.school == asked.school.id
        and kept.visit.step in {Step.CONFIRMED, Step.CLOSED}
        and asked.year.first <= kept.visit.planned <= asked.last
    ]
    return {
        "visits": len(done),
        "findings": sum(len(visit.paper.findings) for visit in done),
        "open": sum(len(visit.open_findings) for visit in done),
        "late": sum(len(visit.late_findings(asked.last)) for visit in done),
    }


async def _gate_log(asked: Asked) -> Numbers:
    counts = await asked.store.gate_counts(
        gates=[gate.id for gate in asked.school.gates],
        since=local_day(asked.year.first).start,
        until=local_day(asked.last).end,
    )
    return {"events": sum(count.count for count in counts)}


async def _documents(asked: Asked) -> Numbers:
    plan = asked.plans.shown_on(asked.last)
    kept = await load_papers(asked.store, asked.year)
    duties = plan.documents if plan else ()
    found = list(lines([asked.school], duties, asked.year, kept, today=asked.last))
    return {
        "owed": len(found),
        "handed_in": sum(1 for line in found if line.handed is not None and line.handed.stands),
        "late": sum(1 for line in found if line.late_days),
    }


async def _guards(asked: Asked) -> Numbers:
    """Add up the gates, and the school as a whole and by its pupils where the plan asks for it."""
    roster = await load_roster(asked.store, asked.school.id)
    plan = asked.plans.shown_on(asked.last)
    wanted = (
        None
        if plan is None
        else Wanted(
            school=asked.school,
            story=asked.register.school(asked.school.id),
            plan=plan,
            exceptions=asked.exceptions,
            posts=[kept.value for kept in roster.posts.values()],
            codes=frozenset(kept.value.code for kept in roster.guards.values()),
            window=Interval(local_day(asked.year.first).start, local_day(asked.last).end),
            now=asked.now,
        )
    )
    places = [] if wanted is None else await duty_of(asked.store, wanted)
    seconds = sum((p.seconds for p in places if p.seconds is not None), MetSeconds())
    return {
        "met": seconds.met,
        "not_met": seconds.not_met,
        "cannot_tell": seconds.cannot_tell,
    }


async def _training(asked: Asked) -> Numbers:
    roster, plan = await load_roster(asked.store, asked.school.id), asked.plans.shown_on(asked.last)
    there = roster.there(asked.last)
    rules = plan.guards if plan else Guards()
    states = [training_state(rules, roster.trainings_of(n), asked.last).state for n in there]
    return {"guards": len(there)} | {state.value: states.count(state) for state in Trained}


_READERS: Final[Mapping[EvidenceKind, Callable[[Asked], Awaitable[Numbers]]]] = {
    EvidenceKind.INCIDENTS: _faults,
    EvidenceKind.INSPECTIONS: _inspections,
    EvidenceKind.GUARDS: _guards,
    EvidenceKind.TRAINING: _training,
    EvidenceKind.GATE_LOG: _gate_log,
    EvidenceKind.DOCUMENTS: _documents,
}
