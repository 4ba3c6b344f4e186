"""Báo cáo of a month: uptime and coverage, by week and by school."""

from collections.abc import Iterator

from server.reports.document import Block, Document, Heading
from server.reports.facts import Facts
from server.reports.kinds import annexes, charts, frame, passages, results, tables, wishes


def write(facts: Facts) -> Document:
    """Return the report."""
    about = f"Độ phủ và tỷ lệ hoạt động của camera giám sát\n{facts.span.name} của {facts.subject}"
    first = (
        (annexes.of_zones(facts.period.schools[0]),)
        if facts.one_school
        else (annexes.of_schools(facts), annexes.of_each_school(facts))
    )
    return frame.report(facts, about, tuple(_blocks(facts)), (*first, *annexes.present(facts)))


def _blocks(facts: Facts) -> Iterator[Block]:
    schools = facts.period.schools
    yield Heading("Độ phủ so với kế hoạch")
    yield from results.coverage(facts)
    yield from charts.drawn(charts.week_chart(schools, met=True))
    if not facts.one_school:
        yield tables.worst(schools)
    yield Heading("Tỷ lệ hoạt động của camera")
    yield from results.uptime(facts)
    yield from charts.drawn(charts.week_chart(schools, met=False))
    yield tables.losses(facts)
    yield Heading("Hư hỏng và việc cần làm")
    yield from results.faults(facts)
    yield from wishes.needs(facts)
    yield Heading("Cách tính số liệu")
    yield from passages.counted_how(facts)
    yield from results.history(facts.period)
    yield passages.farewell(facts, f"báo cáo {facts.span.name}")
