"""A school judged by the criteria that its authority has chosen: its own marks, then the office's.

Stages: *draft* (the school writes), *submitted* (the office reads), *judged*. What the system knew
when it was submitted stays with it (``Proof``), so a judgement never shifts under later figures.
A set that leaves a kind of school out judges it neither way, and no set is ever chosen by itself.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from server.domain.criteria import Criterion, EvidenceKind

SUMMARY_YEARS: Final = 5
"""So many years are reviewed together ("tổng kết 5 năm")."""


class Mark(StrEnum):
    """What is said of a criterion, or of a school as a whole."""

    MET = "met"
    NOT_MET = "not_met"


class Stage(StrEnum):
    """Who has it."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    JUDGED = "judged"


class Result(StrEnum):
    """What came of a school's year."""

    MET = "met"
    NOT_MET = "not_met"
    SUBMITTED = "submitted"
    DRAFT = "draft"
    NONE = "none"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A mark and its words; None: not marked yet."""

    mark: Mark | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the system knew of one kind of evidence: whole numbers by name (seconds, counts)."""

    kind: EvidenceKind
    numbers: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """One school's evaluation of one year.

    Attributes:
        criteria_set: The set; ``plan``: the version of the plan that had chosen it.
        answers: The school's own, by criterion; ``verdicts``: the office's.
        result: The office's word on the whole; ``words``: why, or why it was sent back.
        submitted_by: Who submitted it: another person judges it.
        proofs: What the system knew when it was submitted.
    """

    school: str
    year: str
    criteria_set: str
    plan: str
    stage: Stage = Stage.DRAFT
    answers: Mapping[str, Answer] = field(default_factory=dict)
    verdicts: Mapping[str, Answer] = field(default_factory=dict)
    result: Mark | None = None
    words: str = ""
    submitted_by: str = ""
    proofs: tuple[Proof, ...] = ()

    def proof(self, kind: EvidenceKind) -> Proof | None:
        """Return what the system knew of one kind of evidence."""
        return next((proof for proof in self.proofs if proof.kind is kind), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How far an evaluation has come: as much of it as a list of schools needs."""

    school: str
    year: str
    stage: Stage = Stage.DRAFT
    result: Mark | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """The school's answers as they are now."""

    answers: Mapping[str, Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """The school hands it to the office; ``asked``: ids of the criteria that must be marked."""

    by: str
    asked: Collection[str]
    proofs: tuple[Proof, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBack:
    """The office wants it changed; ``words``: why."""

    by: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The office's word on each criterion and on the whole."""

    by: str
    asked: Collection[str]
    verdicts: Mapping[str, Answer]
    result: Mark | None
    words: str = ""


Event = Fill | Submit | SendBack | Judge


class Objection(StrEnum):
    """Why something can't be done."""

    WRONG_STAGE = "wrong_stage"
    UNMARKED = "unmarked"
    SAME_PERSON = "same_person"
    NO_REASON = "no_reason"
    NO_RESULT = "no_result"


class WrongStageError(ValueError):
    """An event that can't happen now; nothing has changed."""

    def __init__(self, why: Objection) -> None:
        super().__init__(why.value)
        self.why = why


def step(evaluation: Evaluation, event: Event) -> Evaluation:
    """Return the evaluation after an event. Raises ``WrongStageError``."""
    match event:
        case Fill(answers=answers):
            _must(evaluation.stage is Stage.DRAFT, Objection.WRONG_STAGE)
            return replace(evaluation, answers=answers)
        case Submit(by=by, asked=asked, proofs=proofs):
            _must(evaluation.stage is Stage.DRAFT, Objection.WRONG_STAGE)
            _must(_all_marked(asked, evaluation.answers), Objection.UNMARKED)
            return replace(evaluation, stage=Stage.SUBMITTED, submitted_by=by, proofs=proofs)
        case SendBack(by=by, words=words):
            _reviewed(evaluation, by)
            _must(bool(words), Objection.NO_REASON)
            return replace(evaluation, stage=Stage.DRAFT, words=words)
        case Judge():
            _reviewed(evaluation, event.by)
            _must(_all_marked(event.asked, event.verdicts), Objection.UNMARKED)
            _must(event.result is not None, Objection.NO_RESULT)
            return replace(
                evaluation,
                stage=Stage.JUDGED,
                verdicts=event.verdicts,
                result=event.result,
                words=event.words,
            )


def _reviewed(evaluation: Evaluation, by: str) -> None:
    _must(evaluation.stage is Stage.SUBMITTED, Objection.WRONG_STAGE)
    _must(by != evaluation.submitted_by, Objection.SAME_PERSON)


def _must(truth: bool, why: Objection) -> None:  # noqa: FBT001 (a condition, as in assert)
    if not truth:
        raise WrongStageError(why)


def _all_marked(asked: Collection[str], answers: Mapping[str, Answer]) -> bool:
    return all(name in answers and answers[name].mark is not None for name in asked)


def kinds_of(criteria: Iterable[Criterion]) -> tuple[EvidenceKind, ...]:
    """Return the kinds of evidence that criteria name, each once, in their order."""
    return tuple(dict.fromkeys(kind for one in criteria for kind in one.evidence))


def result_of(evaluation: Evaluation | Outcome | None, *, applies: bool) -> Result:
    """Return what came of a year; ``applies``: whether the set in force judges such a school."""
    if evaluation is None:
        return Result.NONE if applies else Result.NOT_APPLICABLE
    if evaluation.stage is Stage.JUDGED and evaluation.result is not None:
        return Result(evaluation.result)
    return Result(evaluation.stage)


def summary(
    schools: Sequence[str], years: Sequence[str], found: Iterable[Evaluation | Outcome]
) -> dict[str, tuple[Result | None, ...]]:
    """Return what came of each year, school by school; None: nothing was written that year."""
    known = {(one.school, one.year): result_of(one, applies=True) for one in found}
    return {school: tuple(known.get((school, year)) for year in years) for school in schools}
