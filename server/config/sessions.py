"""When a kind of school must be watched: the plan's ``calendar.sessions``."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from server.config.citations import must_be_school_kind, source_of
from server.config.document import Field, Record, suggestion
from server.domain.calendar import MINUTES_PER_DAY, WEEKDAYS, DayWindow, SchoolHours
from server.domain.citation import Citation

MINUTES_PER_HOUR: Final = 60
_WINDOW: Final = re.compile(r"(\d\d):(\d\d)\s*[-–]\s*(\d\d):(\d\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """When each kind of school is held, who says so, and a hint where nobody does."""

    hours: Mapping[str, SchoolHours | None]
    sources: Mapping[str, Citation]
    advice: Mapping[str, str]


def read_sessions(field: Field | None, sources: Mapping[str, Citation]) -> Sessions:
    """Read when each kind of school must be watched."""
    hours: dict[str, SchoolHours | None] = {}
    cited: dict[str, Citation] = {}
    advice: dict[str, str] = {}
    heirs: dict[str, Field] = {}
    for kind, value in field.entries() if field is not None else ():
        must_be_school_kind(value, kind)
        hours[kind] = None
        if value.is_unset:
            continue
        told = value.mapping("days", "windows", "inherits", "source", "advice")
        hours[kind] = _hours(value, told)
        inherits, hint = told.set("inherits"), told.get("advice")
        given = told.set("windows") or told.set("days") or inherits
        source = source_of(told, sources, given=given)
        if source is not None:
            cited[kind] = source
        if hint is not None:
            advice[kind] = _hint(hint)
        if inherits is not None:
            heirs[kind] = inherits
    for heir, told_by in heirs.items():
        hours[heir] = _inherited(told_by, heir, hours, heirs)
    return Sessions(hours=hours, sources=cited, advice=advice)


def _inherited(
    field: Field, heir: str, hours: Mapping[str, SchoolHours | None], heirs: Collection[str]
) -> SchoolHours | None:
    name = field.text()
    if hours[heir] is not None:
        raise field.error("days and windows stand here already; write them or inherit them")
    if name not in hours:
        raise field.error(f"no hours stand here for '{name}'; {suggestion(name, hours, 'known')}")
    if name in heirs:
        raise field.error(f"'{name}' inherits itself; name the kind whose hours are written out")
    return hours[name]


def _hours(field: Field, told: Record) -> SchoolHours | None:
    days, windows = told.set("days"), told.set("windows")
    if days is None and windows is None:
        return None
    if days is None or windows is None:
        missing = "days" if days is None else "windows"
        raise field.error(f"days and windows are set together; {missing} is unset")
    return SchoolHours(days=_days(days), windows=read_windows(windows))


def _hint(field: Field) -> str:
    """Read advice: what people would write there, as text."""
    told = field.mapping("days", "windows", "why")
    days = [WEEKDAYS[day] for day in _days(told.need("days"))]
    windows = [
        f"{_clock(w.start_min)}–{_clock(w.end_min)}" for w in read_windows(told.need("windows"))
    ]
    why = told.get("why")
    said = f"{', '.join(days)}: {', '.join(windows)}"
    return said if why is None else f"{said} ({why.text()})"


def _clock(minute: int) -> str:
    return f"{minute // MINUTES_PER_HOUR:02}:{minute % MINUTES_PER_HOUR:02}"


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


def read_windows(field: Field) -> tuple[DayWindow, ...]:
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
