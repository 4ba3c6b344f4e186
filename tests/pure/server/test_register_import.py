"""Import and export: what a sheet says becomes the register's, and the other way about."""

import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from server.config import load_units
from server.domain.dated import EVER, OPEN, Dated, Story, at, normal
from server.domain.flaws import Kinds, What
from server.domain.histories import SchoolHistory, UnitHistory
from server.domain.register import Register
from server.domain.units import Agent, Camera, Contact, Gate, School, Source, Unit, Zone
from server.register.cells import Words
from server.register.entries import Row
from server.register.exporting import exported, template
from server.register.importing import Imported, Outcome, imported
from server.register.reading import SheetError, rows_of
from server.register.writing import csv_files, workbook
from tests.pure.server.test_config_units import DATED, write
from tests.pure.server.test_register import DAYS, LAST

pytestmark = pytest.mark.long

WORDS = Words(zone_kinds={"cong_truong": "Cổng trường", "san_truong": "Sân trường"})
KINDS = Kinds(known=tuple(WORDS.zone_kinds), forbidden=("nha_ve_sinh",))
TODAY = date(2026, 11, 22)
T = TypeVar("T")


def tried(register: Register, rows: Sequence[Row], day: date = TODAY) -> Imported:
    return imported(register, rows, words=WORDS, kinds=KINDS, day=day)


def into(register: Register, found: Imported) -> Register:
    assert found.clean, [(r.row, r.troubles) for r in found.results if r.troubles]
    return register.with_changes(found.units, found.schools)


def through_csv(register: Register, day: date | None) -> list[Row]:
    files = csv_files(exported(register, words=WORDS, day=day, personal=True))
    return [row for name, data in files.items() for row in rows_of(data, name)]


# -------------------------------------------------------------------------- round trips


@st.composite
def spans(draw: st.DrawFn, whole: tuple[date, date] = (EVER, OPEN)) -> list[tuple[date, date]]:
    """Days on which something held, in order, within ``whole``."""
    cuts = sorted(draw(st.sets(st.sampled_from(DAYS), max_size=3)))
    edges = [whole[0], *(d for d in cuts if whole[0] < d <= whole[1])]
    ends = [d - timedelta(days=1) for d in edges[1:]] + [whole[1]]
    return list(zip(edges, ends, strict=True))


NAMES = st.sampled_from(["Một", "Hai", "=1+1", "-Ba; Bốn", 'Năm "5", 6', "Bảy: tám", "@x"])


def _story(draw: st.DrawFn, thing: T, whole: tuple[date, date] = (EVER, OPEN)) -> Story[T]:
    """A story in which the thing changes its name, and may be away where it is not for ever."""
    return normal(
        Dated(value=replace(thing, name=draw(NAMES)), first=a, last=b)  # type: ignore[type-var]
        for a, b in draw(spans(whole))
        if draw(st.integers(0, 4)) or whole == (EVER, OPEN)
    )


@st.composite
def schools(draw: st.DrawFn, name: str) -> SchoolHistory:
    """A school whose zones, gate and agent always stand; cameras come, go, change and move."""
    whole = draw(st.sampled_from([(EVER, OPEN), (DAYS[2], OPEN), (EVER, DAYS[15])]))
    kind, levels = draw(st.sampled_from([("lien_cap", ("thcs", "thpt")), ("thcs", ())]))
    unit = draw(st.sampled_from(["xa", "tinh"]))
    header = School(id=name, name="", kind=kind, levels=levels, unit=unit)
    kinds = st.sampled_from(sorted(WORDS.zone_kinds))
    cameras = [
        _story(
            draw,
            Camera(id=c, name="", zone=draw(st.sampled_from(["z1", "z2"])), sources=(eye,)),
            draw(st.sampled_from([(DAYS[1], DAYS[18]), (EVER, DAYS[9]), (DAYS[3], OPEN)])),
        )
        for c in (f"{name}-1", f"{name}-2")
        for eye in [Source(f"{name}-pc", c if draw(st.booleans()) else f"kenh-{c}")]
    ]
    pupils = st.sampled_from([None, 0, 1250])
    ways = {"role": "Hiệu trưởng", "mail": "=a@b.vn", "phone": "+84912345678", "zalo": "12345"}
    contact = Contact(id="ht", name="", **draw(st.sampled_from([{}, ways])))
    return SchoolHistory(
        id=name,
        headers=normal(
            Dated(value=replace(header, name=draw(NAMES), pupils=draw(pupils)), first=a, last=b)
            for a, b in draw(spans(whole))
        ),
        zones=tuple(_story(draw, Zone(id=z, name="", kind=draw(kinds))) for z in ("z1", "z2")),
        gates=(_story(draw, Gate(id=f"{name}-g", name="", zone="z1")),),
        agents=(_story(draw, Agent(id=f"{name}-pc", name="", gates=(f"{name}-g",))),),
        cameras=tuple(story for story in cameras if story),
        contacts=tuple(s for s in [_story(draw, contact, (DAYS[4], OPEN))] if s),
    )


