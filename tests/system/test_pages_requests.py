"""What an officer may ask of a camera, on its page and over the API; all of it is noted."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, expect

from server.storage import Deed, Role, hash_password
from tests.system.test_pages_browser import Noise, browser, signed_in
from tests.system.web_district import EVIDENCE, NOW, PASSWORD, SEEDS, USER, Site, serve

__all__ = ["browser"]

API = "/api/v1"
CAMERA = "th-vinh-quynh-c2"
AGENT = "th-vinh-quynh-cong"
SILENT = "mn-anh-duong-c1"
COVERED = EVIDENCE[0].id
ALL = ("look", "new_view", "evidence", "evidence_picture")
VIEWER, VIEWERS_PASSWORD = "hoa", "chi xem thoi nhe"
PICTURE = f"{API}/cameras/{CAMERA}/evidence/{AGENT}/{COVERED}/before"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=SEEDS[1:3]) as running:
        yield running


@pytest.fixture
async def officer(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with await client_of(site, USER, PASSWORD) as client:
        yield client


async def client_of(site: Site, name: str, password: str) -> aiohttp.ClientSession:
    async with (
        aiohttp.ClientSession(site.url) as client,
        client.post(f"{API}/sessions", json={"name": name, "password": password}) as answer,
    ):
        token = (await answer.json())["token"]
    return aiohttp.ClientSession(site.url, headers={"Authorization": f"Bearer {token}"})


async def command(
    client: aiohttp.ClientSession, verb: str, camera: str = CAMERA
) -> tuple[int, str]:
    path = f"{API}/cameras/{camera}/commands"
    async with client.post(path, json={"verb": verb}) as answer:
        body = await answer.json()
        return answer.status, body.get("outcome") or body["error"]["code"]


async def deeds(site: Site, camera: str = CAMERA) -> list[tuple[str, str, str | None]]:
    found: list[Deed] = await site.store.deeds(camera, actions=ALL)
    return [(deed.person, deed.action, deed.outcome) for deed in reversed(found)]


async def test_an_officer_asks_and_each_request_is_noted(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    assert await command(officer, "look") == (200, "done")
    assert await command(officer, "new_view") == (200, "done")
    sent = [(agent, c.verb, c.camera) for agent, c in site.gate_pc.obeyed]
    assert sent == [(AGENT, "look", CAMERA), (AGENT, "new_view", CAMERA)]
    assert await deeds(site) == [(USER, "look", "done"), (USER, "new_view", "done")]


async def test_evidence_is_listed_and_its_pictures_are_shown_and_kept_nowhere(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    async with officer.get(f"{API}/cameras/{CAMERA}/evidence") as answer:
        pieces = (await answer.json())["pieces"]
    assert [piece["cause"] for piece in pieces] == ["picture.covered", None, "picture.black"]
    assert (pieces[0]["at"], pieces[0]["before"]) == ("2026-11-23T23:48:00Z", PICTURE)
    for address in (pieces[0]["before"], pieces[0]["after"]):
        async with officer.get(address) as answer:
            assert answer.status == 200
            assert answer.headers["Content-Type"] == "image/jpeg"
            assert answer.headers["Cache-Control"] == "no-store"
            assert (await answer.read()).startswith(b"\xff\xd8\xff")
    assert [action for _, action, _ in await deeds(site)] == ["evidence", *["evidence_picture"] * 2]
    details = {d.detail for d in await site.store.deeds(CAMERA, actions=("evidence_picture",))}
    assert details == {f"{AGENT} {COVERED} before", f"{AGENT} {COVERED} after"}


async def test_what_came_of_a_request_is_told_to_whoever_made_it(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    await command(officer, "look")
    (deed,) = await site.store.deeds(CAMERA, actions=("look",))
    others = await site.store.note_deed(person="hoa", action="look", camera=CAMERA, now=NOW)
    elsewhere = await site.store.note_deed(person=USER, action="look", camera="x", now=NOW)
    for number, is_told in ((deed.id, True), (others, False), (elsewhere, False), (10**9, False)):
        async with officer.get(f"/cameras/{CAMERA}?asked={number}") as answer:
            assert ('id="told"' in await answer.text()) is is_told


async def test_the_page_of_pictures_does_not_ask_again_by_itself(
    officer: aiohttp.ClientSession,
) -> None:
    async with officer.get(f"/cameras/{CAMERA}/evidence") as answer:
        page = await answer.text()
    assert COVERED in page
    assert "sse-connect" not in page
    assert "hx-get" not in page


async def test_whoever_may_only_look_gets_403_and_nothing_is_asked(site: Site) -> None:
    password = hash_password(VIEWERS_PASSWORD)
    await site.store.create_user(VIEWER, password, now=NOW, role=Role.VIEWER)
    async with await client_of(site, VIEWER, VIEWERS_PASSWORD) as viewer:
        assert await command(viewer, "new_view") == (403, "forbidden")
        for path in (
            f"{API}/cameras/{CAMERA}/evidence",
            PICTURE,
            f"/cameras/{CAMERA}/evidence",
            f"/cameras/{CAMERA}/new-view",
            f"/cameras/{CAMERA}/evidence/{AGENT}/{COVERED}/before.jpg",
        ):
            async with viewer.get(path) as answer:
                assert answer.status == 403, path
        async with viewer.post(f"/cameras/{CAMERA}/commands", data={"verb": "look"}) as answer:
            assert answer.status == 403
        async with viewer.get(f"/cameras/{CAMERA}") as answer:
            page = await answer.text()
    assert "Kiểm tra lại ngay" not in page
    assert "Xem ảnh" not in page
    assert site.gate_pc.obeyed == []
    assert await deeds(site) == []
    await site.store.set_role(VIEWER, Role.OFFICER)
    async with await client_of(site, VIEWER, VIEWERS_PASSWORD) as promoted:
        assert await command(promoted, "look") == (200, "done")


REFUSALS = (
    ("busy", 503, "busy"),
    ("not_kept", 404, "not_kept"),
    ("unknown_verb: this version knows no 'look'", 502, "unknown_verb"),
    ("unknown_camera", 502, "unknown_camera"),
    ("whatever a broken agent says", 502, "failed"),
)


async def test_what_a_gate_pc_refuses_is_said_with_its_reason(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    for text, status, code in REFUSALS:
        site.gate_pc.refuses = text
        assert await command(officer, "look") == (status, code)
    assert await deeds(site) == [(USER, "look", code) for _, _, code in REFUSALS]


async def test_a_gate_pc_that_does_not_report_is_not_waited_for(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    assert await command(officer, "look", SILENT) == (503, "unreachable")
    async with officer.get(f"{API}/cameras/{SILENT}/evidence") as answer:
        assert answer.status == 503
    assert site.gate_pc.obeyed == []
    assert await deeds(site, SILENT) == [
        (USER, "look", "unreachable"),
        (USER, "evidence", "unreachable"),
    ]


async def test_bytes_that_are_no_jpeg_reach_no_browser(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    site.gate_pc.shows = b"<script>alert(1)</script>"
    async with officer.get(PICTURE) as answer:
        assert answer.status == 502
        assert (await answer.json())["error"]["code"] == "failed"


NO_PICTURES = (
    f"/cameras/{CAMERA}/evidence/{AGENT}/1_picture.moved_0/before",
    f"/cameras/{CAMERA}/evidence/mn-anh-duong-cong/{COVERED}/before",
    f"/cameras/{CAMERA}/evidence/{AGENT}/{COVERED}/inside",
    f"/cameras/{CAMERA}/evidence/{AGENT}/..%2F..%2Fsecret/before",
    f"/cameras/nowhere/evidence/{AGENT}/{COVERED}/before",
)


async def test_a_picture_that_is_not_there_is_404(officer: aiohttp.ClientSession) -> None:
    for path in NO_PICTURES:
        async with officer.get(API + path) as answer:
            assert answer.status == 404, path


async def test_only_the_two_wishes_are_commands(site: Site, officer: aiohttp.ClientSession) -> None:
    for body in (b"{}", b'{"verb": "reboot"}', b'{"verb": "evidence"}', b"x"):
        async with officer.post(f"{API}/cameras/{CAMERA}/commands", data=body) as answer:
            assert answer.status == 400
    for verb in ("evidence", "reboot"):
        async with officer.post(f"/cameras/{CAMERA}/commands", data={"verb": verb}) as answer:
            assert answer.status == 400
    assert site.gate_pc.obeyed == []


async def test_what_an_agent_measures_beside_the_stream_is_told(
    officer: aiohttp.ClientSession,
) -> None:
    async with officer.get(f"{API}/cameras/{CAMERA}") as answer:
        camera = await answer.json()
    facts = camera["facts"]
    assert facts["unchecked"] == ["picture.frozen"]
    assert facts["clock_offset_ms"] == 95_000
    assert facts["recording"]["gaps"] == 2
    assert camera["detail"] == "37 % of the picture is hidden, upper left"
    async with officer.get(f"/cameras/{CAMERA}") as answer:
        page = await answer.text()
    for text in ("Hiện không kiểm tra được ở camera này: hình bị đứng", "nhanh 1 phút", "30 ngày"):
        assert text in page
    assert "37\N{NO-BREAK SPACE}% khung hình bị che, ở góc trên bên trái</p>" in page


async def test_the_way_of_an_officer_through_the_pages(browser: Browser, site: Site) -> None:
    page = await signed_in(browser, site)
    noise = Noise(page)
    await page.goto(f"{site.url}/cameras/{CAMERA}")
    await page.click("text=Xem ảnh trước và sau")
    pictures = page.locator(".pic img")
    await expect(pictures).to_have_count(2)
    for number in range(2):
        await expect(pictures.nth(number)).to_have_js_property("naturalWidth", 320)
    await page.click("text=Hình tối đen")
    await expect(page.locator("h2.what")).to_have_text("Hình tối đen")
    await page.click(".crumb >> text=Cổng chính 2")
    await page.click("text=Đây là hướng nhìn mới")
    await page.click("text=Đúng, đây là hướng nhìn mới")
    await expect(page.locator("#told")).to_contain_text("Đã nhận")
    await expect(page.locator(".deeds")).to_contain_text(f"{USER} xác nhận đây là hướng nhìn mới")
    await expect(page.locator(".deeds")).to_contain_text(f"Đã xem bởi {USER}")
    site.gate_pc.refuses = "busy"
    await page.click("text=Kiểm tra lại ngay")
    await expect(page.locator("#told.bad")).to_contain_text("đang bận")
    assert noise.heard == []
