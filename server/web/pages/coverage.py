"""The page of a period: how far the plan was met, how it went, the worst, and what to do first."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from server.domain.period import LevelPeriod, SchoolPeriod, UnitPeriod
from server.domain.plan import Plan
from server.domain.register import Register
from server.domain.remedies import Budget, Price, Remedy, Work, budget, remedies
from server.domain.trends import (
    Poor,
    Step,
    TrendPoint,
    stretches,
    trend,
    worst_cameras,
    worst_places,
)

SHOWN: Final = 20
_BY_DAY_UP_TO: Final = 14
_BY_WEEK_UP_TO: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class CoveragePage:
    """Everything on the page.

    Attributes:
        mark: The share that the plan asks for; None is unset.
        levels: Each kind of school with its sums.
        steps: The trend, of steps that suit the length of the period.
        schools: All of them, the one with the lowest sure share first, those without last.
        places, cameras: The worst ten.
        remedies: What to do first; ``remedy_count``: of how many.
        unset_schools: Schools with days of which nobody says what was required.
        amended: Closed days of which more is known now, over all schools.
        lost: Camera seconds lost by cause, the most first.
    """

    period: UnitPeriod
    unit: str | None
    units: tuple[tuple[str, str], ...]
    mark: Fraction | None
    levels: tuple[tuple[str, LevelPeriod], ...]
    step: Step
    steps: tuple[TrendPoint, ...]
    schools: tuple[SchoolPeriod, ...]
    places: tuple[Poor, ...]
    cameras: tuple[Poor, ...]
    remedies: tuple[Remedy, ...]
    remedy_count: int
    budget: Budget
    unset_schools: int
    amended: int
    lost: tuple[tuple[str, int], ...]


def coverage_page(
    found: UnitPeriod,
    plan: Plan,
    register: Register,
    prices: Mapping[Work, Price],
    *,
    today: date,
) -> CoveragePage:
    """Return the page's view."""
    work, step = remedies(found.schools), step_for(found.first, found.last)
    cut = stretches(step, found.first, min(found.last, today), plan.calendar)
    percent = plan.uptime_required_percent
    return CoveragePage(
        period=found,
        unit=found.unit,
        units=tuple(sorted(((u.id, u.name) for u in register.on(today).units), key=_by_name)),
        mark=None if percent is None else Fraction(str(percent)) / 100,
        levels=tuple(found.by_level.items()),
        step=step,
        steps=tuple(p for p in trend(found.schools, cut) if p.seconds.required),
        schools=tuple(sorted(found.schools, key=_sure_share)),
        places=tuple(worst_places(found)),
        cameras=tuple(worst_cameras(found)),
        remedies=tuple(work[:SHOWN]),
        remedy_count=len(work),
        budget=budget(work, prices),
        unset_schools=sum(bool(s.unset_days) for s in found.schools),
        amended=sum(len(s.amended) for s in found.schools),
        lost=_lost(found),
    )


def step_for(first: date, last: date) -> Step:
    """Return the step that gives a period a readable trend."""
    days = (last - first).days + 1
    if days <= _BY_DAY_UP_TO:
        return Step.DAY
    return Step.WEEK if days <= _BY_WEEK_UP_TO else Step.MONTH


def _by_name(unit: tuple[str, str]) -> str:
    return unit[1]


def _sure_share(school: SchoolPeriod) -> tuple[bool, Fraction, str]:
    low = school.sums.seconds.low
    return low is None, low or Fraction(0), school.school.name


def _lost(found: UnitPeriod) -> tuple[tuple[str, int], ...]:
    total: dict[str, int] = {}
    for school in found.schools:
        for cause, seconds in school.lost.items():
            total[cause] = total.get(cause, 0) + seconds
    return tuple(sorted(total.items(), key=lambda c: (-c[1], c[0])))
