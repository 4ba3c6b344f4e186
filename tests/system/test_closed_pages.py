"""Closed and amended figures as people and programs read them: pages, API and CSV."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
import pytest_asyncio

from tests.system.web_district import PASSWORD, SEEDS, USER, Site, serve

API = "/api/v1/schools/th-vinh-quynh/days"
CSV = "/schools/th-vinh-quynh/figures.csv"
MONDAY, EARLIER = "2026-11-23", "2026-11-02"


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One for all tests here: nothing in them writes, and the seeding takes seconds."""
    async with serve(tmp_path_factory.mktemp("site"), seeds=SEEDS[:2], closed=True) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(site.url, cookie_jar=jar) as client:
        form = {"name": USER, "password": PASSWORD, "next": "/"}
        async with client.post("/login", data=form) as answer:
            assert answer.status == 200
        yield client


async def text(client: aiohttp.ClientSession, path: str, status: int = 200) -> str:
    async with client.get(path) as answer:
        assert answer.status == status, await answer.text()
        return await answer.text()


async def days(client: aiohttp.ClientSession, query: str = "") -> dict[str, Any]:
    async with client.get(API + query) as answer:
        assert answer.status == 200, await answer.text()
        return {day["day"]: day for day in (await answer.json())["days"]}


async def test_a_late_day_is_told_with_both_values_and_when(
    reader: aiohttp.ClientSession,
) -> None:
    found = await days(reader)
    assert len(found) == 29, "every day of thirty but today"
    assert sorted(day for day, told in found.items() if told["amended"]) == [EARLIER, MONDAY]
    monday, earlier = found[MONDAY], found[EARLIER]
    assert monday["closed"]["at"] == "2026-11-23T19:00:04Z"
    assert (monday["closed"]["agents"], monday["amended"][0]["agents"]) == (
        [],
        ["th-vinh-quynh-cong"],
    )
    was, now = monday["closed"]["total"], monday["amended"][0]["total"]
    assert was["unknown"] - now["unknown"] == 9 * 24 * 60 == now["up"] - was["up"]
    assert sum(was[s] for s in ("up", "degraded", "down", "unknown", "excluded")) == 9 * 86_400
    assert [v["total"]["low"] for v in earlier["amended"]] == [0.647059, 1.0]
    assert earlier["amended"][-1]["places"]["low"] == 1.0
    assert set(now | {"cameras": 0}) >= {"low", "high"}

    shown = await days(reader, f"?from={MONDAY}&to={MONDAY}")
    assert shown == {MONDAY: monday}

    for path in ("/schools/th-vinh-quynh", "/cameras/th-vinh-quynh-c2"):
        page = await text(reader, path)
        assert "Số liệu đã chốt và bổ sung" in page
        assert page.count('class="late"') >= 2, "each bar of a late day has its dot"
        assert "Đã chốt" in page
        assert "từ 08:32 hôm nay" in page
        assert "Máy tính cổng chính" in page
    for path in ("/", "/schools"):
        page = await text(reader, path)
        assert page.count('class="late"') == 2, "Monday's dot in the school's row, and its key"
        assert "Ngày có số liệu bổ sung sau khi chốt" in page


async def test_the_page_and_the_newest_amendment_say_the_same(
    reader: aiohttp.ClientSession,
) -> None:
    """The API counts from claims now; the closed day was counted when it was amended."""
    told = (await days(reader))[MONDAY]["amended"][-1]["cameras"]
    window = {"from": "2026-11-23T00:00:00+07:00", "to": "2026-11-24T00:00:00+07:00"}
    for camera in ("th-vinh-quynh-c1", "th-vinh-quynh-c4", "th-vinh-quynh-c8"):
        path = f"/api/v1/cameras/{camera}/availability"
        async with reader.get(path, params=window) as answer:
            found = await answer.json()
        assert {k: found[k] for k in told[camera]} == told[camera]


async def test_a_file_has_a_line_for_each_camera_and_one_for_all(
    reader: aiohttp.ClientSession,
) -> None:
    file = await text(reader, f"{CSV}?from={EARLIER}&to={MONDAY}")
    rows = list(
        csv.reader(io.StringIO(file.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")), delimiter=";")
    )
    head, body = rows[0], rows[1:]
    assert head[:5] == ["Ngày", "Trường", "Camera", "Bản kế hoạch", "Chốt lúc"]
    assert len(body) == 22 * 10
    assert {len(row) for row in rows} == {17}
    every = [row for row in body if row[0] == MONDAY and row[2] == "Tất cả camera"]
    assert len(every) == 1
    assert sum(map(int, every[0][5:10])) == sum(map(int, every[0][12:])) == 9 * 86_400
    assert every[0][11] == "Máy tính cổng chính"
    quiet = next(row for row in body if row[0] == "2026-11-04")
    assert quiet[10:12] == ["", ""]
    assert quiet[5:10] == quiet[12:]


async def test_what_is_not_closed_is_said_so_and_odd_questions_are_refused(
    reader: aiohttp.ClientSession,
) -> None:
    page = await text(reader, "/schools/thcs-ich-vinh")
    assert "Chưa có ngày nào được chốt." in page
    assert "figures.csv" not in page
    assert await days(reader, "?from=2026-11-24&to=2026-11-24") == {}
    for query in ("?from=2026-11-24&to=2026-11-01", "?from=gestern", "?from=2020-01-01"):
        await text(reader, API + query, 400)
        await text(reader, CSV + query, 400)
    await text(reader, "/schools/none/figures.csv", 404)
    await text(reader, "/api/v1/schools/none/days", 404)
