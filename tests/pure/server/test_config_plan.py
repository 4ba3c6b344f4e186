"""The plan's file: what it means, and each mistake with its message."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from server.config import ConfigError, load_plan
from server.domain.calendar import DayWindow, SchoolHours
from server.domain.citation import Citation, Force
from server.domain.duties import DueDay
from server.domain.plan import (
    ALWAYS_FORBIDDEN,
    Advice,
    MeasuredOver,
    Plan,
    Requirement,
    ZoneKind,
)
from server.domain.schoolyear import EVERY_WEEK, DayOffKind, SchoolCalendar, windows_on
from tests.pure.server.mistakes import BAD, CONFIGS, mistakes, told, wanted


def read(name: str) -> Plan:
    return load_plan(BAD / f"{name}.yaml")


@pytest.mark.parametrize("name", mistakes("plan"))
def test_each_mistake_is_named_with_file_line_key_and_reason(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(name)
    assert told(caught.value) == wanted(name)


def write(folder: Path, text: str) -> Path:
    file = folder / "plan.yaml"
    file.write_text("schema: vonggac.plan/1\n" + text, encoding="utf-8")
    return file


LEAST: Final = """
plan: {id: kh, title: Kế hoạch, version: "1"}
sources: {xa: {kind: commune_plan, ref: Quyết định}}
zones: {cong_truong: {vi: Cổng trường, en: Gate}}
"""
XA: Final = Citation(id="xa", kind="commune_plan", ref="Quyết định")


def test_the_least_plan_leaves_everything_open(tmp_path: Path) -> None:
    assert load_plan(write(tmp_path, LEAST)) == Plan(
        id="kh",
        title="Kế hoạch",
        version="1",
        zones={"cong_truong": ZoneKind(id="cong_truong", vi="Cổng trường", en="Gate")},
        requirements={},
        school_hours={},
        calendar=SchoolCalendar(),
        sources={"xa": XA},
    )


def test_unset_is_none_wherever_it_stands(tmp_path: Path) -> None:
    text = """
plan: {id: kh, title: Kế hoạch, version: "1", issued_by: unset, document_no: "unset",
  issued_on: unset, effective: unset}
sources: {xa: {kind: commune_plan, ref: Quyết định}}
zones: {cong_truong: {vi: Cổng trường, en: Gate}}
camera_requirements: {tieu_hoc: {cong_truong: {required: unset, min_cameras: unset}}}
uptime: {required_percent: unset, measured_over: unset}
calendar:
  timezone: Asia/Ho_Chi_Minh
  sessions: {tieu_hoc: {days: unset, windows: unset}}
"""
    nothing = Requirement(kind="cong_truong", required=None, min_cameras=None, source=None)
    assert load_plan(write(tmp_path, text)) == replace(
        load_plan(write(tmp_path, LEAST)),
        requirements={"tieu_hoc": {"cong_truong": nothing}},
        school_hours={"tieu_hoc": None},
    )


@pytest.mark.parametrize(
    "text",
    [
        "camera_requirements: unset",
        "camera_requirements: {thpt: unset}",
        "camera_requirements: {thpt: {cong_truong: unset}}",
        "camera_requirements: {thpt: {cong_truong: {source: unset}}}",
        "uptime: unset",
        "uptime: {source: unset}",
        "calendar: unset",
        "calendar: {timezone: Asia/Ho_Chi_Minh, sessions: unset}",
        "calendar: {timezone: Asia/Ho_Chi_Minh, sessions: {thpt: unset}}",
    ],
)
def test_a_whole_part_may_be_unset(tmp_path: Path, text: str) -> None:
    found = load_plan(write(tmp_path, LEAST + text + "\n"))
    assert found.required_cameras("thpt", "cong_truong") is None
    assert found.hours("thpt") is None
    assert found.uptime_required_percent is None


def test_an_unset_source_is_no_source(tmp_path: Path) -> None:
    text = "camera_requirements: {thpt: {cong_truong: {min_cameras: 1, source: unset}}}\n"
    with pytest.raises(ConfigError, match="a value needs its source beside it"):
        load_plan(write(tmp_path, LEAST + text))


def test_a_number_keeps_its_source_and_its_note(tmp_path: Path) -> None:
    text = """