@st.composite
def registers(draw: st.DrawFn) -> Register:
    """Registers that hold together."""
    units = [
        UnitHistory(id=u, story=_story(draw, Unit(id=u, name="", level="cấp", parent=above)))
        for u, above in (("tinh", None), ("xa", "tinh"))
    ]
    return Register().with_changes(units, [draw(schools(s)) for s in ("s1", "s2")])


@settings(max_examples=25, deadline=None)
@given(registers())
def test_a_whole_history_read_into_an_empty_register_is_the_register(register: Register) -> None:
    rows = through_csv(register, None)
    assert into(Register(), tried(Register(), rows)) == register
    again = tried(register, rows)
    assert again.clean
    assert {r.outcome for r in again.results} == {Outcome.SAME}


@settings(max_examples=25, deadline=None)
@given(registers(), st.sampled_from([*DAYS, LAST]))
def test_an_export_of_a_day_changes_nothing_when_it_is_read_back(
    register: Register, day: date
) -> None:
    found = tried(register, through_csv(register, day), day)
    assert found.clean
    assert {r.outcome for r in found.results} <= {Outcome.SAME}
    assert (found.units, found.schools) == ((), ())


def test_the_template_has_every_heading_and_no_row() -> None:
    assert rows_of(workbook(template()), "x.xlsx") == []


# ------------------------------------------------------------------- what a row changes


@pytest.fixture
def register(tmp_path: Path) -> Register:
    return load_units(write(tmp_path, DATED))


@pytest.mark.parametrize("day", [None, TODAY])
def test_a_workbook_reads_back_as_its_csv_files_do(register: Register, day: date | None) -> None:
    rows = rows_of(workbook(exported(register, words=WORDS, day=day, personal=True)), "so.xlsx")
    assert [(r.what, r.cells) for r in rows] == [
        (r.what, r.cells) for r in through_csv(register, day)
    ]


def camera_row(**cells: str) -> Row:
    told = {"school": "truong", "id": "cam", "name": "Sân 1", "zone": "san", "sources": "moi"}
    return Row(What.CAMERA, "Camera", 2, told | cells)


def test_a_row_holds_from_the_day_of_the_import(register: Register) -> None:
    found = tried(register, [camera_row(zone="cong", name="Cổng mới")])
    (result,) = found.results
    assert (result.outcome, result.first) == (Outcome.CHANGED, TODAY)
    assert [(c.column, c.before, c.after) for c in result.changes] == [
        ("name", "Sân 1", "Cổng mới"),
        ("zone", "san", "cong"),
    ]
    after = into(register, found)
    before_and_after = [after.on(d).camera("cam") for d in (TODAY - timedelta(days=1), TODAY)]
    assert [f and f[1].zone for f in before_and_after] == ["san", "cong"]


def test_a_row_of_the_past_leaves_what_was_changed_later(register: Register) -> None:
    """From March 2026 on it has another name; on 1 April it got another agent, and keeps it."""
    found = tried(register, [camera_row(name="Khác", sources="cu", **{"from": "01/03/2026"})])
    camera = [into(register, found).on(date(2026, m, 15)).camera("cam") for m in (2, 3, 6)]
    assert [c and (c[1].name, c[1].sources[0].agent) for c in camera] == [
        ("Sân 1", "cu"),
        ("Khác", "cu"),
        ("Khác", "moi"),
    ]


def test_a_last_day_ends_a_thing_and_khong_takes_the_end_back(register: Register) -> None:
    ended = into(register, tried(register, [camera_row(to="31/12/2026")]))
    assert ended.schools["truong"].cameras[0][-1].last == date(2026, 12, 31)
    found = tried(ended, [camera_row(to="không")])
    assert [(c.column, c.before, c.after) for c in found.results[0].changes] == [
        ("to", "31/12/2026", "không")
    ]
    assert into(ended, found) == register


def gone_and_back(register: Register) -> Register:
    """The camera is away in January 2027."""
    school = register.schools["truong"]
    (piece,) = (p for p in school.cameras[0] if p.last == OPEN)
    away, back = date(2026, 12, 31), date(2027, 2, 1)
    story = (*school.cameras[0][:-1], replace(piece, last=away), replace(piece, first=back))
    return register.with_changes(schools=[replace(school, cameras=(story,))])


