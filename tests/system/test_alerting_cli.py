"""Incidents and who is told on the command line: what the API answers, by the pages' own deeds."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from server.cli import main
from server.clock import SystemClock
from server.config import load
from server.domain.incident.rules import Rule, Rules
from server.domain.incident.signals import Aspect, Subject
from server.domain.paging.directory import Directory, directory_of
from server.domain.paging.people import Occasion, Receiver, Way
from server.domain.units import Organisation
from server.paging.book import put_entry
from server.paging.rules import put_rules
from server.storage import IncidentBatch, Role, Store
from tests.pure.server.paging_people import incident, opened, person, policy, to, weekly
from tests.system.centre import centre, configure

SCHOOL, CAMERA = "thvq", "thvq-cam-01"
BOOK = (person("an"), weekly("an"), policy(to("an"), to("an", 900), name="cong"))
Run = Callable[..., Any]


async def filled(path: Path) -> None:
    """Put people, rules and two incidents into a centre's database."""
    (path.parent / "var").mkdir(exist_ok=True)
    store, now = await Store.open(load(path).server.database.reveal()), SystemClock().now()
    for name, role in (("a", Role.OFFICER), ("c", Role.VIEWER)):
        await store.create_user(name, "x", now=now, role=role)
    puts = [put_entry(entry, expected=0) for entry in BOOK]
    rules = put_rules(Rules(zones={(incident().kind, "cong_truong"): Rule(grace_s=1)}), expected=0)
    await store.put_records([*puts, rules], by="a", now=now)
    base = incident(at=now - timedelta(minutes=5), school=SCHOOL,
                    subject=Subject(Aspect.CAMERA, CAMERA))  # fmt: skip
    made = [replace(base, id=f"{n}{n}{n}{n}-0000", root=f"camera:{n}") for n in (1, 2)]
    batch = IncidentBatch(
        memory=b"m", directory=_nobody(), changes=tuple(opened(one) for one in made)
    )
    assert await store.change_incidents(batch, expected=0, now=now)
    await store.close()


def _nobody() -> Directory:
    return directory_of(
        Organisation(units=(), schools=()), receivers={}, rotas={}, policies=(), channels=("w",)
    )


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command; return its JSON, its text, or (``fails``) what it said of its failure."""
    path = configure(tmp_path)
    asyncio.run(filled(path))

    def done(*words: str, fails: bool = False) -> Any:
        code = main([*words, "--config", str(path)])
        told = capsys.readouterr()
        assert code == int(fails), told.err
        if fails:
            assert "Traceback" not in told.err
            return told.err.strip()
        return json.loads(told.out) if "--json" in words else told.out.strip()

    return done


def test_incidents_on_the_command_line(run: Run) -> None:
    rows = run("incidents", "list", "--json")["incidents"]
    assert {row["id"] for row in rows} == {"1111-0000", "2222-0000"}
    assert len(run("incidents", "list", "--school", SCHOOL, "--limit", "1", "--json")["incidents"])
    assert "SC-2222-000" in run("incidents", "list", "--find", "vinh quynh")
    assert "nowhere" in run("incidents", "list", "--school", "nowhere", fails=True)
    taken = run("incidents", "acknowledge", "11", "--by", "a", "--json")
    assert (taken["id"], taken["acknowledged_by"]) == ("1111-0000", "a")
    assert "'c'" in run("incidents", "acknowledge", "11", "--by", "c", fails=True)
    assert "Không có sự cố" in run("incidents", "acknowledge", "3", "--by", "a", fails=True)
    assert "Không có sự cố" in run("incidents", "show", "", fails=True)  # more than one begins so
    assert "[a]" in run("incidents", "note", "1111", "Đã gọi nhà trường", "--by", "a")
    assert run("incidents", "note", "1111", " ", "--by", "a", fails=True)
    told = run("incidents", "show", "SC-1111", "--json")
    assert {s["step"] for s in told["course"]} >= {"opened", "acknowledged", "note"}
    assert told["letters"][0]["channel"] == "w"
    text = run("incidents", "show", "1111")
    for words in ("  1. ", "Đã gọi nhà trường", "a đã tiếp nhận", "→ mac-dinh, w"):
        assert words in text
    assert run("incidents", "list", "--state", "done", "--json")["incidents"] == []


def test_who_is_told_and_rules_on_the_command_line(run: Run, tmp_path: Path) -> None:
    text = run("alerting", "list")
    assert "an  An: email  [1]" in text
    assert "An → +15 phút An" in text
    assert "an@x" not in text + json.dumps(run("alerting", "list", "--json"))
    assert run("alerting", "list", "--json")["rotas"][0]["on_turn"] == "an"
    rules = run("alerting", "rules", "--json")
    assert rules["zones"][0]["zone"] == "cong_truong"
    assert "@cong_truong grace_s: None → 1" in run("alerting", "rules")
    file = tmp_path / "rules.json"
    file.write_text(json.dumps(rules), "utf-8")
    found = run("alerting", "preview", str(file), "--json")
    assert (found["asked"]["messages"], found["sent"], found["cut"]) == (0, 2, False)
    assert "0 tin" in run("alerting", "preview")
    file.write_text(json.dumps(rules | {"figures": {"nonsense": 1}}), "utf-8")
    assert "figures" in run("alerting", "preview", str(file), fails=True)
    assert "no.json" in run("alerting", "preview", str(tmp_path / "no.json"), fails=True)
    assert run("alerting", "test", "nobody", "--by", "a", fails=True)


@pytest.mark.asyncio
async def test_a_running_centre_sends_a_test_and_the_command_tells_what_came_of_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taken: list[dict[str, Any]] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.json()
        if body["occasion"] != Occasion.ALL_CLEAR:  # each morning's word to whom nobody wrote
            taken.append(body)
        return web.Response(status=200 if request.path == "/good" else 403)

    hook = web.AppRunner(hooked := web.Application())
    hooked.router.add_post("/{where}", take)
    await hook.setup()
    site = web.TCPSite(hook, "127.0.0.1", 0)
    await site.start()
    address = f"http://127.0.0.1:{hook.addresses[0][1]}"
    channels = {n: {"kind": "webhook", "url": f"{address}/{n}"} for n in ("good", "bad")}
    path = configure(tmp_path, alerts={"channels": channels})
    both = Receiver(id="may", name="Máy", ways=(Way(channel="good"),),
                    urgent_ways=(Way(channel="good"), Way(channel="bad")))  # fmt: skip
    async with centre(path) as one:
        now = SystemClock().now()
        await one.store.create_user("a", "x", now=now, role=Role.OFFICER)
        await one.store.put_records([put_entry(both, expected=0)], by="a", now=now)
        words = ["alerting", "test", "may", "--by", "a", "--config", str(path)]
        code = await asyncio.to_thread(main, words)
    await hook.cleanup()
    told = capsys.readouterr()
    assert code == 1
    assert "good: đã đến" in told.out
    assert "bad: lỗi (HTTP 403)" in told.out
    assert [body["occasion"] for body in taken] == ["test", "test"]
