"""Files that schools hand in, known by their content; lists of what is late; lists as XLSX."""

import contextlib
import io
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.duties import DocumentDuty, DueDay
from server.domain.duties_owed import Deed, HandedIn, Paper, Status, Turn, WorkYear
from server.domain.units import School
from server.yearly import files
from server.yearly.book import Kept
from server.yearly.files import ENDINGS, FileError, Refusal, media_of, named
from server.yearly.lists import coming_up, late, lines
from server.yearly.sheets import workbook

YEAR = WorkYear(id="2026-2027", first=date(2026, 9, 5), last=date(2027, 9, 4))
DOCX = next(media for media, ending in ENDINGS.items() if ending == ".docx")


def office(*names: str, types: str = "<Types/>") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", types)
        for name in names:
            book.writestr(name, "<x/>")
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (b"%PDF-1.4 x", ".pdf"),
        (b"\xff\xd8\xff\xe0 x", ".jpg"),
        (b"\x89PNG\r\n\x1a\n x", ".png"),
        (office("word/document.xml"), ".docx"),
        (office("xl/workbook.xml", "xl/worksheets/sheet1.xml"), ".xlsx"),
    ],
)
def test_a_paper_is_known_by_its_content(data: bytes, ending: str) -> None:
    assert ENDINGS[media_of(data)] == ending


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", Refusal.EMPTY),
        (b"MZ\x90\x00", Refusal.UNKNOWN),
        (b"<html><script>", Refusal.UNKNOWN),
        (b" %PDF-1.4", Refusal.UNKNOWN),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old or locked", Refusal.LOCKED),
        (b"PK\x03\x04 cut off", Refusal.BROKEN),
        (office("ppt/presentation.xml"), Refusal.UNKNOWN),
        (office("word/document.xml", "word/vbaProject.bin"), Refusal.MACROS),
        (office("xl/workbook.xml", "xl/macrosheets/sheet1.xml"), Refusal.MACROS),
        (office("word/document.xml", "word/activeX/activeX1.bin"), Refusal.MACROS),
        (
            office("word/document.xml", types='<Default ContentType="x.macroEnabled.main+xml"/>'),
            Refusal.MACROS,
        ),
        (office("word/document.xml", *(f"x/{n}" for n in range(4000))), Refusal.TOO_LARGE),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else "file",
)
def test_anything_else_is_refused_with_its_reason(data: bytes, why: Refusal) -> None:
    with pytest.raises(FileError) as refused:
        media_of(data)
    assert refused.value.why is why


def test_what_is_too_large_once_unpacked_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = office("word/document.xml", "word/media/image1.png")
    monkeypatch.setattr(files, "_MOST_UNPACKED", 10)
    with pytest.raises(FileError) as refused:
        media_of(data)
    assert refused.value.why is Refusal.TOO_LARGE


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda b: b"PK\x03\x04" + b))
def test_whatever_is_sent_is_known_or_refused(data: bytes) -> None:
    with contextlib.suppress(FileError):
        assert media_of(data) in ENDINGS


@given(st.text(max_size=300), st.sampled_from(sorted(ENDINGS)))
def test_a_name_is_a_plain_name_with_the_right_ending(name: str, media: str) -> None:
    plain = named(name, media)
    assert plain.endswith(ENDINGS[media])
    assert len(plain) <= 130
    assert plain.isprintable()
    assert not set("/\\") & set(plain)
    assert named(plain, media) == plain, "doing it twice changes nothing"


def test_names_that_people_use() -> None:
    assert named("C:\\Users\\an\\Kế hoạch.docx", DOCX) == "Kế hoạch.docx"
    assert named("../../etc/passwd", "application/pdf") == "passwd.pdf"
    assert named("ảnh.JPEG", "image/jpeg") == "ảnh.jpg"
    assert named("virus.exe", "application/pdf") == "virus.exe.pdf"
    assert named("", "image/png") == "tai-lieu.png"


def test_what_is_late_and_what_comes_up_are_never_the_same() -> None:
    schools = [School(id=i, name=n, kind="thcs", unit="u") for i, n in (("b", "B"), ("a", "A"))]
    duties = [
        DocumentDuty(id="x", vi="x", by="truong", to="o", due=DueDay(month=9, day=30)),
        DocumentDuty(id="y", vi="y", by="truong", to="o", due=DueDay(month=10, day=20)),
        DocumentDuty(id="z", vi="z", by="truong", to="o"),
    ]
    found = list(lines(schools, duties, YEAR, {}, today=date(2026, 10, 1)))
    assert [(line.school.id, line.owed.duty.id) for line in late(found)] == [("a", "x"), ("b", "x")]
    soon = coming_up(found, date(2026, 10, 1))
    assert [(line.school.id, line.owed.duty.id) for line in soon] == [("a", "y"), ("b", "y")]
    assert {line.status for line in found} == {Status.OVERDUE, Status.OWED, Status.NO_DAY}


def test_the_longest_late_comes_first_and_what_was_given_back_too_late_is_late() -> None:
    at = datetime(2026, 9, 20, tzinfo=UTC)
    paper = Paper(sha256="0" * 64, name="a.pdf", media="application/pdf", size=1)
    turns = (
        Turn(deed=Deed.HANDED_IN, by="an", at=at, paper=paper),
        Turn(deed=Deed.RETURNED, by="binh", at=at, note="thiếu"),
    )
    handed = HandedIn(school="a", duty="x", year=YEAR.id, turns=turns)
    duties = [
        DocumentDuty(id="x", vi="x", by="truong", to="o", due=DueDay(month=9, day=30)),
        DocumentDuty(id="y", vi="y", by="truong", to="o", due=DueDay(month=9, day=15)),
    ]
    school = School(id="a", name="A", kind="thcs", unit="u")
    kept = {("a", "x", 1): Kept(handed, 2)}
    found = list(lines([school], duties, YEAR, kept, today=date(2026, 10, 1)))
    assert [(line.owed.duty.id, line.late_days) for line in late(found)] == [("y", 16), ("x", 1)]
    assert coming_up(found, date(2026, 10, 1)) == []
    before = list(lines([school], duties, YEAR, kept, today=date(2026, 9, 29)))
    assert [line.owed.duty.id for line in coming_up(before, date(2026, 9, 29))] == ["x"]


def test_a_list_holds_no_formula_and_is_the_same_twice() -> None:
    rows = [('=HYPERLINK("http://x")', date(2026, 9, 30), 5, None)]
    data = workbook("Quá hạn", ["Trường", "Hạn", "Ngày", "Lý do"], rows)
    sheet = openpyxl.load_workbook(io.BytesIO(data)).active
    assert sheet is not None
    cells = list(sheet.rows)[1]
    assert cells[0].data_type == "s"
    assert cells[1].value.date() == date(2026, 9, 30)  # type: ignore[union-attr]
    assert cells[2].value == 5
    assert data == workbook("Quá hạn", ["Trường", "Hạn", "Ngày", "Lý do"], rows)
