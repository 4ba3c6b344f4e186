"""A plan line by line: what is open, what differs, what somebody should look at."""

from dataclasses import replace
from datetime import date
from typing import Final

import pytest

from server.config import load_plan
from server.domain.citation import Citation, Force, Standing
from server.domain.plan import Plan, Requirement, ZoneKind
from server.domain.planfacts import Topic, differences, facts, open_facts
from server.domain.planwarnings import WarningKind, warnings
from server.domain.schoolyear import EVERY_WEEK, DayOff, SchoolCalendar
from server.domain.units import Camera, School, Source, Zone
from server.planning.impact import MisfitWhy, misfits, strangers, zone_changes
from server.texts.plans import fact_label, fact_value, warning_text
from server.texts.tongue import load
from tests.pure.server.mistakes import CONFIGS

EXAMPLE: Final = load_plan(CONFIGS / "plan.example.yaml")
TODAY: Final = date(2026, 11, 22)


def test_each_line_of_the_example_has_a_key_of_its_own() -> None:
    keys = [fact.key for fact in facts(EXAMPLE)]
    assert len(keys) == len(set(keys))
    assert {fact.topic for fact in facts(EXAMPLE)} == set(Topic)


def test_everything_that_has_a_number_has_a_source() -> None:
    free = {"title", "version", "from", "to", "measured_over", "confirmed_by", "issued_by"}
    for fact in facts(EXAMPLE):
        if fact.value is not None and fact.field not in free:
            assert fact.source is not None, fact.key


def test_what_is_unset_is_listed_and_what_needs_no_word_is_not() -> None:
    still_open = {fact.key for fact in open_facts(EXAMPLE)}
    assert "camera_requirements.mam_non.san_choi.min_cameras" in still_open
    assert "calendar.school_year.2027-2028.first" in still_open
    assert "active_criteria_set" in still_open
    assert "plan.effective.to" not in still_open
    assert "guards.minimum.per_shift" not in still_open  # guards are counted by gate
    assert all(fact.value is None for fact in open_facts(EXAMPLE))


def test_what_a_plan_does_not_ask_needs_no_number_and_open_holidays_do() -> None:
    gate = replace(EXAMPLE.requirements["thcs"]["cong_truong"], required=False, min_cameras=None)
    holidays = EXAMPLE.calendar.holidays
    plan = replace(
        EXAMPLE,
        requirements={"thcs": {"cong_truong": gate}},
        calendar=replace(EXAMPLE.calendar, holidays={}, unsure_holidays=holidays),
    )
    still_open = {fact.key for fact in open_facts(plan)}
    assert "camera_requirements.thcs.cong_truong.min_cameras" not in still_open
    assert "calendar.holidays.from" in still_open
    assert "calendar.holidays.from" not in {fact.key for fact in open_facts(EXAMPLE)}


@pytest.mark.parametrize("code", ["vi", "en"])
def test_every_line_has_words_in_both_languages(code: str) -> None:
    tongue = load(code)
    for fact in facts(EXAMPLE):
        label, value = fact_label(tongue, EXAMPLE, fact), fact_value(tongue, EXAMPLE, fact)
        assert label, fact
        assert value, fact
        assert not {".", "_"} & set(label), label
        assert "_" not in value, value


def test_two_versions_differ_in_what_was_changed_and_nothing_else() -> None:
    gate = EXAMPLE.requirements["thcs"]["cong_truong"]
    asked = {**EXAMPLE.requirements["thcs"], "cong_truong": replace(gate, min_cameras=3)}
    newer = replace(
        EXAMPLE, version="2", requirements={**EXAMPLE.requirements, "thcs": asked}, documents=()
    )
    found = {d.fact.key: (d.before, d.after) for d in differences(EXAMPLE, newer)}
    before, after = found["camera_requirements.thcs.cong_truong.min_cameras"]
    assert before is not None
    assert after is not None
    assert (before.value, after.value) == (1, 3)
    assert found["documents.so_ket.due"][1] is None
    assert "documents.dang_ky.due" not in found  # unset before, gone now: the same
    assert not differences(EXAMPLE, EXAMPLE)


