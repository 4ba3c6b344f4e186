"""Guards and yearly work on the command line: what the API answers, by the pages' own deeds."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.cli import main
from server.clock import SystemClock
from server.config import load
from server.storage import Role, Store
from tests.system.centre import EXAMPLES, configure
from tests.system.test_yearly_pages import PDF

SCHOOL, GATE = "thvq", "thvq-cong-chinh"
Run = Callable[..., Any]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A centre's configuration whose plan has chosen criteria, and two officers and a viewer."""
    text = (EXAMPLES / "plan.example.yaml").read_text("utf-8")
    plan = tmp_path / "plan.yaml"
    plan.write_text(text.replace("criteria_set: unset", "criteria_set: tt23_2012"), "utf-8")
    found = configure(tmp_path, plan=str(plan))

    async def people() -> None:
        (tmp_path / "var").mkdir()
        store = await Store.open(load(found).server.database.reveal())
        now = SystemClock().now()
        for name, role in (("a", Role.OFFICER), ("b", Role.OFFICER), ("c", Role.VIEWER)):
            await store.create_user(name, "x", now=now, role=role)
        await store.close()

    asyncio.run(people())
    return found


@pytest.fixture
def run(path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return its JSON, its text, or (``fails``) what it said of its failure."""

    def done(*words: str, fails: bool = False) -> Any:
        code = main([*words, "--config", str(path)])
        told = capsys.readouterr()
        assert code == int(fails), told.err
        if fails:
            assert "Traceback" not in told.err
            return told.err.strip()
        return json.loads(told.out) if "--json" in words else told.out.strip()

    return done


def test_guards_on_the_command_line(run: Run) -> None:
    here = ("--school", SCHOOL, "--by", "a")
    guard = run("guards", "add-guard", *here, "--code", "BV1", "--name", "Nguyễn Văn Gác")
    assert "Mã" in run("guards", "add-guard", *here, "--code", "BV1", "--name", "x", fails=True)
    assert "'c'" in run("guards", "add-guard", "--school", SCHOOL, "--by", "c", fails=True)
    hours = ("--name", "Ca sáng", "--days", "0,1", "--start", "06:00", "--end", "09:00")
    post = run("guards", "add-post", *here, "--gate", GATE, *hours, "--school-days")
    day = ("--first", "2026-09-01")
    run("guards", "add-shift", *here, "--post", post, "--guard", guard, *day)
    run("guards", "add-training", *here, "--guard", guard, "--day", "2026-09-01")
    told = run("guards", "show", "--school", SCHOOL, "--json")
    assert (told["guards"][0]["phone"], told["posts"][0]["school_days"]) == (None, True)
    assert "BV1 Nguyễn Văn Gác" in run("guards", "show", "--school", SCHOOL)
    rows = run("guards", "list", "--find", "vinh quynh tieu", "--json")["schools"]
    assert [(row["guards"], row["posts"]) for row in rows] == [(1, 1)]
    (duty,) = run("guards", "duty", "--school", SCHOOL, "--json")
    assert GATE in [place["gate"] for place in duty["places"]]
    assert "trang/page 1/1" in run("guards", "list")
    ending = ("--school", SCHOOL, "--by", "b", "--revision", "1")
    run("guards", "remove", "post", post, *ending)
    assert "Không" in run("guards", "remove", "post", post, *ending, fails=True)
    run("guards", "leave", guard, *ending)
    assert "Nguyễn" not in run("guards", "show", "--school", SCHOOL)


def test_a_year_on_the_command_line(run: Run, tmp_path: Path) -> None:
    here = ("--school", SCHOOL)
    papers = run("yearly", "papers", *here, "--json")["papers"]
    paper = next(p["id"] for p in papers if p["duty"] == "ke_hoach_truong")
    (tmp_path / "ke-hoach.pdf").write_bytes(PDF)
    file = str(tmp_path / "ke-hoach.pdf")
    about = (*here, "--paper", paper)
    assert "PDF" in run("yearly", "hand-in", __file__, *about, "--by", "a", fails=True)
    run("yearly", "hand-in", file, *about, "--by", "a")
    seen = ("--revision", "1")
    assert "người khác" in run(
        "yearly", "review", "approved", *about, "--by", "a", *seen, fails=True
    )
    assert "khác" in run("yearly", "review", "approved", *about, "--by", "b", fails=True)
    run("yearly", "review", "approved", *about, "--by", "b", *seen)
    assert "Đã duyệt" in run("yearly", "papers", *here)
    row = run("yearly", "list", "--find", SCHOOL, "--json")["schools"][0]
    assert (row["handed_in"], row["result"]) == (1, "none")
    assert paper not in [p["id"] for p in run("yearly", "late", "--json")["papers"]]
    told = run("yearly", "evaluation", *here, "--json")
    marks = {one["id"]: {"mark": "met"} for one in told["criteria"]}
    bodies = {
        "evaluate": {"revision": 0, "answers": marks, "submit": True},
        "judge": {"revision": 1, "verdicts": marks, "result": "met"},
    }
    for name, body in bodies.items():
        (tmp_path / name).write_text(json.dumps(body), "utf-8")
    run("yearly", "evaluate", str(tmp_path / "evaluate"), *here, "--by", "a")
    judge = ("yearly", "judge", str(tmp_path / "judge"), *here, "--by")
    assert "người khác" in run(*judge, "a", fails=True)
    run(*judge, "b")
    assert "judged, met" in run("yearly", "evaluation", *here)
    assert "Căn cứ" in run("yearly", "rules", "--result", "--by", "b", fails=True)
    run("yearly", "rules", "--result", "--source", "Quyết định 5", "--by", "b")
    assert run("yearly", "results", "--which", "listed", "--json")["found"] == 1
    run("yearly", "commend", "strike", *here, "--reason", "có vụ việc", "--by", "b")
    assert run("yearly", "results", "--json")["listed"] == 0
    assert "trang/page 1/1" in run("yearly", "results")
    assert "năm" in run("yearly", "papers", *here, "--year", "1990", fails=True)
    assert "nobody" in run("yearly", "papers", "--school", "nobody", fails=True)
