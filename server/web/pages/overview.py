"""The district's front page: is every place that the plan requires being watched, right now?"""

from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from server.domain.calendar import local_date, local_day
from server.domain.coverage import SchoolCoverage, ZoneCoverage, roll_up
from server.domain.interval import Interval
from server.domain.points import MetSeconds, PointSums
from server.domain.units import School, Unit
from server.web.pages.agents import GatePcs, gate_pcs
from server.web.pages.counting import met_days, scored_of
from server.web.pages.incidents import Line, open_lines, unhandled
from server.web.pages.looks import DayMet, Survey
from server.web.pages.places import (
    Changes,
    Point,
    Silence,
    changes,
    point_order,
    points_of,
    silences,
)
from server.web.pages.schools import Row, rows
from server.web.pages.tiles import Tile, tile, tile_order
from wire.vocabulary import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Everything on the front page."""

    now: datetime
    until: datetime
    unit: Unit | None
    in_hours: bool | None
    hours_end: datetime | None
    schools: int
    cameras: int
    sums: PointSums
    points: tuple[Point, ...]
    states: Counter[State]
    silences: tuple[Silence, ...]
    not_installed: tuple[Point, ...]
    mark: Fraction | None
    mark_source: str | None
    unset: tuple[tuple[School, ZoneCoverage], ...]
    yesterday: PointSums | None
    morning: PointSums | None
    tiles: tuple[Tile, ...]
    incidents: tuple[Line, ...]
    unhandled: int
    gate_pcs: GatePcs
    changes: Changes
    trend: tuple[DayMet, ...]
    rows: tuple[Row, ...]

    @property
    def unknown_points(self) -> int:
        """How many points nobody can tell of."""
        return self.sums.possible - self.sums.certain

    @property
    def silent_points(self) -> int:
        """How many points nobody can tell of because a gate PC is not heard."""
        return sum(silence.points for silence in self.silences)

    @property
    def lost(self) -> tuple[Point, ...]:
        """The points that are surely not watched."""
        return tuple(p for p in self.points if p.state in {State.DOWN, State.DEGRADED})


def overview(survey: Survey) -> Overview:
    """Build the front page."""
    points = tuple(sorted(_points(survey), key=point_order))
    plan = survey.setting.plan
    percent = plan.uptime_required_percent
    in_hours, hours_end = _hours(survey)
    return Overview(
        now=survey.now,
        until=min((look.until for look in survey.schools), default=survey.now),
        unit=next(iter(survey.setting.organisation.units), None),
        in_hours=in_hours,
        hours_end=hours_end,
        schools=len(survey.schools),
        cameras=len(survey.cameras),
        sums=survey.sums,
        points=points,
        states=Counter(p.state for p in points),
        silences=silences(survey, points),
        not_installed=tuple(p for p in points if p.zone.installed < (p.zone.need or 0)),
        mark=Fraction(percent) / 100 if percent is not None else None,
        mark_source=plan.uptime_source.ref if plan.uptime_source else None,
        unset=tuple(
            (look.school, zone)
            for look in survey.schools
            for zone in look.coverage.zones
            if zone.need is None
        ),
        yesterday=_then(look.yesterday for look in survey.schools),
        morning=_then(look.morning for look in survey.schools),
        tiles=tuple(sorted((tile(look) for look in survey.schools), key=tile_order)),
        incidents=open_lines(survey.incidents, survey.setting.organisation),
        unhandled=unhandled(survey.incidents),
        gate_pcs=gate_pcs(survey.agents),
        changes=changes(survey),
        trend=_trend(survey),
        rows=rows(survey),
    )


def _points(survey: Survey) -> Iterable[Point]:
    return (point for look in survey.schools for point in points_of(look))


def _hours(survey: Survey) -> tuple[bool | None, datetime | None]:
    """Tell whether any school must be watched now, and until when today; None: hours are unset."""
    today, setting = local_day(local_date(survey.now)), survey.setting
    by_rule: dict[Hashable, tuple[Interval, ...] | None] = {}
    for school in (look.school for look in survey.schools):
        off = setting.exceptions.days_off_of(school.id)
        works = tuple(setting.exceptions.works_of(school.id, today))
        rule = (school.kind, school.levels, off, works)  # thousands of schools share a few
        if rule not in by_rule:
            by_rule[rule] = scored_of(setting, school, today.start, today.end)
    asked = [spans for spans in by_rule.values() if spans is not None]
    inside = any(span.contains(survey.now) for spans in asked for span in spans)
    ends = [span.end for spans in asked for span in spans if span.end > survey.now]
    return (inside if asked else None), max(ends, default=None)


def _then(parts: Iterable[SchoolCoverage | None]) -> PointSums | None:
    """Add the schools' points of an earlier moment up; None where one is not known."""
    found = list(parts)
    known = [part for part in found if part is not None]
    return roll_up(known) if len(known) == len(found) else None


def _trend(survey: Survey) -> tuple[DayMet, ...]:
    """Add the schools' required seconds up by day; days without any are left out."""
    sums: dict[date, MetSeconds] = {}
    for look in survey.schools:
        for day in met_days(look.past):
            sums[day.day] = sums.get(day.day, MetSeconds()) + day.seconds
    return tuple(
        DayMet(day=day, seconds=seconds)
        for day, seconds in sorted(sums.items())
        if seconds.required
    )
