"""Yearly work over a real store: handed in, given back, handed in again, approved, judged."""

import io
import zipfile
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import aiohttp
import openpyxl
import pytest

from server.domain.citation import Citation
from server.domain.criteria import CriteriaSet, Criterion, EvidenceKind
from server.domain.duties import DocumentDuty, DueDay
from server.domain.duties_owed import Deed, work_year
from server.domain.evaluation import Mark, Stage
from server.domain.plan import Plan
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.schoolyear import SchoolCalendar, SchoolYear
from server.storage import Role, hash_password
from server.yearly.book import load_evaluations, load_papers, paper_id
from tests.system.test_pages_requests import client_of
from tests.system.web_district import NOW, PASSWORD, SEEDS, USER, Site, plan, serve

SCHOOL = SEEDS[1].id
YEAR = SchoolYear(id="2026-2027", first=date(2026, 9, 7), last=date(2027, 5, 31))
OTHER, SECRET = "lan", "mot nguoi thu hai"
PDF = b"%PDF-1.7\nke hoach cua truong\n%%EOF\n"


def asking() -> Plan:
    """Return the district's plan with papers and criteria."""
    source = Citation(id="p", kind="commune_plan", ref="Kế hoạch 12/KH-UBND (ví dụ)")
    every = EvidenceKind
    criteria = (
        Criterion(id="camera", vi="Camera hoạt động", evidence=(every.COVERAGE, every.UPTIME)),
        Criterion(
            id="ho_so",
            vi="Hồ sơ đầy đủ",
            evidence=(
                every.DOCUMENTS,
                every.INCIDENTS,
                every.INSPECTIONS,
                every.GUARDS,
                every.TRAINING,
                every.PICTURE,
                every.GATE_LOG,
                every.PAPER,
            ),
        ),
    )
    return replace(
        plan(),
        calendar=SchoolCalendar(years=(YEAR,)),
        documents=(
            DocumentDuty(
                id="ke_hoach",
                vi="Kế hoạch của trường",
                by="truong",
                to="don_vi_quan_ly",
                every_months=12,
                due=DueDay(month=9, day=30),
                source=source,
            ),
            DocumentDuty(
                id="so_ket",
                vi="Báo cáo sơ kết năm",
                by="truong",
                to="don_vi_quan_ly",
                every_months=12,
                due=DueDay(month=12, day=15),
                source=source,
            ),
            DocumentDuty(id="dang_ky", vi="Bản đăng ký", by="truong", to="don_vi_quan_ly"),
        ),
        criteria_sets=(
            CriteriaSet(
                id="tt23",
                vi="Thông tư 23/2012/TT-BCA",
                warn="đã được thay thế",
                not_applicable_to=("mam_non",),
                criteria=criteria,
            ),
        ),
        active_criteria_set="tt23",
    )


def stand(site: Site, one: Plan) -> None:
    version = PlanVersion(id=one.id, plan=one, confirmed_at=NOW)
    site.deps.standing.plans = PlanBook((version,))


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    async with serve(tmp_path, seeds=SEEDS[1:3]) as running:
        stand(running, asking())
        secret = hash_password(SECRET)
        await running.store.create_user(OTHER, secret, now=NOW, role=Role.OFFICER)
        yield running


