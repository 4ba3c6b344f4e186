"""Sơ kết of the managing unit: all its schools' year under the plan."""

from collections.abc import Iterator

from server.reports.document import Block, Document, Heading
from server.reports.facts import Facts
from server.reports.kinds import annexes, charts, frame, passages, results, tables, wishes


def write(facts: Facts) -> Document:
    """Return the report."""
    about = (
        f"Sơ kết {facts.span.name} thực hiện kế hoạch\nxây dựng trường học an toàn về an ninh, "
        f"trật tự\ncủa {facts.subject}"
    )
    schools = (annexes.of_schools(facts), annexes.of_each_school(facts))
    return frame.report(facts, about, tuple(_blocks(facts)), (*schools, *annexes.present(facts)))


def _blocks(facts: Facts) -> Iterator[Block]:
    period = facts.period
    yield Heading("Đặc điểm tình hình")
    yield from passages.situation(facts)
    yield from passages.counted_how(facts)
    yield Heading("Kết quả thực hiện")
    yield Heading("Công tác chỉ đạo, tuyên truyền", 2)
    yield from passages.told(
        facts, "leading", "văn bản đã ban hành, hội nghị, phối hợp với công an và gia đình"
    )
    yield Heading("Camera giám sát so với kế hoạch", 2)
    yield from results.coverage(facts)
    yield tables.by_level(period, "Kết quả theo loại trường")
    yield from charts.drawn(charts.school_chart(period.schools))
    yield tables.worst(period.schools)
    yield Heading("Hoạt động của camera", 2)
    yield from results.uptime(facts)
    yield tables.losses(facts)
    yield from results.history(period)
    yield Heading("Hư hỏng và khắc phục", 2)
    yield from results.faults(facts)
    yield Heading("Bảo vệ, tập huấn, kiểm tra và đánh giá", 2)
    yield from passages.told(
        facts, "guards", "bảo vệ tại các trường, tập huấn nghiệp vụ, giấy chứng nhận"
    )
    yield from passages.told(
        facts, "inspections", "số trường đã kiểm tra, kết quả, tồn tại đã và chưa khắc phục"
    )
    yield from passages.told(
        facts, "evaluation", "số trường tự đánh giá, kết quả xét, đề nghị khen thưởng"
    )
    yield Heading("Tồn tại, hạn chế và nguyên nhân")
    yield from wishes.needs(facts)
    yield passages.remarks("nguyên nhân chủ quan, khách quan theo đánh giá của đơn vị")
    yield Heading("Phương hướng, nhiệm vụ thời gian tới")
    yield passages.remarks("nhiệm vụ trọng tâm, thời hạn và đơn vị chịu trách nhiệm")
    yield Heading("Kiến nghị, đề xuất")
    yield from wishes.unset_asked(facts)
    yield passages.farewell(facts, f"báo cáo sơ kết {facts.span.name}")
