"""A made-up commune with schools of all kinds over a school year: facts by hand, no clock."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Final

from server.domain.calendar import DayWindow, SchoolHours
from server.domain.citation import Citation
from server.domain.period import (
    AmendedDay,
    CameraPeriod,
    DaySums,
    LevelPeriod,
    SchoolPeriod,
    UnitPeriod,
    ZonePeriod,
)
from server.domain.plan import Plan, Requirement, ZoneKind
from server.domain.points import Met, MetSeconds, PointSums
from server.domain.units import Camera, Gate, School, Source, Zone
from server.domain.uptime import Availability, sum_of
from server.reports.facts import Author, Facts, Fault, Need, PlanNote, Span

FIRST: Final = date(2026, 9, 7)
LAST: Final = date(2027, 5, 28)
MADE: Final = date(2027, 6, 5)
KINDS: Final = ("mam_non", "tieu_hoc", "thcs", "thpt", "lien_cap", "nhom_tre_doc_lap")
ZONES: Final = {
    "cong_truong": "Cổng trường",
    "san_truong": "Sân trường",
    "hanh_lang": "Hành lang",
    "bep_an": "Bếp ăn",
    "nha_xe": "Nhà xe",
}
WORDS: Final = {
    "network.unreachable": "không kết nối được qua mạng",
    "rtsp.auth": "sai mật khẩu",
    "picture.covered": "ống kính bị che khuất",
}
SOURCE: Final = Citation(id="plan", kind="district_plan", ref="Kế hoạch 12/KH-UBND")
PLAN: Final = Plan(
    id="kh",
    title="Kế hoạch xây dựng trường học an toàn về an ninh, trật tự",
    version="2",
    zones={kind: ZoneKind(id=kind, vi=name) for kind, name in ZONES.items()},
    requirements={
        kind: {
            zone: Requirement(kind=zone, required=True, min_cameras=1, source=SOURCE)
            for zone in ("cong_truong", "san_truong", "hanh_lang")
        }
        for kind in KINDS
    },
    school_hours=dict.fromkeys(
        KINDS, SchoolHours(days=(0, 1, 2, 3, 4), windows=(DayWindow(390, 1050),))
    ),
    uptime_required_percent=95,
    uptime_source=SOURCE,
    issued_by="Ủy ban nhân dân xã Hòa Mẫu",
    document_no="12/KH-UBND",
    issued_on=date(2026, 8, 1),
    effective_from=date(2026, 8, 15),
)


def author(*, school: bool) -> Author:
    if school:
        return Author(
            name="Trường THCS Hòa Mẫu 3",
            issuer="Trường THCS\nHòa Mẫu 3",
            superior="Ủy ban nhân dân\nxã Hòa Mẫu",
            to="Ủy ban nhân dân xã Hòa Mẫu",
            code="THCSHM3",
            place="Hòa Mẫu",
            on_behalf=None,
            post="Hiệu trưởng",
        )
    return Author(
        name="Ủy ban nhân dân xã Hòa Mẫu",
        issuer="Ủy ban nhân dân\nxã Hòa Mẫu",
        superior=None,
        to="Sở Giáo dục và Đào tạo",
        code="UBND",
        place="Hòa Mẫu",
        on_behalf="TM. Ủy ban nhân dân",
        post="Chủ tịch",
    )


def school(index: int, first: date = FIRST, last: date = LAST) -> SchoolPeriod:
    """Return a school whose figures are drawn by its number."""
    draw = random.Random(index)
    kind = KINDS[index % len(KINDS)]
    place = School(
        id=f"s{index}",
        name=f"Trường {_LEVELS[kind]} Hòa Mẫu {index + 1}",
        kind=kind,
        unit="hoa-mau",
        zones=tuple(Zone(id=f"s{index}-{z}", name=n, kind=z) for z, n in ZONES.items()),
        gates=(Gate(id=f"s{index}-g", name="Cổng chính"),),
        cameras=tuple(
            Camera(
                id=f"s{index}-c{n}",
                name=f"Camera {n + 1}",
                zone=f"s{index}-{zone}",
                sources=(Source("a", f"c{n}"),),
            )
            for n, zone in enumerate(ZONES)
        ),
    )
    days = [
        first + timedelta(days=n)
        for n in range((last - first).days + 1)
        if (first + timedelta(days=n)).weekday() < 5
    ]
    zones = tuple(_zone(draw, place, n, len(days)) for n in range(len(ZONES)))
    seconds = sum((z.seconds for z in zones if z.seconds), MetSeconds())
    scored = [z for z in zones if z.need is not None]
    uptime = sum_of(z.uptime for z in zones)
    return SchoolPeriod(
        school=place,
        unit="hoa-mau",
        first=first,
        last=last,
        zones=zones,
        sums=PointSums(
            required=len(scored),
            installed=sum(z.installed_min >= (z.need or 0) for z in scored),
            certain=sum(z.met is Met.MET for z in scored),
            possible=sum(z.met is not Met.NOT_MET for z in scored),
            seconds=seconds,
            unset_zones=len(zones) - len(scored),
        ),
        uptime=uptime,
        unset_days=3 if index == 4 else 0,
        by_day=[_day(d, seconds, uptime, len(days)) for d in days],
        plans=("2",),
        lost={
            "network.unreachable": uptime.down * 2 // 3,
            "rtsp.auth": uptime.down // 3,
            "picture.covered": uptime.degraded,
            "": 60,
        },
        amended=(_amended(seconds, uptime, len(days)),) if index % 5 == 1 else (),
    )


_LEVELS: Final = {
    "mam_non": "Mầm non",
    "tieu_hoc": "Tiểu học",
    "thcs": "THCS",
    "thpt": "THPT",
    "lien_cap": "liên cấp",
    "nhom_tre_doc_lap": "mẫu giáo độc lập",
}


def _zone(draw: random.Random, place: School, index: int, days: int) -> ZonePeriod:
    zone, need = place.zones[index], 1 if index < 3 else None
    whole = days * 11 * 3600
    down, unknown = int(whole * draw.random() ** 3 * 0.3), int(whole * draw.random() * 0.03)
    spoilt = int(whole * draw.random() * 0.01)
    met = MetSeconds(
        met=whole - down - unknown - spoilt, not_met=down + spoilt, cannot_tell=unknown
    )
    assert met.low is not None
    assert met.high is not None
    verdict = Met.MET if met.low >= 0.95 else Met.NOT_MET if met.high < 0.95 else Met.CANNOT_TELL
    uptime = Availability(up=met.met, degraded=spoilt, down=down, unknown=unknown)
    return ZonePeriod(
        zone=zone,
        need=need,
        installed_min=1,
        installed_max=1,
        installed=1,
        seconds=met if need else None,
        unset_days=0,
        uptime=uptime,
        met=verdict if need else None,
        cameras=(CameraPeriod(camera=place.cameras[index], uptime=uptime),),
    )


def _day(day: date, seconds: MetSeconds, uptime: Availability, days: int) -> DaySums:
    return DaySums(
        day=day,
        seconds=_part(seconds, days),
        uptime=Availability(
            up=uptime.up // days,
            degraded=uptime.degraded // days,
            down=uptime.down // days,
            unknown=uptime.unknown // days,
        ),
        unset=False,
    )


def _part(seconds: MetSeconds, days: int) -> MetSeconds:
    return MetSeconds(
        met=seconds.met // days,
        not_met=seconds.not_met // days,
        cannot_tell=seconds.cannot_tell // days,
    )


def _amended(seconds: MetSeconds, uptime: Availability, days: int) -> AmendedDay:
    known = _part(seconds, days)
    closed = MetSeconds(met=known.met // 2, cannot_tell=known.required - known.met // 2)
    return AmendedDay(
        day=date(2026, 11, 24),
        closed_at=datetime(2026, 11, 24, 19, tzinfo=UTC),
        at=datetime(2026, 11, 26, 1, tzinfo=UTC),
        agents=("a",),
        closed=closed,
        known=known,
        closed_uptime=Availability(unknown=uptime.counted),
        known_uptime=uptime,
    )


def period(schools: Sequence[SchoolPeriod], unit: str | None = "hoa-mau") -> UnitPeriod:
    kinds = dict.fromkeys(s.school.kind for s in schools)
    return UnitPeriod(
        unit=unit,
        first=schools[0].first,
        last=schools[0].last,
        schools=tuple(schools),
        sums=sum((s.sums for s in schools), PointSums()),
        uptime=sum_of(s.uptime for s in schools),
        by_level={
            kind: LevelPeriod(
                schools=len(some := [s for s in schools if s.school.kind == kind]),
                sums=sum((s.sums for s in some), PointSums()),
                uptime=sum_of(s.uptime for s in some),
                unset_days=sum(s.unset_days for s in some),
            )
            for kind in kinds
        },
    )


FAULTS: Final = (
    Fault(
        school="Trường THCS Hòa Mẫu 3",
        camera="Camera cổng chính",
        zone="Cổng trường",
        cause="không kết nối được qua mạng",
        since=date(2026, 10, 5),
        reported=date(2026, 10, 5),
        repaired=date(2026, 10, 9),
        days=5,
        seconds=4 * 11 * 3600,
        by="Công ty A",
        note="còn bảo hành",
    ),
    Fault(
        school="Trường THCS Hòa Mẫu 3",
        camera="Camera 3",
        zone="Hành lang",
        cause="ống kính bị che khuất",
        since=date(2027, 5, 20),
        days=9,
        seconds=7 * 11 * 3600,
    ),
)
NEEDS: Final = (
    Need(
        school="Trường THCS Hòa Mẫu 3",
        zone="Hành lang",
        what="Sửa chữa 1 camera",
        count=1,
        gain=7 * 11 * 3600,
        dong=800_000,
        money="ngân sách",
    ),
    Need(
        school="Trường Mầm non Hòa Mẫu 1",
        zone="Bếp ăn",
        what="Lắp mới 1 camera",
        count=1,
        gain=100 * 3600,
    ),
)
NOTES: Final = (
    PlanNote(
        version="2", since=date(2026, 8, 15), confirmed="do Nguyễn Thị Mẫu xác nhận ngày 14/08/2026"
    ),
)
YEAR: Final = Span(name="năm học 2026-2027", first=FIRST, last=LAST, weeks=35)


def school_facts() -> Facts:
    own = school(2)
    return Facts(
        author=author(school=True),
        day=MADE,
        subject="Trường THCS Hòa Mẫu 3",
        span=YEAR,
        period=period([own], unit=None),
        plan=PLAN,
        versions=NOTES,
        faults=FAULTS,
        needs=NEEDS[:1],
        words=WORDS,
    )


def office_facts(schools: int = 12) -> Facts:
    year = period([school(n) for n in range(schools)])
    return replace(
        school_facts(),
        author=author(school=False),
        subject="xã Hòa Mẫu",
        period=year,
        needs=NEEDS,
    )


def five_facts() -> Facts:
    years = tuple(
        (
            Span(name=f"năm học {y}-{y + 1}", first=date(y, 9, 5), last=date(y + 1, 5, 30)),
            period(
                [school(n + 20 * (y - 2022), date(y, 9, 5), date(y + 1, 5, 30)) for n in range(12)]
            ),
        )
        for y in range(2022, 2027)
    )
    whole = office_facts()
    span = Span(name="giai đoạn 2022-2027", first=date(2022, 9, 5), last=LAST)
    return replace(whole, span=span, years=years)


def month_facts() -> Facts:
    first, last = date(2026, 10, 1), date(2026, 10, 31)
    span = Span(name="tháng 10 năm 2026", first=first, last=last)
    schools = [school(n, first, last) for n in range(12)]
    return replace(office_facts(), span=span, period=period(schools), day=date(2026, 11, 2))
