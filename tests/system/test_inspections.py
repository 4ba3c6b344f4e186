"""An inspection on a phone that loses its network, in a real Chromium; faults and findings kept."""

import io
import re
import struct
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import docx
import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from server.domain.calendar import local_date
from server.domain.citation import Stated
from server.domain.inspection import Finding, Paper, Side, Signed, Step, Visit
from server.domain.planbook import PlanBook
from server.inspecting.faultbook import entry_in, load_faults
from server.inspecting.photos import plain_jpeg
from server.inspecting.registrar import Registrar
from server.inspecting.visits import KIND, load_visits, put_of, visit_in
from server.storage import Role, hash_password
from tests.system.test_pages_browser import ARGS, Noise
from tests.system.test_pages_requests import VIEWER, VIEWERS_PASSWORD, client_of
from tests.system.web_district import NOW, PASSWORD, SEEDS, USER, Site, serve

SCHOOL = "th-vinh-quynh"
SENT = "Đã gửi về trung tâm"
expect.set_options(timeout=10_000)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=SEEDS[1:2]) as running:
        yield running


@pytest.fixture
async def phone() -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        yield await _phone(chromium)
        await chromium.close()


async def _phone(browser: Browser) -> BrowserContext:
    return await browser.new_context(
        viewport={"width": 390, "height": 800},
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
        has_touch=True,
    )


def plan_of_five_days(site: Site) -> None:
    """Let the plan in force close findings after five good days."""
    (version,) = site.deps.standing.plans.versions
    asks = replace(version.plan, findings_healthy_days=Stated(value=5))
    site.deps.standing.plans = PlanBook((replace(version, plan=asks),))


async def planned(context: BrowserContext, site: Site) -> Page:
    """Sign in, plan a visit and begin it; return its form."""
    page = await context.new_page()
    await page.goto(f"{site.url}/inspections")
    await page.fill("#name", USER)
    await page.fill("#password", PASSWORD)
    await page.click("main button.pri")
    await page.select_option("#n-school", SCHOOL)
    await page.fill("#n-team", "Nguyễn Văn A, Trần Thị B")
    await page.click("form[action='/inspections'] button.pri")
    await page.click("form[action$='/begin'] button")
    await expect(page.locator("#kept")).to_have_text(re.compile("khi mất mạng"))
    return page


def exif_jpeg(plain: bytes) -> bytes:
    """Return a JPEG with a place and an owner written beside the picture."""
    exif = b"Exif\x00\x00MM\x00*\x00\x00\x00\x08GPS 21.03 105.85 owner"
    return plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]


async def drawn_jpeg(page: Page, width: int, height: int) -> bytes:
    """Let the browser draw a JPEG."""
    octets = await page.evaluate(
        """async ([w, h]) => {
          const c = Object.assign(document.createElement("canvas"), {width: w, height: h});
          const p = c.getContext("2d"); p.fillStyle = "teal"; p.fillRect(0, 0, w, h / 2);
          const b = await new Promise((r) => c.toBlob(r, "image/jpeg"));
          return [...new Uint8Array(await b.arrayBuffer())];
        }""",
        [width, height],
    )
    return bytes(octets)


async def test_a_visit_is_filled_in_without_a_network_and_arrives_once(
    phone: BrowserContext, site: Site
) -> None:
    plan_of_five_days(site)
    page = await planned(phone, site)
    noise = Noise(page)
    camera = page.locator(f"[data-camera={SCHOOL}-c8]")
    await expect(camera).to_contain_text("Mất kết nối")
    await page.locator("[data-act=finding]").last.click()
    by_plan = page.locator("[data-finding] [data-field=healthy_days]")
    await expect(by_plan).to_have_value("5")
    await page.locator("[data-finding] > [data-act=remove]").click()
    await expect(page.locator("[data-people=team] input").first).to_have_value("Nguyễn Văn A")
    picture = exif_jpeg(await drawn_jpeg(page, 2400, 1200))
    await phone.set_offline(True)
    await camera.locator("[data-field=works] [value=no]").click()
    await camera.locator("[data-field=note]").fill("Đèn tắt")
    await camera.locator("[data-act=finding]").click()
    finding = page.locator("[data-finding]")
    await finding.locator("[data-field=what]").fill("Mất nguồn camera bếp <b>")
    await finding.locator("[data-field=deadline]").fill("2026-12-01")
    await finding.locator("[data-field=healthy_days]").fill("2")
    await finding.locator("input[type=file]").set_input_files(
        {"name": "anh.jpg", "mimeType": "image/jpeg", "buffer": picture}
    )
    await expect(finding.locator(".photos li")).to_have_count(1)
    await expect(page.locator("#sync-word")).to_have_text(re.compile(r"Đang chờ gửi \(2\)"))
    await page.reload()
    await expect(page.locator("#sync-word")).to_have_text(re.compile(r"Đang chờ gửi \(2\)"))
    await expect(finding.locator("[data-field=what]")).to_have_value("Mất nguồn camera bếp <b>")
    await expect(camera.locator("[data-field=works] [value=no]")).to_have_attribute(
        "aria-pressed", "true"
    )
    (kept,) = await load_visits(site.store)
    assert kept.visit.paper.findings == ()
    await phone.set_offline(False)
    await expect(page.locator("#sync-word")).to_have_text(SENT)
    (kept,) = await load_visits(site.store)
    (found,) = kept.visit.paper.findings
    assert (found.what, found.camera, found.healthy_days) == (
        "Mất nguồn camera bếp <b>",
        f"{SCHOOL}-c8",
        2,
    )
    photo = await site.store.kept_file(found.photos[0])
    assert photo is not None
    assert plain_jpeg(photo.data) == (1600, 800)
    assert b"GPS" not in photo.data
    changes = [visit_in(r).change for r in await site.store.record_history(KIND, kept.record.id)]
    assert len({c for c in changes if c}) == len([c for c in changes if c]), "taken twice"
    await _sign(page, "inspector", "Nguyễn Văn A", "Trưởng đoàn")
    await _sign(page, "school", "Lê Thị Hiệu", "Hiệu trưởng")
    await expect(page.locator("#settled")).to_be_visible()
    await page.click("#settled a")
    await expect(page.locator("#findings")).to_contain_text("Mất nguồn camera bếp <b>")
    text = await minutes_of(page)
    assert "Mất nguồn camera bếp <b>" in text
    assert "Lê Thị Hiệu" in text
    assert "01/12/2026" in text
    assert [n for n in noise.heard if "ERR_INTERNET_DISCONNECTED" not in n] == []


