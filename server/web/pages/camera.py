"""One camera: its verdict, what to do about it, its timeline, its stream and its history."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from server.domain.calendar import local_date, local_day, local_week
from server.domain.coverage import ZoneCoverage
from server.domain.dayrow import DayRow
from server.domain.figures import before
from server.domain.interval import Interval, subtract
from server.domain.liveness import LiveState
from server.domain.outages import Outage, outages
from server.domain.plan import GATE_ZONE
from server.domain.timeline import Span, Timeline
from server.domain.units import Camera, School, Unit, Zone
from server.domain.uptime import Availability, availability
from server.storage.incident_rows import IncidentRow
from server.storage.rows import CameraFacts
from server.texts.causes import CAUSES, CauseWords
from server.web.charts.days import DayBar
from server.web.pages.bars import day_bar
from server.web.pages.closed import ClosedPanel, camera_panel, late_marks
from server.web.pages.counting import counted_in, days_of, last_days, left, uptime, within
from server.web.pages.incidents import Line, line_of
from server.web.pages.looks import AgentLook, CameraLook, SchoolLook, Survey
from server.web.pages.recorded import Recorded, recorded
from server.web.pages.school import DAYS, Tick, ticks
from wire.vocabulary import UNSEEN_AT_A_GATE_MOST_S, UNSEEN_MOST_S, State

_NEW: Final = timedelta(hours=2)
_MOST_SPANS: Final = 60
_MOST_OUTAGES: Final = 12
_AT_A_GATE_S: Final = 45
_ELSEWHERE_S: Final = 90
"""Within so long a loss is to be told."""


class Zoom(StrEnum):
    """How much of the past the timeline shows."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The part of the timeline in view.

    Attributes:
        spans: For drawing: up to now, the live state carried.
        listed: The same, newest first, bounded.
        hidden: How many spans the list leaves out.
        earlier: The day to go back to; None at the oldest.
        later: The day to go on to; None at the newest.
    """

    zoom: Zoom
    window: Interval
    spans: Timeline
    listed: Timeline
    hidden: int
    excluded: tuple[Interval, ...]
    ticks: tuple[Tick, ...]
    earlier: date | None
    later: date | None
    figures: Availability

    @property
    def last_day(self) -> date:
        """The last local day in view."""
        return local_date(self.window.end - timedelta(seconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPage:
    """Everything on a camera's page."""

    now: datetime
    until: datetime
    unit: Unit | None
    school: School
    zone: Zone
    camera: Camera
    live: LiveState
    words: CauseWords | None
    coverage: ZoneCoverage | None
    incidents: tuple[Line, ...]
    agents: tuple[AgentLook, ...]
    week: Availability
    days: tuple[DayBar, ...]
    first_day: date
    stretch: Stretch
    facts: CameraFacts | None
    recorded: Recorded | None
    history: tuple[Outage, ...]
    is_known: bool
    """Whether anything is known of these days."""
    closed: ClosedPanel

    @property
    def told_after_s(self) -> int | None:
        """After how long a loss should have been told, if it is told later; else None.

        That is so where nobody looks at the camera for too long at a time.
        """
        unseen_s = (self.facts.unseen_s if self.facts else None) or 0
        if self.zone.kind == GATE_ZONE and unseen_s > UNSEEN_AT_A_GATE_MOST_S:
            return _AT_A_GATE_S
        return _ELSEWHERE_S if unseen_s > UNSEEN_MOST_S else None


