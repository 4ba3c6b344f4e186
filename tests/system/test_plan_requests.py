"""The plan's forms and its API, as browsers and programs send them."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from server.planning import all_papers, open_paper
from server.storage import hash_password
from tests.system.fixtures_plan import DRAFT, FEW, SECOND, with_book
from tests.system.web_district import PASSWORD, USER, Site, serve

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """One for all tests here: each writes drafts of its own, and the seeding takes seconds."""
    async with serve(tmp_path_factory.mktemp("site"), seeds=FEW, trouble=False) as running:
        await with_book(running)
        yield running


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
            assert "cần số nguyên" in await answer.text()
        kept = await open_paper(site.store, address.rpartition("/")[2])
        assert (kept.revision, kept.paper.typed_by) == (2, (USER,))


async def test_who_may_only_look_writes_nothing_and_too_much_is_refused(site: Site) -> None:
    await site.store.create_user("xem", hash_password(PASSWORD), now=site.now())
    kept = len(await all_papers(site.store))
    async with await client_of(site, USER) as officer, await client_of(site, "xem") as viewer:
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
    assert len(await all_papers(site.store)) == kept


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
            states = [v["state"] for v in (await answer.json())["versions"]]
        assert states.count("confirmed") == 1
        async with client.post("/api/v1/plan/check", json={"text": DRAFT}) as answer:
            found = await answer.json()
        assert (found["ok"], found["plan"]["version"]) == (True, "4")
        wrong = DRAFT.replace("required_percent: 90", "required_percent: 900")
        async with client.post("/api/v1/plan/check", json={"text": wrong}) as answer:
            found = await answer.json()
        assert found["mistake"]["key"] == "uptime.required_percent"
        assert found["mistake"]["why"] == "900 is not between 0 and 100"