def names_by_month(register: Register) -> list[str | None]:
    days = (date(2026, 12, 15), date(2027, 1, 15), date(2027, 2, 15))
    found = [register.on(day).camera("cam") for day in days]
    return [camera[1].name if camera else None for camera in found]


def test_what_comes_back_later_is_another_beginning(register: Register) -> None:
    away = gone_and_back(register)
    after = into(away, tried(away, [camera_row(name="Khác")]))
    assert names_by_month(after) == ["Khác", None, "Sân 1"]


def test_a_row_for_days_of_absence_fills_them_and_no_more(register: Register) -> None:
    away = gone_and_back(register)
    found = tried(away, [camera_row(name="Tạm", **{"from": "10/01/2027"})])
    assert found.results[0].outcome is Outcome.CHANGED
    after = into(away, found)
    assert names_by_month(after) == ["Sân 1", "Tạm", "Sân 1"]


def test_a_last_day_that_has_passed_ends_the_thing_there(register: Register) -> None:
    found = tried(register, [camera_row(to="31/10/2026")])
    after = into(register, found)
    assert after.on(date(2026, 10, 31)).camera("cam") is not None
    assert after.on(date(2026, 11, 1)).camera("cam") is None
    assert found.results[0].first == date(2026, 10, 31)


def test_an_export_of_a_day_tells_no_end_where_something_follows(register: Register) -> None:
    day = date(2026, 1, 15)  # the camera's eyes change in April
    (row,) = (r for r in through_csv(register, day) if r.cells["id"] == "cam")
    assert (row.cells["from"], row.cells["to"]) == ("01/01/2026", "")
    (school,) = (r for r in through_csv(register, day) if r.cells["id"] == "tan")
    assert school.cells["to"] == "31/05/2026"


def test_a_camera_that_goes_to_another_school_leaves_the_first(register: Register) -> None:
    rows = [
        Row(What.SCHOOL, "t", 2, {"id": "m", "name": "Mới", "kind": "THPT", "unit": "xa"}),
        Row(What.ZONE, "k", 2, {"school": "m", "id": "z", "name": "Z", "kind": "sân trường"}),
        Row(What.AGENT, "a", 2, {"school": "m", "id": "pc", "name": "PC", "gates": ""}),
        camera_row(school="m", zone="z", sources="pc:kenh-3"),
    ]
    rows[0].cells["kind"] = "Trung học phổ thông"  # type: ignore[index]
    found = tried(register, rows)
    assert [r.outcome for r in found.results] == [*[Outcome.NEW] * 3, Outcome.CHANGED]
    assert found.results[3].changes[0] == ("school", "truong", "m")
    after = into(register, found)
    told = after.on(TODAY).camera("cam")
    assert told is not None
    assert (told[0].id, told[1].sources) == ("m", (Source("pc", "kenh-3"),))
    was = after.on(TODAY - timedelta(days=1)).camera("cam")
    assert was is not None
    assert was[0].id == "truong"


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"id": "Hoa"}, "id"),
        ({"id": ""}, "id"),
        ({"name": ""}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"name": "a\u0007"}, "name"),
        ({"zone": "nowhere"}, "zone"),
        ({"sources": "nobody"}, "sources"),
        ({"sources": ""}, "sources"),
        ({"school": "nowhere"}, "school"),
        ({"from": "31/02/2026"}, "from"),
        ({"from": "05/06/2026", "to": "04/06/2026"}, "to"),
        ({"zone": "san", "from": "01/06/2025"}, "zone"),
        ({"id": "cam2"}, "sources"),
    ],
)
def test_a_wrong_row_names_its_column_and_nothing_is_to_be_written(
    register: Register, cells: dict[str, str], column: str
) -> None:
    if cells == {"id": "cam2"}:
        cells["sources"] = "moi:cam"
    found = tried(register, [camera_row(**cells)])
    (result,) = found.results
    assert not found.clean
    assert result.outcome is Outcome.ERROR
    assert result.troubles[0].column == column


def test_what_a_row_takes_away_from_others_is_told_at_that_row(register: Register) -> None:
    row = Row(
        What.ZONE,
        "Khu vực",
        5,
        {"school": "truong", "id": "san", "name": "Sân", "kind": "san_truong", "to": "30/11/2026"},
    )
    found = tried(register, [row])
    assert not found.clean
    assert found.results[0].troubles[0].values["of"] == "san"


