"""A real Chromium over real pages, a real store and a real stream of events."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from tests.system.web_district import PASSWORD, USER, Site, news, serve
from tests.system.web_incidents import CUT
from wire.vocabulary import Cause, State

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PAGES = (
    "/",
    "/schools",
    "/schools?q=san",
    "/schools/th-vinh-quynh",
    "/cameras/th-vinh-quynh-c2",
    "/cameras/th-vinh-quynh-c2?zoom=month",
    "/cameras/th-vinh-quynh-c2/evidence",
    "/cameras/th-vinh-quynh-c2/new-view",
    "/gate-log",
    "/agents",
    "/reports",
    "/incidents",
    "/incidents?which=done",
    f"/incidents/{CUT}",
    f"/incidents/{CUT}?do=silence",
    "/alerting",
    "/alerting/rules",
    "/alerting/receivers?edit=ky-thuat",
    "/alerting/rotas",
    "/alerting/policies?edit=xa",
    "/alerting/silences",
    "/alerting/channels",
)
expect.set_options(timeout=8000)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path) as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        yield chromium
        await chromium.close()


class Noise:
    """What a page complained of."""

    def __init__(self, page: Page) -> None:
        self.heard: list[str] = []
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.heard.append(str(error)))

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.heard.append(message.text)


async def signed_in(
    browser: Browser, site: Site, *, width: int = 1440, theme: str = "light"
) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if theme == "dark" else "light",
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
    )
    page = await context.new_page()
    await page.goto(f"{site.url}/schools/th-vinh-quynh")
    await page.fill("#name", USER)
    await page.fill("#password", PASSWORD)
    await page.click("main button.pri")
    await expect(page).to_have_url(f"{site.url}/schools/th-vinh-quynh")
    await page.goto(site.url)
    return page


async def test_the_way_through_the_pages(browser: Browser, site: Site) -> None:
    page = await signed_in(browser, site)
    noise = Noise(page)
    await expect(page.locator("#answer")).to_have_text(re.compile("21.*–.*23/25"))
    await page.click("#tile-th-vinh-quynh")
    await expect(page.locator("h1")).to_have_text("Trường Tiểu học Vĩnh Quỳnh")
    await page.click("text=Cổng chính 2 >> nth=0")
    await expect(page.locator("#verdict")).to_have_text("Hình ảnh kém: bị che khuất")
    await page.click("text=Tuần")
    await expect(page.locator("nav.seg a[aria-current]")).to_have_text("Tuần")
    await page.click("text=Nhật ký ra vào >> nth=0")
    await page.select_option("#school", "th-vinh-quynh")
    await page.fill("#text", "quen the")
    await page.click("text=Lọc")
    await expect(page.locator("table.log tbody tr")).to_have_count(4)
    await expect(page.locator("table.log tbody tr").first).to_contain_text("Quên thẻ")
    async with page.expect_download() as download:
        await page.click("text=Tải CSV")
    path = await (await download.value).path()
    file = path.read_text(encoding="utf-8")
    assert file.startswith("\ufeffGiờ;Trường;Cổng;")
    assert file.count("\n") == 5
    await page.click("summary.who")
    await page.click("button[value=en]")
    await expect(page.locator("h1")).to_have_text("Entry and exit log")
    await expect(page.locator("table.log tbody tr")).to_have_count(4)
    await page.click("summary.who")
    await page.click("button[value=dark]")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.click("summary.who")
    await page.click("#logout")
    await expect(page).to_have_url(f"{site.url}/login")
    await page.goto(f"{site.url}/agents")
    await expect(page).to_have_url(f"{site.url}/login?next=/agents")
    assert noise.heard == []


async def test_a_report_changes_the_page_within_two_seconds_without_a_reload(
    browser: Browser, site: Site
) -> None:
    page = await signed_in(browser, site)
    noise = Noise(page)
    await expect(page.locator("#pulse")).to_have_text(re.compile(r"09:4\d:\d\d"))
    await page.evaluate("window.untouched = true")
    await page.focus("#tile-s0")
    await page.wait_for_timeout(1200)  # the stream is open: its first pulse has come
    for camera in (4, 5, 3):
        await site.store.commit(
            [news(f"s0-c{camera}", "s0-cong", State.DOWN, Cause.RTSP_AUTH, site.now())]
        )
        site.changes.publish("agent/s0-cong")
    tile = page.locator("#tile-s0")
    await expect(tile).to_have_class(re.compile("down"), timeout=2000)
    await expect(tile).to_contain_text("từ chối mật khẩu")
    await expect(page.locator("#answer")).to_have_text(re.compile("20.*–.*22/25"))
    assert await page.evaluate("window.untouched") is True
    assert await page.evaluate("document.activeElement.id") == "tile-s0"
    assert noise.heard == []


async def test_an_incident_is_taken_on_and_another_reader_sees_it(
    browser: Browser, site: Site
) -> None:
    mine, other = await signed_in(browser, site), await signed_in(browser, site)
    await other.goto(f"{site.url}/incidents")
    await expect(other.locator("#badge")).to_contain_text("3")
    await expect(other.locator(f"#i-{CUT}")).to_contain_text("Chưa xử lý")
    await other.wait_for_timeout(1200)
    await mine.goto(f"{site.url}/")
    await mine.locator(f"#i-{CUT} a").click()
    await expect(mine.locator("h1.verdict")).to_contain_text("Trường THCS Ích Vịnh: 3 camera")
    await mine.set_viewport_size({"width": 390, "height": 700})  # under the thumb, unscrolled
    await expect(mine.get_by_role("button", name="Tiếp nhận")).to_be_in_viewport()
    await mine.get_by_role("button", name="Tiếp nhận").click()
    await mine.set_viewport_size({"width": 1440, "height": 900})
    await expect(mine.locator("#badge")).to_contain_text("2")
    await expect(mine.locator(".tl li").first).to_contain_text(f"{USER} đã tiếp nhận")
    await expect(other.locator(f"#i-{CUT}")).to_contain_text("Đã tiếp nhận", timeout=3000)
    await expect(other.locator("#badge")).to_contain_text("2")


async def test_rules_are_saved_only_after_a_preview(browser: Browser, site: Site) -> None:
    page = await signed_in(browser, site)
    await page.goto(f"{site.url}/alerting/rules")
    await expect(page.get_by_role("button", name="Lưu")).to_have_count(0)
    await page.locator("[name='network.grace_s']").fill("86400")
    await page.locator("details", has=page.locator("#n-zone")).locator("summary").click()
    await page.get_by_role("button", name="Đưa vào bảng").click()
    await expect(page.locator("#mistake")).to_contain_text("không được để trống")
    await page.locator("#n-kind").select_option("camera")
    await page.locator("#n-zone").select_option("cong_truong")
    await page.get_by_role("button", name="Đưa vào bảng").click()
    zoned = page.locator("[name='camera@cong_truong.grace_s']")
    await expect(zoned).to_be_focused()
    await expect(page.locator("tr.zoned")).to_contain_text("chưa lưu")
    await expect(page.locator("#preview")).to_have_count(0)
    await zoned.fill("15")
    await zoned.press("Enter")  # what Enter does is no addition
    await expect(zoned).to_have_value("15")
    await expect(page.locator("#preview")).to_contain_text("60 s → 86400 s")
    await expect(page.locator("#preview .many").first).not_to_have_text(
        await page.locator("#preview .many").nth(1).inner_text()
    )
    await page.get_by_role("button", name="Lưu").click()
    await expect(page.locator("#preview")).to_have_count(0)
    await expect(page.locator("ol.plainlist > li")).to_contain_text("Bản 1")
    await expect(page.locator("[name='network.grace_s']")).to_have_value("86400")


async def test_somebody_is_entered_stands_in_and_is_told_first(
    browser: Browser, site: Site
) -> None:
    page = await signed_in(browser, site)
    await page.goto(f"{site.url}/alerting/receivers?edit=new")
    await page.get_by_label("Tên").fill("Thầy Minh")
    await page.get_by_role("button", name="Nhập").click()
    await expect(page.locator("#mistake")).to_contain_text("cách liên lạc")
    await page.get_by_label("email: địa chỉ").first.fill("minh@truong.example")
    await page.get_by_role("button", name="Nhập").click()
    await expect(page.locator(".people")).to_contain_text("minh@truong.example")
    await page.goto(f"{site.url}/alerting/rotas")
    await page.locator("summary", has_text="Người trực thay").click()
    await page.get_by_label("Từ ngày").fill("2026-11-24")
    await page.get_by_label("Đến ngày").fill("2026-11-25")
    await page.get_by_label("Ai", exact=True).select_option(label="Thầy Minh")
    await page.locator("details[open] button.pri").click()
    await expect(page.locator("td.today")).to_contain_text("Thầy Minh")
    await page.goto(f"{site.url}/alerting/channels")
    await page.locator("#webhook").get_by_role("button", name="Gửi thử").click()
    await expect(page.locator("[role=status].note")).to_contain_text("Tin thử")
    sent = await site.store.letters_since(site.now() - timedelta(minutes=1))
    assert [x.occasion for x in sent] == ["test"]


async def test_alerts_are_paused_with_a_reason_and_the_pause_is_ended(
    browser: Browser, site: Site
) -> None:
    page = await signed_in(browser, site, width=390)
    await page.goto(f"{site.url}/incidents")
    await expect(page.locator("#story")).to_be_hidden()
    await page.locator(f"#i-{CUT} a").click()
    await expect(page.locator("#list")).to_be_hidden()
    await page.get_by_role("link", name="Tạm dừng cảnh báo").click()
    await page.get_by_label("Lý do").fill("Thay tủ điện sân trường")
    await page.get_by_role("button", name="Tạm dừng cảnh báo").click()
    await expect(page.locator(".quiet")).to_contain_text("Thay tủ điện sân trường")
    await page.get_by_role("button", name="Kết thúc ngay").click()
    await expect(page.locator(".quiet")).to_have_count(0)
    await expect(page).to_have_url(f"{site.url}/incidents/{CUT}")


async def test_a_lost_stream_is_said_and_found_again(browser: Browser, site: Site) -> None:
    page = await signed_in(browser, site)
    await page.wait_for_timeout(1200)
    await expect(page.locator("#lost")).to_be_hidden()
    await site.stop()
    await expect(page.locator("#lost")).to_be_visible(timeout=25_000)
    await expect(page.locator("#lost")).to_contain_text(re.compile(r"09:4\d:\d\d"))
    await site.store.commit(
        [news(f"s2-c{c}", "s2-cong", State.DOWN, Cause.RTSP_BUSY, site.now()) for c in (3, 4, 5)]
    )
    await page.evaluate("window.untouched = true")
    await site.start()
    await expect(page.locator("#lost")).to_be_hidden(timeout=15_000)
    await expect(page.locator("#tile-s2")).to_have_class(re.compile("down"))
    assert await page.evaluate("window.untouched") is True


async def test_a_silent_agent_turns_to_not_known_by_itself(browser: Browser, site: Site) -> None:
    page = await signed_in(browser, site)
    await page.wait_for_timeout(1200)
    await site.store.note_statuses({"s1-cong": False}, now=site.now() - timedelta(seconds=11))
    site.changes.publish("agent/s1-cong")
    await expect(page.locator("#tile-s1")).to_have_class(re.compile("unk"), timeout=3000)


@pytest.mark.parametrize(
    ("width", "theme"),
    [(390, "light"), (390, "dark"), (1440, "light"), (320, "light"), (800, "light")],
)
async def test_no_page_scrolls_sideways_or_complains(
    browser: Browser, site: Site, width: int, theme: str
) -> None:
    page = await signed_in(browser, site, width=width, theme=theme)
    noise = Noise(page)
    for path in PAGES:
        await page.goto(site.url + path)
        over = await page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over == 0, path
        clipped = await page.evaluate(_CLIPPED)
        assert clipped == [], path
        assert await page.evaluate(_SQUEEZED) == [], path
        assert await page.evaluate(_HEADINGS) == [], path
    assert noise.heard == []


_CLIPPED = """() => [...document.querySelectorAll(
    'main h1, main h2, main h3, main b, main td, .st')]
  .filter(e => e.clientWidth && getComputedStyle(e).overflow !== 'visible'
    && e.scrollWidth > e.clientWidth + 1)
  .map(e => e.textContent.trim().slice(0, 40))"""


_SQUEEZED = """() => [
  ...[...document.querySelectorAll('main a, main b, main h3, main td')].filter(e => {
    const box = e.getBoundingClientRect();
    return box.width && box.width < 24 && box.height > 80;
  }),
  ...[...document.querySelectorAll('.cards tbody tr *')].filter(e =>
    e.getBoundingClientRect().right > e.closest('tr').getBoundingClientRect().right + 1),
].map(e => e.textContent.trim().slice(0, 40))"""
"""Names with a letter a line, and what sticks out of its tile."""

_HEADINGS = """() => [...document.querySelectorAll('h1, h2, h3')]
  .filter((e, n, all) => n && +e.tagName[1] > +all[n - 1].tagName[1] + 1)
  .map(e => e.textContent.trim().slice(0, 40))"""
"""Headings that skip a step."""


async def test_what_is_touched_is_large_enough(browser: Browser, site: Site) -> None:
    page = await signed_in(browser, site, width=390)
    for path in PAGES:
        await page.goto(site.url + path)
        small = await page.evaluate(_SMALL)
        assert small == [], path


_SMALL = """() => [...document.querySelectorAll(
    'button, input, select, summary, nav a, a.btn, td a, a.cam')]
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([e, r]) => r.width && r.height && r.height < 43.5)
  .map(([e, r]) => `${e.tagName} ${e.textContent.trim().slice(0, 20)} ${r.height}`)"""
