"""Who is proposed for commendation (khen thưởng): by rules that the office sets, or by hand. Pure.

There is no rule by default: while none is set, only what people propose is on the list. A rule that
can't be told of a school does not make it a candidate, and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NamedTuple

from server.domain.criteria import EvidenceKind
from server.domain.evaluation import Evaluation, Result, result_of
from server.domain.points import Met

PERCENT: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a school must show. None and False: not asked.

    Attributes:
        result: The office's judgement of the year is "met".
        least_percent: At least so much of required time was watched for sure, in percent.
        no_late: None of its papers is or was late.
        no_open_findings: No finding of an inspection is open.
        source: Who set them: a regulation, a decision. Never empty where something is asked.
    """

    result: bool = False
    least_percent: float | None = None
    no_late: bool = False
    no_open_findings: bool = False
    source: str = ""

    @property
    def is_set(self) -> bool:
        """Whether anything is asked."""
        return bool(
            self.result or self.least_percent is not None or self.no_late or self.no_open_findings
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What people decided: proposed, or struck off although the rules are met; and why."""

    school: str
    year: str
    proposed: bool
    reason: str


class Checked(NamedTuple):
    """One rule (its attribute's name) held against one school."""

    rule: str
    met: Met


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A school on the list, or not: what each rule says, and what people decided."""

    school: str
    checks: tuple[Checked, ...]
    proposal: Proposal | None

    @property
    def by_rules(self) -> bool:
        """Whether it meets every rule for sure; never without a rule."""
        return bool(self.checks) and all(check.met is Met.MET for check in self.checks)

    @property
    def listed(self) -> bool:
        """Whether it is on the list: what people decided counts before the rules."""
        return self.by_rules if self.proposal is None else self.proposal.proposed


def candidate(
    rules: Rules,
    school: str,
    *,
    evaluation: Evaluation | None,
    late_papers: int,
    proposal: Proposal | None,
) -> Candidate:
    """Hold a school's year against the rules."""
    checks = tuple(_checks(rules, evaluation, late_papers))
    return Candidate(school=school, checks=checks, proposal=proposal)


def _checks(rules: Rules, evaluation: Evaluation | None, late_papers: int) -> Iterator[Checked]:
    if rules.result:
        yield Checked("result", _result(evaluation))
    if rules.least_percent is not None:
        yield Checked("least_percent", _share(evaluation, rules.least_percent))
    if rules.no_late:
        yield Checked("no_late", Met.NOT_MET if late_papers else Met.MET)
    if rules.no_open_findings:
        yield Checked("no_open_findings", _findings(evaluation))


def _result(evaluation: Evaluation | None) -> Met:
    match result_of(evaluation, applies=True):
        case Result.MET:
            return Met.MET
        case Result.NOT_MET:
            return Met.NOT_MET
        case _:
            return Met.CANNOT_TELL


def _share(evaluation: Evaluation | None, percent: float) -> Met:
    """Compare with the range of the share that was watched; ends are exact."""
    proof = None if evaluation is None else evaluation.proof(EvidenceKind.COVERAGE)
    seconds = {} if proof is None else proof.numbers
    met, unknown = seconds.get("met", 0), seconds.get("cannot_tell", 0)
    required = met + unknown + seconds.get("not_met", 0)
    if not required:
        return Met.CANNOT_TELL
    least = Fraction(str(percent)) / PERCENT
    if Fraction(met, required) >= least:
        return Met.CANNOT_TELL if seconds.get("unset_days") else Met.MET
    return Met.CANNOT_TELL if Fraction(met + unknown, required) >= least else Met.NOT_MET


def _findings(evaluation: Evaluation | None) -> Met:
    proof = None if evaluation is None else evaluation.proof(EvidenceKind.INSPECTIONS)
    if proof is None or not proof.numbers.get("visits"):
        return Met.CANNOT_TELL
    return Met.NOT_MET if proof.numbers.get("open") else Met.MET
