"""Evaluation and commendation: who may do what when, and rules against exact sums."""

from dataclasses import replace
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.commendation import Checked, Proposal, Rules, candidate
from server.domain.criteria import Criterion, EvidenceKind
from server.domain.evaluation import (
    Answer,
    Evaluation,
    Event,
    Fill,
    Judge,
    Mark,
    Objection,
    Proof,
    Result,
    SendBack,
    Stage,
    Submit,
    WrongStageError,
    kinds_of,
    result_of,
    step,
    summary,
)
from server.domain.points import Met

ASKED = ("a", "b")
MET, NOT_MET = Answer(mark=Mark.MET, text="có minh chứng"), Answer(mark=Mark.NOT_MET)
DRAFT = Evaluation(school="s", year="2026-2027", criteria_set="tt23", plan="1")
FILLED = step(DRAFT, Fill(answers={"a": MET, "b": NOT_MET}))
SUBMITTED = step(FILLED, Submit(by="an", asked=ASKED))
JUDGE = Judge(by="binh", asked=ASKED, verdicts={"a": MET, "b": MET}, result=Mark.MET)
JUDGED = step(SUBMITTED, JUDGE)


def test_a_school_marks_itself_and_the_office_judges() -> None:
    assert SUBMITTED.stage is Stage.SUBMITTED
    assert (JUDGED.stage, JUDGED.result) == (Stage.JUDGED, Mark.MET)
    assert JUDGED.answers == FILLED.answers, "the school's own marks stay"
    back = step(SUBMITTED, SendBack(by="binh", words="thiếu minh chứng"))
    assert (back.stage, back.words) == (Stage.DRAFT, "thiếu minh chứng")
    again = step(back, Submit(by="an", asked=ASKED))
    assert step(again, JUDGE).result is Mark.MET


@pytest.mark.parametrize(
    ("before", "event", "why"),
    [
        (SUBMITTED, Fill(answers={}), Objection.WRONG_STAGE),
        (JUDGED, Submit(by="an", asked=ASKED), Objection.WRONG_STAGE),
        (DRAFT, Submit(by="an", asked=ASKED), Objection.UNMARKED),
        (FILLED, Submit(by="an", asked=("a", "b", "c")), Objection.UNMARKED),
        (FILLED, JUDGE, Objection.WRONG_STAGE),
        (SUBMITTED, replace(JUDGE, by="an"), Objection.SAME_PERSON),
        (SUBMITTED, SendBack(by="an", words="x"), Objection.SAME_PERSON),
        (SUBMITTED, SendBack(by="binh", words=""), Objection.NO_REASON),
        (SUBMITTED, replace(JUDGE, verdicts={"a": MET, "b": Answer()}), Objection.UNMARKED),
        (SUBMITTED, replace(JUDGE, result=None), Objection.NO_RESULT),
        (JUDGED, JUDGE, Objection.WRONG_STAGE),
    ],
)
def test_what_can_not_be_done_now_says_why(
    before: Evaluation, event: Event, why: Objection
) -> None:
    with pytest.raises(WrongStageError) as refused:
        step(before, event)
    assert refused.value.why is why


def test_a_set_that_leaves_a_school_out_judges_it_neither_way() -> None:
    assert result_of(None, applies=False) is Result.NOT_APPLICABLE
    assert result_of(None, applies=True) is Result.NONE
    assert result_of(DRAFT, applies=True) is Result.DRAFT
    assert result_of(SUBMITTED, applies=True) is Result.SUBMITTED
    assert result_of(JUDGED, applies=False) is Result.MET, "it was judged under another set"


def test_years_side_by_side() -> None:
    worse = replace(JUDGED, year="2025-2026", result=Mark.NOT_MET)
    found = summary(["s", "t"], ["2026-2027", "2025-2026"], [JUDGED, worse])
    assert found == {"s": (Result.MET, Result.NOT_MET), "t": (None, None)}


