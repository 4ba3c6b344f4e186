"""Sơ kết of a school: its year under the plan, for the office above it."""

from collections.abc import Iterator

from server.reports.document import Block, Document, Heading
from server.reports.facts import Facts
from server.reports.kinds import annexes, charts, frame, passages, results, tables, wishes


def write(facts: Facts) -> Document:
    """Return the report."""
    about = (
        f"Sơ kết {facts.span.name}\nthực hiện kế hoạch xây dựng trường học an toàn\n"
        "về an ninh, trật tự"
    )
    schools = facts.period.schools
    each = tuple(annexes.of_zones(s) for s in schools)
    return frame.report(facts, about, tuple(_blocks(facts)), (*each, *annexes.present(facts)))


def _blocks(facts: Facts) -> Iterator[Block]:
    yield Heading("Đặc điểm tình hình")
    yield from passages.situation(facts)
    yield from passages.counted_how(facts)
    yield Heading("Kết quả thực hiện")
    yield Heading("Công tác chỉ đạo, tuyên truyền", 2)
    yield from passages.told(
        facts, "leading", "việc ban hành kế hoạch, đăng ký phấn đấu, ký cam kết, tuyên truyền"
    )
    yield Heading("Camera giám sát so với kế hoạch", 2)
    yield from results.coverage(facts)
    for school in facts.period.schools:
        yield from charts.drawn(charts.zone_chart(school))
    yield Heading("Hoạt động của camera", 2)
    yield from results.uptime(facts)
    yield tables.losses(facts)
    yield from results.history(facts.period)
    yield Heading("Hư hỏng và khắc phục", 2)
    yield from results.faults(facts)
    yield Heading("Công tác bảo vệ và tập huấn", 2)
    yield from passages.told(
        facts, "guards", "số bảo vệ, ca trực tại từng cổng, tập huấn nghiệp vụ và giấy chứng nhận"
    )
    yield Heading("Kiểm tra và tự đánh giá", 2)
    yield from passages.told(
        facts, "inspections", "nhận xét về các lần kiểm tra trong năm, tồn tại đã khắc phục"
    )
    yield from passages.told(facts, "evaluation", "kết quả tự đánh giá của nhà trường")
    yield Heading("Tồn tại, hạn chế và nguyên nhân")
    yield from wishes.needs(facts)
    yield passages.remarks("nguyên nhân chủ quan, khách quan theo đánh giá của nhà trường")
    yield Heading("Phương hướng, nhiệm vụ thời gian tới")
    yield passages.remarks("nhiệm vụ trọng tâm, thời hạn và người chịu trách nhiệm")
    yield Heading("Kiến nghị, đề xuất")
    yield from wishes.unset_asked(facts)
    yield passages.farewell(facts, f"báo cáo sơ kết {facts.span.name}")
