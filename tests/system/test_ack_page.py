"""The page behind a signed link: looking changes nothing, the button works once, for a day."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from server.domain.incident.model import Change, Step
from server.paging.links import LIFE, load_key, token_of
from server.storage import IncidentBatch
from server.storage.incident_rows import IncidentRow
from tests.pure.server.paging_people import directory, incident, opened, person, policy, to
from tests.system.web_district import NOW, SEEDS, Site, serve

NAME = "cong-chinh-mat"
SUBJECT_CAMERA = "th-vinh-quynh-c2"
BOOK = directory(policy(to("an")), people=(person("an"),))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=SEEDS[1:2], trouble=False) as running:
        one = replace(incident(at=NOW - timedelta(minutes=5), school="th-vinh-quynh"), id=NAME)
        await happen(running, opened(one))
        yield running


async def happen(site: Site, change: Change) -> None:
    version = (await site.store.load_engine()).version
    batch = IncidentBatch(memory=b"", directory=BOOK, changes=(change,))
    assert await site.store.change_incidents(batch, expected=version, now=change.at)


async def link(site: Site, *, life: timedelta = LIFE) -> str:
    (letter,) = [x for x in await site.store.letters_of(NAME) if x.receiver == "an"]
    return f"/a/{token_of(await load_key(site.store), letter.id, site.now() + life)}"


async def row(site: Site) -> IncidentRow:
    found = await site.store.incident(NAME)
    assert found is not None
    return found


async def test_looking_changes_nothing_and_the_button_works_once(site: Site) -> None:
    path = await link(site)
    async with aiohttp.ClientSession(site.url) as nobody:
        for _ in range(2):  # a messenger that previews, and then the person
            async with nobody.get(path, headers={"Sec-Fetch-Site": "cross-site"}) as page:
                text = await page.text()
                assert page.status == 200
                assert page.headers["Cache-Control"] == "no-store"
            assert "Tôi tiếp nhận" in text
            assert "Xem camera có điện không" in text
            assert "Trường Tiểu học Vĩnh Quỳnh: camera" in text
            assert (await row(site)).acknowledged_at is None
        async with nobody.post(path, headers={"Sec-Fetch-Site": "cross-site"}) as refused:
            assert refused.status == 403
        assert (await row(site)).acknowledged_at is None
        async with nobody.post(path, headers={"Sec-Fetch-Site": "same-origin"}) as done:
            assert done.status == 200
            assert "Đã tiếp nhận" in await done.text()
        assert (await row(site)).acknowledged_by == "an"
        at = (await row(site)).acknowledged_at
        async with nobody.post(path) as again:
            assert again.status == 200
            assert "đã được dùng" in await again.text()
        assert (await row(site)).acknowledged_at == at
        async with nobody.get("/incidents", allow_redirects=False) as elsewhere:
            assert elsewhere.status == 303  # the link opens nothing else


async def test_what_is_over_or_taken_has_no_button(site: Site) -> None:
    await site.store.acknowledge_incident(NAME, by="truc", now=site.now())
    path = await link(site)
    async with aiohttp.ClientSession(site.url) as nobody, nobody.get(path) as page:
        text = await page.text()
        assert "Tôi tiếp nhận" not in text
        assert "truc đã tiếp nhận" in text


async def test_an_absorbed_incident_has_no_button(site: Site) -> None:
    over = replace((await row(site)).incident, closed_at=site.now())
    await happen(site, Change(at=site.now(), step=Step.ABSORBED, incident=over))
    path = await link(site)
    async with aiohttp.ClientSession(site.url) as nobody, nobody.get(path) as page:
        assert "Tôi tiếp nhận" not in await page.text()


async def test_links_that_ended_or_never_were_open_nothing(site: Site) -> None:
    ended = await link(site, life=timedelta(0))
    forged = (await link(site))[:-3] + "AAA"
    async with aiohttp.ClientSession(site.url) as nobody:
        for path, status in ((ended, 410), (forged, 404), ("/a/x", 404)):
            for ask in (nobody.get, nobody.post):
                async with ask(path) as page:
                    assert page.status == status
                    assert "Trường Tiểu học" not in await page.text()
    assert (await row(site)).acknowledged_at is None
