"""The organisation's file: what it means, and each mistake with its message."""

from datetime import date
from pathlib import Path
from typing import Final

import pytest

from server.config import ConfigError, load_plan, load_units
from server.domain.plan import Plan
from server.domain.units import Camera, Organisation, Source
from tests.pure.server.mistakes import BAD, CONFIGS, mistakes, told, wanted

PLAN: Final = load_plan(CONFIGS / "plan.example.yaml")


def _units(path: Path, *, plan: Plan | None = None) -> Organisation:
    return load_units(path, plan=plan).on(date.max)


def read(name: str) -> Organisation:
    return _units(BAD / f"{name}.yaml", plan=PLAN)


@pytest.mark.parametrize("name", mistakes("units"))
def test_each_mistake_is_named_with_file_line_key_and_reason(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(name)
    assert told(caught.value) == wanted(name)


def test_the_example_says_what_stands_where() -> None:
    found = _units(CONFIGS / "units.example.yaml", plan=PLAN)
    assert [s.id for s in found.schools] == ["thvq", "mnhs", "thcsvq"]
    told = found.camera("c2-thcsvq-xe-1")
    assert told is not None
    school, camera = told
    assert school.id == "thcsvq"
    assert camera.sources == (
        Source("c2-thcsvq-chinh", "c2-thcsvq-xe-1"),
        Source("c2-thcsvq-phu", "nha-xe"),
    )
    agent = found.agent("c1-thvq-cong")
    assert agent is not None
    assert agent[1].gates == ("thvq-cong-chinh",)
    assert found.units[1].parent == "tinh-mau"


def test_each_zone_of_the_example_has_a_camera_and_its_plan_knows_its_school() -> None:
    found = _units(CONFIGS / "units.example.yaml", plan=PLAN)
    for school in found.schools:
        assert {c.zone for c in school.cameras} == {z.id for z in school.zones}
        assert school.kind in PLAN.requirements


def write(folder: Path, text: str) -> Path:
    file = folder / "units.yaml"
    file.write_text("schema: vonggac.units/1\n" + text, encoding="utf-8")
    return file


def test_without_a_plan_any_kind_of_zone_is_taken_but_no_camera_where_it_is_forbidden() -> None:
    found = _units(BAD / "units-unknown-zone-kind.yaml")
    assert found.schools[0].zones[0].kind == "cong_truogn"
    with pytest.raises(ConfigError, match="no camera may be in a zone of kind 'nha_ve_sinh'"):
        _units(BAD / "units-forbidden-zone.yaml")


def test_a_unit_may_stand_before_its_parent(tmp_path: Path) -> None:
    found = _units(
        write(
            tmp_path,
            "units: [{id: a, name: A, level: xa, parent: b}, {id: b, name: B, level: tinh}]\n",
        )
    )
    assert [(u.id, u.parent) for u in found.units] == [("b", None), ("a", "b")]
    assert found.schools == ()


def test_names_are_put_into_one_unicode_form(tmp_path: Path) -> None:
    decomposed = "Xa\N{COMBINING TILDE}"
    found = _units(write(tmp_path, f"units: [{{id: a, name: {decomposed}, level: xa}}]\n"))
    assert found.units[0].name == "Xã"


def test_a_forbidden_place_may_be_declared_but_holds_no_camera(tmp_path: Path) -> None:
    found = _units(
        write(
            tmp_path,
            """units: [{id: a, name: A, level: xa}]
schools:
  - id: s
    name: S
    kind: thpt
    unit: a
    zones: [{id: wc, name: WC, kind: nha_ve_sinh}]
""",
        ),
        plan=PLAN,
    )
    assert found.schools[0].zones[0].kind == "nha_ve_sinh"


DATED: Final = """units:
  - {id: tinh, name: Tỉnh, level: tinh}
  - {id: huyen, name: Huyện, level: huyen, parent: tinh, to: 2025-06-30, merged_into: xa}
  - {id: xa, name: Xã, level: xa, parent: tinh, from: 2025-07-01}
schools:
  - id: truong
    name: Trường
    kind: lien_cap
    levels: [thcs, thpt]
    pupils: 900
    unit: xa
    before: [{to: 2025-06-30, unit: huyen, name: Trường cũ}]
    zones:
      - {id: cong, name: Cổng, kind: cong_truong}
      - {id: san, name: Sân, kind: san_truong, from: 2026-01-01}
    agents:
      - {id: cu, name: Máy cũ, to: 2026-03-31}
      - {id: moi, name: Máy mới, from: 2026-04-01}
    cameras:
      - id: cam
        name: Sân 1
        zone: san
        agent: moi
        before:
          - {to: 2025-12-31, name: Cổng 1, zone: cong, agents: [{agent: cu, camera: c1}]}
          - {to: 2026-03-31, agent: cu}
  - id: tan
    name: Tan
    kind: thcs
    unit: xa
    from: 2025-07-01
    to: 2026-05-31
    merged_into: truong
"""


def test_days_say_what_held_when(tmp_path: Path) -> None:
    found = load_units(write(tmp_path, DATED), plan=PLAN)
    before, turn, now = (found.on(date.fromisoformat(d)) for d in DAYS)
    assert [u.id for u in before.units] == ["tinh", "huyen"]
    assert [s.name for s in before.schools] == ["Trường cũ"]
    assert [(s.name, s.unit) for s in turn.schools] == [("Trường", "xa"), ("Tan", "xa")]
    assert [s.id for s in now.schools] == ["truong"]
    assert found.schools["tan"].merged_into == "truong"
    assert [(c.zone, c.name, c.sources) for c in (_cam(before), _cam(turn), _cam(now))] == [
        ("cong", "Cổng 1", (Source("cu", "c1"),)),
        ("san", "Sân 1", (Source("cu", "cam"),)),
        ("san", "Sân 1", (Source("moi", "cam"),)),
    ]
    assert now.schools[0].levels == ("thcs", "thpt")
    assert now.schools[0].pupils == 900


DAYS: Final = ("2025-06-30", "2026-01-01", "2026-06-01")


def _cam(organisation: Organisation) -> Camera:
    found = organisation.camera("cam")
    assert found is not None
    return found[1]
