"""The plan's file, ``vonggac.plan/1``: what an authority asks for, each number with its source.

``unset`` (or a key that is left out) stays open and is never scored. A number without a source is
refused, and so is one whose source is the product itself: no number of ours is drawn as a goal.
The parts of the file are read by ``plan_zones``, ``sessions``, ``school_years``, ``plan_duties``
and ``plan_criteria``.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from server.config.citations import cited, read_sources, source_of, stated
from server.config.document import Field, Record
from server.config.plan_criteria import read_active, read_criteria
from server.config.plan_duties import (
    days,
    read_camera_security,
    read_compliance,
    read_documents,
    read_guards,
    read_office,
    read_retention,
)
from server.config.plan_zones import Places, read_requirements, read_zones
from server.config.school_years import read_days
from server.config.sessions import read_sessions
from server.config.yaml_file import parse, read_text
from server.domain.calendar import LOCAL
from server.domain.citation import Citation, Stated
from server.domain.plan import ALWAYS_FORBIDDEN, NEVER_COUNTS, MeasuredOver, Plan
from wire.vocabulary import DOWN_CAUSES, Cause

SCHEMA: Final = "vonggac.plan/1"
LONGEST_VERSION: Final = 32
MOST_ALERT_S: Final = 86_400
_KEYS: Final = (
    "schema",
    "plan",
    "sources",
    "organisation",
    "zones",
    "forbidden_zones",
    "forbidden_zones_source",
    "camera_requirements",
    "camera_security",
    "uptime",
    "counts_degraded",
    "recording_retention_days",
    "access_log_retention_days",
    "findings_close_after_days",
    "calendar",
    "guards",
    "documents",
    "criteria_sets",
    "active_criteria_set",
    "compliance_items",
)


def load_plan(path: Path | str) -> Plan:
    """Read the plan's file."""
    file = Path(path)
    return parse_plan(read_text(file), file=file)


def parse_plan(text: str, *, file: Path) -> Plan:
    """Read a plan's text; errors name it ``file``."""
    root = parse(text, SCHEMA, file=file).mapping(*_KEYS)
    head = _head(root.need("plan"))
    sources = read_sources(root.need("sources"))
    zones = read_zones(root.need("zones"))
    forbidden = ALWAYS_FORBIDDEN | {f.identifier() for f in root.items("forbidden_zones")}
    places = Places(zones=zones, forbidden=forbidden, sources=sources)
    requirements, each_level = read_requirements(root.set("camera_requirements"), places)
    sets = read_criteria(root.set("criteria_sets"), sources)
    return Plan(
        **head,
        zones=zones,
        requirements=requirements,
        each_level=each_level,
        forbidden_zones=forbidden,
        forbidden_zones_source=cited(root.set("forbidden_zones_source"), sources),
        **_uptime(root.set("uptime"), sources),
        **_counts_degraded(root.set("counts_degraded"), sources),
        **_calendar(root.set("calendar"), sources),
        retention=read_retention(
            root.set("recording_retention_days"), root.set("access_log_retention_days"), sources
        ),
        findings_healthy_days=stated(root.set("findings_close_after_days"), sources, days),
        guards=read_guards(root.set("guards"), sources),
        documents=read_documents(root.set("documents"), sources),
        criteria_sets=sets,
        active_criteria_set=read_active(root.set("active_criteria_set"), sets),
        compliance=read_compliance(root.set("compliance_items"), sources),
        camera_security=read_camera_security(root.set("camera_security"), sources),
        office=read_office(root.set("organisation"), sources),
        sources=sources,
    )


def _head(field: Field) -> dict[str, Any]:
    """Read what the paper is."""
    told = field.mapping(
        "id",
        "title",
        "version",
        "issued_by",
        "document_no",
        "issued_on",
        "effective",
        "supersedes",
        "approved_in_system",
    )
    _must_be_ours(told.set("approved_in_system"))
    issuer, level = _issuer(told.set("issued_by"))
    first, last = _effective(told.set("effective"))
    supersedes = told.get("supersedes")
    return {
        "id": told.need("id").identifier(),
        "title": told.need("title").text(),
        "version": _version(told.get("version")),
        "issued_by": issuer,
        "issued_by_level": level,
        "document_no": _text(told.set("document_no")),
        "issued_on": _day(told.set("issued_on")),
        "effective_from": first,
        "effective_to": last,
        "supersedes": None if supersedes is None else supersedes.identifier(),
    }


