"""One school: its zones and cameras, what they do now, did yesterday, and over thirty days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from server.domain.calendar import local_date, local_day
from server.domain.coverage import SchoolCoverage, ZoneCoverage
from server.domain.figures import since
from server.domain.interval import Interval, subtract
from server.domain.plan import MeasuredOver
from server.domain.points import PointSums
from server.domain.shortfall import Shortfall
from server.domain.timeline import Timeline
from server.domain.units import School, Unit
from server.domain.uptime import Availability
from server.web.charts.days import DayBar
from server.web.pages.bars import day_bar
from server.web.pages.closed import ClosedPanel, camera_panel, late_marks, school_panel
from server.web.pages.counting import counted_of, counted_on, days_of, last_days, uptime
from server.web.pages.incidents import Line, open_lines
from server.web.pages.looks import AgentLook, CameraLook, SchoolLook, Setting, Survey
from wire.vocabulary import State

DAYS: Final = 30
_TICKS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A mark on an axis: where (0 to 1) and what it says. ``minor`` ones go when it is narrow."""

    at: float
    moment: datetime
    minor: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAxis:
    """One day's ribbon axis: the span of its required hours, and what of it is not counted."""

    day: date
    window: Interval
    excluded: tuple[Interval, ...]
    ticks: tuple[Tick, ...]
    school_day: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """One camera's row."""

    look: CameraLook
    spans: Timeline
    week: Availability
    month: Availability
    days: tuple[DayBar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneLanes:
    """One zone with its cameras' rows."""

    zone: ZoneCoverage
    lanes: tuple[Lane, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolPage:
    """Everything on a school's page."""

    now: datetime
    until: datetime
    unit: Unit | None
    school: School
    coverage: SchoolCoverage
    sums: PointSums
    state: State | None
    week: Availability
    before: DayAxis
    today: DayAxis
    zones: tuple[ZoneLanes, ...]
    first_day: date
    shortfalls: tuple[tuple[Shortfall, ZoneCoverage], ...]
    incidents: tuple[Line, ...]
    agents: tuple[AgentLook, ...]
    hours: tuple[Interval, ...] | None
    undeclared: tuple[str, ...]
    closed: ClosedPanel


def school_page(survey: Survey) -> SchoolPage:
    """Build the page of the survey's only school."""
    (look,) = survey.schools
    setting, plan = survey.setting, survey.setting.plan
    today = local_date(survey.now)
    units = {unit.id: unit for unit in survey.setting.organisation.units}
    return SchoolPage(
        now=survey.now,
        until=look.until,
        unit=units.get(look.school.unit),
        school=look.school,
        coverage=look.coverage,
        sums=look.coverage.sums,
        state=look.coverage.status,
        week=uptime(last_days(look.past, today, 7)),
        before=day_axis(setting, look, day_before(setting, look, today)),
        today=day_axis(setting, look, today),
        zones=_zones(look, today),
        first_day=today - timedelta(days=DAYS - 1),
        shortfalls=tuple(
            (short, zone)
            for short in look.coverage.shortfalls
            for zone in look.coverage.zones
            if zone.zone.id == short.zone.id
        ),
        incidents=open_lines(
            survey.incidents_of.get(look.school.id, ()), survey.setting.organisation
        ),
        agents=look.agents,
        hours=_hours(setting, look.school, today),
        closed=school_panel(look, plan.version),
        undeclared=tuple(plan.zones[k].vi for k in look.coverage.undeclared if k in plan.zones),
    )


def _zones(look: SchoolLook, today: date) -> tuple[ZoneLanes, ...]:
    return tuple(
        ZoneLanes(
            zone=zone,
            lanes=tuple(
                _lane(look, camera, today)
                for camera in look.cameras
                if camera.zone.id == zone.zone.id
            ),
        )
        for zone in look.coverage.zones
    )


def _lane(look: SchoolLook, camera: CameraLook, today: date) -> Lane:
    own = camera.camera.id
    late = late_marks(camera_panel(look, own, ""))
    return Lane(
        look=camera,
        spans=camera.drawn,
        week=uptime(last_days(look.past, today, 7), own),
        month=uptime(last_days(look.past, today, DAYS), own),
        days=tuple(day_bar(d, late.get(d.day)) for d in days_of(look.past, today, DAYS, own)),
    )


def day_axis(setting: Setting, look: SchoolLook, day: date) -> DayAxis:
    """Return a day's axis: from the first required hour to the last, else the whole day."""
    counted = counted_on(setting, look, day)
    own = counted or _usual(setting, look, day)
    window = Interval(own[0].start, own[-1].end) if own else local_day(day)
    return DayAxis(
        day=day,
        window=window,
        excluded=subtract((window,), since(counted, look.began)),
        ticks=ticks(window, own),
        school_day=bool(counted),
    )


def _usual(setting: Setting, look: SchoolLook, day: date) -> tuple[Interval, ...]:
    """Return the hours that a school day has, put on a day that is none."""
    for back in range(1, 7):
        counted = counted_on(setting, look, day - timedelta(days=back))
        if counted:
            shift = timedelta(days=back)
            return tuple(Interval(s.start + shift, s.end + shift) for s in counted)
    return ()


def ticks(window: Interval, edges: Sequence[Interval] = ()) -> tuple[Tick, ...]:
    """Return the marks of an axis: the edges of required hours, else even steps."""
    moments = sorted({m for span in edges for m in (span.start, span.end)})
    if not 3 <= len(moments) <= _TICKS:  # noqa: PLR2004 - more than the two ends
        step = (window.end - window.start) / (_TICKS - 1)
        moments = [window.start + step * i for i in range(_TICKS)]
    total = (window.end - window.start).total_seconds()
    return tuple(
        Tick(
            at=(moment - window.start).total_seconds() / total,
            moment=moment,
            minor=0 < i < len(moments) - 1,
        )
        for i, moment in enumerate(moments)
    )


def day_before(setting: Setting, look: SchoolLook, today: date) -> date:
    """Return the last school day before today; yesterday where hours are unset."""
    for back in range(1, 15):
        if counted_on(setting, look, today - timedelta(days=back)):
            return today - timedelta(days=back)
    return today - timedelta(days=1)


def _hours(setting: Setting, school: School, today: date) -> tuple[Interval, ...] | None:
    """Return today's required hours; None where the plan sets none."""
    plan = setting.plan
    if (
        plan.hours(school.kind, school.levels) is None
        or plan.measured_over is not MeasuredOver.SCHOOL_HOURS
    ):
        return None
    whole = local_day(today)
    return counted_of(setting, school, whole.start, whole.end)
