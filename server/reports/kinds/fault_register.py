"""Sổ theo dõi hư hỏng: every camera that broke in the period, from when to when."""

from collections.abc import Iterator

from server.reports.document import Annex, Block, Document, Heading
from server.reports.facts import Facts
from server.reports.kinds import frame, lists, passages, results, tables


def write(facts: Facts) -> Document:
    """Return the register."""
    about = f"Theo dõi hư hỏng camera giám sát\n{facts.span.name} của {facts.subject}"
    table = lists.fault_table(facts, "Các lần hư hỏng trong kỳ")
    annex = Annex(title="Sổ theo dõi hư hỏng", blocks=(table,), wide=True)
    return frame.report(facts, about, tuple(_blocks(facts)), (annex,))


def _blocks(facts: Facts) -> Iterator[Block]:
    yield Heading("Tổng hợp")
    yield from results.faults(facts)
    yield tables.losses(facts)
    yield Heading("Nhận xét và đề nghị")
    yield passages.remarks("nhận xét, đề nghị sửa chữa, bảo hành")
    yield passages.farewell(facts, f"báo cáo theo dõi hư hỏng {facts.span.name}")
