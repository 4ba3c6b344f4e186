"""How papers write numbers, shares and days; whose paper it is; which days it is about."""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction

import pytest

from server.domain.plan import Plan
from server.domain.planbook import PlanBook, PlanVersion
from server.domain.register import Register
from server.domain.schoolyear import SchoolCalendar, SchoolYear
from server.domain.units import Organisation, School, Unit
from server.reports import spans, wording
from server.reports.asking import Wish, asked
from server.reports.authors import broken, school_author, unit_author
from server.reports.document import Column, Kind, Share
from server.reports.spans import AskError

PROVINCE = Unit(id="tinh", name="Tỉnh Mẫu", level="tinh")
COMMUNE = Unit(id="xa", name="Xã Vĩnh Quỳnh", level="xa", parent="tinh")
CLUSTER = Unit(id="cum", name="Cụm trường số 1", level="cum_truong", parent="xa")
SCHOOL = School(id="s", name="Trường Tiểu học Vĩnh Quỳnh", kind="tieu_hoc", unit="xa")
REGISTER = Register.of(Organisation(units=(PROVINCE, COMMUNE), schools=(SCHOOL,)))
TODAY = date(2026, 11, 24)


def share(low: str, high: str) -> Share:
    return Share(Fraction(low), Fraction(high))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (share("0.964", "0.981"), "96,4% đến 98,1% (1,7% chưa rõ)"),
        (share("1", "1"), "100,0%"),
        (share("0.99999", "1"), "99,9% đến 100,0% (0,1% chưa rõ)"),
        (share("0.00001", "0.00001"), "0,1%"),
        (share("0", "1"), "0,0% đến 100,0% (100,0% chưa rõ)"),
        (None, "không có thời gian phải tính"),
    ],
)
def test_a_share_is_a_range_with_what_is_not_known(value: Share | None, told: str) -> None:
    assert wording.told_share(value) == told


def test_numbers_days_and_money_are_vietnamese() -> None:
    assert wording.number(1_234_567.25, 1) == "1.234.567,2"
    assert wording.money(12_500_000) == "12.500.000 đồng"
    assert wording.long_day(date(2027, 2, 5)) == "ngày 05 tháng 02 năm 2027"
    assert wording.long_day(date(2027, 11, 15)) == "ngày 15 tháng 11 năm 2027"
    assert wording.day(date(2027, 2, 5)) == "05/02/2027"
    assert [wording.hours(s) for s in (0, 59, 300, 5400)] == [
        "0,0 giờ",
        "dưới 1 phút",
        "5 phút",
        "1,5 giờ",
    ]
    assert wording.listed(["a", "b", "c"]) == "a, b và c"
    assert wording.asked_percent(95) == "95%"
    assert wording.asked_percent(97.5) == "97,5%"
    assert wording.cell(5400, Column("Giờ", Kind.HOURS)) == "1,5"


def test_a_school_writes_to_the_committee_of_its_commune() -> None:
    author = school_author(SCHOOL, [PROVINCE, COMMUNE])
    assert author.issuer == "Trường Tiểu học\nVĩnh Quỳnh"
    assert author.superior == "Ủy ban nhân dân\nxã Vĩnh Quỳnh"
    assert author.to == "Ủy ban nhân dân xã Vĩnh Quỳnh"
    assert (author.place, author.code, author.post) == ("Vĩnh Quỳnh", "THVQ", "Hiệu trưởng")


def test_a_commune_writes_to_the_department_and_has_nobody_above_in_its_letterhead() -> None:
    author = unit_author([PROVINCE, COMMUNE])
    assert author.name == "Ủy ban nhân dân xã Vĩnh Quỳnh"
    assert (author.superior, author.to) == (None, "Sở Giáo dục và Đào tạo tỉnh Mẫu")
    assert (author.on_behalf, author.post) == ("TM. Ủy ban nhân dân", "Chủ tịch")
    department = unit_author([PROVINCE])
    assert (department.name, department.post) == ("Sở Giáo dục và Đào tạo tỉnh Mẫu", "Giám đốc")
    assert department.superior == "Ủy ban nhân dân\ntỉnh Mẫu"
    cluster = unit_author([PROVINCE, COMMUNE, CLUSTER])
    assert (cluster.name, cluster.post) == ("Cụm trường số 1", "[…chức vụ…]")
    assert cluster.place == "Vĩnh Quỳnh"
    assert cluster.to == "Ủy ban nhân dân xã Vĩnh Quỳnh"
    office = Unit(id="so", name="Sở Giáo dục và Đào tạo tỉnh Mẫu", level="so", parent="tinh")
    as_unit = unit_author([PROVINCE, office])
    assert (as_unit.name, as_unit.code) == (office.name, "SGDĐT")
    assert as_unit.superior == "Ủy ban nhân dân\ntỉnh Mẫu"
    high_school = replace(SCHOOL, name="Trường THPT Mẫu", kind="thpt")
    assert school_author(high_school, [PROVINCE, office]).to == office.name
    in_cluster = school_author(SCHOOL, [PROVINCE, COMMUNE, CLUSTER])
    assert in_cluster.to == "Ủy ban nhân dân xã Vĩnh Quỳnh"


