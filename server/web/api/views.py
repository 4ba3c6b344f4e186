"""From surveys and rows to the API's answers. Pure."""

from collections import Counter
from fractions import Fraction

from server.domain.coverage import SchoolCoverage, ZoneCoverage
from server.domain.interval import Interval
from server.domain.points import MetSeconds, PointSums
from server.domain.timeline import Timeline
from server.domain.uptime import Availability
from server.web.api import types as t
from server.web.api.agent_types import WarningOut
from server.web.api.camera_views import facts
from server.web.pages.gatelog import Entry
from server.web.pages.looks import AgentLook, CameraLook, SchoolLook, Survey
from server.web.pages.warnings import AgentWarning
from wire.vocabulary import State


def share(value: Fraction | None) -> float | None:
    """Return a share as a number, rounded to six places."""
    return None if value is None else round(float(value), 6)


def places(sums: PointSums) -> t.Places:
    """Return sums of places."""
    return t.Places(
        required=sums.required,
        installed=sums.installed,
        certain=sums.certain,
        possible=sums.possible,
        unset=sums.unset_zones,
    )


def met(seconds: MetSeconds) -> t.MetOut:
    """Return required seconds."""
    return t.MetOut(
        met=seconds.met,
        not_met=seconds.not_met,
        cannot_tell=seconds.cannot_tell,
        low=share(seconds.low),
        high=share(seconds.high),
    )


def school(look: SchoolLook) -> t.SchoolOut:
    """Return a school now."""
    counts = Counter(c.live.state for c in look.cameras)
    return t.SchoolOut(
        id=look.school.id,
        name=look.school.name,
        kind=look.school.kind,
        unit=look.school.unit,
        status=look.coverage.status,
        places=places(look.coverage.sums),
        cameras={state.value: counts[state] for state in State},
    )


def camera(look: CameraLook) -> t.CameraOut:
    """Return a camera now."""
    return t.CameraOut(
        id=look.camera.id,
        name=look.camera.name,
        school=look.school.id,
        zone=look.zone.id,
        state=look.live.state,
        cause=look.live.cause,
        detail=look.live.detail,
        why=look.live.why,
        since=look.live.since,
        state_since=look.live.state_since,
        vouched_until=look.vouched,
        facts=facts(look.facts) if look.facts else None,
    )


def timeline(camera_id: str, window: Interval, spans: Timeline) -> t.TimelineOut:
    """Return a timeline."""
    return t.TimelineOut(
        camera=camera_id,
        start=window.start,
        end=window.end,
        spans=tuple(
            t.SpanOut(
                start=span.interval.start,
                end=span.interval.end,
                state=span.state,
                cause=span.cause,
                detail=span.detail,
            )
            for span in spans
        ),
    )


def availability(
    camera_id: str, window: Interval, counted: str, some: Availability
) -> t.AvailabilityOut:
    """Return a camera's seconds."""
    return t.AvailabilityOut(
        camera=camera_id,
        start=window.start,
        end=window.end,
        counted=counted,
        up=some.up,
        degraded=some.degraded,
        down=some.down,
        unknown=some.unknown,
        excluded=some.excluded,
        low=share(some.low),
        high=share(some.high),
    )


def coverage(survey: Survey) -> t.CoverageOut:
    """Return all schools against the plan."""
    sums, plan = survey.sums, survey.setting.plan
    return t.CoverageOut(
        at=survey.now,
        plan=plan.id,
        version=plan.version,
        places=places(sums),
        week=met(sums.seconds),
        schools=tuple(_school_coverage(look.coverage) for look in survey.schools),
    )


def _school_coverage(some: SchoolCoverage) -> t.SchoolCoverageOut:
    return t.SchoolCoverageOut(
        school=some.school.id,
        status=some.status,
        places=places(some.sums),
        week=met(some.sums.seconds),
        zones=tuple(_zone(zone) for zone in some.zones),
    )


def _zone(zone: ZoneCoverage) -> t.ZoneOut:
    return t.ZoneOut(
        id=zone.zone.id,
        name=zone.zone.name,
        kind=zone.zone.kind,
        need=zone.need,
        installed=zone.installed,
        certain=zone.certain,
        possible=zone.possible,
        met=zone.met,
        status=zone.status,
        lack=zone.lack,
        cameras=tuple(c.id for c in zone.cameras),
    )


def agent(look: AgentLook) -> t.AgentOut:
    """Return a gate PC."""
    seen, vitals = look.seen, look.seen.vitals if look.seen else None
    return t.AgentOut(
        id=look.agent.id,
        name=look.agent.name,
        school=look.school.id,
        presence=look.presence.kind,
        since=look.presence.since,
        last_report_at=seen.last_report_at if seen else None,
        last_report_until=seen.last_report_until if seen else None,
        version=vitals.version if vitals else None,
        uptime_s=vitals.uptime_s if vitals else None,
        cpu=vitals.cpu if vitals else None,
        memory=vitals.memory if vitals else None,
        disk_free=vitals.disk_free if vitals else None,
        spool_items=vitals.spool_items if vitals else None,
        clock_offset_ms=seen.clock_offset_ms if seen else None,
        gap_count=seen.gap_count if seen else 0,
        refused_count=seen.refused_count if seen else 0,
        warnings=tuple(_warning(w) for w in look.warnings),
    )


def _warning(found: AgentWarning) -> WarningOut:
    return WarningOut(
        kind=found.kind,
        since=found.since,
        until=found.until,
        machines=found.machines,
        count=found.count,
        seconds=found.seconds,
        doubt=found.doubt,
        share=found.share,
    )


def gate_event(entry: Entry) -> t.GateEventOut:
    """Return one entry of the gate log."""
    event = entry.event
    return t.GateEventOut(
        id=event.id,
        agent=event.agent,
        gate=event.gate,
        school=entry.school.id if entry.school else None,
        kind=event.kind,
        direction=event.direction,
        subject=event.subject,
        reader=event.reader,
        note=event.note,
        occurred_at=event.occurred_at,
        accepted_at=event.accepted_at,
        received_at=event.received_at,
        clock_suspect=event.clock_suspect,
    )
