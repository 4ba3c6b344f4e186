"""The forms: what a word processor, a reader and a spreadsheet find in a paper."""

import base64
import io
import re
import zipfile
import zlib
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Final
from xml.etree import ElementTree as ET

import docx
import openpyxl
import pytest
from docx.section import Section
from docx.shared import Length

from server.reports.document import (
    UNSET,
    Annex,
    Bar,
    Chart,
    Column,
    Document,
    Heading,
    Item,
    Kind,
    Letterhead,
    Paragraph,
    Picture,
    Share,
    Signature,
    Table,
    annex_name,
    clean,
    parts_of,
)
from server.reports.forms import FORMS
from server.reports.forms.html import page

pytestmark = pytest.mark.long

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
EVIL: Final = '=HYPERLINK("http://a","x") <b>&amp; \x07'
HALF: Final = Share(Fraction(1, 2), Fraction(3, 4))

JPEG: Final = base64.b64decode(
    "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////"
    "////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA="
)

TABLE: Final = Table(
    title="Tỷ lệ theo trường",
    columns=(
        Column("TT", Kind.NUMBER, 1),
        Column("Trường"),
        Column("Độ phủ", Kind.SHARE),
        Column("Giờ mất", Kind.HOURS),
        Column("Ngày", Kind.DAY),
    ),
    rows=(
        (1, EVIL, HALF, 5400, date(2026, 9, 5)),
        (2, "Trường B", UNSET, 0, None),
        (None, "Tổng cộng", Share(Fraction(1), Fraction(1)), 1_234_567, None),
    ),
    sums=True,
    sheet="Trường [1/2]",
)
PAPER: Final = Document(
    letterhead=Letterhead(
        superior="Sở Giáo dục và Đào tạo",
        issuer="Trường\nTHCS Mẫu",
        number="[…]/BC-THCSM",
        place="Thanh Trì",
        day=date(2027, 6, 5),
    ),
    name="Báo cáo",
    about="Sơ kết năm học 2026-2027",
    to=("Phòng A", "Phòng B"),
    bases=("kế hoạch số 12/KH-UBND", "thông tư"),
    blocks=(
        Heading("Kết quả"),
        Heading("Theo khu vực", 2),
        Paragraph(f"Nhận xét: […nhận xét…]. {EVIL}"),
        Item("một"),
        Item("hai"),
        TABLE,
        Chart(title="Độ phủ", bars=(Bar("Cổng", HALF),), parts=("Đạt", "Chưa rõ", "Chưa đạt")),
        Picture(title="Cổng chính", jpeg=JPEG, width_px=640, height_px=480),
        Table(title="Hư hỏng", columns=(Column("Camera"),), rows=(), empty="Không có hư hỏng nào."),
    ),
    copies=("Như trên", "Lưu: VT"),
    signatures=(Signature(post="Hiệu trưởng"),),
    annexes=(
        Annex(title="Bảng một", blocks=(TABLE,), wide=True),
        Annex(title="Bảng hai", blocks=(Heading("1. Phần"),)),
    ),
)


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_the_same_paper_is_the_same_bytes(form: str) -> None:
    assert FORMS[form].write(PAPER) == FORMS[form].write(PAPER)


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_an_archive_says_nothing_of_the_moment_it_was_packed(form: str) -> None:
    with zipfile.ZipFile(io.BytesIO(FORMS[form].write(PAPER))) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("form", ["docx", "xlsx"])
def test_every_part_is_well_formed(form: str) -> None:
    for name, data in parts(FORMS[form].write(PAPER)).items():
        if name.endswith((".xml", ".rels")):
            ET.fromstring(data)


