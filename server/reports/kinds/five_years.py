"""Tổng kết over five school years: each year for itself, and all together."""

from collections.abc import Iterator
from typing import Final

from server.reports.document import (
    Bar,
    Block,
    Chart,
    Column,
    Document,
    Heading,
    Kind,
    Paragraph,
    Table,
)
from server.reports.facts import Facts, met_share, up_share
from server.reports.kinds import annexes, charts, frame, passages, results, tables, wishes
from server.reports.wording import listed, number, opened, told_share


def write(facts: Facts) -> Document:
    """Return the report."""
    about = (
        f"Tổng kết {facts.span.name} thực hiện kế hoạch\nxây dựng trường học an toàn về an ninh, "
        f"trật tự\ncủa {facts.subject}"
    )
    schools = (annexes.of_schools(facts),)
    return frame.report(facts, about, tuple(_blocks(facts)), (*schools, *annexes.present(facts)))


def _blocks(facts: Facts) -> Iterator[Block]:
    yield Heading("Đặc điểm tình hình")
    yield from passages.situation(facts)
    yield from passages.counted_how(facts)
    yield Heading("Kết quả qua từng năm học")
    yield from _trend(facts)
    yield by_year(facts)
    yield from charts.drawn(_year_chart(facts))
    yield Heading("Kết quả chung của cả giai đoạn")
    yield Heading("Camera giám sát so với kế hoạch", 2)
    yield from results.coverage(facts)
    yield tables.by_level(facts.period, "Kết quả cả giai đoạn theo loại trường")
    yield tables.worst(facts.period.schools)
    yield Heading("Hoạt động của camera", 2)
    yield from results.uptime(facts)
    yield tables.losses(facts)
    yield Heading("Hư hỏng và khắc phục", 2)
    yield from results.faults(facts)
    yield Heading("Kiểm tra, đánh giá, khen thưởng", 2)
    yield from passages.told(
        facts, "evaluation", "kết quả đánh giá, công nhận, khen thưởng qua từng năm"
    )
    yield Heading("Bài học kinh nghiệm")
    yield passages.remarks("bài học kinh nghiệm, mô hình hay, cách làm hiệu quả")
    yield Heading("Phương hướng giai đoạn tới")
    yield from wishes.needs(facts)
    yield passages.remarks("mục tiêu, nhiệm vụ, giải pháp giai đoạn tới")
    yield Heading("Kiến nghị, đề xuất")
    yield from wishes.unset_asked(facts)
    yield passages.farewell(facts, f"báo cáo tổng kết {facts.span.name}")


_COLUMNS: Final = (
    Column("Năm học", Kind.TEXT, 4),
    Column("Số trường", Kind.NUMBER, 2),
    Column("Khu vực đã quy định", Kind.NUMBER, 2),
    Column("Lắp đủ camera", Kind.NUMBER, 2),
    Column("Chưa quy định", Kind.NUMBER, 2),
    Column("Độ phủ theo thời gian", Kind.SHARE, 4),
    Column("Tỷ lệ hoạt động của camera", Kind.SHARE, 4),
)


def by_year(facts: Facts) -> Table:
    """Return a row a year; years without figures say so."""
    rows = tuple(
        (
            span.name.removeprefix("năm học "),
            len({s.school.id for s in period.schools}),
            period.sums.required,
            period.sums.installed,
            period.sums.unset_zones,
            met_share(period.sums.seconds) or "Không có số liệu",
            up_share(period.uptime) or "Không có số liệu",
        )
        for span, period in facts.years
    )
    return Table(title="Kết quả qua từng năm học", columns=_COLUMNS, rows=rows, sheet="Năm học")


def _year_chart(facts: Facts) -> Chart | None:
    shares = [(span.name, met_share(p.sums.seconds)) for span, p in facts.years]
    bars = tuple(Bar(opened(name), s) for name, s in shares if s is not None)
    title = "Độ phủ theo thời gian qua từng năm học"
    return Chart(title=title, bars=bars, parts=charts.PARTS) if bars else None


def _trend(facts: Facts) -> Iterator[Block]:
    """Say which years nothing is known of; compare the first and the last that have figures."""
    if facts.unknown_years:
        yield Paragraph(
            f"Kế hoạch chưa ghi lịch của các năm học {listed(facts.unknown_years)}, nên hệ thống "
            "không có số liệu của những năm đó; kết quả do đơn vị bổ sung: […]."
        )
    told = [(span, p) for span, p in facts.years if met_share(p.sums.seconds)]
    empty = len(facts.years) - len(told)
    if empty:
        yield Paragraph(
            f"Có {number(empty)} năm học hệ thống chưa có số liệu về thời gian phải giám sát; kết "
            "quả của những năm đó do đơn vị bổ sung: […]."
        )
    if len(told) < 2:  # noqa: PLR2004 (nothing to compare)
        return
    (first, before), (last, after) = told[0], told[-1]
    yield Paragraph(
        f"Tỷ lệ thời gian các khu vực có đủ số camera hoạt động trong {first.name} là "
        f"{told_share(met_share(before.sums.seconds))}, trong {last.name} là "
        f"{told_share(met_share(after.sums.seconds))}. Số khu vực đã được quy định số camera "
        f"{_change(before.sums.required, after.sums.required)}; số trường "
        f"{_change(len(before.schools), len(after.schools))}."
    )


def _change(before: int, after: int) -> str:
    if before == after:
        return f"giữ nguyên {number(after)}"
    if before < after:
        return f"tăng từ {number(before)} lên {number(after)}"
    return f"giảm từ {number(before)} xuống {number(after)}"
