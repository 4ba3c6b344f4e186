"""Guards and yearly work over the API: the pages' own checks, words and refusals."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server.domain.citation import Citation
from server.domain.duties import Guards
from server.storage import Role, hash_password
from tests.system.test_pages_requests import client_of
from tests.system.test_yearly_pages import OTHER, PDF, SCHOOL, SECRET, asking, stand
from tests.system.web_district import NOW, PASSWORD, SEEDS, USER, Site, serve

API = "/api/v1"
GUARDS = f"/guards/schools/{SCHOOL}"
YEARLY = f"/yearly/schools/{SCHOOL}"
VIEWER = "hoa"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=SEEDS[1:3], trouble=False) as running:
        source = Citation(id="p", kind="commune_plan", ref="Kế hoạch 12/KH-UBND (ví dụ)")
        guards = Guards(per_gate=1, source=source)
        stand(running, replace(asking(), guards=guards))
        secret = hash_password(SECRET)
        await running.store.create_user(OTHER, secret, now=NOW, role=Role.OFFICER)
        await running.store.create_user(VIEWER, secret, now=NOW, role=Role.VIEWER)
        yield running


@pytest.fixture
async def school(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with await client_of(site, USER, PASSWORD) as client:
        yield client


@pytest.fixture
async def office(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with await client_of(site, OTHER, SECRET) as client:
        yield client


@pytest.fixture
async def viewer(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with await client_of(site, VIEWER, SECRET) as client:
        yield client


async def get(client: aiohttp.ClientSession, path: str, **query: str) -> Any:
    async with client.get(API + path, params=query) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def send(
    client: aiohttp.ClientSession, path: str, body: object = None, *, method: str = "POST"
) -> tuple[int, Any]:
    async with client.request(method, API + path, json=body) as answer:
        return answer.status, await answer.json() if answer.status != 204 else None


async def test_guards_are_entered_read_and_forgotten(
    school: aiohttp.ClientSession, viewer: aiohttp.ClientSession
) -> None:
    guard = {"code": "BV1", "name": "Nguyễn Văn Gác", "phone": "0912 345"}
    status, made = await send(school, f"{GUARDS}/guards", guard)
    assert status == 201
    assert (await send(viewer, f"{GUARDS}/guards", guard))[0] == 403
    status, why = await send(school, f"{GUARDS}/guards", guard)
    assert (status, why["error"]["field"]) == (400, "code")
    post = {
        "gate": f"{SCHOOL}-g1",
        "name": "Ca sáng",
        "days": [0, 1, 2, 3, 4],
        "start": "06:00",
        "end": "09:00",
        "first": "2026-11-24",
    }
    assert (await send(school, f"{GUARDS}/posts", {**post, "days": [7]}))[0] == 400
    assert (await send(school, f"{GUARDS}/posts", {**post, "gate": "la"}))[0] == 400
    status, stands = await send(school, f"{GUARDS}/posts", post)
    assert status == 201
    shift = {"post": stands["id"], "guard": made["id"], "first": "2026-11-24"}
    assert (await send(school, f"{GUARDS}/roster", shift))[0] == 201
    trained = {"guard": made["id"], "day": "2026-09-01", "certificate": "CC1"}
    assert (await send(school, f"{GUARDS}/trainings", trained))[0] == 201
    told = await get(school, GUARDS)
    assert told["guards"][0]["phone"] == "0912 345"
    assert told["guards"][0]["training"]["state"] == "unset"
    assert told["posts"][0]["today"] == [made["id"]]
    assert (await get(viewer, GUARDS))["guards"][0]["phone"] is None
    found = await get(viewer, f"{GUARDS}/presence", **{"from": "2026-11-24", "to": "2026-11-24"})
    gate = found["places"][0]
    # Nobody took over from six to nine, and the clock stands at 09:42.
    assert (gate["need"], gate["seconds"]["not_met"]) == (1, 3 * 3600)
    assert gate["short"][0]["met"] == "not_met"
    rows = (await get(viewer, "/guards"))["schools"]
    assert [(row["school"], row["guards"], row["gates_without"]) for row in rows] == [
        (SEEDS[2].id, 0, 1),
        (SCHOOL, 1, 0),
    ]
    assert [r["school"] for r in (await get(viewer, "/guards", which="no_post"))["schools"]] == [
        SEEDS[2].id
    ]
    assert (await send(school, "/guards?which=all", method="GET"))[0] == 400
    path = f"{GUARDS}/posts/{stands['id']}"
    assert (await send(school, f"{path}?revision=0", method="DELETE"))[0] == 409
    assert (await send(school, f"{path}?revision=1", method="DELETE"))[0] == 204
    assert (await send(school, f"{path}?revision=1", method="DELETE"))[0] == 404
    leave = f"{GUARDS}/guards/{made['id']}/leave"
    assert (await send(school, leave, {"revision": 0}))[0] == 409
    assert (await send(school, leave, {"revision": 1}))[0] == 204
    (left,) = (await get(school, GUARDS))["guards"]  # there until the evening, without a name
    assert (left["code"], left["name"], left["phone"]) == ("BV1", "", "")


async def test_a_year_goes_its_way_over_the_api(
    school: aiohttp.ClientSession, office: aiohttp.ClientSession, viewer: aiohttp.ClientSession
) -> None:
    year = await get(viewer, "/yearly")
    assert (year["year"], year["found"], year["owed"]) == ("2026-2027", 2, 6)
    late = (await get(viewer, "/yearly/late"))["papers"]
    assert [(p["school"], p["duty"], p["late_days"]) for p in late] == [
        (SEEDS[2].id, "ke_hoach", 55),
        (SCHOOL, "ke_hoach", 55),
    ]
    paper = next(p for p in late if p["school"] == SCHOOL)
    path = f"{YEARLY}/papers/{paper['id']}"
    named = f"{API}{path}?name=../ke-hoach.exe&revision=0"
    for client, data, status in ((viewer, PDF, 403), (school, b"MZ", 400), (school, PDF, 201)):
        async with client.post(named, data=data) as answer:
            assert answer.status == status, await answer.text()
            told = await answer.json()
    turn = told["turns"][0]
    assert (told["status"], turn["name"], turn["by"]) == ("handed_in", "ke-hoach.exe.pdf", USER)
    async with viewer.get(turn["file"]) as answer:
        assert await answer.read() == PDF
    async with viewer.get(turn["file"].replace("files/0", "files/x")) as answer:
        assert answer.status == 400
    done = {"deed": "approved", "revision": 1}
    assert (await send(school, f"{path}/review", done))[0] == 400, "their own"
    assert (await send(office, f"{path}/review", {**done, "revision": 0}))[0] == 409
    assert (await send(office, f"{path}/review", {"deed": "returned", "revision": 1}))[0] == 400
    status, told = await send(office, f"{path}/review", done)
    assert (status, told["status"]) == (200, "approved")
    assert (await get(viewer, "/yearly", which="late"))["found"] == 1
    own = await get(viewer, f"{YEARLY}/papers")
    assert {p["duty"]: p["status"] for p in own["papers"]} == {
        "ke_hoach": "approved",
        "so_ket": "owed",
        "dang_ky": "no_day",
    }
    await evaluated(school, office, viewer)


async def evaluated(
    school: aiohttp.ClientSession, office: aiohttp.ClientSession, viewer: aiohttp.ClientSession
) -> None:
    """Let a school mark itself, the office judge it, and rules make the list."""
    here = f"{YEARLY}/evaluation"
    told = await get(viewer, here)
    assert (told["result"], told["revision"], told["criteria"][0]["id"]) == ("none", 0, "camera")
    assert told["known"]["documents"]["handed_in"] == 1
    marks = {"camera": {"mark": "met", "text": "có đủ"}, "ho_so": {"mark": "met"}}
    half = {"revision": 0, "answers": {"camera": marks["camera"]}, "submit": True}
    assert (await send(school, here, half))[0] == 400, "every criterion needs its mark"
    whole = {"revision": 0, "answers": marks, "submit": True}
    assert (await send(viewer, here, whole))[0] == 403
    status, told = await send(school, here, whole)
    assert (status, told["stage"], told["submitted_by"]) == (200, "submitted", USER)
    judged = {"revision": 1, "verdicts": marks, "result": "met", "words": "tốt"}
    assert (await send(school, f"{here}/review", judged))[0] == 400, "another person judges"
    status, told = await send(office, f"{here}/review", judged)
    assert (status, told["result"]) == (200, "met")
    rules = {"revision": 0, "result": True, "source": ""}
    assert (await send(office, "/yearly/results/rules", rules))[0] == 400, "whose rule?"
    rules["source"] = "Quyết định 5"
    assert (await send(office, "/yearly/results/rules", rules))[0] == 204
    assert (await send(office, "/yearly/results/rules", rules))[0] == 409
    found = await get(viewer, "/yearly/results", which="listed")
    assert [(s["school"], s["past"]) for s in found["schools"]] == [(SCHOOL, {"2026-2027": "met"})]
    strike = {"act": "strike", "reason": "có vụ việc", "revision": 0}
    assert (await send(viewer, f"{YEARLY}/proposal", strike))[0] == 403
    assert (await send(office, f"{YEARLY}/proposal", strike))[0] == 204
    assert (await get(viewer, "/yearly/results"))["listed"] == 0
    async with viewer.get(f"{API}/yearly?year=1990") as answer:
        assert answer.status == 404
