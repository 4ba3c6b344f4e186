"""Makes of a period what programs read: see ``told_types``. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Final

from server.domain.period import (
    AmendedDay,
    CameraPeriod,
    LevelPeriod,
    SchoolPeriod,
    UnitPeriod,
    ZonePeriod,
)
from server.domain.points import MetSeconds, PointSums
from server.domain.remedies import Budget, Price, Remedy, Work, budget, remedies
from server.domain.trends import Poor, TrendPoint, worst_places
from server.domain.uptime import Availability
from server.figuring.told_types import (
    AmendedTold,
    BudgetLineTold,
    BudgetTold,
    CameraTold,
    LevelTold,
    MetTold,
    PeriodTold,
    PlacesTold,
    PoorTold,
    RemedyTold,
    SchoolTold,
    StepTold,
    UptimeTold,
    ZoneTold,
)

MOST_REMEDIES: Final = 200


def told(
    period: UnitPeriod,
    *,
    at: datetime,
    prices: Mapping[Work, Price],
    steps: Iterable[TrendPoint] = (),
    zones: bool = False,
) -> PeriodTold:
    """Return a period as it is told. ``zones``: with every zone and camera."""
    work = remedies(period.schools)
    return PeriodTold(
        unit=period.unit,
        first=period.first,
        last=period.last,
        at=at,
        places=_places(period.sums),
        seconds=met_told(period.sums.seconds),
        uptime=uptime_told(period.uptime),
        by_kind={kind: _level(level) for kind, level in period.by_level.items()},
        trend=tuple(_step(step) for step in steps),
        worst=tuple(_poor(poor) for poor in worst_places(period)),
        remedies=tuple(_remedy(remedy) for remedy in work[:MOST_REMEDIES]),
        remedy_count=len(work),
        budget=_budget(budget(work, prices)),
        schools=tuple(_school(school, zones=zones) for school in period.schools),
    )


def _share(value: Fraction | None) -> float | None:
    return None if value is None else round(float(value), 6)


def met_told(some: MetSeconds) -> MetTold:
    """Return seconds of places as they are told."""
    return MetTold(
        met=some.met,
        not_met=some.not_met,
        cannot_tell=some.cannot_tell,
        low=_share(some.low),
        high=_share(some.high),
    )


def uptime_told(some: Availability) -> UptimeTold:
    """Return seconds of cameras as they are told."""
    return UptimeTold(
        up=some.up,
        degraded=some.degraded,
        down=some.down,
        unknown=some.unknown,
        excluded=some.excluded,
        low=_share(some.low),
        high=_share(some.high),
    )


def _places(sums: PointSums) -> PlacesTold:
    return PlacesTold(
        required=sums.required,
        installed=sums.installed,
        certain=sums.certain,
        possible=sums.possible,
        unset=sums.unset_zones,
    )


def _school(school: SchoolPeriod, *, zones: bool) -> SchoolTold:
    return SchoolTold(
        school=school.school.id,
        name=school.school.name,
        kind=school.school.kind,
        unit=school.unit,
        first=school.first,
        last=school.last,
        places=_places(school.sums),
        seconds=met_told(school.sums.seconds),
        uptime=uptime_told(school.uptime),
        unset_days=school.unset_days,
        plans=school.plans,
        lost=school.lost,
        amended=tuple(_amended(day) for day in school.amended),
        zones=tuple(_zone(zone) for zone in school.zones) if zones else None,
    )


def _zone(zone: ZonePeriod) -> ZoneTold:
    return ZoneTold(
        zone=zone.zone.id,
        name=zone.zone.name,
        kind=zone.zone.kind,
        need=zone.need,
        installed=zone.installed,
        installed_min=zone.installed_min,
        installed_max=zone.installed_max,
        seconds=None if zone.seconds is None else met_told(zone.seconds),
        unset_days=zone.unset_days,
        met=zone.met,
        picture=zone.picture,
        uptime=uptime_told(zone.uptime),
        cameras=tuple(_camera(camera) for camera in zone.cameras),
    )


def _camera(camera: CameraPeriod) -> CameraTold:
    return CameraTold(
        camera=camera.camera.id,
        name=camera.camera.name,
        uptime=uptime_told(camera.uptime),
        lost=camera.lost,
        lost_on=camera.lost_on,
    )


def _amended(day: AmendedDay) -> AmendedTold:
    return AmendedTold(
        day=day.day,
        closed_at=day.closed_at,
        at=day.at,
        agents=day.agents,
        closed=met_told(day.closed),
        known=met_told(day.known),
    )


def _level(level: LevelPeriod) -> LevelTold:
    return LevelTold(
        schools=level.schools,
        places=_places(level.sums),
        seconds=met_told(level.sums.seconds),
        uptime=uptime_told(level.uptime),
        unset_days=level.unset_days,
    )


def _step(point: TrendPoint) -> StepTold:
    return StepTold(
        name=point.stretch.name,
        first=point.stretch.first,
        last=point.stretch.last,
        seconds=met_told(point.seconds),
        uptime=uptime_told(point.uptime),
        unset_days=point.unset_days,
    )


def _poor(poor: Poor) -> PoorTold:
    return PoorTold(
        school=poor.school.school.id,
        zone=poor.zone.zone.id if poor.zone else "",
        lost_s=poor.lost_s,
        asked_s=poor.asked_s,
        share=round(float(poor.share), 6),
    )


def _remedy(remedy: Remedy) -> RemedyTold:
    return RemedyTold(
        school=remedy.school.school.id,
        zone=remedy.zone.zone.id,
        action=remedy.action,
        count=remedy.count,
        work={kind.value: count for kind, count in remedy.work.items()},
        cameras=_names(remedy.cameras),
        causes=remedy.causes,
        gain_s=remedy.gain_s,
    )


def _names(cameras: Sequence[CameraPeriod]) -> tuple[str, ...]:
    return tuple(c.camera.id for c in cameras)


def _budget(found: Budget) -> BudgetTold:
    return BudgetTold(
        amount_vnd=found.amount_vnd,
        by_fund={fund.value: amount for fund, amount in found.by_fund.items()},
        unpriced=found.unpriced,
        lines=tuple(
            BudgetLineTold(
                work=line.work,
                count=line.count,
                amount_vnd=line.amount_vnd,
                fund=None if line.price is None else line.price.fund,
                source=None if line.price is None else line.price.source,
            )
            for line in found.lines
        ),
    )
