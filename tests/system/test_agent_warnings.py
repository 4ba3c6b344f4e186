"""What is wrong with a gate PC itself, as its officer reads it: pages, API, gate log."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from tests.system.web_district import PASSWORD, SEEDS, USER, Site, serve
from tests.system.web_warnings import DEAD_BATTERY, FULL, MACHINES, TWIN

pytestmark = pytest.mark.asyncio(loop_scope="module")
TROUBLED = [s for s in SEEDS if f"{s.id}-cong" in {TWIN, FULL, DEAD_BATTERY}]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One for all tests here: nothing in them writes, and the seeding takes seconds."""
    folder = tmp_path_factory.mktemp("site")
    async with serve(folder, seeds=TROUBLED, trouble=False, warned=True) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(site.url, cookie_jar=jar) as client:
        form = {"name": USER, "password": PASSWORD, "next": "/"}
        async with client.post("/login", data=form) as answer:
            assert answer.status == 200
        yield client


async def words(client: aiohttp.ClientSession, path: str) -> str:
    """A page's words without its marks, a single space between two."""
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return " ".join(re.sub("<[^>]*>", " ", await answer.text()).replace("\xa0", " ").split())


async def test_the_page_of_gate_pcs_names_each_trouble_and_what_to_do(
    reader: aiohttp.ClientSession,
) -> None:
    page = await words(reader, "/agents")
    assert "Máy tính trực cổng cần xử lý: 3" in page
    assert "hai máy tính đang dùng chung tên này" in page
    assert f"Từ 06:42 hôm nay : {'; '.join(MACHINES)}." in page
    assert "Hãy đặt tên riêng cho một máy" in page
    assert "đã phải bỏ 1.240 đoạn vì hết chỗ" in page
    assert re.search(r"Từ \d\d:\d\d ngày 05/11 đến \d\d:\d\d ngày 08/11, 2 camera", page)
    assert "hàng chờ gửi đã đầy 87,9 %" in page
    assert "3 mục để riêng tại máy vì trung tâm không nhận" in page
    assert "đã giám sát 7 giờ, không rõ vào lúc nào" in page
    assert "Đồng hồ lùi lại nhiều năm" in page
    assert "đồng hồ nhanh 3 phút" in page


async def test_the_front_page_and_the_schools_page_say_it_too(
    reader: aiohttp.ClientSession,
) -> None:
    assert "Cần xử lý 3 máy" in await words(reader, "/")
    assert "đã phải bỏ 1.240 đoạn vì hết chỗ" in await words(reader, "/schools/thcs-ich-vinh")


async def test_a_clock_from_2010_does_not_make_sixteen_years_unknown(
    reader: aiohttp.ClientSession,
) -> None:
    async with reader.get("/api/v1/schools") as answer:
        schools = (await answer.json())["schools"]
    assert {s["id"] for s in schools} == {s.id for s in TROUBLED}
    page = await words(reader, "/schools/s1")
    assert "2010" not in page


async def test_the_api_tells_the_same_in_numbers(reader: aiohttp.ClientSession) -> None:
    async with reader.get("/api/v1/agents") as answer:
        agents = {a["id"]: a["warnings"] for a in (await answer.json())["agents"]}
    assert [w["kind"] for w in agents[TWIN]] == ["twins"]
    assert agents[TWIN][0]["machines"] == list(MACHINES)
    assert agents[TWIN][0]["until"] is None
    assert [(w["kind"], w["count"]) for w in agents[FULL]] == [
        ("dropped", 1240),
        ("spool_filling", 0),
        ("set_aside", 3),
    ]
    assert [(w["kind"], w["seconds"], w["doubt"]) for w in agents[DEAD_BATTERY]] == [
        ("clock_suspect", 7 * 3600, "ancient"),
        ("clock_wrong", 187, None),
    ]


async def test_a_passage_shows_both_clocks_where_they_differ_and_the_day_of_its_receipt(
    reader: aiohttp.ClientSession,
) -> None:
    page = await words(reader, "/gate-log?from=2026-11-23&to=2026-11-24&text=LATE1")
    assert "16:42:10 23/11 máy tính trực cổng lưu lúc 16:53:10" in page
    assert re.search(r"09:4\d:\d\d 24/11", page)
