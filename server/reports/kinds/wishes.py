"""What is missing, what it costs, and what the plan's author is asked to set."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from server.reports.document import Block, Item, Paragraph
from server.reports.facts import Facts, Need
from server.reports.wording import listed, money, number

_MOST_NAMED: Final = 8


def needs(facts: Facts) -> Iterator[Block]:
    """List what would help soonest, with what it costs where a price is set."""
    if not facts.needs:
        yield Paragraph("Không có khu vực đã quy định số camera nào còn thiếu.")
        return
    yield Paragraph(
        "Khu vực còn thiếu camera hoạt động và việc cần làm, việc sớm có kết quả trước:"
    )
    for need in facts.needs[:_MOST_NAMED]:
        where = need.zone if facts.one_school else f"{need.zone}, {need.school}"
        yield Item(f"{need.what} tại {where}.{_price(need)}")
    left = len(facts.needs) - _MOST_NAMED
    if left > 0:
        yield Item(f"Và {number(left)} nội dung khác nêu tại bảng trong phụ lục.")
    yield Paragraph(budget(facts.needs))


def _price(need: Need) -> str:
    if need.dong is None:
        return ""
    source = f" ({need.money})" if need.money else ""
    return f" Kinh phí dự kiến: {money(need.dong)}{source}."


def budget(wanted: Iterable[Need]) -> str:
    """Return the sum of what has a price, by source of money, and what has none."""
    priced, unpriced = Counter[str](), 0
    for need in wanted:
        if need.dong is None:
            unpriced += 1
        else:
            priced[need.money or "chưa rõ nguồn"] += need.dong
    if not priced:
        return "Chưa có đơn giá nên chưa tính được kinh phí."
    sources = listed([f"{name} {money(dong)}" for name, dong in sorted(priced.items())])
    rest = f" {number(unpriced)} nội dung chưa có đơn giá nên chưa tính." if unpriced else ""
    return f"Tổng kinh phí dự kiến {money(priced.total())}, trong đó: {sources}.{rest}"


def unset_asked(facts: Facts) -> Iterator[Block]:
    """Ask the plan's author for what it leaves open: kinds of places, uptime, hours."""
    asked = [
        f"số camera tối thiểu cho các khu vực: {listed(names)}" for names in _open_kinds(facts)
    ]
    plan = facts.plan
    if plan is not None and plan.uptime_required_percent is None:
        asked.append("tỷ lệ thời gian phải bảo đảm có đủ camera hoạt động")
    if any(s.unset_days for s in facts.period.schools):
        asked.append("lịch năm học và giờ học của những ngày còn thiếu")
    for text in asked:
        yield Item(f"Đề nghị quy định {text}.")
    yield Item("[…kiến nghị, đề xuất khác…]")


def _open_kinds(facts: Facts) -> Iterator[list[str]]:
    kinds = {z.zone.kind for s in facts.period.schools for z in s.zones if z.need is None}
    catalogue = facts.plan.zones if facts.plan else {}
    names = sorted(catalogue[k].vi.lower() if k in catalogue else k for k in kinds)
    if names:
        yield names
