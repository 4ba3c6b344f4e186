"""The example year, as its files stand, against its truth: equal to the second.

The year is loaded once, by the command of the README, into a folder of its own.
"""

import gzip
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.cli import main
from sim.year.drama import make_drama
from sim.year.papers import joined, units_yaml, year_lines
from sim.year.totals import totals

EXAMPLE = Path(__file__).parents[2] / "configs" / "example-year"
TRUTH: dict[str, Any] = json.loads((EXAMPLE / "truth.json").read_text("utf-8"))
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
    assert totals(drama) == TRUTH


@pytest.mark.parametrize("name", list(TRUTH["periods"]))
def test_coverage_of_every_school_place_and_camera_is_the_truth(
    name: str, coverage: Coverage
) -> None:
    told = {school["school"]: school for school in coverage(name, "--unit", PROVINCE)["schools"]}
    for school, true in TRUTH["periods"][name]["schools"].items():
        if school not in told:
            assert true["uptime"] == dict.fromkeys(UPTIME, 0)
            continue
        assert summary(told[school]) == true, school


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
    key = ("school", "zone")
    assert sorted(install, key=lambda r: [r[k] for k in key]) == sorted(
        TRUTH["missing"], key=lambda r: [r[k] for k in key]
    )
