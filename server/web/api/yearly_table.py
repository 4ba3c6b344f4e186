"""Routes of the API about yearly work."""

from typing import Final

from server.web.api import yearly_types as y
from server.web.api.openapi import Operation, Parameter
from server.web.api.reminders import REMINDERS
from server.web.api.route import Handler
from server.web.api.yearly import (
    get_evaluation,
    get_late,
    get_papers,
    get_results,
    get_yearly,
    post_answers,
    post_judgement,
    post_paper,
    post_proposal,
    post_review,
    post_rules,
)
from server.web.choice import PARAMETERS
from server.web.yearlyroutes import get_file
from server.yearly.files import ENDINGS

_YEAR: Final = Parameter(name="year", text="A year's id; today's by default")
_CHOICE: Final = PARAMETERS[:2]
_SCHOOL: Final = "/yearly/schools/{id}"

YEARLY: Final[tuple[tuple[Operation, Handler], ...]] = (
    (
        Operation(
            method="GET",
            path="/yearly",
            text="Schools with the papers that they owe and hand in, a page of the list",
            answer=y.YearlyOut,
            query=(
                _YEAR,
                *PARAMETERS,
                Parameter(name="which", text="late, owing or unjudged; else all"),
            ),
        ),
        get_yearly,
    ),
    (
        Operation(
            method="GET",
            path="/yearly/late",
            text="Papers that are late, the longest first",
            answer=y.PapersOut,
            query=(_YEAR, *_CHOICE),
        ),
        get_late,
    ),
    (
        Operation(
            method="GET",
            path=f"{_SCHOOL}/papers",
            text="Papers that a school owes, and what was done with each",
            answer=y.PapersOut,
            query=(_YEAR,),
        ),
        get_papers,
    ),
    (
        Operation(
            method="POST",
            path=f"{_SCHOOL}/papers/{{paper}}",
            text="Hand a file in; officers only",
            answer=y.PaperOut,
            query=(
                _YEAR,
                Parameter(name="name", text="What the file is called"),
                Parameter(name="note", text="A note"),
                Parameter(name="revision", text="The one that was seen", kind="integer"),
            ),
            takes=tuple(ENDINGS),
            status=201,
        ),
        post_paper,
    ),
    (
        Operation(
            method="POST",
            path=f"{_SCHOOL}/papers/{{paper}}/review",
            text="Approve a paper, or give it back with a reason; officers only",
            answer=y.PaperOut,
            body=y.ReviewIn,
            query=(_YEAR,),
        ),
        post_review,
    ),
    (
        Operation(
            method="GET",
            path="/yearly/schools/{school}/papers/{paper}/files/{turn}",
            text="A file that was handed in; turns count from 0",
            answer=None,
            query=(_YEAR,),
            media="application/octet-stream",
        ),
        get_file,
    ),
    (
        Operation(
            method="GET",
            path=f"{_SCHOOL}/evaluation",
            text="A school's evaluation with what the system knows of its evidence",
            answer=y.EvaluationOut,
            query=(_YEAR,),
        ),
        get_evaluation,
    ),
    (
        Operation(
            method="POST",
            path=f"{_SCHOOL}/evaluation",
            text="Keep the school's marks, or submit them; officers only",
            answer=y.EvaluationOut,
            body=y.AnswersIn,
            query=(_YEAR,),
        ),
        post_answers,
    ),
    (
        Operation(
            method="POST",
            path=f"{_SCHOOL}/evaluation/review",
            text="Judge what was submitted, or send it back; officers only",
            answer=y.EvaluationOut,
            body=y.JudgementIn,
            query=(_YEAR,),
        ),
        post_judgement,
    ),
    (
        Operation(
            method="GET",
            path="/yearly/results",
            text="Results of a year and the list for commendation, a page of the schools",
            answer=y.ResultsOut,
            query=(
                _YEAR,
                *PARAMETERS,
                Parameter(name="which", text="listed, or a result; else all"),
            ),
        ),
        get_results,
    ),
    (
        Operation(
            method="POST",
            path="/yearly/results/rules",
            text="Set the rules of commendation; officers only",
            answer=None,
            body=y.RulesIn,
            status=204,
        ),
        post_rules,
    ),
    (
        Operation(
            method="POST",
            path=f"{_SCHOOL}/proposal",
            text="Propose a school for commendation, or strike it off; officers only",
            answer=None,
            body=y.ProposalIn,
            query=(_YEAR,),
            status=204,
        ),
        post_proposal,
    ),
    *REMINDERS,
)
"""This module's rows of the API's table."""
