"""The inbox of incidents: what is open, what is mine, what is over. Pure.

Order of what is open: what nobody has taken on first, the gravest first, then the newest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from server.domain.incident.model import Incident, Kind, Phase, Severity
from server.domain.units import Organisation, School
from server.storage.incident_rows import IncidentRow
from server.web.pages.schools import plain
from wire.vocabulary import State

_GRAVEST_FIRST: Final = (Severity.URGENT, Severity.NORMAL, Severity.NOTED)
_UNKNOWN: Final = frozenset({Kind.CENTRE, Kind.LINE, Kind.SCHOOL, Kind.AGENT, Kind.GATE_STREAM})
_DOWN: Final = frozenset(
    {Kind.NETWORK, Kind.RECORDER, Kind.CREDENTIALS, Kind.CAMERA, Kind.GATE_DOOR, Kind.CHANNEL}
)


class Which(StrEnum):
    """Which incidents a page shows."""

    OPEN = "open"
    MINE = "mine"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One incident in a list. ``state``: whose shape and colour it has; UP where it is over."""

    row: IncidentRow
    school: School | None
    state: State

    @property
    def taken(self) -> bool:
        """Whether somebody has taken it on."""
        return self.row.acknowledged_at is not None

    @property
    def seconds(self) -> int | None:
        """How long it lasted; None: it goes on."""
        if self.row.ended_at is None:
            return None
        return max(0, int((self.row.ended_at - self.row.began_at).total_seconds()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """A list of incidents in groups.

    Attributes:
        waiting: Open, and nobody has taken them on; ``taken``: somebody has; ``noted``: nobody is
            told of them; ``done``: over.
        after: Where the next page begins: (opened, id) of the last line; None: no more.
    """

    waiting: tuple[Line, ...] = ()
    taken: tuple[Line, ...] = ()
    noted: tuple[Line, ...] = ()
    done: tuple[Line, ...] = ()
    after: tuple[datetime, str] | None = None

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything that is shown, from the top."""
        return (*self.waiting, *self.taken, *self.noted, *self.done)


def inbox(rows: Sequence[IncidentRow], organisation: Organisation, *, most: int) -> Inbox:
    """Sort rows into groups. One more than ``most`` rows means that there is another page."""
    lines = [line_of(row, organisation) for row in rows[:most]]
    still = sorted((x for x in lines if is_open(x.row.incident)), key=_order)
    told = [x for x in still if x.row.incident.severity is not Severity.NOTED]
    last = rows[most - 1].incident if len(rows) > most else None
    return Inbox(
        waiting=tuple(x for x in told if not x.taken),
        taken=tuple(x for x in told if x.taken),
        noted=tuple(x for x in still if x.row.incident.severity is Severity.NOTED),
        done=tuple(x for x in lines if not is_open(x.row.incident)),
        after=(last.opened_at, last.id) if last else None,
    )


def open_lines(rows: Sequence[IncidentRow], organisation: Organisation) -> tuple[Line, ...]:
    """Return open incidents as the inbox orders them."""
    return inbox(rows, organisation, most=len(rows)).lines


def line_of(row: IncidentRow, organisation: Organisation) -> Line:
    """Return one line of a list."""
    school = organisation.school(row.incident.school or "")
    return Line(row=row, school=school, state=state_of(row.incident))


def unhandled(rows: Iterable[IncidentRow]) -> int:
    """Return how many open incidents wait for somebody: those that people are told of."""
    return sum(
        row.acknowledged_at is None
        and row.incident.severity is not Severity.NOTED
        and is_open(row.incident)
        for row in rows
    )


def is_open(incident: Incident) -> bool:
    """Tell whether it goes on, as far as the engine believes."""
    return incident.phase is not Phase.CLOSED


def state_of(incident: Incident) -> State:
    """Return the state whose shape and colour stands for it."""
    if not is_open(incident):
        return State.UP
    if incident.kind in _UNKNOWN:
        return State.UNKNOWN
    return State.DOWN if incident.kind in _DOWN else State.DEGRADED


def named(organisation: Organisation, text: str) -> frozenset[str]:
    """Return the schools whose name holds a text; marks and case don't matter."""
    wanted = plain(text)
    if not wanted:
        return frozenset()
    return frozenset(s.id for s in organisation.schools if wanted in plain(s.name))


def _order(line: Line) -> tuple[bool, int, float, str]:
    incident = line.row.incident
    grave = _GRAVEST_FIRST.index(incident.severity)
    return line.taken, grave, -line.row.began_at.timestamp(), incident.id
