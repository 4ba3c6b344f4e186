"""Chapters of a report that other parts of the system have something to say on. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from server.domain.criteria import CriteriaSet
from server.domain.duties_owed import Status
from server.domain.evaluation import Evaluation, Result, result_of
from server.domain.inspection import Finding, Step, Visit
from server.domain.period import SchoolPeriod
from server.reports.document import Block, Column, Item, Kind, Paragraph, Table
from server.reports.facts import Span
from server.reports.wording import day, listed, number
from server.yearly.lists import Line

_DONE: Final = frozenset({Step.CONFIRMED, Step.CLOSED})
_MOST_NAMED: Final = 8


def inspections(
    visits: Iterable[Visit], schools: Sequence[SchoolPeriod], span: Span, *, today: date
) -> tuple[Block, ...]:
    """Return what was inspected, found and put right; nothing where no minutes were signed.

    Minutes count once both sides have confirmed them. ``today``: for deadlines.
    """
    names = {s.school.id: s.school.name for s in schools}
    done = [
        v
        for v in visits
        if v.school in names and v.step in _DONE and span.first <= v.planned <= span.last
    ]
    if not done:
        return ()
    found = sum(len(v.paper.findings) for v in done)
    left = [(v, f) for v in done for f in v.open_findings]
    late = sum(len(v.late_findings(today)) for v in done)
    whole = "" if len(names) == 1 else f" tại {number(len({v.school for v in done}))} trường"
    text = f"Trong {span.name}, đã kiểm tra {number(len(done))} lần{whole}, "
    if not found:
        return (Paragraph(f"{text}không ghi nhận tồn tại nào."),)
    text += (
        f"ghi nhận {number(found)} tồn tại: {number(found - len(left))} đã khắc phục, "
        f"{number(len(left))} chưa khắc phục"
    )
    overdue = f", trong đó {number(late)} đã quá thời hạn" if late else ""
    items = [Item(_line(v, f, names)) for v, f in left[:_MOST_NAMED]]
    more = len(left) - len(items)
    rest = [Item(f"Và {number(more)} tồn tại khác.")] if more > 0 else []
    return (Paragraph(f"{text}{overdue}."), *items, *rest)


def _line(visit: Visit, finding: Finding, names: dict[str, str]) -> str:
    where = "" if len(names) == 1 else f" ({names[visit.school]})"
    due = f"thời hạn {day(finding.deadline)}" if finding.deadline else "chưa có thời hạn"
    acts = f", {finding.acts} thực hiện" if finding.acts else ""
    return f"{finding.what}{where}: {due}{acts}."


# -------------------------------------------------------------------- papers handed in
def papers(lines: Iterable[Line], *, one_school: bool) -> tuple[Block, ...]:
    """Return, paper by paper, how many were handed in, approved, late; nothing without any."""
    by_duty: dict[str, list[Line]] = {}
    for line in lines:
        by_duty.setdefault(line.owed.duty.vi, []).append(line)
    if not by_duty:
        return ()
    items = [Item(f"{name}: {_handed(found, one_school)}.") for name, found in by_duty.items()]
    return (Paragraph("Các văn bản phải nộp theo kế hoạch, theo ghi nhận trên hệ thống:"), *items)


def _handed(found: Sequence[Line], one_school: bool) -> str:  # noqa: FBT001 (told by papers)
    count = Counter(line.status for line in found)
    if one_school and len(found) == 1:
        return _STATUS[found[0].status]
    handed = count[Status.HANDED_IN] + count[Status.APPROVED]
    parts = [f"{number(handed)}/{number(len(found))} đã nộp"]
    rest = (Status.APPROVED, Status.RETURNED, Status.OVERDUE, Status.NO_DAY)
    parts += [f"{number(count[s])} {_STATUS[s]}" for s in rest if count[s]]
    return ", ".join(parts)


_STATUS: Final[Mapping[Status, str]] = {
    Status.NO_DAY: "chưa nộp, thời hạn chưa quy định",
    Status.OWED: "chưa đến hạn",
    Status.OVERDUE: "quá hạn",
    Status.HANDED_IN: "đã nộp, chờ duyệt",
    Status.RETURNED: "bị trả lại",
    Status.APPROVED: "đã duyệt",
}


# ------------------------------------------------------------------------- evaluation
_RESULTS: Final[Mapping[Result, str]] = {
    Result.MET: "đạt",
    Result.NOT_MET: "chưa đạt",
    Result.SUBMITTED: "đã nộp, chờ xét",
    Result.DRAFT: "đang tự đánh giá",
    Result.NONE: "chưa đánh giá",
    Result.NOT_APPLICABLE: "không áp dụng",
}


def evaluation(
    found: Iterable[Evaluation],
    schools: Sequence[SchoolPeriod],
    years: Sequence[str],
    criteria: CriteriaSet | None,
) -> tuple[Block, ...]:
    """Return what came of the schools' evaluations, year by year; nothing without a year.

    ``criteria``: the set in force; None: the unit has chosen none, which is said.
    """
    if not years:
        return ()
    known = {(one.school, one.year): one for one in found}
    kinds = {s.school.id: s.school.kind for s in schools}
    if criteria is None and not any(school in kinds for school, _ in known):
        return (Paragraph("Chưa chọn bộ tiêu chí đánh giá, nên chưa có trường nào được xét."),)
    counts = {
        year: Counter(
            result_of(
                known.get((school, year)),
                applies=criteria is not None and criteria.applies_to(kind),
            )
            for school, kind in kinds.items()
        )
        for year in years
    }
    if len(years) == 1:
        return (Paragraph(_results(criteria, counts[years[0]], len(kinds))),)
    return (_by_year(counts),)


def _results(criteria: CriteriaSet | None, count: Counter[Result], schools: int) -> str:
    by = f"Theo {criteria.vi}: " if criteria else "Kết quả đánh giá: "
    if schools == 1:
        return f"{by}{_RESULTS[next(iter(count))]}."
    told = [f"{number(count[r])} trường {word}" for r, word in _RESULTS.items() if count[r]]
    return f"{by}{listed(told)}."


def _by_year(counts: Mapping[str, Counter[Result]]) -> Table:
    titles = (word[:1].upper() + word[1:] for word in _RESULTS.values())
    return Table(
        title="Kết quả đánh giá các trường qua từng năm học (số trường)",
        columns=(Column("Năm học", Kind.TEXT, 3), *(Column(t, Kind.NUMBER, 2) for t in titles)),
        rows=tuple((year, *(count[r] for r in _RESULTS)) for year, count in counts.items()),
        sheet="Đánh giá",
    )
