"""Facts for a report, read from the store. Everything is read as it is known now.

Schools are taken a hundred at a time, so that a long report can say how far it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from server.domain.calendar import local_date
from server.domain.duties import Guards
from server.domain.duties_owed import work_years
from server.domain.period import SchoolPeriod, UnitPeriod
from server.domain.plan import Plan
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.register import Register
from server.domain.remedies import Action, Fund, Price, Remedy, Work, remedies
from server.domain.rollup import unit_period
from server.domain.units import Unit
from server.figuring import load_exceptions, period
from server.figuring.prices import load_prices
from server.guards.book import load_roster
from server.inspecting.looking import Rules
from server.inspecting.visits import load_visits
from server.reports import chapters
from server.reports.asking import Ask, school_of, unit_of
from server.reports.authors import school_author, subject_of, unit_author
from server.reports.document import Block
from server.reports.facts import LEAST_S, Author, Facts, Need, PlanNote, Span, Told
from server.reports.faultlist import gather_faults
from server.reports.guardwords import guards
from server.reports.wording import day as day_text
from server.reports.wording import listed
from server.storage import Store
from server.texts.causes import CAUSES
from server.texts.tongue import load
from server.texts.words import cause_word
from server.yearly.book import load_evaluations, load_papers
from server.yearly.lists import lines

REGISTER_KIND: Final = "so-hu-hong"
_SCHOOLS_AT_ONCE: Final = 100
_FAULTS_SHARE: Final = 0.3
_CAUSES: Final = 2
_FUNDS: Final = {Fund.BUDGET: "ngân sách", Fund.SOCIAL: "xã hội hóa"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What everything is read from; ``now`` is the moment at which it is.

    ``fault_after_s``: from so much lost required time on something is a fault.
    """

    store: Store
    register: Register
    plans: PlanBook
    now: datetime
    fault_after_s: int = LEAST_S

    @property
    def today(self) -> date:
        """The local day."""
        return local_date(self.now)


def nobody(_part: float) -> None:
    """Is told how far the work is, and doesn't care."""


async def gather(ground: Ground, ask: Ask, *, told: Told = nobody) -> Facts:
    """Return the facts of one report. Raises ``StoreError``."""
    parts = [ask.span, *ask.years]
    periods = []
    for index, span in enumerate(parts):
        begun = index / len(parts)
        periods.append(await _period(ground, ask, span, _within(told, begun, len(parts))))
    whole = periods[0]
    words = cause_words()
    last = min(ask.span.last, ground.today)
    plan = ground.plans.on(last) or ground.plans.shown_on(last)
    found = await gather_faults(
        ground.store,
        Rules(plans=ground.plans, exceptions=await load_exceptions(ground.store)),
        ground.register,
        whole.schools,
        words=words,
        least_s=ground.fault_after_s,
        now=ground.now,
        whole=ask.kind == REGISTER_KIND,
        told=lambda part: told(1 - _FAULTS_SHARE + _FAULTS_SHARE * part),
    )
    return Facts(
        author=_author(ground, ask),
        day=ask.day,
        subject=_subject(ground, ask),
        span=ask.span,
        period=whole,
        plan=plan,
        versions=tuple(_notes(ground.plans, ask.span.first, last)),
        faults=found,
        fault_after_s=ground.fault_after_s,
        needs=tuple(_needs(whole, await load_prices(ground.store), words)),
        words=words,
        told=await _chapters(ground, ask, whole, plan),
        years=tuple(zip(ask.years, periods[1:], strict=True)),
        unknown_years=ask.unknown_years,
        as_of=last if last < ask.span.last else None,
    )


async def _chapters(
    ground: Ground, ask: Ask, whole: UnitPeriod, plan: Plan | None
) -> dict[str, tuple[Block, ...]]:
    """Return what guards, inspections, papers handed in and evaluations have to say."""
    store, schools = ground.store, whole.schools
    visits = [kept.visit for kept in await load_visits(store)]
    years = [span.year for span in ask.years or (ask.span,) if span.year]
    rules = plan.guards if plan else Guards()
    names = {school.school.id for school in schools}
    on = min(ask.day, ask.span.last)
    return {
        "guards": guards(await load_roster(store), rules, names, on),
        "inspections": chapters.inspections(visits, schools, ask.span, today=ask.day),
        "leading": await _papers(ground, ask, schools, plan),
        "evaluation": chapters.evaluation(
            await load_evaluations(store), schools, years, plan.criteria_set() if plan else None
        ),
    }


