"""The plan's file: what it means, and each mistake with its message."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import pytest

from server.config import ConfigError, load_plan
from server.domain.calendar import DayWindow, SchoolHours
from server.domain.citation import Citation
from server.domain.plan import (
    ALWAYS_FORBIDDEN,
    Advice,
    MeasuredOver,
    Plan,
    Requirement,
    ZoneKind,
)
from server.domain.schoolyear import SchoolCalendar
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
