"""The minutes of an inspection: what stands in them, in which form, and what they never invent."""

import io
from dataclasses import replace
from datetime import UTC, date, datetime

import docx

from server.domain.inspection import (
    CameraCheck,
    Correction,
    Finding,
    Member,
    Paper,
    Side,
    Signed,
    Visit,
    ZoneCheck,
)
from server.domain.known import Known, KnownCamera, KnownZone
from server.domain.units import Camera, School, Source, Unit, Zone
from server.reports.document import Document, Item, Paragraph, Table, clean
from server.reports.forms import FORMS
from server.reports.kinds.minutes import minutes

AT = datetime(2026, 11, 24, 3, tzinfo=UTC)
PATH = (
    Unit(id="hn", name="Thành phố Hà Nội", level="tinh"),
    Unit(id="x", name="Xã Thanh Trì", level="xa", parent="hn"),
)
SCHOOL = School(
    id="s",
    name="Trường THCS Thanh Trì",
    kind="thcs",
    unit="x",
    zones=(Zone(id="z", name="Cổng chính", kind="cong_truong"),),
    cameras=(
        Camera(id="c1", name="Cổng 1", zone="z", sources=(Source("a", "c1"),)),
        Camera(id="c2", name="Cổng 2", zone="z", sources=(Source("a", "c2"),)),
    ),
)
VISIT = Visit(
    school="s",
    planned=date(2026, 11, 24),
    known=Known(
        at=AT,
        plan="3",
        cameras=(
            KnownCamera(
                camera="c1",
                name="Cổng 1",
                zone="z",
                state="up",
                up_s=960,
                unknown_s=20,
                counted_s=1000,
                width=1280,
                height=720,
                suits=False,
            ),
        ),
        zones=(KnownZone(zone="z", name="Cổng chính", installed=2, working=1),),
    ),
    paper=Paper(
        team=(Member(name="Nguyễn Văn A", role="Trưởng đoàn"),),
        began="08:00",
        cameras=(CameraCheck(camera="c1", works=True, picture=False, note="=1+1 <b>"),),
        zones=(ZoneCheck(zone="z", covered=False),),
        findings=(Finding(id="t", what="Lệch khung hình", camera="c1", photos=("ab" * 32,)),),
    ),
)
SIGNED = Signed(name="Lê Thị B", role="Hiệu trưởng", at=AT)


def said(document: Document) -> str:
    texts = [document.about]
    for block in (*document.blocks, *(b for a in document.annexes for b in a.blocks)):
        match block:
            case Paragraph() | Item():
                texts.append(block.text)
            case Table():
                texts += [str(cell) for row in block.rows for cell in row]
            case _:
                pass
    return "\n".join(texts)


def test_known_and_seen_stand_side_by_side() -> None:
    text = said(minutes(VISIT, SCHOOL, PATH))
    assert "Hoạt động; 30 ngày: 96,0\u2060–\u206098,0%; 1280×720, không đạt" in text
    assert "Chưa quy định" in text, "a plan that says nothing asks nothing"
    assert "Không có số liệu" in text, "the second camera was not known"
    assert "Lệch khung hình" in text
    assert "08:00 ngày 24 tháng 11 năm 2026" in text
    assert "ab" * 32 in text


def test_what_nobody_wrote_is_a_blank_and_who_has_not_signed_has_not() -> None:
    paper = minutes(VISIT, SCHOOL, PATH)
    assert [s.name for s in paper.signatures] == ["[…]", "[…]"]
    assert "[…kết luận của đoàn kiểm tra…]" in said(paper)
    signed = minutes(replace(VISIT, signed={Side.SCHOOL: SIGNED}), SCHOOL, PATH)
    assert [s.name for s in signed.signatures] == ["Lê Thị B", "[…]"]
    assert "lúc 10:00 ngày 24 tháng 11 năm 2026" in said(signed)


def test_a_correction_says_so() -> None:
    why = Correction(by="truc", at=AT, reason="nhầm camera")
    paper = minutes(replace(VISIT, corrections=(why, why)), SCHOOL, PATH)
    assert "Bản đính chính lần 2" in paper.about
    assert "nhầm camera" in said(paper)


def test_an_empty_visit_of_a_school_without_cameras_is_a_paper_too() -> None:
    nothing = replace(SCHOOL, cameras=(), zones=())
    empty = Visit(school="s", planned=date(2026, 11, 24))
    assert len(FORMS["docx"].write(minutes(empty, nothing, ()))) > 1000


def test_the_docx_is_the_same_twice_and_holds_what_people_typed() -> None:
    data = FORMS["docx"].write(minutes(VISIT, SCHOOL, PATH))
    assert data == FORMS["docx"].write(minutes(VISIT, SCHOOL, PATH))
    file = docx.Document(io.BytesIO(data))
    cells = [c.text for t in file.tables for row in t.rows for c in row.cells]
    assert clean("=1+1 <b>") in cells
