"""The calendar's pages over a real store: entered, counted at once, taken back, conflicts told."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import aiohttp
import pytest

from server.domain.calendar import local_day
from server.domain.remedies import Work
from server.figuring import DAY_OFF, MAINTENANCE
from server.figuring.prices import load_prices
from server.storage import Role, hash_password
from tests.system.test_pages_requests import client_of
from tests.system.web_district import NOW, PASSWORD, SEEDS, USER, Site, serve

TODAY = date(2026, 11, 24)


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=SEEDS[1:3]) as running:
        yield running


@pytest.fixture
async def officer(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with await client_of(site, USER, PASSWORD) as client:
        yield client


async def sent(client: aiohttp.ClientSession, path: str, **form: str) -> tuple[int, str]:
    async with client.post(path, data=form, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def page(client: aiohttp.ClientSession, path: str = "/calendar") -> str:
    async with client.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


async def required_now(client: aiohttp.ClientSession) -> int:
    async with client.get("/api/v1/coverage/period", params={"from": str(TODAY)}) as answer:
        assert answer.status == 200, await answer.text()
        found = await answer.json()
        return int(found["seconds"]["met"] + found["seconds"]["not_met"])


async def test_a_day_off_counts_at_once_and_is_taken_back(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    assert "Chưa nhập ngày nào" in await page(officer)
    assert await required_now(officer) > 0
    form = {"first": str(TODAY), "reason": "Bão <số> 9", "kind": "exception"}
    assert (await sent(officer, "/calendar/day-off", **form))[0] == 303
    text = await page(officer)
    assert "Bão &lt;số&gt; 9" in text
    assert "Ngày nghỉ" in text
    assert await required_now(officer) == 0
    (off,) = site.deps.standing.exceptions.days_off
    assert (off.first, off.schools) == (TODAY, None)
    (record,) = await site.store.records(DAY_OFF)
    assert record.by == USER
    path = f"/calendar/day_off/{record.id}/remove"
    assert (await sent(officer, path, revision="0"))[0] == 400, "somebody else was quicker"
    assert (await sent(officer, path, revision="1"))[0] == 303
    assert (await sent(officer, path, revision="2"))[0] == 404
    assert await required_now(officer) > 0
    assert [r.gone for r in await site.store.record_history(DAY_OFF, record.id)] == [False, True]


async def test_work_is_announced_and_mistakes_keep_what_was_typed(
    site: Site, officer: aiohttp.ClientSession
) -> None:
    form = {"day": str(TODAY), "from": "08:00", "until": "07:00", "reason": "Thay cáp mạng"}
    status, text = await sent(officer, "/calendar/work", **form)
    assert status == 400
    assert 'role="alert"' in text
    assert 'value="Thay cáp mạng"' in text
    assert (await sent(officer, "/calendar/work", **form | {"until": "09:00"}))[0] == 303
    (record,) = await site.store.records(MAINTENANCE)
    (work,) = site.deps.standing.exceptions.works
    assert work.maintenance.interval.start == local_day(TODAY).start.replace(hour=1, day=24)
    assert "Thay cáp mạng" in await page(officer)
    assert record.revision == 1


async def test_prices_are_set_and_set_again(site: Site, officer: aiohttp.ClientSession) -> None:
    form = {"work": "install", "amount": "3.500.000", "source": "Báo giá A", "fund": "budget"}
    assert (await sent(officer, "/calendar/prices", **form, revision="0"))[0] == 303
    assert "3.500.000" in await page(officer, "/calendar/prices")
    assert (await sent(officer, "/calendar/prices", **form, revision="0"))[0] == 400
    dearer = form | {"amount": "4000000"}
    assert (await sent(officer, "/calendar/prices", **dearer, revision="1"))[0] == 303
    prices = await load_prices(site.store)
    assert prices[Work.INSTALL].amount_vnd == 4_000_000
    assert (await sent(officer, "/calendar/prices", **form | {"source": ""}))[0] == 400


async def test_whoever_may_only_look_enters_nothing(site: Site) -> None:
    secret = hash_password("chi xem thoi nhe")
    await site.store.create_user("hoa", secret, now=NOW, role=Role.VIEWER)
    async with await client_of(site, "hoa", "chi xem thoi nhe") as viewer:
        text = await page(viewer)
        assert 'action="/calendar' not in text
        assert "/calendar/prices" in text
        for path in ("day-off", "work", "prices", "day_off/x/remove"):
            assert (await sent(viewer, f"/calendar/{path}"))[0] == 403
        assert "Chưa có đơn giá" in await page(viewer, "/calendar/prices")


async def test_coverage_over_time_shows_the_whole_the_trend_and_what_to_do(
    officer: aiohttp.ClientSession,
) -> None:
    form = {"work": "lens", "amount": "150000", "source": "Báo giá A", "fund": "budget"}
    assert (await sent(officer, "/calendar/prices", **form, revision="0"))[0] == 303
    text = await page(officer, "/coverage?from=2026-11-02&to=2026-11-24")
    for wanted in ("Xu hướng", "Mười khu vực yếu nhất", "Việc khắc phục nhanh nhất", "150.000 đ"):
        assert wanted in text
    async with officer.get("/coverage", params={"unit": "nobody"}) as answer:
        assert answer.status == 400
    empty = await page(officer, "/coverage?from=2020-01-01&to=2020-01-02")
    assert "không có thời gian yêu cầu" in empty
    school = SEEDS[1].id
    async with officer.get("/api/v1/coverage/proofs", params={"school": school}) as answer:
        assert (await answer.json())["school"] == school
    async with officer.get("/api/v1/cameras/none/repair", params={"day": str(TODAY)}) as answer:
        assert answer.status == 404
