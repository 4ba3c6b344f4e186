"""Days that were closed and that late history has changed: both values, and when. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from server.domain.figures import Amendment, ClosedDay, DayFigures
from server.domain.points import MetSeconds
from server.domain.uptime import Availability
from server.web.charts.days import Late
from server.web.pages.looks import SchoolLook

MOST_LINES: Final = 12
MOST_EARLIER: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a day was known to be from one moment on.

    Attributes:
        at: When the day was closed, or amended.
        uptime: The cameras' seconds, or the one camera's.
        met: The places' required seconds; None on a camera's page.
        agents: Names of those whose history it was; none for the value as it was closed.
    """

    at: datetime
    uptime: Availability
    met: MetSeconds | None
    agents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLine:
    """One day that was amended. ``version`` is its plan's, where it isn't the present one's."""

    day: date
    closed: Value
    known: Value
    earlier: tuple[Value, ...]
    version: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedPanel:
    """Closed days in view: how many, and a line for each of the newest that were amended."""

    days: int
    lines: tuple[ClosedLine, ...]

    @property
    def shown(self) -> tuple[ClosedLine, ...]:
        """The newest lines."""
        return self.lines[:MOST_LINES]


def school_panel(look: SchoolLook, version: str) -> ClosedPanel:
    """Return a school's closed days; its figures are all its cameras' and its places'."""
    return _panel(look, version, lambda _day, f: (f.total, f.met))


def camera_panel(look: SchoolLook, camera: str, version: str) -> ClosedPanel:
    """Return the closed days of one camera of a school."""

    def own(day: ClosedDay, figures: DayFigures) -> tuple[Availability, None] | None:
        found = of_camera(day, figures, camera)
        return None if found is None else (found, None)

    return _panel(look, version, own)


def late_marks(panel: ClosedPanel) -> dict[date, Late]:
    """Return by day what a bar says of a value that history has changed."""
    return {
        line.day: Late(
            closed=line.closed.uptime,
            closed_at=line.closed.at,
            known=line.known.uptime,
            since=line.known.at,
        )
        for line in panel.lines
    }


def of_camera(day: ClosedDay, figures: DayFigures, camera: str) -> Availability | None:
    """Return one camera's seconds; None for one that the day's basis does not know."""
    for (name, _), seconds in zip(day.basis.cameras, figures.cameras, strict=True):
        if name == camera:
            return seconds
    return None


_Figures = tuple[Availability, MetSeconds | None]


def _panel(
    look: SchoolLook, version: str, pick: Callable[[ClosedDay, DayFigures], _Figures | None]
) -> ClosedPanel:
    names = {a.agent.id: a.agent.name for a in look.agents}
    days, lines = 0, []
    for day in reversed(look.closed):
        first = pick(day, day.figures)
        if first is None:
            continue
        days += 1
        values = [Value(at=day.closed_at, uptime=first[0], met=first[1])]
        for amendment in day.amendments:
            found = pick(day, amendment.figures)
            if found is not None and found != (values[-1].uptime, values[-1].met):
                values.append(_value(amendment, found, names))
        if len(values) > 1:
            lines.append(_line(day, values, version))
    return ClosedPanel(days=days, lines=tuple(lines))


def _value(amendment: Amendment, found: _Figures, names: Mapping[str, str]) -> Value:
    agents = tuple(names.get(agent, agent) for agent in amendment.agents)
    return Value(at=amendment.at, uptime=found[0], met=found[1], agents=agents)


def _line(day: ClosedDay, values: list[Value], version: str) -> ClosedLine:
    return ClosedLine(
        day=day.day,
        closed=values[0],
        known=values[-1],
        earlier=tuple(reversed(values[1:-1]))[:MOST_EARLIER],
        version=None if day.basis.version == version else day.basis.version,
    )