def test_another_source_of_the_same_number_is_a_difference() -> None:
    other = Citation(id="p", kind="province_plan", ref="Kế hoạch của tỉnh")
    gate = replace(EXAMPLE.requirements["thcs"]["cong_truong"], source=other)
    asked = {**EXAMPLE.requirements["thcs"], "cong_truong": gate}
    newer = replace(EXAMPLE, requirements={**EXAMPLE.requirements, "thcs": asked})
    assert "camera_requirements.thcs.cong_truong.min_cameras" in {
        d.fact.key for d in differences(EXAMPLE, newer)
    }


# ---------------------------------------------------------------- what to look at
def kinds(plan: Plan, day: date = TODAY) -> set[WarningKind]:
    return {warning.kind for warning in warnings(plan, day)}


def test_a_replaced_law_names_what_stands_in_its_place() -> None:
    found = next(w for w in warnings(EXAMPLE, TODAY) if w.kind is WarningKind.SOURCE_ENDED)
    assert found.source is not None
    assert found.successor is not None
    assert (found.source.id, found.successor.id) == ("tt23", "tt124")
    assert warning_text(load("vi"), found) == (
        "Thông tư 23/2012/TT-BCA, Điều 8 đã hết hiệu lực. Đã được thay thế từ ngày 10/02/2022 bằng"
        " Thông tư 124/2021/TT-BCA, sửa đổi bởi Thông tư 48/2025/TT-BCA."
    )


def test_a_source_that_nothing_cites_warns_of_nothing() -> None:
    unused = replace(EXAMPLE, criteria_sets=())
    assert kinds(unused) == set()


def test_a_plan_warns_before_it_begins_and_after_it_ends() -> None:
    ended = replace(EXAMPLE, effective_to=date(2026, 11, 21))
    assert WarningKind.PLAN_ENDED in kinds(ended)
    assert WarningKind.PLAN_ENDED not in kinds(ended, date(2026, 11, 21))
    assert WarningKind.PLAN_NOT_YET in kinds(EXAMPLE, date(2026, 8, 31))
    assert WarningKind.PLAN_NOT_YET not in kinds(EXAMPLE, date(2026, 9, 1))


def test_a_school_year_that_is_over_may_rest_on_a_decision_that_is_over() -> None:
    decision = Citation(id="khung", kind="moet_decision", ref="Quyết định", in_force=Force.NO)
    year = replace(EXAMPLE.calendar.known_years[0], source=decision)
    plan = replace(EXAMPLE, calendar=replace(EXAMPLE.calendar, years=(year,)), criteria_sets=())
    assert WarningKind.SOURCE_ENDED in kinds(plan, year.last)
    assert WarningKind.SOURCE_ENDED not in kinds(plan, date(2027, 6, 1))


def test_a_calendar_that_ends_soon_is_asked_for_in_time() -> None:
    assert WarningKind.CALENDAR_ENDS not in kinds(EXAMPLE, date(2027, 4, 30))
    assert WarningKind.CALENDAR_ENDS in kinds(EXAMPLE, date(2027, 5, 15))
    assert WarningKind.CALENDAR_ENDS in kinds(replace(EXAMPLE, calendar=SchoolCalendar()))
    every = replace(EXAMPLE, calendar=SchoolCalendar(years=EVERY_WEEK))
    assert WarningKind.CALENDAR_ENDS not in kinds(every)


@pytest.mark.parametrize(
    ("source", "standing"),
    [
        ({}, Standing.IN_FORCE),
        ({"since": date(2026, 11, 22)}, Standing.IN_FORCE),
        ({"since": date(2026, 11, 23)}, Standing.NOT_YET),
        ({"until": date(2026, 11, 22)}, Standing.ENDED),
        ({"until": date(2026, 11, 23)}, Standing.IN_FORCE),
        ({"in_force": Force.NO}, Standing.ENDED),
        ({"in_force": Force.NO, "until": date(2026, 11, 23)}, Standing.IN_FORCE),
        ({"in_force": Force.CHECK}, Standing.TO_CHECK),
    ],
)
def test_what_a_source_is_worth_on_a_day(source: dict[str, date], standing: Standing) -> None:
    base = Citation(id="x", kind="law", ref="x")
    assert replace(base, **source).standing(TODAY) is standing  # type: ignore[arg-type]


