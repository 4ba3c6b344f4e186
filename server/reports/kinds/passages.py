"""Passages that several papers share: what they rest on, how it was counted, what came out.

Each yields blocks of Vietnamese prose with the figures in place. What nobody has set says so, what
nobody knows is a range, what only the writer knows is a blank.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

from server.domain.period import SchoolPeriod, UnitPeriod, ZonePeriod
from server.domain.plan import Plan
from server.domain.points import Met
from server.reports.document import BLANK, Block, Paragraph
from server.reports.facts import LEAST_S, Facts, amended_sums, met_share, up_share
from server.reports.wording import (
    asked_percent,
    day,
    hours,
    listed,
    number,
    opened,
    percent,
    told_share,
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
    """Say what there is: schools, gates, places, cameras; the rest is the writer's."""
    schools = facts.period.schools
    gates = sum(len(s.school.gates) for s in schools)
    zones = sum(len(s.school.zones) for s in schools)
    cameras = sum(len(s.school.cameras) for s in schools)
    whole = "" if facts.one_school else f"{number(len({s.school.id for s in schools}))} trường, "
    yield Paragraph(
        f"Đến hết kỳ báo cáo, {facts.subject} có {whole}{number(gates)} cổng trường, "
        f"{number(zones)} khu vực và {number(cameras)} camera giám sát đã khai báo trên hệ thống."
    )
    yield remarks("đặc điểm tình hình, thuận lợi, khó khăn")


def coverage(facts: Facts) -> Iterator[Block]:
    """Say how many places there are, how many have their cameras, how far they were watched."""
    period = facts.period
    sums = period.sums
    zones = [z for s in period.schools for z in s.zones]
    yield Paragraph(_places(facts, zones))
    if sums.required:
        yield Paragraph(
            f"Về lắp đặt, {_of(sums.installed, sums.required)} khu vực có đủ số camera theo quy "
            f"định trong cả kỳ. {_watched(facts, zones)}"
        )
        share = met_share(sums.seconds)
        asked = f" trên tổng số {hours(sums.seconds.required)} phải giám sát" if share else ""
        yield Paragraph(
            f"{taught(facts)}, tỷ lệ thời gian các khu vực có đủ số camera hoạt động đạt "
            f"{told_share(share)}{asked}."
            if share
            else f"{taught(facts)}, không có thời gian phải giám sát nào được tính, nên không "
            "xác định được độ phủ theo thời gian."
        )
    yield from _unset_days(period.schools)


def _places(facts: Facts, zones: Sequence[ZonePeriod]) -> str:
    sums = facts.period.sums
    begun = f"{opened(facts.subject)} có {number(len(zones))} khu vực đã khai báo trên hệ thống"
    if not sums.required:
        return (
            f"{begun}. Kế hoạch chưa quy định số camera tối thiểu cho khu vực nào, nên độ phủ so "
            "với kế hoạch chưa được chấm; số liệu dưới đây chỉ để tham khảo."
        )
    unset = (
        f"; {number(sums.unset_zones)} khu vực chưa quy định số camera nên không chấm"
        if sums.unset_zones
        else ""
    )
    return f"{begun}, trong đó {number(sums.required)} khu vực đã được quy định số camera{unset}."


def _watched(facts: Facts, zones: Sequence[ZonePeriod]) -> str:
    """Say how many places were watched for the share of time that the plan asks for."""
    asked = facts.plan.uptime_required_percent if facts.plan else None
    if asked is None:
        return (
            "Kế hoạch chưa quy định tỷ lệ thời gian phải bảo đảm, nên từng khu vực chưa được xếp "
            "đạt hay chưa đạt."
        )
    found = Counter(z.met for z in zones if z.met is not None)
    total = found.total()
    if not total:
        return ""
    parts = [f"{_of(found[Met.MET], total)} khu vực đạt"]
    if found[Met.NOT_MET]:
        parts.append(f"{number(found[Met.NOT_MET])} khu vực chưa đạt")
    if found[Met.CANNOT_TELL]:
        parts.append(f"{number(found[Met.CANNOT_TELL])} khu vực chưa thể kết luận")
    return (
        f"So với yêu cầu có đủ camera hoạt động trong ít nhất {asked_percent(asked)} thời gian "
        f"phải giám sát: {listed(parts)}."
    )


def _of(part: int, whole: int) -> str:
    return f"{number(part)}/{number(whole)}"