def test_docx_has_styles_alone_and_no_direct_formatting() -> None:
    package = docx.Document(io.BytesIO(FORMS["docx"].write(PAPER)))
    body = package.element.body
    known = {style.style_id for style in package.styles}
    used = {e.get(f"{W}val") for e in body.iter(f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle")}
    assert used <= known
    assert not [e for e in body.iter(f"{W}rPr") if {c.tag for c in e} != {f"{W}rStyle"}]
    assert [p.text for p in package.paragraphs if p.style and p.style.name == "Heading 1"] == [
        "Kết quả"
    ]
    assert not list(body.iter(f"{W}jc", f"{W}b", f"{W}sz"))


def size(section: Section) -> tuple[int, int]:
    return mm(section.page_width), mm(section.page_height)


def mm(length: Length | None) -> int:
    return 0 if length is None else round(length.mm)


def test_docx_is_vietnamese_a4_with_the_margins_of_the_decree() -> None:
    package = docx.Document(io.BytesIO(FORMS["docx"].write(PAPER)))
    lang = package.styles.element.find(f".//{W}lang")
    assert lang is not None
    assert lang.get(f"{W}val") == "vi-VN"
    first, wide, last = package.sections
    assert size(first) == (210, 297)
    assert size(wide) == (297, 210)
    assert size(last) == (210, 297)
    for section in package.sections:
        assert section.different_first_page_header_footer
        assert "PAGE" in section.header._element.xml
        assert 30 <= mm(section.left_margin) <= 35
        assert 15 <= mm(section.right_margin) <= 20
        assert 20 <= mm(section.top_margin) <= 25
        assert 20 <= mm(section.bottom_margin) <= 25


def test_docx_tables_repeat_their_head_and_charts_are_native_with_their_figures() -> None:
    data = FORMS["docx"].write(PAPER)
    package, files = docx.Document(io.BytesIO(data)), parts(data)
    tables = [t for t in package.tables if t.style and t.style.name == "Bảng số liệu"]
    assert len(tables) == 2
    assert all(t.rows[0]._tr.find(f".//{W}tblHeader") is not None for t in tables)
    book = openpyxl.load_workbook(io.BytesIO(files["word/embeddings/chart1.xlsx"]))
    assert [c.value for c in book["Số liệu"][2]] == ["Cổng", 0.5, 0.25, 0.25]
    assert files["word/media/image1.jpg"] == JPEG
    assert b"<c:v>0.25</c:v>" in files["word/charts/chart1.xml"]
    assert not [name for name in files if "thumbnail" in name]


def test_docx_says_only_the_papers_day() -> None:
    told = docx.Document(io.BytesIO(FORMS["docx"].write(PAPER))).core_properties
    assert told.created.date() == told.modified.date() == date(2027, 6, 5)
    later = replace(PAPER, letterhead=replace(PAPER.letterhead, day=date(2027, 6, 6)))
    before, after = parts(FORMS["docx"].write(PAPER)), parts(FORMS["docx"].write(later))
    assert [name for name in before if before[name] != after[name]] == [
        "docProps/core.xml",
        "word/document.xml",
    ]


def test_xlsx_writes_text_as_text_and_figures_as_figures() -> None:
    book = openpyxl.load_workbook(io.BytesIO(FORMS["xlsx"].write(PAPER)))
    assert book.sheetnames == ["Thông tin", "Trường  1 2", "Biểu đồ", "Trường  1 2 2"]
    sheet = book["Trường  1 2"]
    assert sheet.freeze_panes == "A2"
    assert [c.value for c in sheet[1]][2:4] == ["Độ phủ (thấp nhất)", "Độ phủ (cao nhất)"]
    row = sheet[2]
    assert (row[1].data_type, row[1].value) == ("s", clean(EVIL))
    assert [c.value for c in row[2:5]] == [0.5, 0.75, 1.5]
    assert row[2].number_format == "0.0%"
    assert row[5].number_format == "dd/mm/yyyy"
    assert [c.value for c in sheet[3]][2:4] == [UNSET, UNSET]
    assert sheet[4][1].font.bold
    assert not [c for s in book for r in s.iter_rows() for c in r if c.data_type == "f"]


def test_html_escapes_and_marks_blanks() -> None:
    text = page(PAPER, "")
    assert "<b>&amp;amp;" not in text
    assert "&lt;b&gt;&amp;amp; " in text
    assert '<span class="blank">[…nhận xét…]</span>' in text
    assert "hư hỏng: không có hư hỏng nào." in text.casefold()
    assert text.count("<ul>") == text.count("</ul>") == 1


def test_pdf_is_the_same_each_time_and_has_our_fonts_inside(
    caplog: pytest.LogCaptureFixture,
) -> None:
    data = FORMS["pdf"].write(PAPER)
    assert data == FORMS["pdf"].write(PAPER)
    assert data.startswith(b"%PDF-")
    assert not caplog.records
    assert JPEG in data
    streams = re.findall(rb"stream\n(x.*?)\nendstream", data, re.DOTALL)
    fonts = {f for s in streams for f in re.findall(rb"/FontName /\w+\+([\w-]+)", unpacked(s))}
    assert fonts == {b"Tinos", b"Tinos-Bold", b"Tinos-Italic", b"Tinos-Bold-Italic"}


def unpacked(stream: bytes) -> bytes:
    return zlib.decompressobj().decompress(stream)


def test_a_row_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="has not 1 cells"):
        Table(title="A", columns=(Column("B"),), rows=((1, 2),))


def test_blanks_and_odd_text() -> None:
    assert parts_of("a […] b") == [("a ", False), ("[…]", True), (" b", False)]
    assert clean("Tru\u031bo\u031bng\x00") == "Trương"
    assert [annex_name(i, 4) for i in range(4)] == [
        "Phụ lục I",
        "Phụ lục II",
        "Phụ lục III",
        "Phụ lục IV",
    ]
    assert annex_name(0, 1) == "Phụ lục"
