"""Yearly work: papers of all schools, results, commendation, five years side by side."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from server.domain.commendation import Candidate, Proposal, Rules, candidate
from server.domain.duties_owed import Status, WorkYear, work_year, work_years
from server.domain.evaluation import (
    SUMMARY_YEARS,
    Evaluation,
    Outcome,
    Result,
    result_of,
    summary,
)
from server.domain.plan import Plan
from server.domain.schoolyear import SchoolCalendar
from server.domain.units import School
from server.web.pages.choosing import Choice, Sheet, sheet
from server.yearly.book import Kept
from server.yearly.lists import Line, coming_up, late

SHOWN: Final = 100
"""So many lines of a list are on the page; the file has all."""


class SchoolState(StrEnum):
    """By what schools are picked from the list of a year."""

    LATE = "late"
    OWING = "owing"
    UNJUDGED = "unjudged"


class ResultState(StrEnum):
    """By what schools are picked from the list of results: the list's, and ``Result``'s words."""

    LISTED = "listed"
    MET = "met"
    NOT_MET = "not_met"
    SUBMITTED = "submitted"
    DRAFT = "draft"
    NONE = "none"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyRow:
    """One paper of the year over all schools. ``due`` None is unset."""

    name: str
    due: date | None
    owed: int
    counts: Mapping[Status, int]

    @property
    def is_set(self) -> bool:
        """Whether the plan says by when."""
        return self.due is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolRow:
    """One school: how many papers it owes and has handed in, and what came of its evaluation."""

    school: School
    owed: int
    handed_in: int
    late: int
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class YearlyPage:
    """Everything on the page of a year: of the ``chosen`` schools, ``schools`` a page of them."""

    choice: Choice
    chosen: int
    year: WorkYear
    years: tuple[WorkYear, ...]
    duties: tuple[DutyRow, ...]
    waiting: tuple[Line, ...]
    late: tuple[Line, ...]
    soon: tuple[Line, ...]
    schools: Sheet[SchoolRow]
    owed: int
    handed_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """One school's results: this year's, the rules of commendation, and five years."""

    school: School
    result: Result
    candidate: Candidate
    revision: int
    past: tuple[Result | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultsPage:
    """Everything on the page of results. ``past_years``: the newest first.

    ``rows``: the schools that are in the state asked for, ``sheet`` a page of them; ``listed`` and
    ``counts``: of all chosen schools.
    """

    choice: Choice
    year: WorkYear
    years: tuple[WorkYear, ...]
    past_years: tuple[str, ...]
    rows: tuple[ResultRow, ...]
    sheet: Sheet[ResultRow]
    rules: Rules
    rules_revision: int
    listed: tuple[ResultRow, ...]
    counts: Mapping[Result, int]


def years_to_choose(calendar: SchoolCalendar, today: date) -> tuple[WorkYear, ...]:
    """Return the years that can be looked at, the newest first."""
    found = {year.id: year for year in (*work_years(calendar), work_year(calendar, today))}
    return tuple(sorted(found.values(), key=lambda year: year.first, reverse=True))


def yearly_page(
    found: Sequence[Line],
    schools: Sequence[School],
    plan: Plan,
    outcomes: Mapping[str, Outcome],
    *,
    choice: Choice,
    year: WorkYear,
    years: tuple[WorkYear, ...],
    today: date,
) -> YearlyPage:
    """Return the page's view from every owed paper of the chosen schools."""
    rows = _school_rows(found, schools, plan, outcomes)
    waiting = [line for line in found if line.status is Status.HANDED_IN]
    return YearlyPage(
        choice=choice,
        chosen=len(schools),
        year=year,
        years=years,
        duties=tuple(_duty_rows(found)),
        waiting=tuple(sorted(waiting, key=lambda x: x.school.name)),
        late=tuple(late(found)),
        soon=tuple(coming_up(found, today)),
        schools=sheet([row for row in rows if _in_state(row, choice.which)], choice.page),
        owed=len(found),
        handed_in=sum(1 for line in found if _stands(line)),
    )