camera_requirements:
  mam_non: &all
    cong_truong: {required: true, min_cameras: 2, source: {id: xa, note: mục 1},
      advice: {min_cameras: 3, why: thường gặp}}
  thcs: *all
forbidden_zones: [phong_ngu]
uptime: {required_percent: 97.5, measured_over: always, source: {id: xa}}
calendar:
  timezone: Asia/Ho_Chi_Minh
  sessions:
    mam_non: {days: [CN, T2], windows: ["00:00-24:00"], source: {id: xa}}
"""
    found = load_plan(write(tmp_path, LEAST + text))
    noted = replace(XA, note="mục 1")
    asked = Requirement(
        kind="cong_truong",
        required=True,
        min_cameras=2,
        source=noted,
        advice=Advice(min_cameras=3, why="thường gặp"),
    )
    assert found.requirements == {
        "mam_non": {"cong_truong": asked},
        "thcs": {"cong_truong": asked},
    }
    assert (found.uptime_required_percent, found.uptime_source) == (97.5, XA)
    assert found.measured_over is MeasuredOver.ALWAYS
    assert found.hours("mam_non") == SchoolHours(days=(0, 6), windows=(DayWindow(0, 1440),))
    assert found.school_hours_source == {"mam_non": XA}
    assert found.hours("thpt") is None
    assert found.forbidden_zones == ALWAYS_FORBIDDEN | {"phong_ngu"}
    assert found.required_cameras("thcs", "cong_truong") == 2
    assert found.required_cameras("thcs", "bep_an") is None
    assert found.required_cameras("thpt", "cong_truong") is None


def test_days_are_read_with_and_without_quotes(tmp_path: Path) -> None:
    head = 'version: "1", issued_on: "2026-08-15", effective: {from: 2026-09-01, to: unset}}'
    found = load_plan(write(tmp_path, LEAST.replace('version: "1"}', head)))
    assert found.issued_on == date(2026, 8, 15)
    assert (found.effective_from, found.effective_to) == (date(2026, 9, 1), None)


def test_the_example_shows_numbers_with_sources_beside_what_is_unset() -> None:
    found = load_plan(CONFIGS / "plan.example.yaml")
    all_asked = [r for kind in found.requirements.values() for r in kind.values()]
    assert any(r.min_cameras for r in all_asked)
    assert any(r.min_cameras is None for r in all_asked)
    assert all(r.source for r in all_asked if r.min_cameras or r.required is not None)
    assert found.hours("tieu_hoc") == SchoolHours(
        days=(0, 1, 2, 3, 4), windows=(DayWindow(390, 690), DayWindow(810, 1020))
    )
    assert found.hours("thpt") is None
    assert found.uptime_required_percent is None


def test_windows_may_touch_and_a_plan_may_hold_for_a_day(tmp_path: Path) -> None:
    head = 'version: "1", effective: {from: 2026-09-01, to: 2026-09-01}}'
    text = """
calendar:
  timezone: Asia/Ho_Chi_Minh
  sessions:
    thcs: {days: [T7], windows: ["07:05-11:30", "11:30 – 13:59"], source: {id: xa}}
"""
    found = load_plan(write(tmp_path, LEAST.replace('version: "1"}', head) + text))
    assert found.effective_from == found.effective_to
    assert found.hours("thcs") == SchoolHours(
        days=(5,), windows=(DayWindow(425, 690), DayWindow(690, 839))
    )


# ---------------------------------------------------------------- the whole file
EXAMPLE: Final = load_plan(CONFIGS / "plan.example.yaml")


def test_a_kind_of_school_inherits_another_one_s_requirements_and_hours() -> None:
    assert EXAMPLE.requirements["nhom_tre_doc_lap"] == EXAMPLE.requirements["mam_non"]
    assert EXAMPLE.hours("nhom_tre_doc_lap") == EXAMPLE.hours("mam_non")
    assert EXAMPLE.required_cameras("lien_cap", "san_truong", ("tieu_hoc", "thcs")) == 1
    assert EXAMPLE.hours("lien_cap", ("tieu_hoc",)) == EXAMPLE.hours("tieu_hoc")
    assert EXAMPLE.hours("lien_cap", ("tieu_hoc", "thcs")) is None  # one of them is unset


def test_own_words_beat_what_is_inherited(tmp_path: Path) -> None:
    text = """