@pytest.fixture
async def school(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with await client_of(site, USER, PASSWORD) as client:
        yield client


@pytest.fixture
async def office(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    async with await client_of(site, OTHER, SECRET) as client:
        yield client


async def page(client: aiohttp.ClientSession, path: str) -> str:
    async with client.get(path) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.text()


def in_parts(**fields: str) -> aiohttp.FormData:
    form = aiohttp.FormData(default_to_multipart=True)
    for name, value in fields.items():
        form.add_field(name.replace("__", "."), value)
    return form


async def sent(
    client: aiohttp.ClientSession, path: str, form: aiohttp.FormData | dict[str, str]
) -> tuple[int, str]:
    async with client.post(path, data=form, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def handed(
    client: aiohttp.ClientSession, path: str, data: bytes = PDF, name: str = "a.pdf", seen: int = 0
) -> tuple[int, str]:
    form = in_parts(revision=str(seen), note="bản chính")
    form.add_field("file", io.BytesIO(data), filename=name)
    return await sent(client, path, form)


def address(duty: str) -> str:
    """Return where a paper of the school is handed in."""
    return f"/yearly/schools/{SCHOOL}/papers/{paper_id(SCHOOL, duty, YEAR.id, 1)}"


async def test_a_paper_goes_from_the_school_to_the_office_and_back(
    site: Site, school: aiohttp.ClientSession, office: aiohttp.ClientSession
) -> None:
    text = await page(school, "/yearly")
    assert "Kế hoạch của trường, hạn 30/09/2026 (quá hạn 55 ngày)" in text
    assert "Báo cáo sơ kết năm, hạn 15/12/2026" in text, "due within thirty days"
    own = await page(school, f"/yearly/schools/{SCHOOL}")
    assert "Không tải lên tài liệu chứa bí mật nhà nước." in own
    assert "Chưa quy định" in own
    path = address("ke_hoach")
    assert (await handed(school, path))[0] == 303
    assert (await handed(office, path))[0] == 400, "the revision that was seen is old"
    status, text = await sent(school, f"{path}/approved", {"revision": "1"})
    assert status == 400
    assert "người khác" in text
    assert (await sent(office, f"{path}/returned", {"revision": "1"}))[0] == 400, "no reason"
    assert (await sent(office, f"{path}/returned", {"revision": "1", "note": "thiếu <dấu>"}))[
        0
    ] == 303
    assert "thiếu &lt;dấu&gt;" in await page(school, f"/yearly/schools/{SCHOOL}")
    assert (await handed(school, path, seen=2))[0] == 303
    assert (await sent(office, f"{path}/approved", {"revision": "3"}))[0] == 303
    assert (await handed(school, path, seen=4))[0] == 400, "what is approved stays"
    async with office.get(f"{path}/files/0") as answer:
        assert await answer.read() == PDF
        assert answer.headers["Content-Disposition"].startswith("attachment")
    async with office.get(f"{path}/files/1") as answer:
        assert answer.status == 404, "giving back has no file"
    years = {"year": YEAR.id}
    async with office.get("/yearly/late.xlsx", params=years) as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
        lines = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert [line[0] for line in lines[1:]] == [SEEDS[2].name], "the other school still owes it"
    kept = await load_papers(site.store, work_year(asking().calendar, date(2026, 11, 24)))
    deeds = [turn.deed for turn in kept[SCHOOL, "ke_hoach", 1].value.turns]
    assert deeds == [Deed.HANDED_IN, Deed.RETURNED, Deed.HANDED_IN, Deed.APPROVED]


async def test_what_is_no_paper_is_not_taken(school: aiohttp.ClientSession) -> None:
    path = address("dang_ky")
    macros = io.BytesIO()
    with zipfile.ZipFile(macros, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("word/document.xml", "<w/>")
        book.writestr("word/vbaProject.bin", "x")
    for data, why in (
        (b"", "Hãy chọn tệp"),
        (b"MZ\x90 not a paper", "Chỉ nhận tệp"),
        (macros.getvalue(), "macro"),
        (b"PK\x03\x04 broken", "hỏng"),
    ):
        status, text = await handed(school, path, data)
        assert status == 400
        assert why in text, why
    status, text = await handed(school, path, b"%PDF-" + bytes(21 * 2**20))
    assert (status, "quá dài" in text) == (400, True)
    async with school.get(f"/yearly/schools/{SCHOOL}/papers/{'0' * 32}/files/0") as answer:
        assert answer.status == 404


async def test_a_school_marks_itself_another_judges_and_rules_make_the_list(
    site: Site, school: aiohttp.ClientSession, office: aiohttp.ClientSession
) -> None:
    path = f"/yearly/schools/{SCHOOL}/evaluation"
    text = await page(school, path)
    assert "thời gian yêu cầu" in text, "the system brings its evidence"
    assert "Số bảo vệ: 0" in text
    assert "Đã được thay thế" in text
    marks = {"mark__camera": "met", "text__camera": "có đủ", "mark__ho_so": "not_met"}
    first = in_parts(revision="0", act="save", mark__camera="met")
    assert (await sent(school, path, first))[0] == 303
    half = in_parts(revision="1", act="submit", mark__camera="met", text__camera="giữ lại")
    status, text = await sent(school, path, half)
    assert status == 400
    assert "giữ lại" in text, "what was typed stays"
    assert (await sent(school, path, in_parts(revision="1", act="submit", **marks)))[0] == 303
    verdicts = {"verdict__camera": "met", "verdict__ho_so": "met", "result": "met"}
    own = in_parts(revision="2", act="judge", **verdicts)
    assert (await sent(school, f"{path}/review", own))[0] == 400, "not by whoever submitted it"
    back = in_parts(revision="2", act="back", words="bổ sung hồ sơ")
    assert (await sent(office, f"{path}/review", back))[0] == 303
    assert "bổ sung hồ sơ" in await page(school, path)
    assert (await sent(school, path, in_parts(revision="3", act="submit", **marks)))[0] == 303
    judged = in_parts(revision="4", act="judge", words="tốt", **verdicts)
    assert (await sent(office, f"{path}/review", judged))[0] == 303
    (found,) = await load_evaluations(site.store)
    assert (found.stage, found.result, found.submitted_by) == (Stage.JUDGED, Mark.MET, USER)
    assert found.answers["ho_so"].mark is Mark.NOT_MET, "the school's own mark stays"
    numbers = next(p.numbers for p in found.proofs if p.kind is EvidenceKind.COVERAGE)
    assert numbers["met"] > 0
    assert "chỉ đề nghị bằng tay" in await page(office, "/yearly/results")
    rules = {"result": "1", "source": "", "revision": "0"}
    assert (await sent(office, "/yearly/results/rules", rules))[0] == 400, "no source"
    rules["source"] = "Quyết định 5"
    assert (await sent(office, "/yearly/results/rules", rules))[0] == 303
    text = await page(office, "/yearly/results")
    assert "Đề nghị khen thưởng: 1" in text
    hand = {"act": "strike", "reason": "có vụ việc", "revision": "0"}
    assert (await sent(office, f"/yearly/results/{SCHOOL}", hand))[0] == 303
    assert "Đề nghị khen thưởng: 0" in await page(office, "/yearly/results")
    async with office.get("/yearly/results.xlsx") as answer:
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
        lines = list(book.active.iter_rows(values_only=True))  # type: ignore[union-attr]
    assert ("Đạt", None, "có vụ việc") in [line[2:5] for line in lines]


async def test_no_set_is_chosen_by_itself_and_lookers_write_nothing(site: Site) -> None:
    stand(site, replace(asking(), active_criteria_set=None, documents=()))
    await site.store.create_user("hoa", hash_password(SECRET), now=NOW, role=Role.VIEWER)
    async with await client_of(site, "hoa", SECRET) as viewer:
        assert "Kế hoạch chưa chọn bộ tiêu chí" in await page(viewer, "/yearly")
        path = f"/yearly/schools/{SCHOOL}/evaluation"
        assert "Kế hoạch chưa chọn bộ tiêu chí" in await page(viewer, path)
        await page(viewer, f"/yearly/schools/{SCHOOL}")
        for where in (path, f"{path}/review", "/yearly/results/rules"):
            assert (await sent(viewer, where, in_parts(act="save")))[0] == 403
        async with viewer.get("/yearly?year=1990") as answer:
            assert answer.status == 404
