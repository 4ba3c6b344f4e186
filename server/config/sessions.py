"""When a kind of school must be watched: the plan's ``calendar.sessions``."""

import re
from collections.abc import Mapping
from typing import Final

from server.config.citations import must_be_school_kind, source_of
from server.config.document import Field
from server.domain.calendar import LOCAL, MINUTES_PER_DAY, WEEKDAYS, DayWindow, SchoolHours
from server.domain.citation import Citation

MINUTES_PER_HOUR: Final = 60
_WINDOW: Final = re.compile(r"(\d\d):(\d\d)\s*[-–]\s*(\d\d):(\d\d)")


def read_sessions(
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
        must_be_school_kind(value, kind)
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
    source = source_of(told, sources, given=windows or days)
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