camera_requirements:
  mam_non: {cong_truong: {required: true, min_cameras: 2, source: {id: xa}}}
  nhom_tre_doc_lap:
    inherits: mam_non
    source: {id: xa}
    cong_truong: {required: true, min_cameras: 1, source: {id: xa}}
"""
    found = load_plan(write(tmp_path, LEAST + text))
    assert found.required_cameras("nhom_tre_doc_lap", "cong_truong") == 1


def test_hours_of_several_levels_are_told_only_where_they_can_be(tmp_path: Path) -> None:
    text = """
camera_requirements: {lien_cap: {inherits_each_level: true}}
calendar:
  timezone: Asia/Ho_Chi_Minh
  sessions:
    tieu_hoc: {days: [T2, T3], windows: ["06:30-11:00", "13:30-16:30"], source: {id: xa}}
    thcs: {days: [T2, T3], windows: ["07:00-11:30", "16:30-17:00"], source: {id: xa}}
    thpt: {days: [T2, T3, T4], windows: ["07:00-11:30"], source: {id: xa}}
"""
    found = load_plan(write(tmp_path, LEAST + text))
    assert found.hours("lien_cap", ("tieu_hoc", "thcs")) == SchoolHours(
        days=(0, 1), windows=(DayWindow(390, 690), DayWindow(810, 1020))
    )
    assert found.hours("lien_cap", ("thcs", "thpt")) is None  # their weekdays differ
    assert found.hours("lien_cap") is None


def test_school_years_end_on_the_day_before_the_one_that_is_named() -> None:
    (year,) = EXAMPLE.calendar.known_years
    assert (year.first, year.term1_last, year.last) == (
        date(2026, 9, 5),
        date(2027, 1, 16),
        date(2027, 5, 31),
    )
    assert EXAMPLE.open_years == ("2027-2028",)


def test_public_holidays_of_each_touched_calendar_year_come_by_name() -> None:
    found = EXAMPLE.calendar.holidays
    assert found[date(2027, 2, 6)] == "Tết Nguyên Đán"
    assert found[date(2026, 9, 2)] == "Quốc khánh"
    assert {day.year for day in found} == {2026, 2027}


@pytest.mark.parametrize(
    ("day", "windows"),
    [
        (date(2026, 11, 23), ((390, 690), (810, 1020))),
        (date(2027, 2, 11), ()),  # the school's own Tet days
        (date(2027, 2, 6), ()),
        (date(2027, 2, 20), ((390, 690),)),  # a make-up Saturday
        (date(2027, 2, 27), ()),
        (date(2027, 4, 30), ()),
        (date(2027, 7, 1), ()),
        (date(2027, 9, 6), None),  # the next school year is not set yet
    ],
)
def test_a_year_of_the_example(day: date, windows: tuple[tuple[int, int], ...] | None) -> None:
    hours = EXAMPLE.hours("tieu_hoc")
    assert windows_on(EXAMPLE.calendar, hours, day, school="x") == windows


def test_a_file_without_a_school_year_says_nothing_of_any_weekday(tmp_path: Path) -> None:
    text = """
calendar:
  timezone: Asia/Ho_Chi_Minh
  sessions: {thcs: {days: [T2], windows: ["07:00-11:00"], source: {id: xa}}}
