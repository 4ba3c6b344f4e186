"""Reports over a real store: asked for, made apart, kept, fetched, mailed; and from a terminal."""

import asyncio
import io
import multiprocessing
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import aiohttp
import docx
import msgspec
import openpyxl
import pytest
import pytest_asyncio

from server.cli import main
from server.reports.apart import written_apart
from server.reports.clerk import BY, Clerk
from server.reports.document import Column, Document, Letterhead, Share, Table
from server.reports.jobs import Jobs
from server.reports.making import KIND, made_in
from server.reports.schedule import KIND as SCHEDULE
from server.reports.schedule import MAIL, Schedule
from server.reports.wording import share
from server.storage import Duty, Put, Role
from server.transports import Message, RetryError
from tests.system.centre import configure
from tests.system.late_district import HandClock
from tests.system.web_district import PASSWORD, SEEDS, USER, Site, serve

API = "/api/v1/reports"
SCHOOL = "th-vinh-quynh"
ASK = {"kind": "thang", "school": SCHOOL, "first": "2026-11-01", "last": "2026-11-30"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    async with serve(tmp_path_factory.mktemp("reports"), seeds=SEEDS[:2], closed=True) as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(site.url, cookie_jar=jar) as session:
        form = {"name": USER, "password": PASSWORD, "next": "/"}
        async with session.post("/login", data=form) as answer:
            assert answer.status == 200
        yield session


async def json_of(client: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = await answer.json()
        return found


async def finished(client: aiohttp.ClientSession, name: str) -> dict[str, Any]:
    for _ in range(600):
        found = await json_of(client, f"{API}/{name}")
        assert found["trouble"] is None
        if found["files"]:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("it is still being made")


async def fetched(client: aiohttp.ClientSession, path: str) -> bytes:
    async with client.get(path) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        return await answer.read()


async def test_a_report_agrees_with_the_figures_of_the_api(client: aiohttp.ClientSession) -> None:
    async with client.post(API, json={**ASK, "forms": ["docx", "xlsx"]}) as answer:
        assert answer.status == 202, await answer.text()
        begun = await answer.json()
    assert begun["files"] == {}
    made = await finished(client, begun["id"])
    assert (made["by"], made["versions"]) == (USER, ["3"])
    assert sorted(made["files"]) == ["docx", "xlsx"]

    told = await json_of(client, f"/api/v1/coverage/period?school={SCHOOL}&from=2026-11-01")
    paper = docx.Document(io.BytesIO(await fetched(client, made["files"]["docx"])))
    text = "\n".join(p.text for p in paper.paragraphs)
    assert "TRƯỜNG TIỂU HỌC" not in text, "capitals are the style's business"
    assert "Kỳ báo cáo chưa kết thúc: số liệu được tính đến hết ngày 24/11/2026." in text
    assert "2 ngày của các trường được bổ sung từ dữ liệu gửi muộn" in text

    seconds = told["schools"][0]["seconds"]
    required = seconds["met"] + seconds["not_met"] + seconds["cannot_tell"]
    low = Fraction(seconds["met"], required)
    high = low + Fraction(seconds["cannot_tell"], required)
    assert share(Share(low, high)) in text

    book = openpyxl.load_workbook(io.BytesIO(await fetched(client, made["files"]["xlsx"])))
    assert "Khu vực" in book.sheetnames
    assert "Bổ sung" in book.sheetnames


async def test_the_page_shows_what_was_made_and_refuses_what_makes_no_sense(
    client: aiohttp.ClientSession,
) -> None:
    async with client.get("/reports") as answer:
        page = await answer.text()
    assert "Báo cáo đã lập" in page
    assert "Trường Tiểu học Vĩnh Quỳnh" in page
    form = {"ask": "m", "kind": "thang", "month": "2026-11"}
    async with client.post("/reports", data=form) as answer:
        assert "Hãy chọn một đơn vị hoặc một trường." in await answer.text()
    for path in ("/reports/nothing/docx", f"{API}/nothing"):
        async with client.get(path) as answer:
            assert answer.status == 404
    async with client.post(API, json={**ASK, "forms": ["exe"]}) as answer:
        assert answer.status == 400
    async with client.post(API, json={**ASK, "kind": "so-ket-don-vi"}) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "bad_request")


async def test_who_may_only_look_makes_no_report(site: Site) -> None:
    assert await site.store.set_role(USER, Role.VIEWER)
    try:
        async with aiohttp.ClientSession(site.url) as session:
            sign_in = {"name": USER, "password": PASSWORD}
            async with session.post("/api/v1/sessions", json=sign_in) as answer:
                token = {"Authorization": f"Bearer {(await answer.json())['token']}"}
            async with session.post(API, json=ASK, headers=token) as answer:
                assert answer.status == 403
            async with session.post("/reports/schedules", data={}, headers=token) as answer:
                assert answer.status == 403
            async with session.get(API, headers=token) as answer:
                assert (await answer.json())["reports"]
    finally:
        await site.store.set_role(USER, Role.OFFICER)


class Postman:
    """A transport that fails once, then takes everything."""

    def __init__(self) -> None:
        self.taken: list[Message] = []
        self.tries = 0

    async def send(self, message: Message) -> str:
        self.tries += 1
        if self.tries == 1:
            raise RetryError("not now")
        self.taken.append(message)
        return "taken"

    async def close(self) -> None:
        """Nothing is kept open."""


async def test_a_schedules_report_is_made_once_and_mailed_with_its_files(site: Site) -> None:
    schedule = Schedule(
        kind="so-hu-hong", unit="", school=SCHOOL, on_day=5, since=date(2026, 11, 24), mail=True
    )
    put = Put(kind=SCHEDULE, id="every", expected=0, data=msgspec.json.encode(schedule))
    await site.store.put_records([put], by=USER, now=site.now())
    clock, postman = HandClock(datetime(2026, 12, 4, 3, tzinfo=UTC)), Postman()
    jobs = Jobs(
        store=site.store, standing=site.deps.standing, clock=clock, changes=site.deps.changes
    )
    clerk = Clerk(
        store=site.store, jobs=jobs, clock=clock, duty=Duty(None, "reports"), mail=postman
    )
    await clerk.run_once()
    assert await site.store.record(KIND, "every-2026-11") is None, "its day has not come"
    clock.at = datetime(2026, 12, 5, 3, tzinfo=UTC)
    await clerk.run_once()
    record = await site.store.record(KIND, "every-2026-11")
    assert record is not None
    assert (record.by, made_in(record).span) == (BY, "tháng 11 năm 2026")
    assert (postman.tries, postman.taken) == (1, [])
    await clerk.run_once()
    assert postman.tries == 1, "it rests an hour"
    clock.at = datetime(2026, 12, 5, 5, tzinfo=UTC)
    await clerk.run_once()
    await clerk.run_once()
    (letter,) = postman.taken
    assert letter.subject == (
        "[Vọng Gác] Sổ theo dõi hư hỏng: Trường Tiểu học Vĩnh Quỳnh, tháng 11 năm 2026"
    )
    assert [f.name.rpartition(".")[2] for f in letter.files] == ["docx", "pdf", "xlsx"]
    assert letter.files[1].data.startswith(b"%PDF-")
    assert await site.store.record(MAIL, "every-2026-11") is not None
    assert (await site.store.record_history(KIND, "every-2026-11"))[-1].revision == 1


async def test_a_terminal_makes_the_files_and_says_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["report", "thang", "--config", str(configure(tmp_path)), "--month", "2026-10"]
    asked += ["--date", "2026-11-02", "--format", "docx,xlsx", "--out", str(tmp_path / "out")]

    async def run(*whom: str) -> tuple[int, str, str]:
        code = await asyncio.to_thread(main, [*asked, *whom])
        told = capsys.readouterr()
        return code, told.out, told.err

    code, told, errors = await run("--unit", "xa-vinh-quynh")
    assert (code, errors) == (0, "")
    files = [Path(line) for line in told.split()]
    assert [f.name for f in files] == [
        f"thang-xa-vinh-quynh-2026-10-01-2026-10-31.{form}" for form in ("docx", "xlsx")
    ]
    text = "\n".join(p.text for p in docx.Document(str(files[0])).paragraphs)
    assert "không có thời gian phải giám sát nào được tính" in text
    assert "100,0%" not in text
    assert " 0,0%" not in text
    code, told, errors = await run("--unit", "nobody")
    assert (code, told) == (1, "")
    assert "nobody" in errors
    assert "Traceback" not in errors


async def test_a_server_that_ends_does_not_wait_for_a_paper() -> None:
    long = Table(
        title="Dài",
        columns=(Column("A"),),
        rows=tuple((f"dòng {n}",) for n in range(100_000)),
    )
    letterhead = Letterhead(superior=None, issuer="A", number="1", place="B", day=date(2026, 1, 1))
    paper = Document(letterhead=letterhead, name="Báo cáo", about="a", blocks=(long,))
    writing = asyncio.create_task(anext(written_apart(["docx"], paper)))
    await asyncio.sleep(0.2)
    writing.cancel()
    began = asyncio.get_running_loop().time()
    with pytest.raises(asyncio.CancelledError):
        await writing
    assert asyncio.get_running_loop().time() - began < 20
    assert not [p for p in multiprocessing.active_children() if p.name == "report"]
