"""Passages of results that several papers share: coverage, uptime, causes, history, faults."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from server.domain.period import SchoolPeriod, UnitPeriod, ZonePeriod
from server.domain.points import Met
from server.reports.document import Block, Paragraph
from server.reports.facts import Facts, amended_sums, met_share, up_share
from server.reports.kinds.passages import taught
from server.reports.wording import (
    asked_percent,
    hours,
    listed,
    number,
    opened,
    percent,
    told_share,
)

_MOST_CAUSES: Final = 5


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
    yield from _pictures(zones)
    yield from _unset_days(period.schools)


def _pictures(zones: Sequence[ZonePeriod]) -> Iterator[Block]:
    """Say how many places have the picture that the plan asks for, where it asks for one."""
    found = Counter(z.picture for z in zones if z.picture is not None)
    if not found:
        return
    unsure = found[Met.CANNOT_TELL]
    more = f"; {number(unsure)} khu vực chưa đo được" if unsure else ""
    yield Paragraph(
        f"Về chất lượng hình ảnh, {_of(found[Met.MET], found.total())} khu vực có đủ camera đạt "
        f"kích thước và tốc độ khung hình theo quy định{more}."
    )


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
            f"Trong {facts.span.name}, không có thời gian nào của camera được tính, nên không xác "
            "định được tỷ lệ hoạt động."
        )
        return
    whose = f"{number(cameras)} camera" if cameras else "Camera"
    yield Paragraph(
        f"Trong {facts.span.name}, tỷ lệ hoạt động trong giờ học của {whose} là "
        f"{told_share(share)}. "
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
    if not found:
        yield Paragraph(f"Trong {facts.span.name}, hệ thống không ghi nhận hư hỏng nào của camera.")
        return
    closed = [f for f in found if f.repaired is not None]
    text = (
        f"Trong {facts.span.name}, hệ thống ghi nhận {number(len(found))} lần camera hư hỏng hoặc "
        f"hình ảnh kém từ {number(facts.fault_after_s // 60)} phút trở lên trong giờ học; "
        f"{number(len(closed))} lần đã khắc phục"
    )
    if closed:
        longest = max(closed, key=lambda f: (f.days, f.camera))
        mean = number(sum(f.days for f in closed) / len(closed), 1)
        text += (
            f", bình quân {mean} ngày mỗi lần, lâu nhất {number(longest.days)} ngày "
            f"({longest.camera}{'' if facts.one_school else f', {longest.school}'})"
        )
    left = len(found) - len(closed)
    text += f"; {number(left)} lần chưa khắc phục xong." if left else "."
    yield Paragraph(text)