"""
    found = load_plan(write(tmp_path, LEAST + text))
    monday = date(2026, 11, 23)
    assert windows_on(found.calendar, found.hours("thcs"), monday, school="x") is None
    weekly = load_plan(
        write(tmp_path, LEAST + text.replace("  sessions", "  school_year: every_week\n  sessions"))
    )
    assert weekly.calendar.years is EVERY_WEEK
    assert windows_on(weekly.calendar, weekly.hours("thcs"), monday, school="x") == ((420, 660),)


def test_what_a_plan_asks_of_pictures_people_and_papers() -> None:
    gate = EXAMPLE.requirement("mam_non", "cong_truong")
    assert gate is not None
    assert gate.picture is not None
    assert (gate.picture.min_width, gate.picture.min_height, gate.picture.min_fps) == (
        1280,
        720,
        None,
    )
    assert (EXAMPLE.guards.per_gate, EXAMPLE.guards.training_every_months) == (1, 12)
    duties = {duty.id: duty for duty in EXAMPLE.documents}
    assert duties["so_ket"].due == DueDay(month=5, day=31)
    assert (duties["tong_ket"].every_months, duties["tong_ket"].due) == (60, None)
    assert EXAMPLE.retention.recordings.value is None
    assert EXAMPLE.retention.recordings.advice == 30
    assert EXAMPLE.alert_after_s.value == 90
    assert EXAMPLE.criteria_set() is None
    tt124 = EXAMPLE.criteria_sets[1]
    assert tt124.of("mam_non") == ()
    assert len(tt124.of("thcs")) == 6
    tt23 = EXAMPLE.criteria_sets[0]
    assert "cam_ket" not in {c.id for c in tt23.of("tieu_hoc")}
    assert "cam_ket" in {c.id for c in tt23.of("thpt")}


def test_causes_that_still_count_are_those_that_the_plan_names(tmp_path: Path) -> None:
    text = "counts_degraded: {causes: [stream.lossy, picture.blurred], source: {id: xa}}\n"
    found = load_plan(write(tmp_path, LEAST + text))
    assert found.counts_degraded == {"stream.lossy", "picture.blurred"}
    assert EXAMPLE.counts_degraded == frozenset()


def test_a_day_of_every_year_is_due_in_each_of_them() -> None:
    leap = DueDay(month=2, day=29)
    assert list(leap.within(date(2027, 1, 1), date(2028, 12, 31))) == [
        date(2027, 2, 28),
        date(2028, 2, 29),
    ]
    once = DueDay(year=2027, month=5, day=31)
    assert list(once.within(date(2026, 9, 1), date(2029, 8, 31))) == [date(2027, 5, 31)]
    assert list(once.within(date(2027, 6, 1), date(2029, 8, 31))) == []


YEAR: Final = """
calendar:
  timezone: Asia/Ho_Chi_Minh
  school_year:
    - {year: "2026-2027", starts: 2026-09-05, ends_before: 2027-06-01, source: {id: xa}}
"""


@pytest.mark.parametrize(
    ("holidays", "off", "unsure"),
    [
        ("", False, True),
        ("  holidays: unset\n", False, True),
        ("  holidays: {from: unset}\n", False, True),
        ("  holidays: {from: none}\n", False, False),
        ('  holidays: {from: "package holidays, country VN"}\n', True, False),
    ],
)
def test_public_holidays_are_off_only_where_the_plan_says_so(
    tmp_path: Path, holidays: str, *, off: bool, unsure: bool
) -> None:
    found = load_plan(write(tmp_path, LEAST + YEAR + holidays)).calendar
    tet = date(2027, 2, 6)
    assert (tet in found.holidays, tet in found.unsure_holidays) == (off, unsure)


def test_days_off_may_name_their_schools(tmp_path: Path) -> None:
    text = """  holidays:
    from: none
    extra: [{first: 2026-11-23, vi: Hội trường, schools: [th-a, th-b], source: {id: xa}}]
"""
    (entry,) = load_plan(write(tmp_path, LEAST + YEAR + text)).calendar.days_off
    assert (entry.schools, entry.windows) == (("th-a", "th-b"), None)
    assert entry.kind is DayOffKind.LOCAL


def test_a_source_says_whether_it_is_in_force_and_a_picture_may_ask_nothing(
    tmp_path: Path,
) -> None:
    text = (
        LEAST.replace("ref: Quyết định", "ref: Quyết định, in_force: false")
        + """
camera_requirements:
  thcs: {cong_truong: {required: unset, picture: {min_width: unset, source: {id: xa}}}}
"""
    )
    found = load_plan(write(tmp_path, text))
    assert found.sources["xa"].in_force is Force.NO
    gate = found.requirement("thcs", "cong_truong")
    assert gate is not None
    assert gate.picture is None