async def minutes_of(page: Page) -> str:
    """Download the minutes of a visit; return their text."""
    async with page.expect_download() as download:
        await page.click("text=Biên bản DOCX")
    path = await (await download.value).path()
    return "\n".join(_texts(path.read_bytes()))


async def _sign(page: Page, side: str, name: str, role: str) -> None:
    box = page.locator(f"[data-side={side}]")
    await box.locator("[data-field=name]").fill(name)
    await box.locator("[data-field=role]").fill(role)
    await box.locator("[data-act=sign]").click()
    await expect(box.locator(".signed")).to_contain_text(name)
    await expect(page.locator("#sync-word")).to_have_text(SENT)


def _texts(data: bytes) -> list[str]:
    file = docx.Document(io.BytesIO(data))
    cells = [c.text for t in file.tables for row in t.rows for c in row.cells]
    return [p.text for p in file.paragraphs] + cells


async def test_two_versions_are_shown_and_the_person_chooses(
    phone: BrowserContext, site: Site
) -> None:
    page = await planned(phone, site)
    other = await phone.new_page()
    await other.goto(page.url)
    await page.fill("#conclusion", "Kết luận ở trường")
    await expect(page.locator("#sync-word")).to_have_text(SENT)
    await other.fill("#conclusion", "Kết luận ở xã")
    await expect(other.locator("#conflict")).to_be_visible()
    await expect(other.locator("#differences")).to_contain_text("Kết luận ở trường")
    await expect(other.locator("#differences")).to_contain_text("Kết luận ở xã")
    await other.click("#keep-mine")
    await expect(other.locator("#sync-word")).to_have_text(SENT)
    (kept,) = await load_visits(site.store)
    assert kept.visit.paper.conclusion == "Kết luận ở xã"
    await page.fill("#conclusion", "Lại ở trường")
    await expect(page.locator("#conflict")).to_be_visible()
    await page.click("#keep-theirs")
    await expect(page.locator("#conclusion")).to_have_value("Kết luận ở xã")


