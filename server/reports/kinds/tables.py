"""Tables and charts that several papers share. Every one has its own sheet in the XLSX."""

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from server.domain.period import SchoolPeriod, UnitPeriod, ZonePeriod
from server.domain.plan import SCHOOL_KINDS
from server.domain.points import Met, PointSums
from server.domain.uptime import Availability, sum_of
from server.reports.document import UNSET, Column, Kind, Share, Table, Value
from server.reports.facts import Facts, from_worst, met_share, up_share
from server.reports.wording import opened

_WORST: Final = 10
_VERDICTS: Final = {Met.MET: "Đạt", Met.NOT_MET: "Chưa đạt", Met.CANNOT_TELL: "Chưa thể kết luận"}
NO: Final = Column("TT", Kind.NUMBER, 2)
"""The column that counts rows."""


def by_zone(school: SchoolPeriod, title: str, sheet: str | None = "Khu vực") -> Table:
    """Return a school's places, one a row."""
    columns = (NO, *_ZONE)
    rows = tuple((index, *_zone(zone)) for index, zone in enumerate(school.zones, 1))
    return Table(title=title, columns=columns, rows=rows, sheet=sheet, empty="Chưa khai báo.")


def all_zones(schools: Sequence[SchoolPeriod], title: str) -> Table:
    """Return the places of many schools, one a row."""
    rows = ((s.school.name, *_zone(z)) for s in schools for z in s.zones)
    return Table(
        title=title,
        columns=(NO, Column("Trường", Kind.TEXT, 5), *_ZONE),
        rows=tuple((index, *row) for index, row in enumerate(rows, 1)),
        sheet="Khu vực",
        empty="Chưa khai báo.",
    )


_ZONE: Final = (
    Column("Khu vực", Kind.TEXT, 5),
    Column("Số camera quy định", Kind.NUMBER, 3),
    Column("Số camera đã lắp", Kind.NUMBER, 2),
    Column("Giờ phải giám sát", Kind.HOURS, 2),
    Column("Độ phủ", Kind.SHARE, 3),
    Column("Tỷ lệ hoạt động của camera", Kind.SHARE, 3),
    Column("Kết quả", Kind.TEXT, 3),
)


def _zone(zone: ZonePeriod) -> tuple[Value, ...]:
    few, most = zone.installed_min, zone.installed_max
    return (
        zone.zone.name,
        UNSET if zone.need is None else zone.need,
        most if few == most else f"{few} đến {most}",
        zone.seconds.required if zone.seconds else None,
        met_share(zone.seconds) if zone.seconds else None,
        up_share(zone.uptime),
        _result(zone),
    )


def _result(zone: ZonePeriod) -> str:
    if zone.need is None:
        return UNSET
    if zone.met is None:
        return "Không xếp"
    return _VERDICTS[zone.met]


def by_school(schools: Sequence[SchoolPeriod], title: str) -> Table:
    """Return schools with their sums, and a row that sums them."""
    rows = [
        (
            index,
            s.school.name,
            SCHOOL_KINDS.get(s.school.kind, s.school.kind),
            *_sums(s.sums, s.uptime, s.unset_days),
        )
        for index, s in enumerate(schools, 1)
    ]
    if len(schools) > 1:
        points = sum((s.sums for s in schools), PointSums())
        uptime = sum_of(s.uptime for s in schools)
        unset = sum(s.unset_days for s in schools)
        rows.append(("", "Tổng cộng", "", *_sums(points, uptime, unset)))
    return Table(
        title=title,
        columns=(NO, Column("Trường", Kind.TEXT, 6), Column("Loại trường", Kind.TEXT, 3), *_SUMS),
        rows=tuple(rows),
        sums=len(schools) > 1,
        sheet="Trường",
        empty="Chưa có trường nào.",
    )


def by_level(period: UnitPeriod, title: str) -> Table:
    """Return kinds of schools with their sums."""
    rows: list[tuple[Value, ...]] = [
        (name, level.schools, *_sums(level.sums, level.uptime, level.unset_days))
        for kind, name in SCHOOL_KINDS.items()
        if (level := period.by_level.get(kind)) is not None
    ]
    unset = sum(level.unset_days for level in period.by_level.values())
    count = sum(level.schools for level in period.by_level.values())
    rows.append(("Tổng cộng", count, *_sums(period.sums, period.uptime, unset)))
    columns = (Column("Loại trường", Kind.TEXT, 5), Column("Số trường", Kind.NUMBER, 2), *_SUMS)
    return Table(title=title, columns=columns, rows=tuple(rows), sums=True, sheet="Loại trường")


_SUMS: Final = (
    Column("Khu vực đã quy định", Kind.NUMBER, 2),
    Column("Lắp đủ camera", Kind.NUMBER, 2),
    Column("Chưa quy định", Kind.NUMBER, 2),
    Column("Độ phủ theo thời gian", Kind.SHARE, 3),
    Column("Tỷ lệ hoạt động của camera", Kind.SHARE, 3),
    Column("Ngày chưa quy định", Kind.NUMBER, 2),
)


def _sums(sums: PointSums, uptime: Availability, unset: int) -> tuple[Value, ...]:
    return (
        sums.required,
        sums.installed,
        sums.unset_zones,
        met_share(sums.seconds),
        up_share(uptime),
        unset,
    )


def worst(schools: Sequence[SchoolPeriod]) -> Table:
    """Return the ten schools that were watched least."""
    ranked = from_worst(schools)[:_WORST]
    return Table(
        title=f"{len(ranked)} trường có độ phủ thấp nhất",
        columns=(
            NO,
            Column("Trường", Kind.TEXT, 6),
            Column("Độ phủ theo thời gian", Kind.SHARE, 3),
            Column("Giờ chắc chắn thiếu", Kind.HOURS, 3),
            Column("Giờ chưa rõ", Kind.HOURS, 3),
        ),
        rows=tuple(
            (
                index,
                s.school.name,
                met_share(s.sums.seconds),
                s.sums.seconds.not_met,
                s.sums.seconds.cannot_tell,
            )
            for index, s in enumerate(ranked, 1)
        ),
        sheet="Thấp nhất",
        empty="Không có trường nào có thời gian phải giám sát.",
    )


def losses(facts: Facts) -> Table:
    """Return lost time by cause."""
    lost = Counter[str]()
    for school in facts.period.schools:
        lost.update(school.lost)
    total = lost.total()
    rows = [
        (facts.words.get(cause, cause) if cause else "không rõ nguyên nhân", seconds)
        for cause, seconds in sorted(lost.items(), key=lambda c: (-c[1], c[0]))
        if seconds
    ]
    return Table(
        title="Thời gian camera không hoạt động, theo nguyên nhân",
        columns=(
            Column("Nguyên nhân", Kind.TEXT, 7),
            Column("Giờ (cộng dồn theo camera)", Kind.HOURS, 3),
            Column("Tỷ trọng", Kind.SHARE, 2),
        ),
        rows=tuple((opened(w), s, _part(s, total)) for w, s in rows),
        sheet="Nguyên nhân",
        empty="Không có thời gian nào bị mất.",
    )


def _part(part: int, whole: int) -> Share | None:
    return Share(Fraction(part, whole), Fraction(part, whole)) if whole else None