def test_evidence_is_asked_for_once() -> None:
    coverage, paper = EvidenceKind.COVERAGE, EvidenceKind.PAPER
    criteria = [
        Criterion(id="a", vi="a", evidence=(coverage, paper)),
        Criterion(id="b", vi="b", evidence=(paper, EvidenceKind.GUARDS)),
    ]
    assert kinds_of(criteria) == (coverage, paper, EvidenceKind.GUARDS)


def test_an_evaluation_survives_its_way_through_the_book() -> None:
    proof = Proof(kind=EvidenceKind.COVERAGE, numbers={"met": 3})
    whole = replace(JUDGED, proofs=(proof,))
    assert msgspec.json.decode(msgspec.json.encode(whole), type=Evaluation) == whole


def with_seconds(**numbers: int) -> Evaluation:
    return replace(JUDGED, proofs=(Proof(kind=EvidenceKind.COVERAGE, numbers=numbers),))


@given(
    met=st.integers(0, 50),
    not_met=st.integers(0, 50),
    cannot_tell=st.integers(0, 50),
    unset=st.booleans(),
    percent=st.decimals(0, 100, places=1).map(float),
)
def test_a_share_is_held_against_the_rule_as_a_range(
    met: int, not_met: int, cannot_tell: int, unset: bool, percent: float
) -> None:
    evaluation = with_seconds(
        met=met, not_met=not_met, cannot_tell=cannot_tell, unset_days=int(unset)
    )
    rules = Rules(least_percent=percent, source="QĐ 1")
    (check,) = candidate(rules, "s", evaluation=evaluation, late_papers=0, proposal=None).checks
    # every way in which the unknown seconds may turn out, one by one
    total = met + not_met + cannot_tell
    enough = (
        {Fraction(100 * (met + k), total) >= Fraction(str(percent)) for k in range(cannot_tell + 1)}
        if total
        else {True, False}
    )
    expected = Met.CANNOT_TELL if len(enough) > 1 else Met.MET if enough == {True} else Met.NOT_MET
    if expected is Met.MET and unset:
        expected = Met.CANNOT_TELL
    assert check == Checked("least_percent", expected)


def test_without_a_rule_only_people_propose() -> None:
    nobody = candidate(Rules(), "s", evaluation=JUDGED, late_papers=0, proposal=None)
    assert not nobody.listed
    proposal = Proposal(school="s", year="2026-2027", proposed=True, reason="cứu học sinh")
    by_hand = candidate(Rules(), "s", evaluation=None, late_papers=3, proposal=proposal)
    assert by_hand.listed
    assert not by_hand.by_rules


def test_people_strike_off_whom_rules_propose() -> None:
    rules = Rules(result=True, no_late=True, source="QĐ 1")
    assert candidate(rules, "s", evaluation=JUDGED, late_papers=0, proposal=None).listed
    assert not candidate(rules, "s", evaluation=JUDGED, late_papers=1, proposal=None).listed
    assert not candidate(rules, "s", evaluation=None, late_papers=0, proposal=None).listed
    off = Proposal(school="s", year="2026-2027", proposed=False, reason="có vụ việc")
    assert not candidate(rules, "s", evaluation=JUDGED, late_papers=0, proposal=off).listed


def test_findings_that_nobody_looked_for_can_not_be_told() -> None:
    rules = Rules(no_open_findings=True, source="QĐ 1")

    def checked(**numbers: int) -> Met:
        proofs = (Proof(kind=EvidenceKind.INSPECTIONS, numbers=numbers),)
        found = candidate(
            rules, "s", evaluation=replace(JUDGED, proofs=proofs), late_papers=0, proposal=None
        )
        return found.checks[0].met

    assert checked(visits=0, open=0) is Met.CANNOT_TELL
    assert checked(visits=1, open=0) is Met.MET
    assert checked(visits=1, open=2) is Met.NOT_MET
