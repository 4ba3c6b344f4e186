"""What somebody should look at in a plan on one day: replaced laws, days that nobody set.

A warning never changes a figure. Sources that nothing cites are not looked at, and a school year
that is over may rest on a decision that is over, too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from server.domain.citation import Citation, Standing
from server.domain.plan import Plan
from server.domain.planfacts import facts
from server.domain.schoolyear import EVERY_WEEK

SOON: Final = timedelta(days=30)
"""How long before the last known school year ends the next one is asked for."""


class WarningKind(StrEnum):
    """What is the matter."""

    SOURCE_ENDED = "source_ended"
    SOURCE_NOT_YET = "source_not_yet"
    SOURCE_TO_CHECK = "source_to_check"
    PLAN_ENDED = "plan_ended"
    PLAN_NOT_YET = "plan_not_yet"
    CALENDAR_ENDS = "calendar_ends"
    CRITERIA = "criteria"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWarning:
    """One of them.

    Attributes:
        keys: Where in the file.
        source: The document that is not in force.
        successor: What stands in its place, where the file names it.
        day: Since when, or from when on.
        text: The plan's own words, of a set of criteria.
    """

    kind: WarningKind
    keys: tuple[str, ...]
    source: Citation | None = None
    successor: Citation | None = None
    day: date | None = None
    text: str | None = None


_KINDS: Final = {
    Standing.ENDED: WarningKind.SOURCE_ENDED,
    Standing.NOT_YET: WarningKind.SOURCE_NOT_YET,
    Standing.TO_CHECK: WarningKind.SOURCE_TO_CHECK,
}


def warnings(plan: Plan, day: date) -> tuple[PlanWarning, ...]:
    """Return what to look at on a day."""
    return (*_of_plan(plan, day), *_of_calendar(plan, day), *_of_sources(plan, day))


def _of_plan(plan: Plan, day: date) -> Iterator[PlanWarning]:
    first, last = plan.effective_from, plan.effective_to
    if last is not None and last < day:
        yield PlanWarning(kind=WarningKind.PLAN_ENDED, keys=("plan.effective.to",), day=last)
    if first is not None and day < first:
        yield PlanWarning(kind=WarningKind.PLAN_NOT_YET, keys=("plan.effective.from",), day=first)
    chosen = plan.criteria_set()
    if chosen is not None and chosen.warn is not None:
        yield PlanWarning(
            kind=WarningKind.CRITERIA, keys=("active_criteria_set",), text=chosen.warn
        )


def _of_calendar(plan: Plan, day: date) -> Iterator[PlanWarning]:
    if plan.calendar.years is EVERY_WEEK:
        return
    last = max((year.last for year in plan.calendar.known_years), default=None)
    if last is None or last < day + SOON:
        yield PlanWarning(kind=WarningKind.CALENDAR_ENDS, keys=("calendar.school_year",), day=last)


def _of_sources(plan: Plan, day: date) -> Iterator[PlanWarning]:
    keys: dict[str, list[str]] = {}
    cited: dict[str, Citation] = {}
    for key, source in _cited(plan, day):
        cited.setdefault(source.id, source)
        keys.setdefault(source.id, []).append(key)
    for name, places in keys.items():
        named = cited[name]
        standing = named.standing(day)
        if standing is not Standing.IN_FORCE:
            yield PlanWarning(
                kind=_KINDS[standing],
                keys=tuple(places),
                source=named,
                successor=plan.sources.get(named.replaced_by or ""),
                day=named.since if standing is Standing.NOT_YET else named.until,
            )


def _cited(plan: Plan, day: date) -> Iterator[tuple[str, Citation]]:
    over = {year.id for year in plan.calendar.known_years if year.last < day}
    for fact in facts(plan):
        if fact.value is not None and fact.source is not None and not over & set(fact.subjects):
            yield fact.key, fact.source
    for criteria in plan.criteria_sets:
        if criteria.source is not None:
            yield f"criteria_sets.{criteria.id}", criteria.source
    for item in plan.compliance:
        if item.source is not None:
            yield f"compliance_items.{item.id}", item.source
