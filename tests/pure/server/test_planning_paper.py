"""A version's way: two people, no mistakes, and nothing changes once it is confirmed."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pytest

from server.planning.paper import (
    LARGEST_BYTES,
    Paper,
    PaperState,
    PlanningError,
    Refusal,
    confirmed,
    submitted,
    typed,
    withdrawn,
)

NOW = datetime(2026, 11, 22, tzinfo=UTC)
TEXT: Final = """
schema: vonggac.plan/1
plan: {id: kh, title: Kế hoạch, version: "1"}
sources: {xa: {kind: commune_plan, ref: Quyết định}}
zones: {cong_truong: {vi: Cổng trường}}
"""


def draft(text: str = TEXT, *, by: str = "an") -> Paper:
    return typed(Paper(text="", name="plan.yaml"), text, by=by)


def why(caught: pytest.ExceptionInfo[PlanningError]) -> Refusal:
    return caught.value.why


def test_one_types_and_another_confirms() -> None:
    done = confirmed(submitted(draft()), by="bình", at=NOW)
    assert done.state is PaperState.CONFIRMED
    assert (done.typed_by, done.confirmed_by, done.confirmed_at) == (("an",), "bình", NOW)


def test_whoever_typed_any_of_it_does_not_confirm_it() -> None:
    twice = submitted(typed(draft(), TEXT + "# sửa\n", by="bình"))
    assert twice.typed_by == ("an", "bình")
    for name in ("an", "bình"):
        with pytest.raises(PlanningError) as caught:
            confirmed(twice, by=name, at=NOW)
        assert why(caught) is Refusal.SAME_PERSON
    assert confirmed(twice, by="chi", at=NOW).confirmed_by == "chi"


def test_a_text_that_is_changed_after_it_was_handed_over_is_a_draft_again() -> None:
    again = typed(submitted(draft()), TEXT, by="an")
    with pytest.raises(PlanningError) as caught:
        confirmed(again, by="bình", at=NOW)
    assert why(caught) is Refusal.NOT_SUBMITTED


def test_a_text_with_a_mistake_is_kept_and_goes_no_further() -> None:
    wrong = draft(TEXT.replace("ref: Quyết định", "ref: ''"))
    with pytest.raises(PlanningError) as caught:
        submitted(wrong)
    assert why(caught) is Refusal.UNREADABLE
    assert caught.value.mistake is not None
    assert caught.value.mistake.line == 4


@pytest.mark.parametrize("end", [PaperState.CONFIRMED, PaperState.WITHDRAWN])
def test_what_is_confirmed_or_withdrawn_never_changes(end: PaperState) -> None:
    ready = submitted(draft())
    done = confirmed(ready, by="bình", at=NOW) if end is PaperState.CONFIRMED else withdrawn(ready)
    steps: tuple[Callable[[], Paper], ...] = (
        lambda: typed(done, TEXT, by="chi"),
        lambda: submitted(done),
        lambda: confirmed(done, by="chi", at=NOW),
        lambda: withdrawn(done),
    )
    for step in steps:
        with pytest.raises(PlanningError) as caught:
            step()
        assert why(caught) is Refusal.FIXED


def test_a_text_beyond_reason_is_refused() -> None:
    with pytest.raises(PlanningError) as caught:
        draft("#" * (LARGEST_BYTES + 1))
    assert why(caught) is Refusal.TOO_LARGE
