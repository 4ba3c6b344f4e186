"""Báo cáo to the department: the unit's result in short, with every school in an annex."""

from collections.abc import Iterator

from server.reports.document import Block, Document, Heading
from server.reports.facts import Facts
from server.reports.kinds import annexes, frame, passages, results, tables, wishes


def write(facts: Facts) -> Document:
    """Return the report."""
    about = (
        f"Kết quả trang bị, vận hành camera giám sát tại các trường học\n"
        f"{facts.span.name} của {facts.subject}"
    )
    schools = (annexes.of_schools(facts),)
    return frame.report(facts, about, tuple(_blocks(facts)), (*schools, *annexes.present(facts)))


def _blocks(facts: Facts) -> Iterator[Block]:
    yield Heading("Kết quả")
    yield from passages.situation(facts)
    yield from results.coverage(facts)
    yield tables.by_level(facts.period, "Kết quả theo loại trường")
    yield from results.uptime(facts)
    yield from results.faults(facts)
    yield from results.history(facts.period)
    yield Heading("Cách tính số liệu")
    yield from passages.counted_how(facts)
    yield Heading("Khó khăn, vướng mắc")
    yield tables.worst(facts.period.schools)
    yield from wishes.needs(facts)
    yield passages.remarks("khó khăn, vướng mắc khác")
    yield Heading("Kiến nghị, đề xuất")
    yield from wishes.unset_asked(facts)
    yield passages.farewell(facts, f"báo cáo {facts.span.name}")