def test_a_school_that_has_ended_may_be_told_its_successor(register: Register) -> None:
    cells = {"id": "tan", "name": "Tan", "kind": "thcs", "unit": "xa", "levels": ""}
    alone = replace(register.schools["tan"], merged_into=None)
    register = register.with_changes(schools=[alone])
    (same,) = tried(register, [Row(What.SCHOOL, "Trường", 2, cells)], date(2026, 5, 1)).results
    assert same.outcome is Outcome.SAME
    row = Row(What.SCHOOL, "Trường", 2, cells | {"merged_into": "truong", "to": "31/05/2026"})
    found = tried(register, [row], date(2026, 5, 1))
    assert [(c.column, c.before, c.after) for c in found.results[0].changes] == [
        ("merged_into", "", "truong")
    ]
    assert into(register, found).schools["tan"].merged_into == "truong"
    open_ = Row(What.SCHOOL, "Trường", 2, cells | {"merged_into": "truong", "to": "không"})
    troubles = tried(register, [open_], date(2026, 5, 1)).results[0].troubles
    assert [t.column for t in troubles] == ["to"]
    itself = Row(What.SCHOOL, "Trường", 2, cells | {"merged_into": "tan", "to": "31/05/2026"})
    assert [t.column for t in tried(register, [itself]).results[0].troubles] == ["merged_into"]


def test_two_rows_of_one_day_contradict_each_other(register: Register) -> None:
    for day in ("01/12/2026", "từ đầu", ""):
        rows = [camera_row(**{"from": day}), camera_row(**{"from": day})]
        found = tried(register, rows)
        assert [r.outcome for r in found.results] == [Outcome.ERROR, Outcome.ERROR], day
        assert not found.clean


# ------------------------------------------------------------------------------- files


def sheet(*lines: Sequence[object], name: str = "Camera") -> bytes:
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    page = book.add_worksheet(name)
    for number, line in enumerate(lines):
        page.write_row(number, 0, line)
    book.close()
    return file.getvalue()


HEAD = ("Mã trường", "Mã camera", "TÊN CAMERA ", "Mã khu vực", "Mã máy trực cổng", "Từ ngày")


def test_a_formula_is_refused_with_its_cell_and_numbers_and_days_are_read() -> None:
    day = "2026-03-01"
    rows = rows_of(sheet(HEAD, ("truong", 12.0, "=1+1", "san", "moi", day)), "x.xlsx")
    assert rows[0].cells["id"] == "12"
    found = tried(Register(), rows)
    assert [t.column for t in found.results[0].troubles] == ["name"]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("start", ["", "\N{ZERO WIDTH NO-BREAK SPACE}", "sep=;\r\n"])
def test_csv_of_every_usual_kind_is_read(delimiter: str, start: str) -> None:
    if start.startswith("sep"):
        start = f"sep={delimiter}\r\n"
    cells = ("truong", "cam", '"Sân; 1,2"', "san", "moi", "")
    text = "\r\n".join(delimiter.join(line) for line in (HEAD, cells, [""] * 6))
    decomposed = text.replace("Sân", "Sa\N{COMBINING CIRCUMFLEX ACCENT}n")
    (row,) = rows_of((start + decomposed).encode(), "dir/camera.csv")
    assert row.cells["name"] == "Sân; 1,2"
    assert (row.place, row.number) == ("camera.csv", 3 if start.startswith("sep") else 2)


def _with_part(data: bytes, name: str, content: bytes) -> bytes:
    file = io.BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\xd0\xcf\x11\xe0old", "no XLSX"),
        ("Mã trường;Mã camera".encode("utf-16"), "no XLSX"),
        ("Mã trường;Tên trường\n".encode("cp1258", "replace"), "no"),
        (b"a;b\n1;2\n", "headings"),
        ('Mã trường;Tên trường;Loại trường;Mã đơn vị\n"x'.encode(), "damaged in line"),
        ("Mã trường;Tên trường;Loại trường;Mã đơn vị;Ma\n".encode(), "no column"),
        ("Mã trường;Tên trường;Loại trường\n".encode(), "is missing"),
        ("Mã trường;Tên trường;Tên trường;Mã đơn vị\n".encode(), "stands twice"),
        (b"x" * (10 * 2**20 + 1), "larger than"),
        (b"PK\x03\x04 broken", "damaged"),
        (_with_part(sheet(HEAD), "xl/vbaProject.bin", b"x"), "macros"),
        (_with_part(sheet(HEAD), "xl/x.xml", b"<!DOCTYPE a>"), "damaged"),
        (_with_part(sheet(HEAD), "xl/x.xml", bytes(201 * 2**20)), "too much"),
        (sheet(("a", "b")), "No sheet"),
    ],
    ids=range(14),
)
def test_a_file_that_is_no_sheet_of_ours_is_refused_with_a_reason(data: bytes, why: str) -> None:
    with pytest.raises(SheetError, match=why):
        rows_of(data, "x")


