"""Makes of yearly work what programs read: see ``yearly_types``. Pure."""

from collections.abc import Iterable
from typing import Final

from server.domain.criteria import Criterion
from server.domain.duties_owed import Turn
from server.domain.evaluation import Answer, Evaluation
from server.domain.units import School
from server.web.api import yearly_types as y
from server.web.evaluationdeeds import Shown, new_evaluation
from server.web.pages.yearly import ResultRow, ResultsPage, YearlyPage, result_for
from server.web.yearlyground import Ground
from server.yearly.lists import Line

PREFIX: Final = "/api/v1/yearly"
_UNMARKED: Final = Answer()


def yearly_out(page: YearlyPage) -> y.YearlyOut:
    """Return a page of a year's schools."""
    return y.YearlyOut(
        year=page.year.id,
        first=page.year.first,
        last=page.year.last,
        years=tuple(year.id for year in page.years),
        owed=page.owed,
        handed_in=page.handed_in,
        late=len(page.late),
        found=page.schools.found,
        page=page.schools.page,
        pages=page.schools.pages,
        schools=tuple(
            y.YearlySchoolOut(
                school=row.school.id,
                name=row.school.name,
                owed=row.owed,
                handed_in=row.handed_in,
                late=row.late,
                result=row.result,
            )
            for row in page.schools.rows
        ),
    )


def papers_out(year: str, lines: Iterable[Line]) -> y.PapersOut:
    """Return owed papers."""
    return y.PapersOut(year=year, papers=tuple(_paper(line, year) for line in lines))


def _paper(line: Line, year: str) -> y.PaperOut:
    turns = line.handed.turns if line.handed else ()
    where = f"{PREFIX}/schools/{line.school.id}/papers/{line.id}/files"
    return y.PaperOut(
        id=line.id,
        school=line.school.id,
        duty=line.owed.duty.id,
        name=line.owed.duty.vi,
        number=line.owed.number,
        due=line.owed.due,
        status=line.status,
        late_days=line.late_days,
        is_late=line.is_late,
        revision=line.revision,
        turns=tuple(_turn(t, f"{where}/{i}?year={year}") for i, t in enumerate(turns)),
    )


def _turn(turn: Turn, file: str) -> y.TurnOut:
    paper = turn.paper
    return y.TurnOut(
        deed=turn.deed,
        by=turn.by,
        at=turn.at,
        note=turn.note,
        name=paper.name if paper else None,
        media=paper.media if paper else None,
        size=paper.size if paper else None,
        file=file if paper else None,
    )


def evaluation_out(on: Ground, school: School, shown: Shown) -> y.EvaluationOut:
    """Return a school's evaluation."""
    found = shown.found or new_evaluation(on, school)
    return y.EvaluationOut(
        school=school.id,
        year=on.year.id,
        criteria_set=shown.chosen.id if shown.chosen and shown.criteria else None,
        stage=found.stage,
        result=result_for(on.plan, school, shown.found),
        words=found.words,
        submitted_by=found.submitted_by,
        criteria=tuple(_criterion(one, found) for one in shown.criteria),
        known={kind: dict(proof.numbers) for kind, proof in shown.known.items()},
        revision=shown.revision,
    )


def _criterion(one: Criterion, shown: Evaluation) -> y.CriterionOut:
    return y.CriterionOut(
        id=one.id,
        name=one.vi,
        evidence=tuple(one.evidence),
        school=_mark(shown.answers.get(one.id, _UNMARKED)),
        office=_mark(shown.verdicts.get(one.id, _UNMARKED)),
    )


def _mark(answer: Answer) -> y.MarkOut:
    return y.MarkOut(mark=answer.mark, text=answer.text)


def results_out(page: ResultsPage) -> y.ResultsOut:
    """Return a page of a year's results."""
    rules = page.rules
    return y.ResultsOut(
        year=page.year.id,
        counts={result.value: n for result, n in sorted(page.counts.items())},
        listed=len(page.listed),
        rules=y.RulesOut(
            result=rules.result,
            least_percent=rules.least_percent,
            no_late=rules.no_late,
            no_open_findings=rules.no_open_findings,
            source=rules.source,
            revision=page.rules_revision,
        ),
        found=page.sheet.found,
        page=page.sheet.page,
        pages=page.sheet.pages,
        schools=tuple(_result(row, page.past_years) for row in page.sheet.rows),
    )


def _result(row: ResultRow, years: Iterable[str]) -> y.ResultOut:
    made = row.candidate
    proposal = made.proposal
    return y.ResultOut(
        school=row.school.id,
        name=row.school.name,
        kind=row.school.kind,
        result=row.result,
        listed=made.listed,
        checks=tuple(y.CheckOut(rule=check.rule, met=check.met) for check in made.checks),
        proposal=None
        if proposal is None
        else y.ProposalOut(proposed=proposal.proposed, reason=proposal.reason),
        past=dict(zip(years, row.past, strict=True)),
        revision=row.revision,
    )