async def _papers(
    ground: Ground, ask: Ask, schools: Sequence[SchoolPeriod], plan: Plan | None
) -> tuple[Block, ...]:
    years = work_years(plan.calendar) if plan else ()
    year = next((y for y in years if y.id == ask.span.year), None)
    if plan is None or year is None:
        return ()
    here = {s.school.id: s.school for s in schools}.values()
    kept = await load_papers(ground.store, year)
    found = lines(here, plan.documents, year, kept, today=ask.day)
    return chapters.papers(found, one_school=len(here) == 1)


def cause_words() -> Mapping[str, str]:
    """Return every cause in Vietnamese, in lower case."""
    tongue = load("vi")
    return {str(cause): cause_word(tongue, str(cause)) for cause in CAUSES}


def _within(told: Told, begun: float, parts: int) -> Told:
    """Return what tells the progress of one of several equal parts."""
    return lambda done: told((1 - _FAULTS_SHARE) * (begun + done / parts))


async def _period(ground: Ground, ask: Ask, span: Span, told: Told) -> UnitPeriod:
    schools = _schools(ground.register, ask, span)
    found: list[SchoolPeriod] = []
    for start in range(0, len(schools), _SCHOOLS_AT_ONCE):
        some = await period(
            ground.store,
            ground.register,
            ground.plans,
            unit=ask.unit,
            schools=schools[start : start + _SCHOOLS_AT_ONCE],
            first=span.first,
            last=span.last,
            now=ground.now,
        )
        found += some.schools
        told(min(1.0, (start + _SCHOOLS_AT_ONCE) / len(schools)))
    return unit_period(ask.unit, span.first, span.last, found)


def _schools(register: Register, ask: Ask, span: Span) -> list[str]:
    if ask.unit is None:
        return [ask.school] if ask.school else []
    members = register.memberships(ask.unit, span.first, span.last)
    return list(dict.fromkeys(member.school for member in members))


def _author(ground: Ground, ask: Ask) -> Author:
    day = min(ask.span.last, ground.today)
    school = school_of(ask, ground.register)
    if school is not None:
        return school_author(school, ground.register.unit_path(school.id, day))
    unit = unit_of(ask, ground.register)
    return unit_author(path_of(ground.register, unit, day) if unit else ())


def path_of(register: Register, unit: Unit, day: date) -> tuple[Unit, ...]:
    """Return a unit and those above it, from the root."""
    path: dict[str, Unit] = {}
    found: Unit | None = unit
    while found is not None and found.id not in path:
        path[found.id] = found
        found = register.unit(found.parent, day) if found.parent else None
    return tuple(reversed(path.values()))


def _subject(ground: Ground, ask: Ask) -> str:
    school = school_of(ask, ground.register)
    if school is not None:
        return school.name
    unit = unit_of(ask, ground.register)
    return subject_of(unit) if unit else str(ask.unit)


def _notes(plans: PlanBook, first: date, last: date) -> Iterator[PlanNote]:
    seen: set[str] = set()
    for epoch in plans.epochs(first, last):
        version = epoch.version
        if version is not None and version.id not in seen:
            seen.add(version.id)
            yield PlanNote(
                version=version.plan.version,
                since=version.plan.effective_from,
                confirmed=_confirmed(version),
            )


def _confirmed(version: PlanVersion) -> str | None:
    if version.confirmed_by is None:
        return None
    on = day_text(local_date(version.confirmed_at))
    return f"do {version.confirmed_by} xác nhận ngày {on}"


def _needs(
    whole: UnitPeriod, prices: Mapping[Work, Price], words: Mapping[str, str]
) -> Iterator[Need]:
    for remedy in remedies(whole.schools):
        paid = [prices.get(work) for work in remedy.work]
        known = [price for price in paid if price is not None]
        whole_price = sum(p.amount_vnd * remedy.work[p.work] for p in known)
        funds = dict.fromkeys(_FUNDS[price.fund] for price in known)
        yield Need(
            school=remedy.school.school.name,
            zone=remedy.zone.zone.name,
            what=_what(remedy, words),
            count=remedy.count,
            gain=remedy.gain_s,
            dong=whole_price if len(known) == len(paid) else None,
            money=", ".join(funds) or None,
        )


def _what(remedy: Remedy, words: Mapping[str, str]) -> str:
    if remedy.action is Action.INSTALL:
        return f"Lắp mới {remedy.count} camera"
    why = listed([words.get(cause, cause) for cause in remedy.causes[:_CAUSES] if cause])
    return f"Sửa chữa {remedy.count} camera" + (f" ({why})" if why else "")