def _unset_days(schools: Sequence[SchoolPeriod]) -> Iterator[Block]:
    touched = [s for s in schools if s.unset_days]
    if not touched:
        return
    total = sum(s.unset_days for s in touched)
    whose = f" của {number(len(touched))} trường" if len(schools) > 1 else ""
    yield Paragraph(
        f"Có {number(total)} ngày{whose} chưa quy định thời gian phải giám sát (chưa có lịch năm "
        "học hoặc giờ học). Những ngày này không được tính là đạt hay chưa đạt và nằm ngoài các tỷ "
        "lệ nêu trên."
    )


def uptime(facts: Facts) -> Iterator[Block]:
    """Say how much cameras watched, and what it was that they lost the rest by."""
    period = facts.period
    cameras = len({c.camera.id for s in period.schools for z in s.zones for c in z.cameras})
    share = up_share(period.uptime)
    if share is None:
        yield Paragraph(
            f"{taught(facts)}, không có thời gian nào của camera được tính, nên không xác định "
            "được tỷ lệ hoạt động."
        )
        return
    whose = f"{number(cameras)} camera" if cameras else "Camera"
    yield Paragraph(
        f"{taught(facts)}, tỷ lệ hoạt động trong giờ học của {whose} là {told_share(share)}. "
        f"Thời gian mất kết nối cộng lại là {hours(period.uptime.down)}, thời gian hình ảnh kém là "
        f"{hours(period.uptime.degraded)}, thời gian chưa rõ là {hours(period.uptime.unknown)} "
        "(cộng dồn theo từng camera)."
    )
    yield from causes(facts)


def causes(facts: Facts) -> Iterator[Block]:
    """Name the causes that cost the most, with their time."""
    lost = Counter[str]()
    for school in facts.period.schools:
        lost.update(school.lost)
    lost.pop("", None)
    total = lost.total()
    if not total:
        return
    named = [
        f"{facts.words.get(cause, cause)} ({hours(seconds)}, {percent(seconds / total)})"
        for cause, seconds in sorted(lost.items(), key=lambda c: (-c[1], c[0]))[:_MOST_CAUSES]
        if seconds
    ]
    yield Paragraph(f"Nguyên nhân mất thời gian nhiều nhất: {listed(named)}.")


def history(period: UnitPeriod) -> Iterator[Block]:
    """Say what late history has changed in days that had been closed."""
    count, closed, known = amended_sums(period)
    if not count:
        return
    yield Paragraph(
        f"Sau khi chốt số liệu hằng ngày, {number(count)} ngày của các trường được bổ sung từ dữ "
        "liệu gửi muộn hoặc từ lịch nhập sau. Tỷ lệ thời gian có đủ camera của những ngày đó khi "
        f"chốt là {told_share(met_share(closed))}; nay đã rõ là {told_share(met_share(known))}. "
        "Báo cáo này dùng số liệu nay đã rõ; số liệu khi chốt vẫn được giữ nguyên để đối chiếu."
    )


def faults(facts: Facts) -> Iterator[Block]:
    """Say how many cameras broke, how long repairs took and what is still open."""
    found = facts.faults
    if found is None:
        yield Paragraph("Các lần camera hư hỏng được lập riêng tại sổ theo dõi hư hỏng.")
        return
    if not found:
        yield Paragraph(f"{taught(facts)}, hệ thống không ghi nhận hư hỏng nào của camera.")
        return
    closed = [f for f in found if f.repaired is not None]
    text = (
        f"{taught(facts)}, hệ thống ghi nhận {number(len(found))} lần camera hư hỏng hoặc hình ảnh "
        f"kém từ {number(LEAST_S // 60)} phút trở lên trong giờ học; {number(len(closed))} lần đã "
        "khắc phục"
    )
    if closed:
        longest = max(closed, key=lambda f: (f.days, f.camera))
        mean = number(sum(f.days for f in closed) / len(closed), 1)
        text += (
            f", bình quân {mean} ngày mỗi lần, lâu nhất {number(longest.days)} ngày "
            f"({longest.camera}, {longest.school})"
        )
    left = len(found) - len(closed)
    text += f"; {number(left)} lần chưa khắc phục xong." if left else "."
    yield Paragraph(text)


def told(facts: Facts, chapter: str, hint: str) -> tuple[Block, ...]:
    """Return what another part of the system says in a chapter, else a blank with a hint."""
    return facts.told.get(chapter) or (Paragraph(f"[…{hint}…]"),)


def farewell(facts: Facts, what: str) -> Paragraph:
    """Return the closing sentence."""
    return Paragraph(f"Trên đây là {what} của {facts.author.name}./.")


def remarks(hint: str) -> Paragraph:
    """Return a blank for the writer's own judgement."""
    return Paragraph(f"[…{hint}…]" if hint else BLANK)