async def test_only_officers_write_and_only_what_is_a_plain_photo(site: Site) -> None:
    await site.store.create_user(VIEWER, hash_password(VIEWERS_PASSWORD), now=NOW, role=Role.VIEWER)
    form = {"school": SCHOOL, "planned": "2026-11-24"}
    async with await client_of(site, USER, PASSWORD) as officer:
        async with officer.post("/inspections", data=form) as answer:
            one = answer.url.path
        sha = "0" * 64
        for data in (b"GIF89a", exif_jpeg(b"\xff\xd8\xff\xd9"), b"x" * 2_000_000):
            async with officer.put(f"{one}/photos/{sha}", data=io.BytesIO(data)) as answer:
                assert answer.status == 400
        for body in (
            b"{}",
            b"[]",
            b'{"base":1,"change":"abcdefgh","sent_at":"2026-11-24T03:00:00Z","paper":{"zones":7}}',
        ):
            async with officer.put(f"{one}/paper", data=body) as answer:
                assert answer.status == 400
        said: dict[str, object] = {
            "base": 1,
            "change": "change-1",
            "sent_at": NOW.isoformat(),
            "paper": {},
        }
        said["paper"] = {"conclusion": "Tốt"}
        for sent in (said, said, said | {"base": 7}):  # its answer was lost twice
            async with officer.put(f"{one}/paper", json=sent) as answer:
                assert (answer.status, (await answer.json())["taken"]) == (200, True)
        late = said | {"change": "change-2"}
        async with officer.put(f"{one}/paper", json=late) as answer:
            told = await answer.json()
        assert (answer.status, told["why"], told["standing"]["revision"]) == (409, "conflict", 2)
        named = {"findings": [{"id": "t", "what": "x", "photos": [sha]}]}
        missing = said | {"base": 2, "change": "change-3", "paper": named}
        async with officer.put(f"{one}/paper", json=missing) as answer:
            assert (answer.status, (await answer.json())["missing"]) == (422, [sha])
        assert len(await site.store.record_history(KIND, one.rpartition("/")[2])) == 2
        async with officer.post(f"{one}/begin") as answer:
            assert answer.url.path == f"{one}/form"
        rebased = said | {"base": 2, "change": "change-4", "paper": {"conclusion": "Khá"}}
        async with officer.put(f"{one}/paper", json=rebased) as answer:
            told = await answer.json()
        assert (told["taken"], told["standing"]["revision"]) == (True, 4), "only news came between"
        for path in (f"{one}/photos/{sha}", "/inspections/" + "0" * 32):
            async with officer.get(path) as answer:
                assert answer.status == 404
    async with await client_of(site, VIEWER, VIEWERS_PASSWORD) as viewer:
        async with viewer.get(one) as answer:
            assert answer.status == 200
        for path in (f"{one}/form", f"{one}/photos/{sha}"):
            async with viewer.get(path) as answer:
                assert answer.status == 403
        for path in ("/inspections", f"{one}/begin", "/faults"):
            async with viewer.post(path, data=form) as answer:
                assert answer.status == 403


async def test_the_register_fills_itself_and_findings_heal(site: Site) -> None:
    paused = 0

    async def calm() -> None:
        nonlocal paused
        paused += 1

    registrar = Registrar(
        store=site.store,
        standing=site.deps.standing,
        clock=site.deps.clock,
        changes=site.changes,
        duty=site.store.duty("inspecting"),
        least_s=3600,
        calm=calm,
    )
    finding = Finding(id="t", what="Mờ", camera=f"{SCHOOL}-c1", healthy_days=3)
    signed = Signed(name="A", role="", at=NOW - timedelta(days=10))
    visit = Visit(school=SCHOOL, planned=local_date(signed.at), step=Step.CONFIRMED)
    visit = replace(visit, paper=Paper(findings=(finding,)), signed=dict.fromkeys(Side, signed))
    await site.store.put_records([put_of("1" * 32, visit, expected=0)], by=USER, now=NOW)
    assert await registrar.run_once() > 1
    assert paused, "reports come first, between some schools and the next"
    assert await registrar.run_once() == 0, "twice is once"
    (kept,) = await load_visits(site.store)
    (turn,) = kept.visit.turns
    assert (kept.visit.step, turn.by, turn.day) == (Step.CLOSED, None, date(2026, 11, 18))
    faults = {k.entry.camera: k for k in await load_faults(site.store, [SCHOOL])}
    kitchen = faults[f"{SCHOOL}-c8"].entry
    assert local_date(kitchen.seen.since) == kitchen.since if kitchen.seen else False
    assert kitchen.ended is None
    assert faults[f"{SCHOOL}-c3"].entry.ended is not None
    async with await client_of(site, USER, PASSWORD) as officer:
        name = faults[f"{SCHOOL}-c8"].record.id
        form = {
            "revision": "1",
            "reported": "2026-11-23",
            "repaired_by": "=cmd|' /C calc'!A0",
            "cost": "1.200.000",
        }
        async with officer.post(f"/faults/{name}", data=form) as answer:
            assert answer.status == 200
        async with officer.get("/faults.csv") as answer:
            text = await answer.text()
        assert "'=cmd" in text
        assert "1200000" in text
        async with officer.get("/faults.xlsx?which=all") as answer:
            assert (await answer.read()).startswith(b"PK")
        async with officer.get(f"/api/v1/faults?which=all&school={SCHOOL}") as answer:
            told = {f["camera"]: f for f in (await answer.json())["faults"]}
        assert (told[f"{SCHOOL}-c8"]["cost"], told[f"{SCHOOL}-c8"]["ended"]) == (1_200_000, None)
        async with officer.get("/api/v1/inspections?from=2026-11-14&to=2026-11-14") as answer:
            (one,) = (await answer.json())["inspections"]
        assert (one["step"], one["findings"][0]["closed_on"]) == ("closed", "2026-11-18")
        form = {"school": SCHOOL, "what": "Tủ mạng hỏng", "since": "2026-11-20"}
        async with officer.post("/faults", data=form) as answer:
            assert "Tủ mạng hỏng" in await answer.text()
        async with officer.post("/faults", data={**form, "since": "2027-01-01"}) as answer:
            assert answer.status == 400
    assert await registrar.run_once() == 0, "what people wrote is nobody else's"
    record = await site.store.record("fault", name)
    assert record is not None
    assert entry_in(record).written.cost == 1_200_000
    assert site.now() - NOW < timedelta(minutes=5)
