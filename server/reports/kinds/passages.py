"""Passages that several papers share: what they rest on, how it was counted, what came out.

Each yields blocks of Vietnamese prose with the figures in place. What nobody has set says so, what
nobody knows is a range, what only the writer knows is a blank.
"""

from collections.abc import Iterator

from server.domain.plan import Plan
from server.reports.document import BLANK, Block, Paragraph
from server.reports.facts import Facts
from server.reports.wording import (
    day,
    listed,
    number,
)

_MOST_CAUSES = 5


def plan_name(plan: Plan) -> str:
    """Return the plan as an official paper cites it, with blanks for what it does not say."""
    of = plan.issued_by or "[…cơ quan ban hành…]"
    on = day(plan.issued_on) if plan.issued_on else "[…ngày…]"
    title = plan.title.removeprefix("Kế hoạch").strip()
    number_ = plan.document_no or "[…số…]"
    return f"Kế hoạch số {number_} ngày {on} của {of} về {title[:1].lower()}{title[1:]}"


def bases(facts: Facts) -> tuple[str, ...]:
    """Return what the paper rests on."""
    plan = [plan_name(facts.plan)] if facts.plan else ["[…kế hoạch của cấp trên…]"]
    criteria = facts.plan.criteria_set() if facts.plan else None
    law = [criteria.source.ref] if criteria and criteria.source else []
    return (*plan, *law, "[…các căn cứ khác…]")


def counted_how(facts: Facts) -> Iterator[Block]:
    """Say where the figures come from, under which version, and how to read a range."""
    span = facts.span
    yield Paragraph(
        f"Số liệu trong báo cáo do hệ thống giám sát Vọng Gác tự động ghi nhận từ ngày "
        f"{day(span.first)} đến hết ngày {day(facts.as_of or span.last)}, {versions(facts)}. "
        "Thời gian không có dữ liệu được ghi là “chưa rõ”, không tính là đạt cũng không tính là "
        "chưa đạt; khi còn thời gian chưa rõ, tỷ lệ được viết thành khoảng từ mức chắc chắn đến "
        "mức cao nhất có thể. Các tỷ lệ được tính trên tổng thời gian phải giám sát, không tính "
        "bình quân của các tỷ lệ."
    )
    if facts.as_of and facts.as_of < span.last:
        yield Paragraph(
            f"Kỳ báo cáo chưa kết thúc: số liệu được tính đến hết ngày {day(facts.as_of)}."
        )


def versions(facts: Facts) -> str:
    """Name the versions of the plan that the figures were counted under."""
    if not facts.versions:
        return "khi chưa có phiên bản kế hoạch nào có hiệu lực"
    told = [
        f"phiên bản {v.version}"
        + (f" có hiệu lực từ ngày {day(v.since)}" if v.since else "")
        + (f" ({v.confirmed})" if v.confirmed else " (chưa có người thứ hai xác nhận)")
        for v in facts.versions
    ]
    return f"tính theo kế hoạch {listed(told)}"


def taught(facts: Facts) -> str:
    """Return ``Trong năm học 2026-2027 (35 tuần thực học)``."""
    weeks = f" ({facts.span.weeks} tuần thực học)" if facts.span.weeks else ""
    return f"Trong {facts.span.name}{weeks}"


def situation(facts: Facts) -> Iterator[Block]:
    """Say what there is: schools, gates, places, cameras; the rest is the writer's.

    A school that has left the unit or was merged before the end is not there any more.
    """
    end = max((s.last for s in facts.period.schools), default=facts.period.last)
    schools = [s for s in facts.period.schools if s.last == end]
    gates = sum(len(s.school.gates) for s in schools)
    zones = sum(len(s.school.zones) for s in schools)
    cameras = sum(len(s.school.cameras) for s in schools)
    whole = "" if facts.one_school else f"{number(len({s.school.id for s in schools}))} trường, "
    yield Paragraph(
        f"Đến hết kỳ báo cáo, {facts.subject} có {whole}{number(gates)} cổng trường, "
        f"{number(zones)} khu vực và {number(cameras)} camera giám sát đã khai báo trên hệ thống."
    )
    yield remarks("đặc điểm tình hình, thuận lợi, khó khăn")


def told(facts: Facts, chapter: str, hint: str) -> tuple[Block, ...]:
    """Return what another part of the system says in a chapter, and a blank with a hint."""
    return (*facts.told.get(chapter, ()), Paragraph(f"[…{hint}…]"))


def farewell(facts: Facts, what: str) -> Paragraph:
    """Return the closing sentence."""
    return Paragraph(f"Trên đây là {what} của {facts.author.name}./.")


def remarks(hint: str) -> Paragraph:
    """Return a blank for the writer's own judgement."""
    return Paragraph(f"[…{hint}…]" if hint else BLANK)