def test_equal_registers_give_equal_files_and_no_formula(register: Register) -> None:
    tables = exported(register, words=WORDS, day=TODAY, personal=True)
    assert workbook(tables) == workbook(exported(register, words=WORDS, day=TODAY, personal=True))
    assert at(register.schools["truong"].headers, TODAY) is not None


# ---------------------------------------------------------------- contacts and pupils


def contact_row(**cells: str) -> Row:
    told = {"school": "truong", "id": "ht", "name": "Nguyễn Thị Lan"}
    return Row(What.CONTACT, "Đầu mối liên hệ", 2, told | cells)


def test_a_contact_is_entered_from_a_day_on_and_needs_a_name_only(register: Register) -> None:
    after = into(register, tried(register, [contact_row()]))
    before = after.on(TODAY - timedelta(days=1)).school("truong")
    now = after.on(TODAY).school("truong")
    assert before is not None
    assert now is not None
    assert before.contacts == ()
    assert now.contacts == (Contact(id="ht", name="Nguyễn Thị Lan"),)


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("0912 345 678", "0912345678"),
        ("(024) 3861-1234", "02438611234"),
        ("+84 912.345.678", "+84912345678"),
    ],
)
def test_a_phone_is_kept_as_bare_digits(register: Register, written: str, kept: str) -> None:
    school = (
        into(register, tried(register, [contact_row(phone=written)])).on(TODAY).school("truong")
    )
    assert school is not None
    assert school.contacts[0].phone == kept


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("phone", "912345678"),  # a sheet that took the number for one has eaten its 0
        ("phone", "+0912345678"),
        ("phone", "0912345678;0987654321"),
        ("phone", "0٩١٢٣٤٥٦٧٨"),
        ("mail", "lan@"),
        ("mail", "lan@truong"),
        ("mail", "a@b.vn, c@d.vn"),
        ("mail", "Lan <lan@b.vn>"),
        ("mail", "lan@b.vn\nBcc: x@y.vn"),
        ("mail", "làn@b.vn"),
        ("mail", ".lan@b.vn"),
        ("zalo", "lan.zalo"),
        ("name", ""),
    ],
)
def test_a_contact_that_nobody_could_reach_is_refused(
    register: Register, column: str, cell: str
) -> None:
    found = tried(register, [contact_row(**{column: cell})])
    assert [t.column for t in found.results[0].troubles] == [column]
    assert not found.clean


def test_pupils_are_digits_and_a_sheet_without_the_column_leaves_them(register: Register) -> None:
    told = {"id": "truong", "name": "Trường", "kind": "tieu_hoc", "levels": "", "unit": "xa"}
    header = register.schools["truong"].headers[-1].value
    told |= {"name": header.name, "kind": header.kind, "unit": header.unit}
    row = Row(What.SCHOOL, "Trường", 2, told)
    with_pupils = row._replace(cells={**row.cells, "pupils": "1250"})
    after = into(register, tried(register, [with_pupils]))
    assert [p.value.pupils for p in after.schools["truong"].headers][-2:] == [900, 1250]
    assert tried(after, [row]).results[0].outcome is Outcome.SAME
    for wrong in ("1.250", "-3", "nhiều"):
        found = tried(register, [row._replace(cells={**row.cells, "pupils": wrong})])
        assert [t.column for t in found.results[0].troubles] == ["pupils"]


def test_contacts_leave_the_register_for_officers_only(register: Register) -> None:
    register = into(register, tried(register, [contact_row(mail="lan@b.vn")]))
    tables = exported(register, words=WORDS, day=TODAY, personal=False)
    assert What.CONTACT not in {table.sheet.what for table in tables}
    assert not any("Lan" in cell for table in tables for line in table.lines for cell in line)


@pytest.mark.parametrize("number", [4_830_129_365_471_920_384, 4.83e18])
def test_a_long_code_that_a_sheet_took_for_a_number_is_refused(
    register: Register, number: float
) -> None:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("x")
        titles = ("Mã trường", "Mã liên hệ", "Họ và tên", "Mã người dùng Zalo")
        sheet.write_row(0, 0, titles)
        sheet.write_row(1, 0, ("truong", "ht", "Lan"))
        sheet.write_number(1, 3, number)
    found = tried(register, rows_of(file.getvalue(), "x.xlsx"))
    assert [t.column for t in found.results[0].troubles] == ["zalo"]
