"""Lists of what happened and what is to be done: faults, needs, days that history amended."""

from dataclasses import replace

from server.reports.document import Column, Kind, Table
from server.reports.facts import Facts, met_share, up_share
from server.reports.kinds.tables import NO
from server.reports.wording import opened


def fault_table(facts: Facts, title: str) -> Table:
    """Return the fault register."""
    table = Table(
        title=title,
        columns=(
            NO,
            Column("Trường", Kind.TEXT, 5),
            Column("Camera", Kind.TEXT, 4),
            Column("Khu vực", Kind.TEXT, 4),
            Column("Hư hỏng, nguyên nhân", Kind.TEXT, 5),
            Column("Hỏng từ ngày", Kind.DAY, 4),
            Column("Ngày báo", Kind.DAY, 4),
            Column("Ngày khắc phục", Kind.DAY, 4),
            Column("Số ngày", Kind.NUMBER, 2),
            Column("Giờ mất trong giờ học", Kind.HOURS, 3),
            Column("Người sửa, ghi chú", Kind.TEXT, 4),
        ),
        rows=tuple(
            (
                index,
                f.school,
                f.camera,
                f.zone,
                opened(f.cause),
                f.since,
                f.reported,
                f.repaired or "Chưa xong",
                f.days,
                f.seconds,
                "; ".join(text for text in (f.by, f.note) if text) or None,
            )
            for index, f in enumerate(facts.faults, 1)
        ),
        sheet="Sổ hư hỏng",
        empty="Không có hư hỏng nào.",
    )
    return _of_one(table) if facts.one_school else table


def need_table(facts: Facts, title: str) -> Table:
    """Return everything that is missing, with prices where there are some."""
    table = Table(
        title=title,
        columns=(
            NO,
            Column("Trường", Kind.TEXT, 5),
            Column("Khu vực", Kind.TEXT, 4),
            Column("Việc cần làm", Kind.TEXT, 5),
            Column("Số camera", Kind.NUMBER, 2),
            Column("Giờ thiếu trong kỳ", Kind.HOURS, 2),
            Column("Kinh phí (đồng)", Kind.MONEY, 3),
            Column("Nguồn", Kind.TEXT, 3),
        ),
        rows=tuple(
            (
                index,
                n.school,
                n.zone,
                n.what,
                n.count,
                n.gain,
                "Chưa có đơn giá" if n.dong is None else n.dong,
                n.money,
            )
            for index, n in enumerate(facts.needs, 1)
        ),
        sheet="Còn thiếu",
        empty="Không thiếu.",
    )
    return _of_one(table) if facts.one_school else table


def amended(facts: Facts) -> Table:
    """Return closed days of which more is known now: both values."""
    days = [(s.school.name, d) for s in facts.period.schools for d in s.amended]
    table = Table(
        title="Ngày đã chốt được bổ sung số liệu",
        columns=(
            NO,
            Column("Trường", Kind.TEXT, 4),
            Column("Ngày", Kind.DAY, 4),
            Column("Độ phủ khi chốt", Kind.SHARE, 4),
            Column("Độ phủ nay đã rõ", Kind.SHARE, 4),
            Column("Hoạt động khi chốt", Kind.SHARE, 4),
            Column("Hoạt động nay đã rõ", Kind.SHARE, 4),
        ),
        rows=tuple(
            (
                index,
                name,
                d.day,
                met_share(d.closed),
                met_share(d.known),
                up_share(d.closed_uptime),
                up_share(d.known_uptime),
            )
            for index, (name, d) in enumerate(days, 1)
        ),
        sheet="Bổ sung",
        empty="Không có ngày nào.",
    )
    return _of_one(table) if facts.one_school else table


def _of_one(table: Table) -> Table:
    """Return a table about one school without the column that would name it in each row."""
    at = next(i for i, column in enumerate(table.columns) if column.title == "Trường")
    rows = tuple((*row[:at], *row[at + 1 :]) for row in table.rows)
    return replace(table, columns=(*table.columns[:at], *table.columns[at + 1 :]), rows=rows)
