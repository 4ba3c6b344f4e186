"""What timelines say to the fault register and to findings. Pure.

Each day counts by the version of the plan that was in force on it. A day on which nobody can say
what was asked, or nothing was, neither proves nor disproves that a camera is in order again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from server.domain.basis import off_by_zone, required_of
from server.domain.calendar import local_date, local_day
from server.domain.exceptions import Exceptions
from server.domain.faults import BROKEN, FaultEntry, amend, long_outages
from server.domain.inspection import Finding, Turn, Visit, healed_on, healing_since
from server.domain.interval import Interval, intersect, subtract
from server.domain.planbook import PlanBook
from server.domain.points import watched
from server.domain.timeline import Span, Timeline, cut_to, merged
from server.domain.units import School
from server.domain.uptime import by_day

_ALL = Fraction(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What counts: the plan's versions, and what was typed in beside them."""

    plans: PlanBook
    exceptions: Exceptions


def required(rules: Rules, school: School, window: Interval) -> tuple[Interval, ...]:
    """Return when a school's places had to be watched, each day by the version in force."""
    spans: list[Interval] = []
    for epoch in rules.plans.epochs(local_date(window.start), local_date(window.end)):
        plan = epoch.version.plan if epoch.version else None
        days = Interval(local_day(epoch.first).start, local_day(epoch.last).end)
        spans += required_of(plan, school, days, exceptions=rules.exceptions).spans
    return intersect(spans, (window,))


def _required_of(
    rules: Rules, school: School, windows: Mapping[str, Interval]
) -> dict[str, tuple[Interval, ...]]:
    """Return when cameras had to watch, each within its window: less work on its zone alone."""
    if not windows:
        return {}
    start, end = (min(w.start for w in windows.values()), max(w.end for w in windows.values()))
    whole = Interval(start, end)
    asked = required(rules, school, whole)
    off = off_by_zone(school, whole, rules.exceptions)
    zones = {c.id: c.zone for c in school.cameras}
    return {
        camera: intersect(subtract(asked, off.get(zones.get(camera, ""), ())), (window,))
        for camera, window in windows.items()
    }


def _window(timeline: Timeline) -> Interval:
    return Interval(timeline[0].interval.start, timeline[-1].interval.end)


def fault_changes(
    rules: Rules,
    school: School,
    timelines: Mapping[str, Timeline],
    entries: Mapping[str, FaultEntry],
    *,
    least_s: int,
) -> dict[str, FaultEntry]:
    """Return the entries of a school that timelines (each over its own window) change, by id."""
    changes: dict[str, FaultEntry] = {}
    windows = {camera: _window(timeline) for camera, timeline in timelines.items() if timeline}
    counted = {camera: _as_counted(rules, timelines[camera]) for camera in windows}
    lost = {c: w for c, w in windows.items() if any(s.state in BROKEN for s in counted[c])}
    hours = _required_of(rules, school, lost)
    for camera, window in windows.items():
        found = long_outages(counted[camera], hours.get(camera, ()), least_s=least_s)
        own = {name: e for name, e in entries.items() if e.camera == camera}
        changes |= amend(own, found, school=school.id, camera=camera, window=window)
    return changes


def healed(
    rules: Rules, school: School, visit: Visit, timelines: Mapping[str, Timeline], *, today: date
) -> Sequence[Turn]:
    """Return the findings that close themselves: their cameras have watched for so many days."""
    turns: list[Turn] = []
    for finding in healing(visit):
        timeline = timelines.get(finding.camera or "", ())
        days = _days(rules, school, finding.camera or "", timeline, today=today)
        asked = finding.healthy_days or 0
        day = healed_on(days, asked, after=healing_since(visit, finding))
        if day is not None:
            turns.append(Turn(finding=finding.id, closed=True, day=day, by=None, reason=""))
    return turns


def healing(visit: Visit) -> tuple[Finding, ...]:
    """Return the open findings that may close themselves."""
    return tuple(f for f in visit.open_findings if f.camera and f.healthy_days)


def _days(
    rules: Rules, school: School, camera: str, timeline: Timeline, *, today: date
) -> list[tuple[date, bool | None]]:
    """Tell of each whole day that is over whether the camera watched as much as is asked."""
    if not timeline:
        return []
    hours = _required_of(rules, school, {camera: _window(timeline)})[camera]
    found: list[tuple[date, bool | None]] = []
    for day in by_day(_as_counted(rules, timeline), hours):
        if day.day >= today:
            continue
        low = day.availability.low
        found.append((day.day, None if low is None else low >= _asked(rules, day.day)))
    return found


def _asked(rules: Rules, day: date) -> Fraction:
    """Return the share that the plan asks for; it asks nothing: all of it."""
    plan = rules.plans.on(day)
    percent = plan.uptime_required_percent if plan else None
    return _ALL if percent is None else Fraction(str(percent)) / 100


def _as_counted(rules: Rules, timeline: Timeline) -> Timeline:
    """Return the timeline with the states that count, each day by the plan in force on it."""
    if not timeline:
        return ()
    first, last = local_date(timeline[0].interval.start), local_date(timeline[-1].interval.end)
    spans: list[Span] = []
    for epoch in rules.plans.epochs(first, last):
        counts = epoch.version.plan.counts_degraded if epoch.version else frozenset[str]()
        days = Interval(local_day(epoch.first).start, local_day(epoch.last).end)
        spans += (
            replace(s, state=watched(s.state, s.cause, counts)) for s in cut_to(timeline, days)
        )
    return tuple(merged(spans))
