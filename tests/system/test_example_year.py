"""The example year, as its files stand, against its truth: equal to the second.

The year is loaded once, by the command of the README, into a folder of its own.
"""

import asyncio
import gzip
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest

from server.cli import main
from server.config import load
from server.domain.calendar import local_date
from server.inspecting.faultbook import load_faults
from server.storage import Store
from sim.year.commune import SCHOOLS
from sim.year.drama import make_drama
from sim.year.papers import joined, units_yaml, year_lines
from sim.year.totals import known_days, school_total

EXAMPLE = Path(__file__).parents[2] / "configs" / "example-year"
TRUTH: dict[str, Any] = json.loads((EXAMPLE / "truth.json").read_text("utf-8"))
YEAR: dict[str, Any] = TRUTH["periods"]["nam-hoc"]
PROVINCE = "tinh-vi-du"
SECONDS = ("met", "not_met", "cannot_tell")
UPTIME = ("up", "degraded", "down", "unknown", "excluded")

Json = dict[str, Any]
Coverage = Callable[..., Json]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example's files beside a data folder of their own, with the year lived through."""
    folder = tmp_path_factory.mktemp("year") / "configs" / "example-year"
    shutil.copytree(EXAMPLE, folder)
    file = folder / "server.yaml"
    command = [sys.executable, "-m", "sim.year", "load", "--config", str(file)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr
    return file


@pytest.fixture
def coverage(config: Path, capsys: pytest.CaptureFixture[str]) -> Coverage:
    def ask(name: str, *whom: str) -> Json:
        period = TRUTH["periods"][name]
        days = ("--from", period["first"], "--to", period["last"])
        assert main(["coverage", "--config", str(config), *days, *whom, "--json"]) == 0
        told: Json = json.loads(capsys.readouterr().out)
        return told

    return ask


def test_the_files_are_what_the_seed_gives() -> None:
    drama = make_drama()
    assert (EXAMPLE / "units.yaml").read_text("utf-8") == units_yaml()
    packed = (EXAMPLE / "year.jsonl.gz").read_bytes()
    assert gzip.decompress(packed) == joined(year_lines(drama))
    some = [s for s in SCHOOLS if s.id in {"th-tran-phu", "thcs-ha-dong", "nt-ong-vang"}]
    known = known_days(drama, some)
    for school in some:
        own = known[school.id].values()
        true = YEAR["schools"][school.id]
        assert school_total(school, own, date.fromisoformat(YEAR["last"])) == true


def test_a_recording_mixes_with_nothing_that_was_reported(
    config: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    year = str(config.parent / "year.jsonl.gz")
    assert main(["replay", year, "--config", str(config)]) == 1
    assert "needs an empty one" in capsys.readouterr().err


@pytest.mark.parametrize("name", list(TRUTH["periods"]))
def test_coverage_of_every_school_place_and_camera_is_the_truth(
    name: str, coverage: Coverage
) -> None:
    told = {school["school"]: school for school in coverage(name, "--unit", PROVINCE)["schools"]}
    for school, true in TRUTH["periods"][name]["schools"].items():
        if school not in told:
            assert true["uptime"] == dict.fromkeys(UPTIME, 0)
            continue
        assert summary(told[school]) == {**true, "faults": None}, school


def summary(school: Json) -> Json:
    """Return what coverage tells of a school in the shape of the truth."""
    cameras: dict[str, Counter[str]] = {}
    for zone in school["zones"]:
        for camera in zone["cameras"]:
            cameras.setdefault(camera["camera"], Counter()).update(part(camera["uptime"], UPTIME))
    return {
        "seconds": part(school["seconds"], SECONDS),
        "uptime": part(school["uptime"], UPTIME),
        "unset_days": school["unset_days"],
        "lost": school["lost"],
        "faults": None,
        "zones": {zone["zone"]: place(zone) for zone in school["zones"]},
        "cameras": cameras,
    }


def place(zone: Json) -> Json | None:
    if zone["seconds"] is None:
        return None
    seconds = part(zone["seconds"], SECONDS)
    return {**seconds, "unset_days": zone["unset_days"], "verdict": zone["met"]}


def part(some: Json, names: tuple[str, ...]) -> Json:
    return {name: some[name] for name in names}


@pytest.mark.parametrize("unit", ["xa-ha-dong", "cum-bac", "cum-nam", "so-gddt-vi-du"])
def test_a_unit_has_its_schools_on_the_days_on_which_they_were_its_own(
    unit: str, coverage: Coverage
) -> None:
    told = coverage("nam-hoc", "--unit", unit)
    true = TRUTH["periods"]["nam-hoc"]["units"][unit]
    assert part(told["seconds"], SECONDS) == true["seconds"]
    assert part(told["uptime"], UPTIME) == true["uptime"]


def test_closed_days_keep_what_was_known_then_beside_what_is_known_now(coverage: Coverage) -> None:
    told = {
        school["school"]: {
            day["day"]: {
                "closed": part(day["closed"], SECONDS),
                "known": part(day["known"], SECONDS),
            }
            for day in school["amended"]
        }
        for school in coverage("nam-hoc", "--unit", PROVINCE)["schools"]
        if school["amended"]
    }
    true = {
        school: {
            day: {name: figures["seconds"] for name, figures in both.items()}
            for day, both in days.items()
        }
        for school, days in TRUTH["closed"].items()
    }
    assert told == true


def test_the_trend_by_terms_is_the_truth_of_both_terms(coverage: Coverage) -> None:
    told = coverage("nam-hoc", "--unit", PROVINCE, "--step", "term")["trend"]
    for step, name in zip(told, ("hoc-ky-1", "hoc-ky-2"), strict=True):
        true = TRUTH["periods"][name]["units"][PROVINCE]
        assert (step["first"], step["last"]) == (
            TRUTH["periods"][name]["first"],
            TRUTH["periods"][name]["last"],
        )
        assert part(step["seconds"], SECONDS) == true["seconds"]
        assert part(step["uptime"], UPTIME) == true["uptime"]


def test_counting_every_day_anew_gives_the_same(coverage: Coverage) -> None:
    rolled = coverage("thang-11", "--unit", PROVINCE)
    anew = coverage("thang-11", "--unit", PROVINCE, "--exact")
    assert [s["zones"] for s in anew["schools"]] == [s["zones"] for s in rolled["schools"]]


def test_what_is_missing_is_to_be_installed(coverage: Coverage) -> None:
    told = coverage("nam-hoc", "--unit", PROVINCE)
    install = [
        {"school": r["school"], "zone": r["zone"], "count": r["count"]}
        for r in told["remedies"]
        if r["action"] == "install"
    ]
    for remedy in told["remedies"]:
        zones = YEAR["schools"][remedy["school"]]["zones"]
        assert remedy["gain_s"] == zones[remedy["zone"]]["not_met"]
    key = ("school", "zone")
    assert sorted(install, key=lambda r: [r[k] for k in key]) == sorted(
        TRUTH["missing"], key=lambda r: [r[k] for k in key]
    )


def test_only_gates_with_one_camera_lack_the_picture_that_is_asked(coverage: Coverage) -> None:
    told = {
        (school["school"], zone["zone"]): zone["picture"]
        for school in coverage("nam-hoc", "--unit", PROVINCE)["schools"]
        for zone in school["zones"]
        if zone["picture"] is not None
    }
    kinds = {"tieu_hoc", "thcs", "thpt", "lien_cap"}
    gates = [(s, z) for s in SCHOOLS if s.kind in kinds for z in s.zones if z.kind == "cong_truong"]
    short = {(missing["school"], missing["zone"]) for missing in TRUTH["missing"]}
    assert told == {(s.id, z.id): "not_met" if (s.id, z.id) in short else "met" for s, z in gates}


# ---------------------------------------------------------------- papers
UNIT = "xa-ha-dong"
NAMES = {school.id: school.name for school in SCHOOLS}
HOURS = 3600
PAPERS = [
    ("so-ket-don-vi", ("--unit", UNIT, "--year", "2025-2026")),
    ("bao-cao-so", ("--unit", UNIT, "--year", "2025-2026")),
    ("tong-ket", ("--unit", UNIT, "--year", "2025-2026")),
    ("thang", ("--unit", UNIT, "--from", YEAR["first"], "--to", YEAR["last"])),
]
"""The kinds that tell of every school of a unit."""

Rows = list[dict[str, Any]]
Report = Callable[..., tuple[dict[str, Rows], str]]


@pytest.fixture
def report(config: Path, tmp_path: Path) -> Report:
    """A paper's sheets as rows by heading, and its text as a word processor has it."""

    def make(kind: str, whom: tuple[str, ...]) -> tuple[dict[str, Rows], str]:
        out = ("--out", str(tmp_path), "--format", "docx,xlsx", "--date", "2026-06-05")
        assert main(["report", kind, *whom, *out, "--config", str(config)]) == 0
        (sheets,), (text,) = tmp_path.glob("*.xlsx"), tmp_path.glob("*.docx")
        return dict(_sheets(sheets)), _text(text)

    return make


def _sheets(path: Path) -> Iterator[tuple[str, Rows]]:
    for sheet in openpyxl.load_workbook(path):
        head, *rows = sheet.iter_rows(values_only=True)
        yield sheet.title, [dict(zip(map(str, head), row, strict=True)) for row in rows]


def _text(path: Path) -> str:
    """Return all paragraphs and cells, a line each."""
    paper = docx.Document(str(path))
    cells = (c.text for table in paper.tables for row in table.rows for c in row.cells)
    return "\n".join([*(p.text for p in paper.paragraphs), *cells]).replace("\u2060", "")


def share(row: dict[str, Any], name: str) -> tuple[float | None, float | None]:
    return row[f"{name} (thấp nhất)"], row[f"{name} (cao nhất)"]


def of_places(true: Json) -> tuple[float, float]:
    """Return the sure and the possible share of required time that was met."""
    whole = true["met"] + true["not_met"] + true["cannot_tell"]
    return true["met"] / whole, (true["met"] + true["cannot_tell"]) / whole


def of_cameras(true: Json) -> tuple[float, float]:
    """Return the sure and the possible share of counted time in which cameras were up."""
    whole = sum(true[name] for name in UPTIME[:4])
    return true["up"] / whole, (true["up"] + true["unknown"]) / whole


def percent(value: Fraction) -> str:
    """Return ``96,4%``; only what is all or nothing reads so."""
    tenths = round(value * 1000)
    tenths = min(tenths, 999) if value < 1 else tenths
    tenths = max(tenths, 1) if value > 0 else tenths
    return f"{tenths // 10},{tenths % 10}%"


@pytest.mark.parametrize(("kind", "whom"), PAPERS, ids=[kind for kind, _ in PAPERS])
def test_a_units_papers_tell_the_truth_of_every_school(
    kind: str, whom: tuple[str, ...], report: Report
) -> None:
    sheets, text = report(kind, whom)
    true = YEAR["units"][UNIT]
    rows = {row["Trường"]: row for row in sheets["Trường"]}
    for school, own in true["schools"].items():
        if NAMES[school] in rows:
            row = rows[NAMES[school]]
            assert share(row, "Độ phủ theo thời gian") == pytest.approx(of_places(own["seconds"]))
            told = share(row, "Tỷ lệ hoạt động của camera")
            assert told == pytest.approx(of_cameras(own["uptime"]))
        else:
            assert not own["seconds"]["met"], school
    whole = Fraction(sum(true["seconds"].values()))
    low = Fraction(true["seconds"]["met"]) / whole
    high = low + Fraction(true["seconds"]["cannot_tell"]) / whole
    assert f"{percent(low)} đến {percent(high)}" in text
    if kind != "bao-cao-so":  # which tells of the first causes in words alone
        lost = [seconds(row["Giờ (cộng dồn theo camera)"]) for row in sheets["Nguyên nhân"]]
        assert sorted(lost) == sorted(true["lost"].values())


def seconds(hours: float) -> int:
    """Return a sheet's hours as whole seconds; that they are whole is a part of the test."""
    found = round(hours * HOURS)
    assert abs(hours * HOURS - found) < 1e-3
    return found


def test_the_sample_that_the_docs_show_is_of_this_year() -> None:
    text = _text(EXAMPLE.parents[1] / "docs" / "samples" / "so-ket-don-vi.docx")
    uptime = YEAR["units"][UNIT]["uptime"]
    for what, lost in (("mất kết nối cộng lại", "down"), ("hình ảnh kém", "degraded")):
        hours = f"{uptime[lost] / HOURS:.1f}".replace(".", ",")
        assert f"{what} là {hours} giờ" in text


def test_a_schools_paper_tells_the_truth_of_every_place(report: Report) -> None:
    sheets, text = report("so-ket-truong", ("--school", "th-tran-phu", "--year", "2025-2026"))
    true = YEAR["schools"]["th-tran-phu"]
    places = {zone.name: zone.id for s in SCHOOLS if s.id == "th-tran-phu" for zone in s.zones}
    for row in sheets["Khu vực"]:
        own = true["zones"][places[row["Khu vực"]]]
        required = own["met"] + own["not_met"] + own["cannot_tell"]
        assert seconds(row["Giờ phải giám sát"]) == required
        low, high = share(row, "Độ phủ")
        assert round((low or 0) * required) == own["met"]
        assert round((high or 0) * required) == own["met"] + own["cannot_tell"]
        verdict = {"met": "Đạt", "not_met": "Chưa đạt", "cannot_tell": "Chưa rõ"}[own["verdict"]]
        assert row["Kết quả"] == verdict
    assert len(sheets["Khu vực"]) == len(true["zones"])
    (amended,) = TRUTH["closed"]["th-tran-phu"]
    assert [day(row["Ngày"]) for row in sheets["Bổ sung"]] == [amended]
    whole = sum(true["seconds"].values())
    assert percent(Fraction(true["seconds"]["met"], whole)) in text


@pytest.mark.parametrize("period", ["nam-hoc", "thang-11"])
def test_the_fault_register_is_what_had_to_be_repaired(period: str, report: Report) -> None:
    asked = TRUTH["periods"][period]
    span = ("--from", asked["first"], "--to", asked["last"])
    sheets, _ = report("so-hu-hong", ("--unit", PROVINCE, *span))
    told = [
        (row["Trường"], row["Camera"], day(row["Hỏng từ ngày"]), day(row["Ngày khắc phục"]), lost)
        for row in sheets["Sổ hư hỏng"]
        for lost in [seconds(row["Giờ mất trong giờ học"])]
    ]
    cameras = {camera.id: camera.name for school in SCHOOLS for camera in school.cameras}
    true = [
        (NAMES[school], cameras[f["camera"]], f["since"], f["repaired"], f["seconds"])
        for school, own in asked["schools"].items()
        for f in own["faults"]
    ]
    assert sorted(told) == sorted(true)


def test_the_register_that_was_kept_as_time_went_by_says_the_same(config: Path) -> None:
    async def kept() -> list[tuple[str | None, str, str, int]]:
        store = await Store.open(load(config).server.database.reveal())
        try:
            lines = await load_faults(store, list(NAMES))
        finally:
            await store.close()
        seen = [(k.entry.camera, k.entry.seen) for k in lines if k.entry.seen is not None]
        return [
            (camera, str(local_date(s.since)), str(s.until and local_date(s.until)), s.seconds)
            for camera, s in seen
            if not s.withdrawn
        ]

    true = [
        (f["camera"], f["since"], f["repaired"], f["seconds"])
        for own in YEAR["schools"].values()
        for f in own["faults"]
    ]
    assert sorted(asyncio.run(kept()), key=str) == sorted(true, key=str)


def day(cell: datetime | date | None) -> str | None:
    return None if cell is None else cell.strftime("%Y-%m-%d")
