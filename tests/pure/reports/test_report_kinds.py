"""What the papers say: the figures in their sentences, and nothing where nobody says."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from server.domain.points import MetSeconds, PointSums
from server.domain.uptime import Availability
from server.reports.document import UNSET, Chart, Document, Paragraph, Share, Table
from server.reports.facts import Facts, met_share
from server.reports.forms.html import page
from server.reports.kinds import KINDS
from tests.pure.reports import made

FACTS = {
    "so-ket-truong": made.school_facts(),
    "so-ket-don-vi": made.office_facts(),
    "bao-cao-so": made.office_facts(),
    "tong-ket": made.five_facts(),
    "thang": made.month_facts(),
    "so-hu-hong": made.office_facts(),
}


def all_blocks(paper: Document) -> Iterator[object]:
    yield from paper.blocks
    for annex in paper.annexes:
        yield from annex.blocks


def text_of(paper: Document) -> str:
    texts = (getattr(b, "text", getattr(b, "title", "")) for b in all_blocks(paper))
    return "\n".join([paper.about, *paper.bases, *texts])


def table(paper: Document, sheet: str) -> Table:
    return next(b for b in all_blocks(paper) if isinstance(b, Table) and b.sheet == sheet)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_paper_is_a_function_of_its_facts(kind: str) -> None:
    assert KINDS[kind].write(FACTS[kind]) == KINDS[kind].write(FACTS[kind])
    text = text_of(KINDS[kind].write(FACTS[kind]))
    assert "None" not in text
    assert "lorem" not in text.casefold()
    assert "./." in text


def test_the_schools_review_has_its_figures_in_its_sentences() -> None:
    text = text_of(KINDS["so-ket-truong"].write(FACTS["so-ket-truong"]))
    assert "Kế hoạch số 12/KH-UBND ngày 01/08/2026 của Ủy ban nhân dân xã Hòa Mẫu" in text
    assert "kế hoạch phiên bản 2 có hiệu lực từ ngày 15/08/2026" in text
    assert "do Nguyễn Thị Mẫu xác nhận ngày 14/08/2026" in text
    assert "Trong năm học 2026-2027 (35 tuần thực học)" in text
    assert "trong đó 3 khu vực đã được quy định số camera; 2 khu vực chưa quy định" in text
    assert "trong ít nhất 95% thời gian phải giám sát: 1/3 khu vực đạt và 2 khu vực chưa" in text
    assert "% chưa rõ) trên tổng số 6.270,0 giờ phải giám sát" in text
    assert "Đề nghị quy định số camera tối thiểu cho các khu vực: bếp ăn và nhà xe." in text
    assert "Kinh phí dự kiến: 800.000 đồng (ngân sách)." in text
    assert "lâu nhất 5 ngày (Camera cổng chính)" in text


def test_a_plan_that_asks_nothing_makes_no_share_and_no_verdict() -> None:
    facts = FACTS["so-ket-truong"]
    own = facts.period.schools[0]
    zones = tuple(replace(z, need=None, seconds=None, met=None) for z in own.zones)
    bare = replace(own, zones=zones, sums=PointSums(unset_zones=5), unset_days=190)
    assert facts.plan is not None
    open_plan = replace(facts.plan, requirements={}, uptime_required_percent=None)
    period = replace(facts.period, schools=(bare,), sums=bare.sums)
    paper = KINDS["so-ket-truong"].write(replace(facts, period=period, plan=open_plan))
    text = text_of(paper)
    assert "chưa quy định số camera tối thiểu cho khu vực nào" in text
    assert "0,0%" not in text.split("tỷ lệ hoạt động")[0]
    assert "100,0%" not in text
    assert "190 ngày chưa quy định thời gian phải giám sát" in text
    assert {row[-1] for row in table(paper, "Khu vực").rows} == {UNSET}
    assert not [b for b in all_blocks(paper) if isinstance(b, Chart)]


def test_no_version_in_force_and_no_plan_leave_blanks() -> None:
    facts = replace(FACTS["so-ket-truong"], plan=None, versions=())
    paper = KINDS["so-ket-truong"].write(facts)
    assert "[…kế hoạch của cấp trên…]" in paper.bases
    assert "khi chưa có phiên bản kế hoạch nào có hiệu lực" in text_of(paper)


def test_time_that_counts_nothing_is_said_so() -> None:
    facts = FACTS["so-ket-truong"]
    own = facts.period.schools[0]
    none = replace(
        own, sums=replace(own.sums, seconds=MetSeconds()), uptime=Availability(), lost={}
    )
    period = replace(facts.period, schools=(none,), sums=none.sums, uptime=none.uptime)
    text = text_of(KINDS["so-ket-truong"].write(replace(facts, period=period)))
    assert "không xác định được độ phủ theo thời gian" in text
    assert "không xác định được tỷ lệ hoạt động" in text


def test_the_offices_review_sums_its_schools_and_never_averages() -> None:
    facts = FACTS["so-ket-don-vi"]
    paper = KINDS["so-ket-don-vi"].write(facts)
    rows = table(paper, "Trường").rows
    assert len(rows) == 13
    assert rows[-1][6] == met_share(facts.period.sums.seconds)
    assert rows[-1][3] == sum(row[3] for row in rows[:-1] if isinstance(row[3], int))
    worst = table(paper, "Thấp nhất").rows
    shares = [row[2] for row in worst if isinstance(row[2], Share)]
    assert len(shares) == 10
    assert [s.low for s in shares] == sorted(s.low for s in shares)
    assert "Sau khi chốt số liệu hằng ngày, 3 ngày" in text_of(paper)
    assert len([a for a in paper.annexes if a.title == "Chi tiết từng trường"]) == 1


def test_many_schools_are_one_table_instead_of_many_parts() -> None:
    paper = KINDS["so-ket-don-vi"].write(made.office_facts(61))
    (each,) = [a for a in paper.annexes if a.title == "Chi tiết từng trường"]
    assert len(each.blocks) == 1
    assert len(table(paper, "Khu vực").rows) == 61 * 5


def test_five_years_stand_beside_each_other() -> None:
    paper = KINDS["tong-ket"].write(FACTS["tong-ket"])
    assert [row[0] for row in table(paper, "Năm học").rows] == [
        f"{y}-{y + 1}" for y in range(2022, 2027)
    ]
    assert "Tỷ lệ thời gian các khu vực có đủ số camera hoạt động trong năm học 2022-2023" in (
        text_of(paper)
    )


def test_years_that_no_plan_knows_are_named_and_left_to_the_writer() -> None:
    facts = replace(FACTS["tong-ket"], unknown_years=("2022-2023", "2023-2024"))
    text = text_of(KINDS["tong-ket"].write(facts))
    assert "chưa ghi lịch của các năm học 2022-2023 và 2023-2024" in text
    assert "do đơn vị bổ sung: […]." in text


def test_the_months_weeks_begin_on_mondays() -> None:
    paper = KINDS["thang"].write(FACTS["thang"])
    charts = [b for b in all_blocks(paper) if isinstance(b, Chart)]
    assert [bar.label for bar in charts[0].bars] == [
        f"Tuần từ {day}/2026" for day in ("28/09", "05/10", "12/10", "19/10", "26/10")
    ]


def test_long_tables_are_cut_in_the_pdf_alone_and_say_so() -> None:
    facts = replace(FACTS["so-hu-hong"], faults=made.FAULTS * 300)
    paper = KINDS["so-hu-hong"].write(facts)
    assert len(table(paper, "Sổ hư hỏng").rows) == 600
    assert "Còn 200 dòng nữa" in page(paper, "")


def test_facts_know_one_school_from_many() -> None:
    assert FACTS["so-ket-truong"].one_school
    assert not FACTS["thang"].one_school
    assert isinstance(FACTS["thang"], Facts)
    assert isinstance(KINDS["thang"].write(FACTS["thang"]).blocks[-1], Paragraph)
