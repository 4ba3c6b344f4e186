"""The plan's pages in a real Chromium: two officers make a version, and nobody loses a word."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from server.planning import all_papers, open_paper
from server.storage import Role
from tests.system.fixtures_plan import SECOND, TEXT, with_book
from tests.system.web_district import PASSWORD, SEEDS, USER, Site, serve

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
DRAFT = (
    TEXT.replace('version: "3"', 'version: "4"')
    .replace("from: 2026-09-01", "from: 2026-11-01")
    .replace("bep_an: {required: true, min_cameras: 1", "bep_an: {required: true, min_cameras: 9")
)
FEW = [SEEDS[0], next(seed for seed in SEEDS if seed.kind == "mam_non")]
expect.set_options(timeout=8000)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=FEW, trouble=False) as running:
        await with_book(running)
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        yield chromium
        await chromium.close()


async def signed_in(browser: Browser, site: Site, name: str, *, width: int = 1440) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh"
    )
    page = await context.new_page()
    await page.goto(f"{site.url}/login?next=/plan")
    await page.fill("#name", name)
    await page.fill("#password", PASSWORD)
    await page.click("main button.pri")
    await expect(page).to_have_url(f"{site.url}/plan")
    return page


async def test_two_officers_make_a_version(browser: Browser, site: Site) -> None:
    first = await signed_in(browser, site, USER)
    await expect(first.locator("main")).to_contain_text("chưa có người thứ hai xác nhận")
    await first.click("text=Soạn phiên bản mới")
    await expect(first.locator("#text")).to_have_value(TEXT)

    await first.fill("#text", DRAFT.replace("required_percent: 90", "required_percent: chín"))
    await first.click("text=Lưu bản nháp")
    await expect(first.locator("#mistake")).to_contain_text("uptime.required_percent")
    await expect(first.locator("#mistake .here")).to_contain_text("required_percent: chín")

    await first.click("text=Sửa văn bản")
    await first.fill("#text", DRAFT)
    await first.click("text=Lưu bản nháp")
    await expect(first.locator("#changes")).to_contain_text("Mầm non, Bếp ăn: số camera")
    await expect(first.locator("#places")).to_contain_text("Bếp ăn")
    address = first.url

    await first.click("text=Nơi nào sẽ thành chưa đạt?")
    await expect(first.locator("#rows .red").first).to_contain_text("Bếp ăn")
    await expect(first.locator("#red")).to_contain_text("khu vực sẽ thành chưa đạt")

    await first.goto(address)
    await first.click("text=Chuyển để xác nhận")
    await expect(first.locator("#confirm")).to_contain_text("Bạn đã nhập phiên bản này")
    await expect(first.locator("#confirm button")).to_have_count(0)

    second = await signed_in(browser, site, SECOND, width=390)
    await second.click("p.note a")
    await expect(second.locator("#confirm")).to_contain_text("có hiệu lực từ ngày đã qua")
    await second.click("#confirm button")
    await expect(second.locator("main")).to_contain_text(f"{USER} nhập, {SECOND} xác nhận")
    await expect(second.locator("text=Sửa văn bản")).to_have_count(0)
    await second.goto(f"{site.url}/plan")
    await expect(second.locator("main")).to_contain_text("Phiên bản 4")
    assert site.deps.plan.version == "4"


async def client_of(site: Site, name: str) -> aiohttp.ClientSession:
    async with aiohttp.ClientSession(site.url) as stranger:
        body = {"name": name, "password": PASSWORD}
        async with stranger.post("/api/v1/sessions", json=body) as answer:
            token = (await answer.json())["token"]
    return aiohttp.ClientSession(site.url, headers={"Authorization": f"Bearer {token}"})


def form(**fields: str | bytes) -> aiohttp.FormData:
    data = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        upload = isinstance(value, bytes)
        data.add_field(name, value, filename="plan.yaml" if upload else None)
    return data


async def test_what_somebody_else_wrote_is_not_overwritten(site: Site) -> None:
    async with await client_of(site, USER) as one, await client_of(site, SECOND) as other:
        upload = form(text="", file=DRAFT.replace("\n", "\r\n").encode("utf-8-sig"))
        async with one.post("/plan/new", data=upload) as answer:
            assert answer.status == 200
            address = answer.url.path
        name = address.rpartition("/")[2]
        assert (await open_paper(site.store, name)).paper.text == DRAFT
        theirs = form(text=DRAFT + "# hai\n", revision="1")
        async with other.post(f"{address}/edit", data=theirs) as answer:
            assert answer.status == 200
        mine = form(text=DRAFT + "# một\n", revision="1")
        async with one.post(f"{address}/edit", data=mine) as answer:
            assert answer.status == 409
            assert "# một" in await answer.text()
        assert (await open_paper(site.store, name)).paper.text == DRAFT + "# hai\n"
        for step in ("submit", "confirm", "withdraw"):
            body = {"step": step, "revision": "1"}
            async with one.post(address, data=body, allow_redirects=False) as answer:
                assert answer.headers["Location"] == f"{address}?changed=1"


async def test_one_open_value_is_set_on_the_version_s_page(site: Site) -> None:
    async with await client_of(site, USER) as client:
        async with client.post("/plan/new", data=form(text=DRAFT)) as answer:
            address = answer.url.path
            assert "recording_retention_days" not in DRAFT  # left out: only the editor adds it
            assert 'value="plan.document_no"' in await answer.text()
        body = {"revision": "1", "key": "plan.document_no", "value": "12/KH-UBND"}
        async with client.post(f"{address}/value", data=body) as answer:
            assert answer.status == 200
            assert "12/KH-UBND" in await answer.text()
        wrong = {
            "revision": "2",
            "key": "camera_requirements.thcs.hanh_lang.min_cameras",
            "value": "nhiều",
        }
        async with client.post(f"{address}/value", data=wrong) as answer:
            assert answer.status == 400
            assert "a whole number is expected" in await answer.text()
        kept = await open_paper(site.store, address.rpartition("/")[2])
        assert (kept.revision, kept.paper.typed_by) == (2, (USER,))


async def test_who_may_only_look_writes_nothing_and_too_much_is_refused(site: Site) -> None:
    await site.store.set_role(SECOND, Role.VIEWER)
    async with await client_of(site, USER) as officer, await client_of(site, SECOND) as viewer:
        async with viewer.get("/plan") as answer:
            assert answer.status == 200
            assert "Soạn phiên bản mới" not in await answer.text()
        for path in ("/plan/new", "/plan/versions/x"):
            async with viewer.post(path, data=form(text=DRAFT)) as answer:
                assert answer.status == 403
        async with officer.post("/plan/new", data=form(text="#" * 600_000)) as answer:
            assert answer.status == 400
        async with officer.post("/plan/new", data=form(text=" ")) as answer:
            assert answer.status == 400
        async with officer.get("/plan/versions/no-such") as answer:
            assert answer.status == 404
    assert len(await all_papers(site.store)) == 1


async def test_programs_read_the_plan_of_a_day_and_check_a_text(site: Site) -> None:
    async with await client_of(site, USER) as client:
        async with client.get("/api/v1/plan") as answer:
            told = await answer.json()
        gate = next(
            line
            for line in told["lines"]
            if line["key"] == "camera_requirements.mam_non.cong_truong.min_cameras"
        )
        assert (told["version"], told["confirmed_by"]) == ("3", None)
        assert (gate["value"], gate["source"]) == ("2", "Ủy ban nhân dân xã đặt (ví dụ), mục 1")
        assert "plan.document_no" in told["unset"]
        assert [w["kind"] for w in told["warnings"]] == ["source_ended"]
        async with client.get("/api/v1/plan?on=2026-08-31") as answer:
            assert answer.status == 404
        async with client.get("/api/v1/plan/versions") as answer:
            assert [v["state"] for v in (await answer.json())["versions"]] == ["confirmed"]
        async with client.post("/api/v1/plan/check", json={"text": DRAFT}) as answer:
            found = await answer.json()
        assert (found["ok"], found["plan"]["version"]) == (True, "4")
        wrong = DRAFT.replace("required_percent: 90", "required_percent: 900")
        async with client.post("/api/v1/plan/check", json={"text": wrong}) as answer:
            found = await answer.json()
        assert found["mistake"]["key"] == "uptime.required_percent"
        assert found["mistake"]["why"] == "900 is not between 0 and 100"
