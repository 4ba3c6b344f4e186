"""A school's closed days as a file for spreadsheets: as closed, and as known now. Pure.

One line for each camera of each day, then one for all of them; see ``csvfile`` for the form.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from server.domain.figures import ClosedDay
from server.domain.units import School
from server.domain.uptime import Availability
from server.texts.tongue import N_, Tongue
from server.web.csvfile import BOM, line

_SECONDS: Final = (
    N_("%(when)s: watching, seconds"),
    N_("%(when)s: poor picture, seconds"),
    N_("%(when)s: connection lost, seconds"),
    N_("%(when)s: not known, seconds"),
    N_("%(when)s: not counted, seconds"),
)


def lines(tongue: Tongue, school: School, days: Iterable[ClosedDay]) -> str:
    """Return the byte order mark, the titles and all lines."""
    rows = (row for day in days for row in _day(tongue, school, day))
    return BOM + line(_head(tongue)) + "".join(line(row) for row in rows)


def _head(tongue: Tongue) -> list[str]:
    closed, known = tongue.text("As closed"), tongue.text("As known now")
    return [
        tongue.text("Day"),
        tongue.text("School"),
        tongue.text("Camera"),
        tongue.text("Plan version"),
        tongue.text("Closed at"),
        *(tongue.text(title, when=closed) for title in _SECONDS),
        tongue.text("Amended at"),
        tongue.text("History from"),
        *(tongue.text(title, when=known) for title in _SECONDS),
    ]


def _day(tongue: Tongue, school: School, day: ClosedDay) -> Iterator[list[str]]:
    names = {c.id: c.name for c in school.cameras}
    agents = {a.id: a.name for a in school.agents}
    last = day.amendments[-1] if day.amendments else None
    cameras = [names.get(camera, camera) for camera, _ in day.basis.cameras]
    closed = [*day.figures.cameras, day.figures.total]
    known = [*day.known.cameras, day.known.total]
    for name, was, now in zip([*cameras, tongue.text("All cameras")], closed, known, strict=True):
        yield [
            day.day.isoformat(),
            school.name,
            name,
            day.basis.version,
            tongue.exact(day.closed_at),
            *_seconds(was),
            tongue.exact(last.at) if last else "",
            ", ".join(agents.get(a, a) for a in last.agents) if last else "",
            *_seconds(now),
        ]


def _seconds(some: Availability) -> list[str]:
    return [str(n) for n in (some.up, some.degraded, some.down, some.unknown, some.excluded)]
