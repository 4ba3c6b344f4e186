"""What one look at some schools holds: what was fetched, and what is true. Pure values.

``Reading`` is what was fetched, ``Survey`` what follows from it: see ``survey``, which makes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from server.domain.coverage import SchoolCoverage, roll_up
from server.domain.dayrow import DayRow
from server.domain.exceptions import NONE, Exceptions
from server.domain.figures import ClosedDay
from server.domain.interval import Interval
from server.domain.liveness import LiveState, Presence
from server.domain.plan import Plan
from server.domain.points import MetSeconds, PointSums
from server.domain.timeline import Claim, Timeline
from server.domain.units import Agent, Camera, Organisation, School, Zone
from server.storage.incident_rows import IncidentRow
from server.storage.rows import AgentSeen, CameraFacts
from server.web.pages.warnings import NO_SIGNS, AgentWarning, Signs

Off = Mapping[str, tuple[Interval, ...]]
"""When announced work takes a single zone's time away, by zone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What does not change while the server runs."""

    organisation: Organisation
    plan: Plan
    silent_after_s: int
    listening_since: datetime | None = None
    exceptions: Exceptions = NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What was fetched for some schools.

    Attributes:
        window: It ends at now.
        claims: By camera id, over the window.
        began: Since when each school has been watched.
        days: Each school's days in the window, as ``figuring`` tells them, in any order.
    """

    now: datetime
    window: Interval
    claims: Mapping[str, Sequence[Claim]]
    heard: Mapping[str, AgentSeen] = field(default_factory=dict)
    incidents: Sequence[IncidentRow] = ()
    facts: Mapping[str, CameraFacts] = field(default_factory=dict)
    began: Mapping[str, datetime | None] = field(default_factory=dict)
    days: Mapping[str, Sequence[DayRow]] = field(default_factory=dict)
    closed: Sequence[ClosedDay] = ()
    signs: Signs = NO_SIGNS


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentLook:
    """One gate PC now."""

    school: School
    agent: Agent
    presence: Presence
    seen: AgentSeen | None
    cameras: int
    warnings: tuple[AgentWarning, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLook:
    """One camera now and over the reading's window.

    Attributes:
        timeline: What was claimed, no further than the edge has vouched.
        drawn: The same with the live state carried to now: drawings come from it.
        vouched: The end of the newest claim of a camera that is heard; else None.
    """

    school: School
    zone: Zone
    camera: Camera
    live: LiveState
    timeline: Timeline
    drawn: Timeline
    vouched: datetime | None = None
    facts: CameraFacts | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayMet:
    """Required seconds of one local day, split."""

    day: date
    seconds: MetSeconds


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolLook:
    """One school now. It is good for as long as nothing is reported: see ``readings``.

    Attributes:
        at: The moment of looking.
        began: When the first agent that it ever had began to watch; none has: when the first of
            all did. Time before that doesn't count. None: nobody watches yet, nothing counts.
        presences: Of all its agents.
        coverage: Now against today's plan; its seconds are this week's so far, each day under the
            plan of that day.
        until: Up to where its cameras have been vouched for.
        past: Its days in the window, in order, today's part included: figures come from them.
        yesterday: It against the plan a day ago; None where the window does not reach.
        morning: Its points at seven o'clock today; None before that.
        closed: Its closed days in the window, in order; among many schools only those that late
            history has changed.
        off: Announced work on single zones.
    """

    school: School
    at: datetime
    began: datetime | None
    cameras: tuple[CameraLook, ...]
    agents: tuple[AgentLook, ...]
    coverage: SchoolCoverage
    until: datetime
    past: tuple[DayRow, ...]
    yesterday: SchoolCoverage | None
    morning: SchoolCoverage | None
    closed: tuple[ClosedDay, ...] = ()
    off: Off = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Some schools at one moment.

    Attributes:
        incidents: All that are open, also those of no school.
        incidents_of: By school: its own, and the wider ones that its gate PCs are a part of.
    """

    setting: Setting
    now: datetime
    window: Interval
    schools: tuple[SchoolLook, ...]
    incidents: tuple[IncidentRow, ...] = ()
    incidents_of: Mapping[str, tuple[IncidentRow, ...]] = field(default_factory=dict)

    @property
    def sums(self) -> PointSums:
        """The points of all schools, added up."""
        return roll_up(look.coverage for look in self.schools)

    @property
    def agents(self) -> tuple[AgentLook, ...]:
        """All gate PCs."""
        return tuple(a for look in self.schools for a in look.agents)

    @property
    def cameras(self) -> tuple[CameraLook, ...]:
        """All cameras."""
        return tuple(c for look in self.schools for c in look.cameras)