def test_letterheads_break_between_kind_and_name() -> None:
    assert broken("Trường THCS và THPT Nguyễn Tất Thành") == (
        "Trường THCS và THPT\nNguyễn Tất Thành"
    )
    assert broken("Trường Hoa Sen") == "Trường Hoa Sen"
    assert broken("Nhóm trẻ độc lập Hoa Hướng Dương") == "Nhóm trẻ độc lập\nHoa Hướng Dương"


def book(*years: SchoolYear) -> PlanBook:
    plan = Plan(
        id="kh",
        title="Kế hoạch",
        version="1",
        zones={},
        requirements={},
        school_hours={},
        calendar=SchoolCalendar(years=years),
    )
    at = datetime(2026, 9, 1, tzinfo=UTC)
    return PlanBook((PlanVersion(id="1", plan=plan, confirmed_at=at),))


def year(first: int, weeks: int | None = None) -> SchoolYear:
    return SchoolYear(
        id=f"{first}-{first + 1}",
        first=date(first, 9, 5),
        last=date(first + 1, 5, 31),
        weeks=weeks,
    )


def test_spans_are_named_as_people_call_them() -> None:
    plans = book(year(2024), year(2026, 35))
    one = spans.school_year(plans, "2026-2027")
    assert (one.name, one.first, one.weeks) == ("năm học 2026-2027", date(2026, 9, 5), 35)
    whole, parts, unknown = spans.five_years(plans, "2026-2027")
    assert unknown == ("2022-2023", "2023-2024", "2025-2026")
    assert whole.name == "giai đoạn 2022-2027"
    assert [p.name for p in parts] == ["năm học 2024-2025", "năm học 2026-2027"]
    assert (whole.first, whole.last) == (date(2024, 9, 5), date(2027, 5, 31))
    assert spans.month("2028-02").last == date(2028, 2, 29)
    assert spans.known_years(plans) == ("2026-2027", "2024-2025")


@pytest.mark.parametrize(
    ("wish", "why"),
    [
        (Wish(kind="x", unit="xa"), "no such kind"),
        (Wish(kind="thang"), "either a unit or a school"),
        (Wish(kind="thang", unit="xa", school="s"), "either a unit or a school"),
        (Wish(kind="so-ket-don-vi", school="s", year="2026-2027"), "about a unit"),
        (Wish(kind="so-ket-truong", unit="xa", year="2026-2027"), "about one school"),
        (Wish(kind="thang", unit="xa"), "Choose the days"),
        (Wish(kind="thang", unit="xa", month="2026-13"), "no month"),
        (Wish(kind="thang", unit="xa", month="2027-01"), "not come yet"),
        (Wish(kind="thang", unit="y", month="2026-10"), "register has no y"),
        (Wish(kind="so-ket-don-vi", unit="xa", year="2031-2032"), "school year 2031-2032"),
        (Wish(kind="tong-ket", unit="xa", year="2016-2017"), "None|any of the five"),
        (Wish(kind="tong-ket", unit="xa", year="26-27"), "no school year"),
        (
            Wish(kind="thang", unit="xa", first=date(2026, 10, 2), last=date(2026, 10, 1)),
            "before the first",
        ),
    ],
)
def test_who_asks_in_vain_is_told_why(wish: Wish, why: str) -> None:
    with pytest.raises(AskError, match=why):
        asked(wish, REGISTER, book(year(2026)), today=TODAY)


def test_a_wish_becomes_an_ask() -> None:
    wish = Wish(kind="so-ket-truong", school="s", year="2026-2027")
    ask = asked(wish, REGISTER, book(year(2026)), today=TODAY)
    assert (ask.school, ask.unit, ask.day) == ("s", None, TODAY)
    assert ask.span.name == "năm học 2026-2027"
