"""The register's pages: the tree, a school's card, export, and import after a dry run."""

import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest

from server.domain.flaws import What
from server.domain.paging.people import Call, Occasion, Way
from server.register.reading import rows_of
from server.storage import Role, hash_password
from tests.system.test_pages_requests import VIEWER, VIEWERS_PASSWORD, client_of
from tests.system.web_district import NOW, PASSWORD, SEEDS, USER, Site, serve

SCHOOL = "th-vinh-quynh"
HEAD = "Mã trường;Mã camera;Tên camera;Mã khu vực;Mã máy trực cổng\n"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=SEEDS[:2]) as running:
        yield running


@pytest.fixture
async def officer(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with await client_of(site, USER, PASSWORD) as client:
        yield client


async def upload(
    client: aiohttp.ClientSession, data: bytes, name: str = "camera.csv", on: str = ""
) -> tuple[int, str]:
    form = aiohttp.FormData()
    form.add_field("file", data, filename=name)
    form.add_field("on", on)
    async with client.post("/register/import", data=form) as answer:
        return answer.status, await answer.text()


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(file|on|seen)" value="([^"]*)">', page))


async def test_the_tree_finds_schools_and_a_card_says_what_held_when(
    officer: aiohttp.ClientSession,
) -> None:
    async with officer.get("/register?q=vinh+quynh") as answer:
        page = await answer.text()
    assert answer.status == 200
    assert page.count('href="/register/schools/') == 1
    async with officer.get(f"/register/schools/{SCHOOL}") as answer:
        page = await answer.text()
    assert f"{SCHOOL}-c2" in page
    for path in ("/register/schools/nobody", "/register?unit=nowhere", "/register?on=2026-13-01"):
        async with officer.get(path) as answer:
            assert answer.status in {400, 404}, path


async def test_an_import_is_tried_shown_written_and_then_stands(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    line = f"{SCHOOL};{SCHOOL}-c2;=Tên mới;cong-chinh;{SCHOOL}-cong\n"
    status, page = await upload(officer, (HEAD + line).encode(), on="2026-11-01")
    assert status == 200
    assert "=Tên mới" in page
    before = site.deps.organisation.camera(f"{SCHOOL}-c2")
    assert before is not None
    assert before[1].name != "=Tên mới", "a dry run has written"
    said = hidden(page)
    async with officer.post("/register/import/confirm", data=said) as answer:
        assert answer.url.path_qs == "/register?imported=1"
    after = site.deps.organisation.camera(f"{SCHOOL}-c2")
    assert after is not None
    assert after[1].name == "=Tên mới"
    newest = (await site.store.record_history("school", SCHOOL))[-1]
    assert (newest.by, newest.revision) == (USER, 2)
    async with officer.post("/register/import/confirm", data=said) as answer:
        assert answer.status == 409, "the same import would do something else now"
    async with officer.get("/register/register.xlsx") as answer:
        rows = rows_of(await answer.read(), "x.xlsx")
    assert [r.cells["name"] for r in rows if r.cells["id"] == f"{SCHOOL}-c2"] == ["=Tên mới"]
    status, page = await upload(officer, await _export(officer), "so.xlsx")
    assert "/register/import/confirm" not in page, "nothing to write"


async def test_mistakes_are_shown_and_nothing_can_be_written(
    officer: aiohttp.ClientSession,
) -> None:
    status, page = await upload(officer, (HEAD + f"{SCHOOL};x1;<b>X</b>;nowhere;none\n").encode())
    assert status == 200
    assert "&lt;b&gt;X" in page
    assert "/register/import/confirm" not in page
    for data, name in ((b"%PDF-1.7", "x.xlsx"), (b"a;b\n", "x.csv"), (b"", "x.csv")):
        status, page = await upload(officer, data, name)
        assert status == 400


async def test_only_officers_import_and_only_from_our_own_pages(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    await site.store.create_user(VIEWER, hash_password(VIEWERS_PASSWORD), now=NOW, role=Role.VIEWER)
    async with await client_of(site, VIEWER, VIEWERS_PASSWORD) as viewer:
        assert (await upload(viewer, HEAD.encode()))[0] == 403
        async with viewer.get("/register/import") as answer:
            assert answer.status == 403
        async with viewer.get("/register") as answer:
            assert "/register/import" not in await answer.text()
        await _nobody_but_officers_sees_contacts(site, officer, viewer)
    async with officer.post("/register/import/confirm", data={"file": "0" * 64}) as answer:
        assert answer.status == 404


async def _a_letter_to_her_failed(site: Site) -> str:
    """Return the incident that the contact was to be told of."""
    name = (await site.store.incidents())[0].incident.id
    way = Way(channel="email", address="lan@truong.vn")
    call = Call(
        id=str(UUID(int=1)),
        incident=name,
        occasion=Occasion.OPENED,
        receiver=f"school:{SCHOOL}/ht",
        way=way,
        language="vi",
        at=site.now(),
    )
    await site.store.put_letters([call], now=site.now())
    (letter,) = [one for one in await site.store.letters_of(name) if one.id == call.id]
    why = f"every address was refused: {way.address}: 550"
    await site.store.letter_tried(letter, ok=False, detail=why, now=site.now(), next_at=None)
    return name


async def _nobody_but_officers_sees_contacts(
    site: Site, officer: aiohttp.ClientSession, viewer: aiohttp.ClientSession
) -> None:
    head = "Mã trường;Mã liên hệ;Họ và tên;Thư điện tử;Điện thoại\n"
    body = f"{head}{SCHOOL};ht;Lan Hiệu Trưởng;lan@truong.vn;0912345678\n".encode()
    async with officer.post("/api/v1/register/import?write=true", data=body) as answer:
        assert (await answer.json())["written"] is True
    incident = await _a_letter_to_her_failed(site)
    seen = {}
    for who in (officer, viewer):
        for path in (f"/incidents/{incident}", f"/api/v1/incidents/{incident}"):
            async with who.get(path) as answer:
                told = await answer.text()
                assert ("Lan Hiệu" in told) is (who is officer), path
        for path in (f"/incidents/{incident}", "/alerting/channels"):
            async with who.get(path) as answer:
                assert ("lan@truong.vn" in await answer.text()) is (who is officer), path
        async with who.get(f"/register/schools/{SCHOOL}") as answer:
            page = await answer.text()
        async with who.get("/register/register.xlsx?history=1") as answer:
            exported = {r.what for r in rows_of(await answer.read(), "x.xlsx")}
        async with who.get(f"/api/v1/schools/{SCHOOL}/contacts") as answer:
            over_api = [c["mail"] for c in (await answer.json()).get("contacts", ())]
        seen[who] = ("Lan Hiệu" in page, "0912345678" in page, What.CONTACT in exported, over_api)
    assert seen[officer] == (True, True, True, ["lan@truong.vn"])
    assert seen[viewer] == (False, False, False, [])


async def test_programs_import_and_export_over_the_api(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    line = f"{SCHOOL};{SCHOOL}-c2;Qua API;cong-chinh;{SCHOOL}-cong\n"
    url, data = "/api/v1/register/import?on=2026-11-01&name=so.csv", (HEAD + line).encode()
    for path, written in ((url, False), (f"{url}&write=true", True)):
        async with officer.post(path, data=data) as answer:
            told = await answer.json()
        assert (answer.status, told["written"], told["changed"]) == (200, written, 1)
        assert told["rows"][0]["changes"][0]["after"] == "Qua API"
    camera = site.deps.organisation.camera(f"{SCHOOL}-c2")
    assert camera is not None
    assert camera[1].name == "Qua API"
    for body in (b"", b"%PDF", io.BytesIO(bytes(11 << 20))):
        async with officer.post(url, data=body) as answer:
            assert answer.status == 400
    wrong = (HEAD + line.replace("cong-chinh", "nowhere")).encode()
    async with officer.post(f"{url}&write=true", data=wrong) as answer:
        told = await answer.json()
    assert (told["written"], told["wrong"], told["rows"][0]["outcome"]) == (False, 1, "error")
    async with officer.get("/api/v1/register.xlsx?history=1") as answer:
        assert rows_of(await answer.read(), "x.xlsx")


async def _export(client: aiohttp.ClientSession) -> bytes:
    async with client.get("/register/register.xlsx") as answer:
        return await answer.read()
