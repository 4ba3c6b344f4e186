"""What a version would change, and what a page of one version shows."""

from dataclasses import replace
from datetime import date, timedelta

from server.config import load_plan
from server.domain.plan import Plan
from server.domain.planfacts import Topic
from server.domain.points import Met
from server.domain.schoolyear import SchoolCalendar
from server.web.pages.plan import plan_page
from server.web.pages.planimpact import Impact, impact, may_change
from tests.pure.server.mistakes import CONFIGS
from tests.pure.server.test_web_pages import FIRST, HOURS, NOW, look, plan, school
from wire.vocabulary import Cause, State

LOST = (State.DOWN, Cause.NETWORK_TIMEOUT)


def changed(after: Plan, *, past: bool = True, **told: object) -> Impact:
    survey = look(school("a"), school("b"), **told)  # type: ignore[arg-type]
    start = FIRST if past else None
    return impact(survey.setting, after, [(one, start) for one in survey.schools])


def test_a_larger_number_turns_red_what_has_too_few_cameras() -> None:
    found = changed(plan(needs={"cong_truong": 3, "san_truong": 1}))
    assert [(r.school.id, r.zone.id, r.turns_red) for r in found.rows] == [
        ("a", "cong", True),
        ("b", "cong", True),
    ]
    row = found.rows[0]
    assert (row.before.need, row.before.met, row.after.need, row.after.met) == (
        2,
        Met.MET,
        3,
        Met.NOT_MET,
    )
    assert (found.red, found.before.certain, found.after.certain) == (2, 4, 2)
    assert row.before.seconds is not None
    assert row.after.seconds is not None
    assert row.before.seconds.not_met == 0
    assert row.after.seconds.met == 0
    assert row.after.seconds.required == row.before.seconds.required


def test_what_was_red_before_does_not_turn_red() -> None:
    found = changed(plan(needs={"cong_truong": 3, "san_truong": 1}), trouble={"a1": [(1, *LOST)]})
    assert [(r.school.id, r.turns_red) for r in found.rows] == [("b", True), ("a", False)]


def test_a_place_that_becomes_scored_and_one_that_ceases_to_be_are_named() -> None:
    found = changed(plan(needs={"cong_truong": 2, "nha_xe": 1}))
    rows = {r.zone.id: r for r in found.rows if r.school.id == "a"}
    assert set(rows) == {"san", "xe"}
    assert (rows["xe"].before.met, rows["xe"].after.met) == (None, Met.MET)
    assert (rows["san"].before.met, rows["san"].after.met) == (Met.MET, None)
    assert found.red == 0


def test_other_hours_change_the_past_and_not_the_moment() -> None:
    monday_only = replace(HOURS, days=(0,))
    found = changed(plan(hours=monday_only), trouble={"a3": [(30, *LOST)]})
    assert {(r.before.met, r.after.met) for r in found.rows} <= {
        (Met.MET, Met.MET),
        (Met.NOT_MET, Met.NOT_MET),
    }
    assert found.rows
    assert changed(plan(hours=monday_only), past=False).rows == ()


def test_a_calendar_that_says_nothing_makes_the_past_untold_and_not_red() -> None:
    found = changed(replace(plan(), calendar=SchoolCalendar()))
    assert found.red == 0
    for row in found.rows:
        assert row.after.seconds is None
        assert row.after.met is Met.MET


def test_time_before_anybody_watched_counts_under_no_version() -> None:
    late = changed(plan(needs={"cong_truong": 2, "nha_xe": 1}), began=NOW - timedelta(days=3))
    early = changed(plan(needs={"cong_truong": 2, "nha_xe": 1}))
    seconds = [
        next(r.after.seconds for r in found.rows if r.zone.id == "xe") for found in (late, early)
    ]
    assert seconds[0] is not None
    assert seconds[1] is not None
    assert seconds[0].required < seconds[1].required


def test_a_share_that_is_newly_asked_for_turns_red_what_did_not_reach_it() -> None:
    trouble = {"a3": [(100, *LOST), (1, State.UP, None)]}
    found = changed(replace(plan(), uptime_required_percent=99.9), trouble=trouble)
    over = {(r.school.id, r.zone.id): (r.before.over, r.after.over) for r in found.rows}
    assert over["a", "san"] == (None, Met.NOT_MET)
    assert over["b", "san"] == (None, Met.MET)
    assert [(r.school.id, r.zone.id) for r in found.rows if r.turns_red] == [("a", "san")]
    assert found.red == 1
    untold = replace(plan(), uptime_required_percent=99.9, calendar=SchoolCalendar())
    assert changed(untold, trouble=trouble).red == 0


def test_schools_that_a_version_does_not_touch_are_known_beforehand() -> None:
    one = school("a")
    assert not may_change(plan(), replace(plan(), version="9", title="x"), one)
    assert may_change(plan(), plan(needs={"cong_truong": 3}), one)
    assert may_change(plan(), plan(hours=None), one)
    assert may_change(plan(), replace(plan(), calendar=SchoolCalendar()), one)
    assert may_change(plan(), replace(plan(), counts_degraded=frozenset({"stream.lossy"})), one)
    assert may_change(plan(), replace(plan(), uptime_required_percent=95), one)
    assert not may_change(plan(), plan(needs={"cong_truong": 3}), replace(one, kind="thpt"))


# ------------------------------------------------------------------ one version's page
def test_kinds_of_school_of_which_the_same_is_asked_stand_together() -> None:
    example = load_plan(CONFIGS / "plan.example.yaml")
    view = plan_page(example, None, date(2026, 11, 22))
    assert [group.kinds for group in view.cameras] == [
        ("mam_non", "nhom_tre_doc_lap"),
        ("tieu_hoc", "thcs", "thpt"),
        ("lien_cap",),
    ]
    assert view.cameras[2].each_level
    assert sum(len(found) for _, found in view.open) == view.open_count
    assert [topic for topic, _ in view.open] == [t for t in Topic if t in dict(view.open)]
    days = (*view.years, *view.hours, *view.days_off, *view.other_days)
    assert len({fact.key for fact in days}) == len(days)
