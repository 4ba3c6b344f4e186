"""A version of the plan as a page shows it: parts, tables and what is still to be set. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from server.domain.criteria import CriteriaSet
from server.domain.plan import SCHOOL_KINDS, Plan, Requirement
from server.domain.planbook import PlanVersion
from server.domain.planfacts import Fact, Topic, facts, open_facts
from server.domain.planwarnings import PlanWarning, warnings

LISTED: Final = ((Topic.UPTIME, Topic.RETENTION), (Topic.GUARDS, Topic.SECURITY))
"""Parts that are shown as plain lines, in two columns; the others have tables of their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindsAsked:
    """Kinds of school of which the same is asked.

    Attributes:
        each_level: They are asked what each of their levels is asked, and nothing is written out.
    """

    kinds: tuple[str, ...]
    asked: tuple[Requirement, ...]
    each_level: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """One version.

    Attributes:
        version: Who typed and confirmed it; None for a draft.
        cameras: By kind of school, those of which the same is asked together.
        lines: The plain parts, column by column.
        years: The lines of the school years; ``hours`` those of the hours; ``days_off`` further
            days; ``other_days`` what remains of the calendar.
        set_count: How many numbers and days are set, of all that a plan should set.
    """

    plan: Plan
    version: PlanVersion | None
    warnings: tuple[PlanWarning, ...]
    cameras: tuple[KindsAsked, ...]
    lines: tuple[tuple[tuple[Topic, tuple[Fact, ...]], ...], ...]
    years: tuple[Fact, ...]
    hours: tuple[Fact, ...]
    days_off: tuple[Fact, ...]
    other_days: tuple[Fact, ...]
    criteria: CriteriaSet | None
    open: tuple[tuple[Topic, tuple[Fact, ...]], ...]
    open_count: int
    set_count: int


def plan_page(plan: Plan, version: PlanVersion | None, today: date) -> PlanView:
    """Work out what a page of one version shows."""
    lines = tuple(facts(plan))
    still_open = open_facts(plan)
    calendar = [f for f in lines if f.topic is Topic.CALENDAR]
    years = _of(calendar, "calendar.school_year")
    hours = _of(calendar, "calendar.sessions")
    days_off = _of(calendar, "calendar.holidays.extra")
    return PlanView(
        plan=plan,
        version=version,
        warnings=warnings(plan, today),
        cameras=_grouped(plan),
        lines=tuple(_by_topic([f for f in lines if f.topic in column]) for column in LISTED),
        years=years,
        hours=hours,
        days_off=days_off,
        other_days=tuple(f for f in calendar if f not in (*years, *hours, *days_off)),
        criteria=plan.criteria_set(),
        open=_by_topic(still_open),
        open_count=len(still_open),
        set_count=sum(f.value is not None for f in lines if f.wanted),
    )


def _of(lines: Iterable[Fact], start: str) -> tuple[Fact, ...]:
    return tuple(f for f in lines if f.key.startswith(start))


def _by_topic(lines: Sequence[Fact]) -> tuple[tuple[Topic, tuple[Fact, ...]], ...]:
    found = ((topic, tuple(f for f in lines if f.topic is topic)) for topic in Topic)
    return tuple((topic, some) for topic, some in found if some)


def _grouped(plan: Plan) -> tuple[KindsAsked, ...]:
    """Put kinds of school together of which the same is asked, in the order of their levels."""
    groups: list[tuple[list[str], tuple[Requirement, ...], bool]] = []
    for kind in (k for k in SCHOOL_KINDS if k in plan.requirements):
        asked, each = tuple(plan.requirements[kind].values()), kind in plan.each_level
        same = next((g for g in groups if g[1:] == (asked, each)), None)
        if same is None:
            groups.append(([kind], asked, each))
        else:
            same[0].append(kind)
    return tuple(
        KindsAsked(kinds=tuple(kinds), asked=asked, each_level=each)
        for kinds, asked, each in groups
    )
