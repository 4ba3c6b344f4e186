"""What a school, and a unit of many schools, did over a period of local days. Values; sums only.

A period is a row of local days, each counted under what held on that day: the plan's version, the
register, the calendar and its exceptions (``figures``). Everything here is the sum of its days,
so it does not matter whether a day comes from its roll-up or is counted anew.

Two kinds of days are no days of scored time. A day off asks nothing. A day of which *nobody says*
what is asked (``unset_days``) is neither met nor missed: it stands beside the seconds, and with one
such day no place is called met or not met.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, overload

from server.domain.points import Met, MetSeconds, PointSums
from server.domain.units import Camera, School, Zone
from server.domain.uptime import Availability


@dataclass(frozen=True, slots=True, kw_only=True)
class DaySums:
    """A school's local day: its places' required seconds and its cameras' seconds.

    ``unset``: nobody says which hours are required of it.
    """

    day: date
    seconds: MetSeconds
    uptime: Availability
    unset: bool


_PER_DAY: Final = 10


class DayTable(Sequence[DaySums]):
    """Days in order, kept as bare numbers: a year of a province has a million of them.

    Made of lines of ten: ordinal of the day; met, not met, cannot tell; up, degraded, down,
    unknown, excluded; whether it is unset.
    """

    __slots__ = ("_numbers",)

    def __init__(self, lines: Iterable[Sequence[int]] = ()) -> None:
        self._numbers = array("i")
        for line in lines:
            self._numbers.extend(line)

    def __len__(self) -> int:
        return len(self._numbers) // _PER_DAY

    @overload
    def __getitem__(self, index: int) -> DaySums: ...
    @overload
    def __getitem__(self, index: slice) -> "tuple[DaySums, ...]": ...
    def __getitem__(self, index: int | slice) -> "DaySums | tuple[DaySums, ...]":
        if isinstance(index, slice):
            return tuple(self._at(i) for i in range(*index.indices(len(self))))
        return self._at(range(len(self))[index])

    def __eq__(self, other: object) -> bool:
        return self._numbers == other._numbers if isinstance(other, DayTable) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._numbers.tobytes())

    def __repr__(self) -> str:
        return f"DayTable({list(self)!r})"

    def _at(self, index: int) -> DaySums:
        start = index * _PER_DAY
        day, met, not_met, cannot_tell, up, degraded, down, unknown, excluded, unset = (
            self._numbers[start : start + _PER_DAY]
        )
        return DaySums(
            day=date.fromordinal(day),
            seconds=MetSeconds(met=met, not_met=not_met, cannot_tell=cannot_tell),
            uptime=Availability(
                up=up, degraded=degraded, down=down, unknown=unknown, excluded=excluded
            ),
            unset=bool(unset),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendedDay:
    """A closed day of which more is known now: both values.

    Attributes:
        closed_at: When it was closed; ``at``: since when the newer value has been known.
        agents: Whose history it was; none: an exception was entered afterwards.
    """

    day: date
    closed_at: datetime
    at: datetime
    agents: tuple[str, ...]
    closed: MetSeconds
    known: MetSeconds
    closed_uptime: Availability
    known_uptime: Availability


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPeriod:
    """A camera's seconds in one zone over the days on which it stood there.

    Attributes:
        lost: Counted seconds over which it did not watch, by cause ("": none was told).
        lost_on: The last day on which it lost time; None: it never did.
    """

    camera: Camera
    uptime: Availability
    lost: Mapping[str, int] = field(default_factory=dict)
    lost_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonePeriod:
    """One zone instance over a period.

    Attributes:
        zone: As of the last day on which it was registered.
        need: How many working cameras the plan asked for on that day; None is unset.
        installed_min: The fewest cameras that it had on a day of the period; ``installed_max``:
            the most.
        installed: How many it had on the last day.
        seconds: Its required time, split; None: it was never scored.
        unset_days: Days of which nobody says how many cameras it needs, or over which hours.
        uptime: Its cameras' seconds added up.
        picture: Whether enough of its cameras have the asked picture now; None: not asked.
        met: Whether it was watched for the share of required time that the plan asks for; None:
            the plan asks for no share, or the zone isn't scored.
        cameras: Those that stood in it, in order of id.
    """

    zone: Zone
    need: int | None
    installed_min: int
    installed_max: int
    installed: int
    seconds: MetSeconds | None
    unset_days: int
    uptime: Availability
    picture: Met | None = None
    met: Met | None = None
    cameras: tuple[CameraPeriod, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolPeriod:
    """A school over a period, or over the part of it in which it belonged to the unit.

    Attributes:
        school: As of its last day here.
        unit: The unit that it belonged to on that day.
        first: The first day; ``last``: the last one, included.
        zones: Every zone of these days, in the register's order.
        sums: Places with a number (``required``), those that had as many cameras on each day
            (``installed``), those that met the asked share for sure (``certain``) and at best
            (``possible``), and their seconds.
        uptime: Its cameras' seconds over the time that counts.
        unset_days: Days of which nobody says which hours are required.
        by_day: Every day of it, in order.
        counted_on: The last day on which anything counted; None: nothing did.
        plans: Versions of the plan that it was counted under, oldest first.
        lost: Counted seconds over which its cameras did not watch, by cause ("": none was told).
        amended: Closed days of which more is known now.
    """

    school: School
    unit: str
    first: date
    last: date
    zones: tuple[ZonePeriod, ...]
    sums: PointSums
    uptime: Availability
    unset_days: int
    by_day: Sequence[DaySums]
    counted_on: date | None = None
    plans: tuple[str, ...] = ()
    lost: Mapping[str, int] = field(default_factory=dict)
    amended: tuple[AmendedDay, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelPeriod:
    """All schools of one kind, added up."""

    schools: int
    sums: PointSums
    uptime: Availability
    unset_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitPeriod:
    """A unit over a period: its schools, and sums of their seconds (never averages of shares).

    ``unit`` is None where one school alone was asked for. ``by_level``: by kind of school.
    """

    unit: str | None
    first: date
    last: date
    schools: tuple[SchoolPeriod, ...]
    sums: PointSums
    uptime: Availability
    by_level: Mapping[str, LevelPeriod]