def _in_state(row: SchoolRow, which: str) -> bool:
    match which:
        case SchoolState.LATE:
            return row.late > 0
        case SchoolState.OWING:
            return row.handed_in < row.owed
        case SchoolState.UNJUDGED:
            return row.result in {Result.NONE, Result.DRAFT, Result.SUBMITTED}
        case _:
            return True


def _stands(line: Line) -> bool:
    return line.handed is not None and line.handed.stands


def _duty_rows(found: Iterable[Line]) -> Iterable[DutyRow]:
    groups: dict[tuple[str, int], list[Line]] = {}
    for line in found:
        groups.setdefault((line.owed.duty.id, line.owed.number), []).append(line)
    for lines in groups.values():
        one = lines[0].owed
        yield DutyRow(
            name=one.duty.vi,
            due=one.due,
            owed=len(lines),
            counts=Counter(line.status for line in lines),
        )


def _school_rows(
    found: Iterable[Line],
    schools: Iterable[School],
    plan: Plan,
    outcomes: Mapping[str, Outcome],
) -> Iterable[SchoolRow]:
    by_school: dict[str, list[Line]] = {}
    for line in found:
        by_school.setdefault(line.school.id, []).append(line)
    for school in schools:
        own = by_school.get(school.id, [])
        yield SchoolRow(
            school=school,
            owed=len(own),
            handed_in=sum(1 for line in own if _stands(line)),
            late=sum(1 for line in own if line.is_late),
            result=result_for(plan, school, outcomes.get(school.id)),
        )


def result_for(plan: Plan, school: School, evaluation: Evaluation | Outcome | None) -> Result:
    """Return what came of a school's year under the set that holds; none chosen: not begun."""
    chosen = plan.criteria_set()
    return result_of(evaluation, applies=chosen is None or chosen.applies_to(school.kind))


def results_page(
    schools: Sequence[School],
    plan: Plan,
    evaluations: Mapping[str, Evaluation],
    outcomes: Sequence[Outcome],
    proposals: Mapping[str, Kept[Proposal]],
    rules: Kept[Rules],
    papers: Sequence[Line],
    *,
    choice: Choice,
    year: WorkYear,
    years: tuple[WorkYear, ...],
) -> ResultsPage:
    """Return the view of a year's results and of the five years that end with it.

    ``evaluations``: the year's, by school; ``outcomes``: of all years.
    """
    past_years = _past_years(outcomes, years, year)
    past = summary([s.id for s in schools], past_years, outcomes)
    late_papers = Counter(line.school.id for line in papers if line.late_days)

    def row_of(school: School) -> ResultRow:
        proposal, evaluation = proposals.get(school.id), evaluations.get(school.id)
        listing = candidate(
            rules.value,
            school.id,
            evaluation=evaluation,
            late_papers=late_papers[school.id],
            proposal=proposal.value if proposal else None,
        )
        return ResultRow(
            school=school,
            result=result_for(plan, school, evaluation),
            candidate=listing,
            revision=proposal.revision if proposal else 0,
            past=past[school.id],
        )

    rows = [row_of(school) for school in schools]
    picked = [row for row in rows if _has_result(row, choice.which)]
    return ResultsPage(
        choice=choice,
        year=year,
        years=years,
        past_years=past_years,
        rows=tuple(picked),
        sheet=sheet(picked, choice.page),
        rules=rules.value,
        rules_revision=rules.revision,
        listed=tuple(row for row in rows if row.candidate.listed),
        counts=Counter(row.result for row in rows),
    )


def _has_result(row: ResultRow, which: str) -> bool:
    if which == ResultState.LISTED:
        return row.candidate.listed
    return not which or row.result == which


def _past_years(
    outcomes: Iterable[Outcome], years: Iterable[WorkYear], year: WorkYear
) -> tuple[str, ...]:
    """Return the names of the years up to this one, the newest first: five at most."""
    known = {one.id for one in years} | {one.year for one in outcomes}
    return tuple(sorted((y for y in known if y <= year.id), reverse=True)[:SUMMARY_YEARS])
