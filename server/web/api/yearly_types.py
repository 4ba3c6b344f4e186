"""Yearly work as programs see it: papers owed, evaluations, results, commendation.

``year`` is a year's id. ``revision``: what a change must name; 0: nothing is written yet.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from server.web.api.camera_types import Answer

MarkWord = Literal["met", "not_met"]


class YearlySchoolOut(Answer, frozen=True):
    """One school of the list. ``result``: what came of its evaluation."""

    school: str
    name: str
    owed: int
    handed_in: int
    late: int
    result: str


class YearlyOut(Answer, frozen=True):
    """A page of the schools of a year; ``found`` in all, on ``pages`` pages.

    ``owed``, ``handed_in`` and ``late`` count papers of the chosen unit's schools, whatever state
    is asked for.
    """

    year: str
    first: date
    last: date
    years: tuple[str, ...]
    owed: int
    handed_in: int
    late: int
    found: int
    page: int
    pages: int
    schools: tuple[YearlySchoolOut, ...]


class TurnOut(Answer, frozen=True):
    """A deed: handed_in, approved or returned; ``file``: where the file is, if one came with it."""

    deed: str
    by: str
    at: datetime
    note: str
    name: str | None
    media: str | None
    size: int | None
    file: str | None


class PaperOut(Answer, frozen=True):
    """An owed paper. ``due`` null: not set, never late. ``late_days``: of one handed in late, too.

    ``is_late``: its day is over and nothing is with the office.
    """

    id: str
    school: str
    duty: str
    name: str
    number: int
    due: date | None
    status: str
    late_days: int
    is_late: bool
    revision: int
    turns: tuple[TurnOut, ...]


class PapersOut(Answer, frozen=True):
    """Papers that are owed in a year: a school's, or the late ones of all, the longest first."""

    year: str
    papers: tuple[PaperOut, ...]


class ReviewIn(Answer, frozen=True):
    """The office's word on a paper; ``note`` must say why it is returned."""

    deed: Literal["approved", "returned"]
    revision: int
    note: str = ""


class MarkOut(Answer, frozen=True):
    """A mark and its words; null: not marked yet."""

    mark: str | None
    text: str


class CriterionOut(Answer, frozen=True):
    """A criterion: the school's own mark, the office's, and the kinds of evidence that it names."""

    id: str
    name: str
    evidence: tuple[str, ...]
    school: MarkOut
    office: MarkOut


class EvaluationOut(Answer, frozen=True):
    """A school's evaluation. ``criteria_set`` null: none is chosen, or it leaves the kind out.

    ``stage``: draft, submitted or judged. ``known``: what the system knew when it was submitted,
    before that what it knows now, by kind of evidence, whole numbers by name.
    """

    school: str
    year: str
    criteria_set: str | None
    stage: str
    result: str
    words: str
    submitted_by: str
    criteria: tuple[CriterionOut, ...]
    known: Mapping[str, Mapping[str, int]]
    revision: int


class MarkIn(Answer, frozen=True):
    """A mark and its words."""

    mark: MarkWord | None = None
    text: str = ""


class AnswersIn(Answer, frozen=True):
    """The school's marks by criterion; ``submit`` hands them to the office."""

    revision: int
    answers: Mapping[str, MarkIn]
    submit: bool = False


class JudgementIn(Answer, frozen=True):
    """The office's word: marks by criterion and the whole, or (``send_back``) why it goes back."""

    revision: int
    verdicts: Mapping[str, MarkIn] = {}
    result: MarkWord | None = None
    words: str = ""
    send_back: bool = False


class CheckOut(Answer, frozen=True):
    """A rule of commendation held against a school: met, not_met or cannot_tell."""

    rule: str
    met: str


class ProposalOut(Answer, frozen=True):
    """What people decided: proposed, or struck off; and why."""

    proposed: bool
    reason: str


class ResultOut(Answer, frozen=True):
    """A school's result, whether it is on the list for commendation, and the years before.

    ``past``: results by year, null: nothing was written. ``revision``: the proposal's.
    """

    school: str
    name: str
    kind: str
    result: str
    listed: bool
    checks: tuple[CheckOut, ...]
    proposal: ProposalOut | None
    past: Mapping[str, str | None]
    revision: int


class RulesOut(Answer, frozen=True):
    """What a school must show to be on the list; null and false: not asked."""

    result: bool
    least_percent: float | None
    no_late: bool
    no_open_findings: bool
    source: str
    revision: int


class ResultsOut(Answer, frozen=True):
    """A page of the results of a year; ``counts``: all chosen schools by result."""

    year: str
    counts: Mapping[str, int]
    listed: int
    rules: RulesOut
    found: int
    page: int
    pages: int
    schools: tuple[ResultOut, ...]


class RulesIn(Answer, frozen=True):
    """Rules of commendation; where something is asked, ``source`` says by whom."""

    revision: int
    result: bool = False
    least_percent: float | None = None
    no_late: bool = False
    no_open_findings: bool = False
    source: str = ""


class ProposalIn(Answer, frozen=True):
    """A school proposed for commendation or struck off the list; ``reason``: why."""

    act: Literal["propose", "strike"]
    reason: str
    revision: int
