"""What the REST API answers. Times are RFC 3339 in UTC, durations whole seconds, shares 0 to 1."""

from datetime import datetime

from server.web.api.agent_types import WarningOut
from server.web.api.camera_types import Answer, FactsOut


class Problem(Answer, frozen=True):
    """What went wrong: a short word for programs and a sentence for people."""

    code: str
    message: str
    field: str | None = None


class Failure(Answer, frozen=True):
    """Every answer from 400 upwards."""

    error: Problem


class SignIn(Answer, frozen=True, forbid_unknown_fields=True):
    """Name and password of a user."""

    name: str
    password: str


class SessionOut(Answer, frozen=True):
    """A session; send ``Authorization: Bearer TOKEN``."""

    token: str
    user: str
    expires_at: datetime


class UnitOut(Answer, frozen=True):
    """A managing unit; ``parent`` is another unit's id."""

    id: str
    name: str
    level: str
    parent: str | None


class Places(Answer, frozen=True):
    """Required places. ``certain`` and ``possible`` are those watched now, for sure and at best."""

    required: int
    installed: int
    certain: int
    possible: int
    unset: int


class SchoolOut(Answer, frozen=True):
    """A school now. ``status`` is its worst required place's; null where the plan sets none."""

    id: str
    name: str
    kind: str
    unit: str
    status: str | None
    places: Places
    cameras: dict[str, int]


class CameraOut(Answer, frozen=True):
    """A camera now.

    ``state`` is up, degraded, down or unknown; ``why`` says why it is unknown. ``since`` is that of
    state and cause, ``state_since`` that of the state whatever its causes.
    """

    id: str
    name: str
    school: str
    zone: str
    state: str
    cause: str | None
    detail: str | None
    why: str | None
    since: datetime | None
    state_since: datetime | None
    vouched_until: datetime | None
    facts: FactsOut | None


class SpanOut(Answer, frozen=True):
    """One state and cause over ``[start, end)``."""

    start: datetime
    end: datetime
    state: str
    cause: str | None
    detail: str | None


class TimelineOut(Answer, frozen=True):
    """What is claimed of a camera; what no claim covers is unknown. Spans fill the window."""

    camera: str
    start: datetime
    end: datetime
    spans: tuple[SpanOut, ...]


class AvailabilityOut(Answer, frozen=True):
    """Seconds by state over a window; they and ``excluded`` sum to it.

    ``low`` and ``high`` bound the share of counted time that was watched; null: nothing counts.
    """

    camera: str
    start: datetime
    end: datetime
    counted: str
    up: int
    degraded: int
    down: int
    unknown: int
    excluded: int
    low: float | None
    high: float | None


class MetOut(Answer, frozen=True):
    """Required seconds of this week, split."""

    met: int
    not_met: int
    cannot_tell: int
    low: float | None
    high: float | None


class ZoneOut(Answer, frozen=True):
    """A zone against the plan; ``need`` null: the plan sets no number, nothing is scored."""

    id: str
    name: str
    kind: str
    need: int | None
    installed: int
    certain: int
    possible: int
    met: str | None
    status: str | None
    lack: str | None
    cameras: tuple[str, ...]


class SchoolCoverageOut(Answer, frozen=True):
    """A school against the plan."""

    school: str
    status: str | None
    places: Places
    week: MetOut
    zones: tuple[ZoneOut, ...]


class CoverageOut(Answer, frozen=True):
    """All schools against the plan, now and over this week."""

    at: datetime
    plan: str
    version: str
    places: Places
    week: MetOut
    schools: tuple[SchoolCoverageOut, ...]


class AgentOut(Answer, frozen=True):
    """A gate PC. ``presence``: reporting, awaited, silent or never_seen; ``since`` when silent."""

    id: str
    name: str
    school: str
    presence: str
    since: datetime | None
    last_report_at: datetime | None
    last_report_until: datetime | None
    version: str | None
    uptime_s: int | None
    cpu: float | None
    memory: int | None
    disk_free: int | None
    spool_items: int | None
    clock_offset_ms: int | None
    gap_count: int
    refused_count: int
    warnings: tuple[WarningOut, ...]


class GateEventOut(Answer, frozen=True):
    """One entry of the gate log."""

    id: str
    agent: str
    gate: str
    school: str | None
    kind: str
    direction: str | None
    subject: str | None
    reader: str | None
    note: str | None
    occurred_at: datetime
    accepted_at: datetime
    received_at: datetime
    clock_suspect: bool


class GateEventsOut(Answer, frozen=True):
    """Entries, newest first.

    ``total`` counts all of the span and gates, whatever ``text`` says; ``next`` is the ``before``
    of the next page, null at the end.
    """

    events: tuple[GateEventOut, ...]
    total: int
    next: str | None


class Units(Answer, frozen=True):
    """All units."""

    units: tuple[UnitOut, ...]


class Schools(Answer, frozen=True):
    """All schools."""

    schools: tuple[SchoolOut, ...]


class Cameras(Answer, frozen=True):
    """All cameras, at one moment."""

    at: datetime
    cameras: tuple[CameraOut, ...]


class Agents(Answer, frozen=True):
    """All gate PCs, at one moment."""

    at: datetime
    agents: tuple[AgentOut, ...]
