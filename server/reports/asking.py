"""What is asked for: a kind of paper about somebody over some days. Pure checks.

Who asks in vain is told why (``AskError``), in the words of the catalogue.
"""

from dataclasses import dataclass, field
from datetime import date

from server.domain.planbook import PlanBook
from server.domain.register import Register
from server.domain.units import School, Unit
from server.reports import spans
from server.reports.facts import Span
from server.reports.kinds import KINDS
from server.reports.spans import AskError
from server.texts.tongue import N_


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One report to be made.

    Attributes:
        kind: A key of ``KINDS``.
        unit, school: About whom; exactly one is set.
        span: About which days; ``years``: the parts that it is shown by, ``unknown_years``: those
            that no plan knows.
        day: The paper's own day.
    """

    kind: str
    unit: str | None = None
    school: str | None = None
    span: Span
    years: tuple[Span, ...] = ()
    unknown_years: tuple[str, ...] = ()
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person typed: ids and days as text; "" is not said."""

    kind: str
    unit: str = ""
    school: str = ""
    year: str = ""
    month: str = ""
    first: date | None = field(default=None)
    last: date | None = field(default=None)


def asked(wish: Wish, register: Register, plans: PlanBook, *, today: date) -> Ask:
    """Return what a wish comes to. Raises ``AskError``."""
    kind = KINDS.get(wish.kind)
    if kind is None:
        raise AskError(N_("There is no such kind of report: %(kind)s."), kind=wish.kind)
    if bool(wish.unit) is bool(wish.school):
        raise AskError(N_("Choose either a unit or a school."))
    if wish.school and not kind.of_school:
        raise AskError(N_("This report is about a unit: choose a unit."))
    if wish.unit and not kind.of_unit:
        raise AskError(N_("This report is about one school: choose a school."))
    span, years, unknown = _span(wish, plans, years=kind.years)
    if span.first > today:
        raise AskError(N_("These days have not come yet."))
    ask = Ask(
        kind=wish.kind,
        unit=wish.unit or None,
        school=wish.school or None,
        span=span,
        years=years,
        unknown_years=unknown,
        day=today,
    )
    if (unit_of(ask, register) or school_of(ask, register)) is None:
        raise AskError(
            N_("The register has no %(id)s over these days."), id=wish.unit or wish.school
        )
    return ask


def _span(
    wish: Wish, plans: PlanBook, *, years: int
) -> tuple[Span, tuple[Span, ...], tuple[str, ...]]:
    if wish.first and wish.last:
        return spans.days(wish.first, wish.last), (), ()
    if wish.month:
        return spans.month(wish.month), (), ()
    if wish.year and years > 1:
        return spans.five_years(plans, wish.year)
    if wish.year:
        return spans.school_year(plans, wish.year), (), ()
    raise AskError(N_("Choose the days: a school year, a month, or from when to when."))


def unit_of(ask: Ask, register: Register) -> Unit | None:
    """Return the unit that is asked for as it was last within the days."""
    history = None if ask.unit is None else register.units.get(ask.unit)
    story = () if history is None else history.story
    found = [d.value for d in story if d.first <= ask.span.last and d.last >= ask.span.first]
    return found[-1] if found else None


def school_of(ask: Ask, register: Register) -> School | None:
    """Return the school that is asked for as it was last within the days."""
    if ask.school is None:
        return None
    story = register.school_epochs(ask.school, ask.span.first, ask.span.last)
    return story[-1].value if story else None
