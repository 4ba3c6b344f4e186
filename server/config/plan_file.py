"""The plan's file, ``vonggac.plan/1``: what an authority asks for, each number with its source.

``unset`` (or a key that is left out) stays open and is never scored. A number without a source is
refused, and so is one whose source is the product itself: no number of ours is drawn as a goal.
"""

from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Final

from server.config.citations import must_be_school_kind, read_sources, source_of
from server.config.document import Field, suggestion
from server.config.sessions import read_sessions
from server.config.yaml_file import parse, read_text
from server.domain.citation import Citation
from server.domain.plan import (
    ALWAYS_FORBIDDEN,
    Advice,
    MeasuredOver,
    Plan,
    Requirement,
    ZoneKind,
)
from wire.topics import is_id

SCHEMA: Final = "vonggac.plan/1"
MOST_CAMERAS: Final = 1000


def load_plan(path: Path | str) -> Plan:
    """Read the plan's file."""
    file = Path(path)
    return parse_plan(read_text(file), file=file)


def parse_plan(text: str, *, file: Path) -> Plan:
    """Read a plan's text; errors name it ``file``."""
    root = parse(text, SCHEMA, file=file).mapping(
        "schema",
        "plan",
        "sources",
        "zones",
        "forbidden_zones",
        "camera_requirements",
        "uptime",
        "calendar",
    )
    head = root.need("plan").mapping(
        "id", "title", "version", "issued_by", "document_no", "issued_on", "effective"
    )
    sources = read_sources(root.need("sources"))
    zones = _zones(root.need("zones"))
    forbidden = ALWAYS_FORBIDDEN | {f.identifier() for f in root.items("forbidden_zones")}
    percent, uptime_source, over = _uptime(root.set("uptime"), sources)
    hours, hours_sources = read_sessions(root.set("calendar"), sources)
    effective_from, effective_to = _effective(head.set("effective"))
    return Plan(
        id=head.need("id").identifier(),
        title=head.need("title").text(),
        version=head.need("version").text(),
        zones=zones,
        requirements=_requirements(root.set("camera_requirements"), zones, forbidden, sources),
        school_hours=hours,
        school_hours_source=hours_sources,
        uptime_required_percent=percent,
        uptime_source=uptime_source,
        measured_over=over,
        forbidden_zones=forbidden,
        issued_by=_text(head.set("issued_by")),
        document_no=_text(head.set("document_no")),
        issued_on=_day(head.set("issued_on")),
        effective_from=effective_from,
        effective_to=effective_to,
        sources=sources,
    )


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


def _zones(field: Field) -> dict[str, ZoneKind]:
    """Read the catalogue of kinds of places."""
    found = {}
    for name, value in field.entries():
        _must_be_id(value, name)
        told = value.mapping("vi", "en")
        found[name] = ZoneKind(id=name, vi=told.need("vi").text(), en=_text(told.get("en")))
    return found


def _must_be_id(field: Field, name: str) -> None:
    if not is_id(name):
        raise field.error(f"'{name}' is not a valid id: small letters a-z, digits, - and _")


def _requirements(
    field: Field | None,
    zones: Collection[str],
    forbidden: Collection[str],
    sources: Mapping[str, Citation],
) -> dict[str, dict[str, Requirement]]:
    """Read what each kind of school needs in each kind of place."""
    found: dict[str, dict[str, Requirement]] = {}
    for school_kind, asked in field.entries() if field is not None else ():
        must_be_school_kind(asked, school_kind)
        found[school_kind] = {}
        for kind, value in () if asked.is_unset else asked.entries():
            if kind in forbidden:
                raise value.error(f"no camera may be in a zone of kind '{kind}'")
            if kind not in zones:
                why = suggestion(kind, zones, "'zones' has")
                raise value.error(f"unknown kind of zone; {why}")
            found[school_kind][kind] = _requirement(value, kind, sources)
    return found


def _requirement(field: Field, kind: str, sources: Mapping[str, Citation]) -> Requirement:
    if field.is_unset:
        return Requirement(kind=kind, required=None, min_cameras=None, source=None)
    told = field.mapping("required", "min_cameras", "source", "advice")
    required, cameras = told.set("required"), told.set("min_cameras")
    must = None if required is None else required.boolean()
    number = None if cameras is None else cameras.integer(1, MOST_CAMERAS)
    if cameras is not None and must is False:
        raise cameras.error("a number for a zone that is not required")
    advice = told.get("advice")
    return Requirement(
        kind=kind,
        required=must,
        min_cameras=number,
        source=source_of(told, sources, given=cameras or required),
        advice=None if advice is None else _advice(advice),
    )


def _advice(field: Field) -> Advice:
    told = field.mapping("min_cameras", "why")
    cameras = told.get("min_cameras")
    return Advice(
        min_cameras=None if cameras is None else cameras.integer(1, MOST_CAMERAS),
        why=_text(told.get("why")),
    )


def _uptime(
    field: Field | None, sources: Mapping[str, Citation]
) -> tuple[float | None, Citation | None, MeasuredOver]:
    if field is None:
        return None, None, MeasuredOver.SCHOOL_HOURS
    told = field.mapping("required_percent", "measured_over", "source")
    percent, over = told.set("required_percent"), told.set("measured_over")
    return (
        None if percent is None else percent.number(0, 100),
        source_of(told, sources, given=percent),
        MeasuredOver.SCHOOL_HOURS if over is None else over.choice(MeasuredOver),
    )