def _version(field: Field | None) -> str:
    version = "1" if field is None else field.text()
    if field is not None and len(version) > LONGEST_VERSION:
        raise field.error(f"a version has at most {LONGEST_VERSION} characters")
    return version


def _issuer(field: Field | None) -> tuple[str | None, str | None]:
    """Read who issued it: a name, or a name with the level of the office."""
    if field is None or field.kind == "str":
        return _text(field), None
    told = field.mapping("name", "level")
    level = told.set("level")
    return _text(told.set("name")), None if level is None else level.identifier()


def _must_be_ours(field: Field | None) -> None:
    """Refuse a file that says who confirmed it: the system itself writes that down."""
    if field is None:
        return
    told = field.mapping("by", "at")
    for name in ("by", "at"):
        value = told.set(name)
        if value is not None:
            raise value.error("who confirmed a version is written down by the system; leave it out")


def _text(field: Field | None) -> str | None:
    return None if field is None else field.text()


def _day(field: Field | None) -> date | None:
    return None if field is None else field.date()


def _effective(field: Field | None) -> tuple[date | None, date | None]:
    if field is None:
        return None, None
    told = field.mapping("from", "to")
    first, last = _day(told.set("from")), _day(told.set("to"))
    if first is not None and last is not None and last < first:
        raise field.error(f"ends ({last}) before it begins ({first})")
    return first, last


def _uptime(field: Field | None, sources: Mapping[str, Citation]) -> dict[str, Any]:
    """Read what is asked of uptime; time that nobody knows is always shown as a range."""
    if field is None:
        return {}
    told = field.mapping(
        "required_percent", "measured_over", "unknown_counts_as", "offline_alert_after_s", "source"
    )
    percent, over = told.set("required_percent"), told.set("measured_over")
    unknown, alert = told.get("unknown_counts_as"), told.set("offline_alert_after_s")
    if unknown is not None:
        unknown.one_of(("shown_as_range",))
    return {
        "uptime_required_percent": None if percent is None else percent.number(0, 100),
        "uptime_source": source_of(told, sources, given=percent),
        "measured_over": MeasuredOver.SCHOOL_HOURS if over is None else over.choice(MeasuredOver),
        "alert_after_s": stated(alert, sources, _seconds, product=True),
    }


def _seconds(field: Field) -> int:
    return field.integer(1, MOST_ALERT_S)


def _counts_degraded(field: Field | None, sources: Mapping[str, Citation]) -> dict[str, Any]:
    """Read the causes whose degraded time still counts as watched."""
    if field is None:
        return {}
    told = field.mapping("causes", "source")
    causes = told.set("causes")
    degraded = [cause.value for cause in Cause if cause not in DOWN_CAUSES]
    found = set()
    for item in causes.items() if causes is not None else ():
        cause = item.text()
        if cause in NEVER_COUNTS:
            raise item.error(f"a camera with '{cause}' shows nothing of its place: it never counts")
        found.add(item.one_of(degraded, "causes that leave a picture are"))
    return {
        "counts_degraded": frozenset(found),
        "counts_degraded_source": source_of(told, sources, given=causes if found else None),
    }


def _calendar(field: Field | None, sources: Mapping[str, Citation]) -> dict[str, Any]:
    """Read when school is held: in which hours, on which days."""
    if field is None:
        return {"school_hours": {}, "calendar": read_days(None, None, sources).calendar}
    told = field.mapping("timezone", "school_year", "sessions", "holidays", "outside_hours")
    zone = told.need("timezone")
    if zone.text() != LOCAL.key:
        raise zone.error(f"only {LOCAL.key} is known, found '{zone.text()}'")
    read = read_days(told.set("school_year"), told.set("holidays"), sources)
    sessions = read_sessions(told.set("sessions"), sources)
    return {
        "school_hours": sessions.hours,
        "school_hours_source": sessions.sources,
        "school_hours_advice": sessions.advice,
        "calendar": read.calendar,
        "open_years": read.open_years,
        "holidays_confirmed_by": read.confirmed_by,
        **_outside(told.set("outside_hours"), sources),
    }


def _outside(field: Field | None, sources: Mapping[str, Citation]) -> dict[str, Any]:
    if field is None:
        return {}
    told: Record = field.mapping("cameras_must_run", "source")
    must = told.set("cameras_must_run")
    source = source_of(told, sources, given=must)
    return {"outside_hours": Stated(value=None if must is None else must.boolean(), source=source)}
