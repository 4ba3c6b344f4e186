"""Chapters that inspections, papers handed in and evaluations have something to say on."""

from dataclasses import replace
from datetime import UTC, date, datetime

from server.domain.criteria import CriteriaSet
from server.domain.duties import DocumentDuty, DueDay
from server.domain.duties_owed import Deed, HandedIn, WorkYear
from server.domain.duties_owed import Paper as File
from server.domain.duties_owed import Turn as Deal
from server.domain.evaluation import Evaluation, Mark, Stage
from server.domain.inspection import Finding, Paper, Step, Turn, Visit
from server.reports.chapters import evaluation, inspections, papers
from server.reports.document import Item, Paragraph, Table
from server.yearly.book import Kept
from server.yearly.lists import lines
from tests.pure.reports import made

FACTS = made.office_facts()
SCHOOLS = FACTS.period.schools


def visit(step: Step, planned: date, *turns: Turn) -> Visit:
    findings = (
        Finding(id="1", what="Bụi bám ống kính", deadline=date(2026, 12, 1), acts="bảo vệ"),
        Finding(id="2", what="Sai giờ trên hình"),
    )
    paper = Paper(findings=findings)
    return Visit(school="s2", planned=planned, step=step, paper=paper, turns=turns)


def told(*visits: Visit) -> list[str]:
    blocks = inspections(visits, SCHOOLS, FACTS.span, today=date(2027, 6, 5))
    return [b.text for b in blocks if isinstance(b, Paragraph | Item)]


def test_minutes_that_both_signed_are_told_with_what_is_left() -> None:
    closed = Turn(finding="2", closed=True, day=date(2026, 11, 3), by="Lan", reason="đã chỉnh")
    summary, left = told(visit(Step.CONFIRMED, date(2026, 10, 20), closed))
    assert summary == (
        "Trong năm học 2026-2027, đã kiểm tra 1 lần tại 1 trường, ghi nhận 2 tồn tại: 1 đã khắc "
        "phục, 1 chưa khắc phục, trong đó 1 đã quá thời hạn."
    )
    assert left == (
        "Bụi bám ống kính (Trường THCS Hòa Mẫu 3): thời hạn 01/12/2026, bảo vệ thực hiện."
    )


def test_minutes_of_other_days_and_drafts_are_not_told() -> None:
    assert (
        told(
            visit(Step.CONFIRMED, date(2026, 8, 20)),
            visit(Step.FILLED, date(2026, 10, 20)),
            replace(visit(Step.CLOSED, date(2026, 10, 20)), school="elsewhere"),
        )
        == []
    )


YEAR = WorkYear(id="2026-2027", first=date(2026, 9, 5), last=date(2027, 8, 31))
DUTY = DocumentDuty(
    id="ke_hoach",
    vi="Kế hoạch của trường",
    by="truong",
    to="don_vi_quan_ly",
    every_months=12,
    due=DueDay(month=10, day=15),
)
OPEN_DUTY = replace(DUTY, id="dang_ky", vi="Bản đăng ký phấn đấu", due=None)


def deal(deed: Deed) -> Deal:
    file = File(sha256="0" * 64, name="a.pdf", media="application/pdf", size=1)
    at = datetime(2026, 10, 1, tzinfo=UTC)
    return Deal(deed=deed, by="Lan", at=at, paper=file if deed is Deed.HANDED_IN else None)


def test_papers_are_counted_paper_by_paper() -> None:
    schools = [s.school for s in SCHOOLS[:3]]
    one = HandedIn(
        school=schools[0].id, duty=DUTY.id, year=YEAR.id, number=1, turns=(deal(Deed.HANDED_IN),)
    )
    kept = {(schools[0].id, DUTY.id, 1): Kept(one, 1)}
    found = lines(schools, [DUTY, OPEN_DUTY], YEAR, kept, today=date(2027, 6, 5))
    said = [b.text for b in papers(found, one_school=False) if isinstance(b, Item)]
    assert said == [
        "Kế hoạch của trường: 1/3 đã nộp, 2 quá hạn.",
        "Bản đăng ký phấn đấu: 0/3 đã nộp, 3 chưa nộp, thời hạn chưa quy định.",
    ]
    own = lines(schools[:1], [DUTY], YEAR, kept, today=date(2027, 6, 5))
    (_, line) = papers(own, one_school=True)
    assert isinstance(line, Item)
    assert line.text == "Kế hoạch của trường: đã nộp, chờ duyệt."
    assert papers([], one_school=False) == ()


CRITERIA = CriteriaSet(id="tt124", vi="Thông tư 124/2021/TT-BCA", not_applicable_to=("mam_non",))


def judged(school: str, mark: Mark, year: str = "2026-2027") -> Evaluation:
    return Evaluation(
        school=school, year=year, criteria_set="tt124", plan="2", stage=Stage.JUDGED, result=mark
    )


def test_evaluations_are_counted_and_nobody_is_judged_by_no_set() -> None:
    found = [judged("s1", Mark.MET), judged("s2", Mark.NOT_MET)]
    (text,) = evaluation(found, SCHOOLS, ["2026-2027"], CRITERIA)
    assert isinstance(text, Paragraph)
    assert text.text == (
        "Theo Thông tư 124/2021/TT-BCA: 1 trường đạt, 1 trường chưa đạt, 8 trường chưa đánh giá và"
        " 2 trường không áp dụng."
    )
    (nobody,) = evaluation([], SCHOOLS, ["2026-2027"], None)
    assert isinstance(nobody, Paragraph)
    assert "Chưa chọn bộ tiêu chí" in nobody.text
    assert evaluation(found, SCHOOLS, [], CRITERIA) == ()
    (own,) = evaluation(found, SCHOOLS[1:2], ["2026-2027"], CRITERIA)
    assert isinstance(own, Paragraph)
    assert own.text == "Theo Thông tư 124/2021/TT-BCA: đạt."


def test_years_of_evaluations_stand_beside_each_other() -> None:
    found = [judged("s1", Mark.MET, "2025-2026"), judged("s1", Mark.MET)]
    (table,) = evaluation(found, SCHOOLS, ["2025-2026", "2026-2027"], CRITERIA)
    assert isinstance(table, Table)
    assert [row[:3] for row in table.rows] == [("2025-2026", 1, 0), ("2026-2027", 1, 0)]
