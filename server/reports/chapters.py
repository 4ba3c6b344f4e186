"""Chapters of a report that other parts of the system have something to say on. Pure."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

from server.domain.inspection import Finding, Step, Visit
from server.domain.period import SchoolPeriod
from server.reports.document import Block, Item, Paragraph
from server.reports.facts import Span
from server.reports.wording import day, number

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
