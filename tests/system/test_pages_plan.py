"""The plan's pages in a real Chromium: two officers make a version, and nobody loses a word."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright, expect

from tests.system.fixtures_plan import DRAFT, FEW, SECOND, TEXT, with_book
from tests.system.web_district import PASSWORD, USER, Site, serve

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
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
    await expect(first.locator("#mistake")).to_contain_text("Cần một số, nhưng ghi chữ 'chín'")
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
