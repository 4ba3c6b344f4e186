"""An inspection's steps, and findings that close themselves, against an oracle by the day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.inspection import (
    Begin,
    Confirm,
    Correct,
    Correction,
    Event,
    Fill,
    Finding,
    Paper,
    Resolve,
    Side,
    Signed,
    Step,
    Turn,
    Visit,
    WrongStepError,
    healed_on,
    healing_since,
    step,
)
from server.domain.known import Known

DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
FINDING = Finding(id="t1", what="Ống kính bị che", camera="c1", deadline=date(2026, 12, 1))
PAPER = Paper(findings=(FINDING,))
SIGNED = Signed(name="Nguyễn Văn A", role="Hiệu trưởng", at=AT)
BOTH = (Confirm(Side.INSPECTOR, SIGNED), Confirm(Side.SCHOOL, SIGNED))
CORRECT = Correct(Correction(by="truc", at=AT, reason="nhầm khu vực"))


def run(*events: Event, visit: Visit | None = None) -> Visit:
    found = visit or Visit(school="s", planned=DAY)
    for event in events:
        found = step(found, event)
    return found


def close(finding: str = "t1", *, closed: bool = True, day: date = DAY) -> Resolve:
    return Resolve(Turn(finding=finding, closed=closed, day=day, by="truc", reason="đã sửa"))


def test_both_sides_confirm_and_findings_decide_when_it_is_closed() -> None:
    visit = run(Begin(Known(at=AT, plan="3")), Fill(PAPER, done=True), BOTH[0])
    assert visit.step is Step.FILLED
    visit = run(BOTH[1], visit=visit)
    assert visit.step is Step.CONFIRMED
    assert visit.late_findings(date(2026, 12, 1)) == ()
    assert visit.late_findings(date(2026, 12, 2)) == (FINDING,)
    visit = run(close(), visit=visit)
    assert visit.step is Step.CLOSED
    visit = run(close(closed=False), visit=visit)
    assert (visit.step, visit.open_findings) == (Step.CONFIRMED, (FINDING,))
    assert run(Fill(Paper(), done=True), *BOTH).step is Step.CLOSED


def test_a_confirmed_paper_is_never_changed_only_followed_by_one_that_says_so() -> None:
    visit = run(Fill(PAPER, done=True), *BOTH)
    with pytest.raises(WrongStepError, match="corrected, not changed"):
        step(visit, Fill(Paper(), done=True))
    visit = step(visit, CORRECT)
    assert (visit.step, visit.signed, visit.corrections) == (
        Step.FILLED,
        None,
        (CORRECT.correction,),
    )


def test_a_confirmation_is_of_the_paper_that_it_was_given_to() -> None:
    visit = run(Fill(PAPER, done=True), BOTH[0])
    assert step(visit, Fill(PAPER, done=True)) == visit
    assert step(visit, Fill(Paper(), done=True)).signed is None
    assert step(visit, Fill(PAPER, done=False)).signed is None


def test_a_finding_is_closed_and_opened_in_turn_only() -> None:
    visit = run(Fill(PAPER, done=True), *BOTH)
    with pytest.raises(WrongStepError, match="no finding"):
        step(visit, close("t2"))
    with pytest.raises(WrongStepError, match="is so already"):
        step(visit, close(closed=False))
    with pytest.raises(WrongStepError, match="is so already"):
        run(close(), close(), visit=visit)


EVENTS = st.one_of(
    st.just(Begin(Known(at=AT, plan="3"))),
    st.builds(
        Fill,
        st.sampled_from((Paper(), PAPER, Paper(findings=(FINDING, replace(FINDING, id="t2"))))),
        st.booleans(),
    ),
    st.sampled_from(BOTH),
    st.just(CORRECT),
    st.builds(
        lambda finding, closed: close(finding, closed=closed),
        st.sampled_from(("t1", "t2")),
        st.booleans(),
    ),
)


@given(st.lists(EVENTS, max_size=25))
def test_whatever_happens_what_was_confirmed_stands(events: list[Event]) -> None:
    visit = Visit(school="s", planned=DAY)
    for event in events:
        before = visit
        try:
            visit = step(visit, event)
        except WrongStepError:
            continue
        settled = before.step in {Step.CONFIRMED, Step.CLOSED}
        assert visit.paper == before.paper or not settled
        assert visit.signed == before.signed or not settled or isinstance(event, Correct)
        assert visit.turns[: len(before.turns)] == before.turns
        assert visit.corrections[: len(before.corrections)] == before.corrections
        both = set(visit.signed or {}) == set(Side)
        assert both == (visit.step in {Step.CONFIRMED, Step.CLOSED})
        assert (visit.step is Step.CLOSED) == (both and not visit.open_findings)


def by_oracle(days: list[tuple[date, bool | None]], asked: int, after: date) -> date | None:
    """Look at each day by itself: are the last ``asked`` days that count all good ones?"""
    for last, _ in days:
        counting = [w for d, w in days if after < d <= last and w is not None]
        if len(counting) >= asked and all(counting[-asked:]):
            return last
    return None


@given(
    st.lists(st.sampled_from((True, True, False, None)), max_size=40),
    st.integers(1, 6),
    st.integers(-2, 10),
)
def test_a_camera_has_healed_after_so_many_good_days_in_a_row(
    watched: list[bool | None], asked: int, passed: int
) -> None:
    days = [(DAY + timedelta(days=i), w) for i, w in enumerate(watched)]
    after = DAY + timedelta(days=passed)
    assert healed_on(days, asked, after=after) == by_oracle(days, asked, after)


def test_healthy_days_count_from_when_it_was_confirmed_or_opened_again() -> None:
    signed = replace(SIGNED, at=datetime(2026, 11, 25, 18, tzinfo=UTC))  # the 26th in Viet Nam
    visit = run(
        Fill(PAPER, done=True), Confirm(Side.INSPECTOR, SIGNED), Confirm(Side.SCHOOL, signed)
    )
    assert healing_since(visit, FINDING) == date(2026, 11, 26)
    visit = run(close(), close(closed=False, day=date(2026, 12, 3)), visit=visit)
    assert healing_since(visit, FINDING) == date(2026, 12, 3)