def camera_page(
    survey: Survey, camera_id: str, *, zoom: Zoom | None = None, day: date | None = None
) -> CameraPage:
    """Build the page of one camera of the survey's only school; without a day, of today."""
    (school,) = survey.schools
    look = next(c for c in school.cameras if c.camera.id == camera_id)
    zoom = zoom or fitting_zoom(look, survey.now)
    today = local_date(survey.now)
    day = today if day is None else day
    eyes = {source.agent for source in look.camera.sources}
    units = {unit.id: unit for unit in survey.setting.organisation.units}
    closed = camera_panel(school, camera_id, survey.setting.plan.version)
    late = late_marks(closed)
    zones = [z for z in school.coverage.zones if z.zone.id == look.zone.id]
    return CameraPage(
        now=survey.now,
        until=school.until,
        unit=units.get(school.school.unit),
        school=school.school,
        zone=look.zone,
        camera=look.camera,
        live=look.live,
        words=CAUSES.get(look.live.cause) if look.live.cause else None,
        coverage=zones[0] if zones else None,
        incidents=tuple(
            line_of(row, survey.setting.organisation)
            for row in survey.incidents_of.get(school.school.id, ())
            if _touches(row, camera_id)
        ),
        agents=tuple(a for a in school.agents if a.agent.id in eyes),
        week=uptime(last_days(school.past, today, 7), camera_id),
        days=tuple(
            day_bar(d, late.get(d.day)) for d in days_of(school.past, today, DAYS, camera_id)
        ),
        first_day=today - timedelta(days=DAYS - 1),
        stretch=_stretch(survey, school, look, zoom, day),
        facts=look.facts,
        recorded=recorded(look.facts.recording) if look.facts else None,
        history=_history(look),
        is_known=any(span.state is not State.UNKNOWN for span in look.drawn),
        closed=closed,
    )


def _touches(row: IncidentRow, camera: str) -> bool:
    """Tell whether an incident is about a camera, or takes its picture away."""
    incident = row.incident
    return camera in incident.affected or any(m.subject.id == camera for m in incident.members)


def fitting_zoom(look: CameraLook, now: datetime) -> Zoom:
    """Return a day, or the last hour for a camera that is newer than a few hours."""
    known = [span for span in look.timeline if span.state is not State.UNKNOWN]
    return Zoom.HOUR if known and now - known[0].interval.start < _NEW else Zoom.DAY


def window_of(zoom: Zoom, day: date, now: datetime) -> Interval:
    """Return the span that a zoom shows around a day; an hour is always the last one."""
    match zoom:
        case Zoom.HOUR:
            return Interval(now - timedelta(hours=1), now)
        case Zoom.DAY:
            return local_day(day)
        case Zoom.WEEK:
            return local_week(day)
        case Zoom.MONTH:
            end = local_day(day).end
            return Interval(end - timedelta(days=DAYS), end)


def _stretch(
    survey: Survey, school: SchoolLook, look: CameraLook, zoom: Zoom, day: date
) -> Stretch:
    window = window_of(zoom, day, survey.now)
    spans = clip(look.drawn, window)
    counted = left(counted_in(survey.setting, school, window), school.off, look.zone.id)
    earlier, later = _neighbours(survey, zoom, window)
    return Stretch(
        zoom=zoom,
        window=window,
        spans=spans,
        listed=tuple(reversed(spans))[:_MOST_SPANS],
        hidden=max(0, len(spans) - _MOST_SPANS),
        excluded=subtract((window,), counted),
        ticks=ticks(window),
        earlier=earlier,
        later=later,
        figures=availability(clip(look.timeline, window), before(counted, school.until))
        if zoom is Zoom.HOUR
        else uptime(_whole_days(school, window), look.camera.id),
    )


def _whole_days(school: SchoolLook, window: Interval) -> tuple[DayRow, ...]:
    """Return the days of a window of whole local days."""
    last = local_date(window.end - timedelta(seconds=1))
    return within(school.past, local_date(window.start), last)


def _neighbours(survey: Survey, zoom: Zoom, window: Interval) -> tuple[date | None, date | None]:
    if zoom in {Zoom.HOUR, Zoom.MONTH}:
        return None, None
    earlier = window.start - timedelta(seconds=1)
    return (
        local_date(earlier) if earlier >= survey.window.start else None,
        local_date(window.end) if window.end <= survey.now else None,
    )


def clip(timeline: Timeline, window: Interval) -> Timeline:
    """Return the part of a timeline that lies in a window."""
    return tuple(
        Span(interval=cut, state=span.state, cause=span.cause, detail=span.detail)
        for span in timeline
        if (cut := span.interval.cut(window)) is not None
    )


def _history(look: CameraLook) -> tuple[Outage, ...]:
    """Return the outages, newest first; time before the camera was ever seen is none."""
    drawn = look.drawn
    first = next((i for i, span in enumerate(drawn) if span.state is not State.UNKNOWN), len(drawn))
    found = [
        o for o in outages(drawn) if first < len(drawn) and o.start >= drawn[first].interval.start
    ]
    return tuple(reversed(found))[:_MOST_OUTAGES]
