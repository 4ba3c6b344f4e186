"""The plan's file, ``vonggac.plan/1``: what an authority asks for, each number with its source.

``unset`` (or a key that is left out) stays open and is never scored. A number without a source is
refused, and so is one whose source is the product itself: no number of ours is drawn as a goal.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from server.config.document import Field, Record, read, suggestion
from server.domain.calendar import LOCAL, MINUTES_PER_DAY, WEEKDAYS, DayWindow, SchoolHours
from server.domain.plan import (
    ALWAYS_FORBIDDEN,
    SCHOOL_KINDS,
    Advice,
    Citation,
    MeasuredOver,
    Plan,
    Requirement,
    ZoneKind,
)
from wire.topics import is_id

SCHEMA: Final = "vonggac.plan/1"
PRODUCT: Final = "product_default"
SOURCE_KINDS: Final = (
    "law",
    "technical_regulation",
    "standard",
    "moet_decision",
    "province_plan",
    "district_plan",
    "commune_plan",
    "school_plan",
    PRODUCT,
)
MOST_CAMERAS: Final = 1000
MINUTES_PER_HOUR: Final = 60
_WINDOW: Final = re.compile(r"(\d\d):(\d\d)\s*[-–]\s*(\d\d):(\d\d)")


def load_plan(path: Path | str) -> Plan:
    """Read the plan."""
    root = read(path, SCHEMA).mapping(
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
    sources = _sources(root.need("sources"))
    zones = _zones(root.need("zones"))
    forbidden = ALWAYS_FORBIDDEN | {f.identifier() for f in root.items("forbidden_zones")}
    percent, uptime_source, over = _uptime(root.set("uptime"), sources)
    hours, hours_sources = _sessions(root.set("calendar"), sources)
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


def _sources(field: Field) -> dict[str, Citation]:
    """Read the citations that the numbers below refer to."""
    found = {}
    for name, value in field.entries():
        told = value.mapping("kind", "ref")
        found[name] = Citation(
            id=name, kind=told.need("kind").one_of(SOURCE_KINDS), ref=told.need("ref").text()
        )
    return found


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
        _must_be_school_kind(asked, school_kind)
        found[school_kind] = {}
        for kind, value in () if asked.is_unset else asked.entries():
            if kind in forbidden:
                raise value.error(f"no camera may be in a zone of kind '{kind}'")
            if kind not in zones:
                why = suggestion(kind, zones, "'zones' has")
                raise value.error(f"unknown kind of zone; {why}")
            found[school_kind][kind] = _requirement(value, kind, sources)
    return found


def _must_be_school_kind(field: Field, name: str) -> None:
    if name not in SCHOOL_KINDS:
        raise field.error(f"unknown kind of school; {suggestion(name, SCHOOL_KINDS, 'known are')}")


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
        source=_source(told, sources, given=cameras or required),
        advice=None if advice is None else _advice(advice),
    )


def _source(
    told: Record, sources: Mapping[str, Citation], *, given: Field | None
) -> Citation | None:
    """Return who says so. ``given`` is a value that may not stand without it, if there is one."""
    field = told.set("source")
    if field is None:
        if given is not None:
            raise given.error("a value needs its source beside it: source: {id: ...}")
        return None
    named = field.mapping("id", "note")
    name = named.need("id").text()
    if name not in sources:
        why = suggestion(name, sources, "'sources' has")
        raise named.need("id").error(f"unknown source '{name}'; {why}")
    if given is not None and sources[name].kind == PRODUCT:
        raise named.need("id").error("the product's own defaults are no authority for a plan")
    return replace(sources[name], note=_text(named.get("note")))


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
        _source(told, sources, given=percent),
        MeasuredOver.SCHOOL_HOURS if over is None else over.choice(MeasuredOver),
    )


def _sessions(
    field: Field | None, sources: Mapping[str, Citation]
) -> tuple[dict[str, SchoolHours | None], dict[str, Citation]]:
    """Read when each kind of school must be watched, and who says so."""
    hours: dict[str, SchoolHours | None] = {}
    cited: dict[str, Citation] = {}
    if field is None:
        return hours, cited
    told = field.mapping("timezone", "sessions")
    zone = told.need("timezone")
    if zone.text() != LOCAL.key:
        raise zone.error(f"only {LOCAL.key} is known, found '{zone.text()}'")
    sessions = told.set("sessions")
    for kind, value in sessions.entries() if sessions is not None else ():
        _must_be_school_kind(value, kind)
        hours[kind], source = _hours(value, sources)
        if source is not None:
            cited[kind] = source
    return hours, cited


def _hours(
    field: Field, sources: Mapping[str, Citation]
) -> tuple[SchoolHours | None, Citation | None]:
    if field.is_unset:
        return None, None
    told = field.mapping("days", "windows", "source")
    days, windows = told.set("days"), told.set("windows")
    source = _source(told, sources, given=windows or days)
    if days is None and windows is None:
        return None, source
    if days is None or windows is None:
        missing = "days" if days is None else "windows"
        raise field.error(f"days and windows are set together; {missing} is unset")
    return SchoolHours(days=_days(days), windows=_windows(windows)), source


def _days(field: Field) -> tuple[int, ...]:
    """Read weekdays, T2 (Monday) to T7 and CN."""
    found: set[int] = set()
    for item in field.items():
        day = WEEKDAYS.index(item.one_of(WEEKDAYS, "weekdays are"))
        if day in found:
            raise item.error(f"{WEEKDAYS[day]} stands twice")
        found.add(day)
    if not found:
        raise field.error("at least one weekday is needed, or 'unset'")
    return tuple(sorted(found))


def _windows(field: Field) -> tuple[DayWindow, ...]:
    """Read parts of a day, in order."""
    found: list[DayWindow] = []
    for item in field.items():
        window = _window(item)
        if found and window.start_min < found[-1].end_min:
            raise item.error(f"'{item.text()}' begins before the window above it ends")
        found.append(window)
    if not found:
        raise field.error("at least one window is needed, or 'unset'")
    return tuple(found)


def _window(field: Field) -> DayWindow:
    if field.kind != "str":
        raise field.error(
            f'a window in quotes is expected, like "06:30-17:30", found {field.found()}'
        )
    text = field.text()
    match = _WINDOW.fullmatch(text)
    if match is None:
        raise field.error(f"a window like \"06:30-17:30\" is expected, found the text '{text}'")
    hour, minute, end_hour, end_minute = map(int, match.groups())
    start, end = hour * 60 + minute, end_hour * 60 + end_minute
    if max(minute, end_minute) >= MINUTES_PER_HOUR or end > MINUTES_PER_DAY:
        raise field.error(f"'{text}' is not within 00:00 to 24:00")
    if start >= end:
        raise field.error(f"'{text}' does not end after it begins; cut it in two at midnight")
    return DayWindow(start, end)
