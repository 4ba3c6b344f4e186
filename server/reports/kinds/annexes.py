"""Annexes that several papers share."""

from collections.abc import Iterator
from typing import Final

from server.domain.period import SchoolPeriod
from server.reports.document import Annex, Block, Heading, Paragraph
from server.reports.facts import Facts, met_share, up_share
from server.reports.kinds import lists, tables
from server.reports.wording import day, told_share

EACH_AT_MOST: Final = 60
"""A part for each school up to so many; of more the places stand in one table of the XLSX."""


def of_zones(school: SchoolPeriod) -> Annex:
    """Return the places of one school."""
    return Annex(
        title="Kết quả theo từng khu vực",
        blocks=(tables.by_zone(school, "Khu vực, số camera và thời gian được giám sát"),),
        wide=True,
    )


def of_schools(facts: Facts) -> Annex:
    """Return all schools, one a row."""
    return Annex(
        title="Kết quả theo từng trường",
        blocks=(tables.by_school(facts.period.schools, "Độ phủ và tỷ lệ hoạt động theo trường"),),
        wide=True,
    )


def of_each_school(facts: Facts) -> Annex:
    """Return a part for each school; of many schools all places in one table."""
    schools = facts.period.schools
    title = "Chi tiết từng trường"
    if len(schools) > EACH_AT_MOST:
        return Annex(
            title=title,
            blocks=(tables.all_zones(schools, "Các khu vực của từng trường"),),
            wide=True,
        )
    blocks = tuple(b for i, s in enumerate(schools, 1) for b in _school(i, s))
    return Annex(title=title, blocks=blocks, wide=True)


def _school(index: int, school: SchoolPeriod) -> Iterator[Block]:
    yield Heading(f"{index}. {school.school.name}")
    share = met_share(school.sums.seconds)
    part = f"Từ ngày {day(school.first)} đến ngày {day(school.last)}"
    covered = f"độ phủ theo thời gian {told_share(share)}" if share else "chưa chấm độ phủ"
    yield Paragraph(
        f"{part}: {covered}; tỷ lệ hoạt động của camera {told_share(up_share(school.uptime))}."
    )
    yield tables.by_zone(school, f"Các khu vực của {school.school.name}", sheet=None)


def of_faults(facts: Facts) -> Annex:
    """Return the fault register of the period."""
    table = lists.fault_table(facts, "Các lần hư hỏng trong kỳ")
    return Annex(title="Sổ theo dõi hư hỏng", blocks=(table,), wide=True)


def of_needs(facts: Facts) -> Annex:
    """Return everything that is missing."""
    table = lists.need_table(facts, "Nội dung còn thiếu và kinh phí dự kiến")
    return Annex(title="Nội dung còn thiếu", blocks=(table,), wide=True)


def of_history(facts: Facts) -> Annex:
    """Return the closed days of which more is known now."""
    return Annex(title="Số liệu bổ sung sau khi chốt", blocks=(lists.amended(facts),))


def present(facts: Facts) -> Iterator[Annex]:
    """Yield the annexes that have something to say: faults, needs, history."""
    if facts.faults:
        yield of_faults(facts)
    if facts.needs:
        yield of_needs(facts)
    if any(s.amended for s in facts.period.schools):
        yield of_history(facts)
