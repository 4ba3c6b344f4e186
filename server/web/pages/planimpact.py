"""What a version of the plan would change: coverage now and over thirty days, under both. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from server.domain.basis import required_of
from server.domain.coverage import SchoolCoverage, ZoneCoverage, roll_up
from server.domain.figures import since
from server.domain.interval import Interval
from server.domain.plan import Plan
from server.domain.points import Met, MetSeconds, PointSums, met_over
from server.domain.units import School, Zone
from server.web.pages.looks import SchoolLook, Setting
from server.web.pages.survey import cover_at

MOST_ROWS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One place under one plan.

    Attributes:
        need: How many cameras it needs.
        met: Whether that is met now.
        seconds: Its required time; None where the past isn't counted, or nobody can say.
        over: Whether its share of met time reaches what the plan asks for.
    """

    need: int | None
    met: Met | None
    seconds: MetSeconds | None
    over: Met | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactRow:
    """A place that two plans judge differently."""

    school: School
    zone: Zone
    before: Side
    after: Side

    @property
    def turns_red(self) -> bool:
        """Whether it fails the new plan, now or over time, where it did not fail the old one."""
        pairs = ((self.before.met, self.after.met), (self.before.over, self.after.over))
        return any(new is Met.NOT_MET and old is not Met.NOT_MET for old, new in pairs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """Two plans over the same schools.

    Attributes:
        rows: Places that are judged differently, those that turn red first; at most ``MOST_ROWS``.
        more: How many further ones there are.
        red: How many places turn red.
        before, after: Points now, and seconds over the window.
    """

    rows: tuple[ImpactRow, ...]
    more: int
    red: int
    before: PointSums
    after: PointSums


def impact(
    setting: Setting, after: Plan, looks: Iterable[tuple[SchoolLook, datetime | None]]
) -> Impact:
    """Hold schools against the setting's plan and against ``after``.

    Each look comes with the moment from which its past is counted; None: only now.
    """
    seen = tuple(looks)
    old = [_covered(setting, *pair) for pair in seen]
    new = [_covered(replace(setting, plan=after), *pair) for pair in seen]
    rows = [row for pair in zip(old, new, strict=True) for row in _rows(*pair)]
    rows.sort(key=lambda r: (not r.turns_red, r.school.name, r.zone.name))
    return Impact(
        rows=tuple(rows[:MOST_ROWS]),
        more=max(0, len(rows) - MOST_ROWS),
        red=sum(row.turns_red for row in rows),
        before=roll_up(one.coverage for one in old),
        after=roll_up(one.coverage for one in new),
    )


def may_change(before: Plan, after: Plan, school: School) -> bool:
    """Tell whether two plans may judge a school's places differently."""
    mine = (school.kind, school.levels)
    return (
        before.asked(*mine) != after.asked(*mine)
        or before.hours(*mine) != after.hours(*mine)
        or before.calendar != after.calendar
        or before.counts_degraded != after.counts_degraded
        or before.uptime_required_percent != after.uptime_required_percent
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Covered:
    """A school under one plan; ``untold``: nobody can say what some of its past required."""

    coverage: SchoolCoverage
    percent: float | None
    untold: bool


def _covered(setting: Setting, look: SchoolLook, start: datetime | None) -> _Covered:
    """Hold one school against a plan: now, and from ``start`` to where its look ends."""
    plan, school, asked = setting.plan, look.school, None
    if start is not None and start < look.until:
        window = Interval(start, look.until)
        asked = required_of(plan, school, window, exceptions=setting.exceptions)
    counted = None if asked is None or not asked.spans else since(asked.spans, look.began)
    return _Covered(
        coverage=cover_at(plan, school, look.cameras, counted, look.off),
        percent=plan.uptime_required_percent,
        untold=asked is not None and bool(asked.unset),
    )


def _rows(before: _Covered, after: _Covered) -> Sequence[ImpactRow]:
    pairs = zip(before.coverage.zones, after.coverage.zones, strict=True)
    school = after.coverage.school
    rows = (
        ImpactRow(school=school, zone=new.zone, before=_side(old, before), after=_side(new, after))
        for old, new in pairs
    )
    return [row for row in rows if row.before != row.after]


def _side(zone: ZoneCoverage, under: _Covered) -> Side:
    over = None
    if zone.seconds is not None:
        over = met_over(zone.seconds, under.percent, untold=under.untold)
    return Side(need=zone.need, met=zone.met, seconds=zone.seconds, over=over)
