"""School periods made by hand: zones with their cameras, days with their seconds."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from server.domain.period import (
    CameraPeriod,
    DaySums,
    SchoolPeriod,
    ZonePeriod,
)
from server.domain.points import MetSeconds, PointSums
from server.domain.units import Camera, School, Zone
from server.domain.uptime import Availability

LAST = date(2026, 11, 20)


def camera_period(
    name: str,
    lost: Mapping[str, int] | None = None,
    *,
    zone: str = "gate",
    lost_on: date | None = LAST,
) -> CameraPeriod:
    down = sum((lost or {}).values())
    return CameraPeriod(
        camera=Camera(id=name, name=name, zone=zone, sources=()),
        uptime=Availability(up=10_000 - down, down=down),
        lost=lost or {},
        lost_on=lost_on if lost else None,
    )


def zone_period(
    *cameras: CameraPeriod, need: int | None = 1, not_met: int = 0, name: str = "gate"
) -> ZonePeriod:
    return ZonePeriod(
        zone=Zone(id=name, name=name, kind="cong_truong"),
        need=need,
        installed_min=len(cameras),
        installed_max=len(cameras),
        installed=len(cameras),
        seconds=None if need is None else MetSeconds(met=10_000 - not_met, not_met=not_met),
        unset_days=0,
        uptime=sum((c.uptime for c in cameras), Availability()),
        cameras=cameras,
    )


def day_sums(day: date, met: int, *, not_met: int = 0, unset: bool = False) -> DaySums:
    return DaySums(
        day=day,
        seconds=MetSeconds(met=met, not_met=not_met),
        uptime=Availability(up=met, down=not_met, excluded=86_400 - met - not_met),
        unset=unset,
    )


def school_of(
    *zones: ZonePeriod, name: str = "s", kind: str = "thcs", days: Sequence[DaySums] = ()
) -> SchoolPeriod:
    return SchoolPeriod(
        school=School(
            id=name,
            name=name,
            kind=kind,
            unit="u",
            zones=tuple(z.zone for z in zones),
            cameras=tuple(c.camera for z in zones for c in z.cameras),
        ),
        unit="u",
        first=days[0].day if days else LAST - timedelta(days=9),
        last=days[-1].day if days else LAST,
        zones=zones,
        sums=PointSums(seconds=sum((z.seconds for z in zones if z.seconds), MetSeconds())),
        uptime=sum((z.uptime for z in zones), Availability()),
        unset_days=0,
        by_day=days,
        counted_on=LAST,
    )
