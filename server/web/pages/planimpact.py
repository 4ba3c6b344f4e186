"""What a version of the plan would change: coverage now and over thirty days, under both. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from server.domain.coverage import SchoolCoverage, ZoneCoverage, roll_up
from server.domain.figures import since
from server.domain.plan import Plan
from server.domain.points import Met, MetSeconds, PointSums
from server.domain.units import School, Zone
from server.web.pages.counting import scored_of
from server.web.pages.looks import SchoolLook, Setting
from server.web.pages.survey import cover_at

MOST_ROWS: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One place under one plan: what it needs, whether that is met now, and its seconds."""

    need: int | None
    met: Met | None
    seconds: MetSeconds | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpactRow:
    """A place that two plans judge differently."""

    school: School
    zone: Zone
    before: Side
    after: Side

    @property
    def turns_red(self) -> bool:
        """Whether it is not met now under the new plan, and was not red before."""
        return self.after.met is Met.NOT_MET and self.before.met is not Met.NOT_MET


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
        before=roll_up(old),
        after=roll_up(new),
    )


def may_change(before: Plan, after: Plan, school: School) -> bool:
    """Tell whether two plans may judge a school's places differently."""
    mine = (school.kind, school.levels)
    return (
        before.asked(*mine) != after.asked(*mine)
        or before.hours(*mine) != after.hours(*mine)
        or before.calendar != after.calendar
        or before.counts_degraded != after.counts_degraded
    )


def _covered(setting: Setting, look: SchoolLook, start: datetime | None) -> SchoolCoverage:
    """Hold one school against a plan: now, and from ``start`` to where its look ends."""
    required = None if start is None else scored_of(setting, look.school, start, look.until)
    counted = None if required is None else since(required, look.began)
    return cover_at(setting.plan, look.school, look.cameras, counted, look.off)


def _rows(before: SchoolCoverage, after: SchoolCoverage) -> Sequence[ImpactRow]:
    pairs = zip(before.zones, after.zones, strict=True)
    rows = (
        ImpactRow(school=after.school, zone=new.zone, before=_side(old), after=_side(new))
        for old, new in pairs
    )
    return [row for row in rows if row.before != row.after]


def _side(zone: ZoneCoverage) -> Side:
    return Side(need=zone.need, met=zone.met, seconds=zone.seconds)
