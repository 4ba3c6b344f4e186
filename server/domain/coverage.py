"""Is every place that the plan says must be watched really being watched?

A *point* is one zone instance whose number of cameras the plan sets. It is met at a moment when
that many of its cameras are up. Unknown cameras make a range: sure (``certain``) and at best
(``possible``). A point counts as a whole: 1 of 2 is not met, and there is no "partly". Zones for
which the plan sets no number are shown and never scored.

Sums are sums of points and of seconds, never averages of shares.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from server.domain.interval import Interval
from server.domain.liveness import LiveState
from server.domain.plan import Plan, Requirement
from server.domain.timeline import Timeline
from server.domain.units import School, Zone
from wire.vocabulary import State


class Met(StrEnum):
    """Whether a point had its number of working cameras."""

    MET = "met"
    NOT_MET = "not_met"
    CANNOT_TELL = "cannot_tell"


class Lack(StrEnum):
    """What a point lacks; also why it has the state that it has."""

    NOT_INSTALLED = "not_installed"
    NOT_WORKING = "not_working"
    NOT_KNOWN = "not_known"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetSeconds:
    """Required seconds of one or many points, split; they sum to the required time."""

    met: int = 0
    not_met: int = 0
    cannot_tell: int = 0

    @property
    def required(self) -> int:
        """All required seconds."""
        return self.met + self.not_met + self.cannot_tell

    @property
    def low(self) -> Fraction | None:
        """The sure share; None when nothing is required."""
        return Fraction(self.met, self.required) if self.required else None

    @property
    def high(self) -> Fraction | None:
        """The share if all that cannot be told was met; None as above."""
        return Fraction(self.met + self.cannot_tell, self.required) if self.required else None

    def __add__(self, other: "MetSeconds") -> "MetSeconds":
        return MetSeconds(
            met=self.met + other.met,
            not_met=self.not_met + other.not_met,
            cannot_tell=self.cannot_tell + other.cannot_tell,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneSpan:
    """Evidence: required time in which a point was not met, or nobody can tell.

    ``certain`` and ``possible`` count its cameras that were up; ``failing`` names the others.
    """

    interval: Interval
    met: Met
    certain: int
    possible: int
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraNow:
    """One camera of a zone and what it does now."""

    id: str
    name: str
    live: LiveState


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneCoverage:
    """One zone instance against the plan.

    Attributes:
        need: How many working cameras the plan asks for; None is unset: nothing below is scored.
        requirement: The plan's words (with source and advice), if it has any for this kind.
        cameras: The zone's cameras, in configuration order, with their live states.
        certain: How many are up now.
        possible: How many are up or unknown now.
        met: Whether the point is met now; None when unset.
        status: The tile's state now; None when unset. Down, degraded, unknown, up, in this order;
            a broken spare does not show in it, a spare with a spoilt picture does.
        lack: Why it is not met; None when it is, or when unset.
        seconds: Required time, split; None when unset (number or hours).
        evidence: The spans that are not met or cannot be told, in order.
    """

    zone: Zone
    need: int | None
    requirement: Requirement | None
    cameras: tuple[CameraNow, ...]
    certain: int
    possible: int
    met: Met | None
    status: State | None
    lack: Lack | None
    seconds: MetSeconds | None
    evidence: tuple[ZoneSpan, ...]

    @property
    def installed(self) -> int:
        """How many cameras exist."""
        return len(self.cameras)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSums:
    """Points of a zone, a school or a district, and their required seconds. Adding sums them.

    Attributes:
        required: Points.
        installed: Points with as many cameras as needed.
        certain: Points met now for sure.
        possible: Points that may be met now.
        seconds: Their required time, split.
        unset_zones: Zones for which the plan sets no number: not scored.
    """

    required: int = 0
    installed: int = 0
    certain: int = 0
    possible: int = 0
    seconds: MetSeconds = MetSeconds()
    unset_zones: int = 0

    def __add__(self, other: "PointSums") -> "PointSums":
        return PointSums(
            required=self.required + other.required,
            installed=self.installed + other.installed,
            certain=self.certain + other.certain,
            possible=self.possible + other.possible,
            seconds=self.seconds + other.seconds,
            unset_zones=self.unset_zones + other.unset_zones,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """What is missing where, and since when.

    Attributes:
        missing: How many cameras short (at best, for ``not_known``: at worst).
        since: Since when the point has been short; None: never complete, or not known.
        cameras: The cameras that fail it, the first to act on first.
    """

    school: str
    zone: Zone
    lack: Lack
    need: int
    missing: int
    since: datetime | None
    cameras: tuple[CameraNow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCoverage:
    """A school against the plan.

    Attributes:
        status: The state of its worst point; None when the plan sets no number for any zone.
        sums: Its points.
        undeclared: Kinds of zones that the plan requires and of which the school has no instance:
            shown, not scored (the school may have no such place).
    """

    school: School
    zones: tuple[ZoneCoverage, ...]
    status: State | None
    sums: PointSums
    shortfalls: tuple[Shortfall, ...]
    undeclared: tuple[str, ...]


def cover(
    school: School,
    plan: Plan,
    *,
    timelines: Mapping[str, Timeline],
    live: Mapping[str, LiveState],
    counted: Sequence[Interval] | None,
) -> SchoolCoverage:
    """Hold a school against the plan.

    ``timelines`` and ``live`` are keyed by camera id; a camera without one is unknown.
    ``counted``: the required time (``calendar.counted_time``); None: hours are unset, so nothing is
    scored over time.
    """
    raise NotImplementedError


def roll_up(schools: Iterable[SchoolCoverage]) -> PointSums:
    """Sum points and seconds."""
    return sum((s.sums for s in schools), PointSums())