# ---------------------------------------------------------------- schools under a version
def school(*zones: str, watched: bool = True) -> School:
    return School(
        id="a",
        name="Trường A",
        kind="thcs",
        unit="xa",
        zones=tuple(Zone(id=f"a-{z}", name=z, kind=z) for z in zones),
        cameras=tuple(
            Camera(id=f"c-{z}", name=z, zone=f"a-{z}", sources=(Source("may", f"c-{z}"),))
            for z in zones
            if watched
        ),
    )


def test_places_that_are_scored_otherwise_are_named() -> None:
    gate = replace(EXAMPLE.requirements["thcs"]["cong_truong"], min_cameras=2)
    floor = replace(EXAMPLE.requirements["thcs"]["hanh_lang"], required=True, min_cameras=1)
    newer = replace(EXAMPLE, requirements={"thcs": {"cong_truong": gate, "hanh_lang": floor}})
    one = school("cong_truong", "san_truong", "hanh_lang", "nha_xe")
    changes = zone_changes([one], EXAMPLE, newer)
    assert [(c.zone.kind, c.before, c.after) for c in changes] == [
        ("cong_truong", 1, 2),
        ("san_truong", 1, None),
        ("hanh_lang", None, 1),
    ]
    assert [(c.before, c.after) for c in zone_changes([one], None, EXAMPLE)] == [
        (None, 1),
        (None, 1),
    ]


def test_places_that_a_version_forbids_or_does_not_know_are_named() -> None:
    narrow = replace(
        EXAMPLE,
        zones={"cong_truong": ZoneKind(id="cong_truong", vi="Cổng")},
        forbidden_zones=EXAMPLE.forbidden_zones | {"nha_xe"},
    )
    one = school("cong_truong", "san_truong", "nha_xe")
    assert [(m.zone.kind, m.why) for m in misfits([one], narrow)] == [
        ("san_truong", MisfitWhy.UNKNOWN_KIND),
        ("nha_xe", MisfitWhy.FORBIDDEN),
    ]
    bare = school("nha_xe", watched=False)
    assert [m.why for m in misfits([bare], narrow)] == [MisfitWhy.UNKNOWN_KIND]


def test_schools_that_only_a_calendar_knows_are_named() -> None:
    entry = DayOff(
        first=TODAY, last=TODAY, reason="Hội trường", schools=("a", "truong-khac", "truong-khac")
    )
    plan = replace(EXAMPLE, calendar=replace(EXAMPLE.calendar, days_off=(entry, entry)))
    assert strangers([school()], plan) == ("truong-khac",)
    assert strangers([school()], EXAMPLE) == ()


# ---------------------------------------------------------------- several levels
def test_a_school_of_several_levels_is_asked_the_most_that_a_level_is_asked() -> None:
    def asked(number: int | None, *, required: bool | None = True) -> Requirement:
        said = Citation(id="x", kind="commune_plan", ref="x")
        return Requirement(kind="cong_truong", required=required, min_cameras=number, source=said)

    plan = replace(
        EXAMPLE,
        requirements={
            "tieu_hoc": {"cong_truong": asked(1), "san_truong": asked(2)},
            "thcs": {"cong_truong": asked(3)},
            "thpt": {"cong_truong": asked(None, required=False)},
            "lien_cap": {},
        },
    )
    levels = ("tieu_hoc", "thcs", "thpt")
    assert plan.required_cameras("lien_cap", "cong_truong", levels) == 3
    assert plan.required_cameras("lien_cap", "san_truong", levels) == 2
    assert plan.required_cameras("lien_cap", "cong_truong", ("thpt",)) is None
    assert plan.required_cameras("lien_cap", "cong_truong") is None
    assert plan.required_cameras("tieu_hoc", "cong_truong", levels) == 1
