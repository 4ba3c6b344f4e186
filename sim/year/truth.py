"""What is right, second by second: an array of 86,400 seconds for each camera, place and day.

Nothing here knows of segments, watermarks, spools or spans, nor of the centre. A second of a camera
is what was wrong with it then, if one of its agents looked and its telling had come by the moment
that is asked for; else nobody knows. All else is counting.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from sim.year import rules
from sim.year.commune import SCHOOLS
from sim.year.dates import DAY_S, day_of, midnight
from sim.year.happenings import Drama, Run
from sim.year.places import Camera, School
from wire.vocabulary import Cause, State, state_of

Seconds = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

_CAUSES: Final = tuple(Cause)
_UP: Final = 0
_UNKNOWN: Final = 255
"""A second's code: 0 is up, 255 unknown, else one more than the cause's place in ``_CAUSES``."""


def _ranks() -> Seconds:
    """Return by code which is better: up, degraded, down, unknown."""
    order = {State.UP: 0, State.DEGRADED: 1, State.DOWN: 2}
    ranks = np.full(_UNKNOWN + 1, 3, np.uint8)
    for code, cause in enumerate((None, *_CAUSES)):
        ranks[code] = order[state_of(cause)]
    return ranks


_RANK: Final = _ranks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Seconds of a camera: they sum to the day."""

    up: int = 0
    degraded: int = 0
    down: int = 0
    unknown: int = 0
    excluded: int = 0

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(**{name: getattr(self, name) + getattr(other, name) for name in Sums.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Required seconds of a place."""

    met: int = 0
    not_met: int = 0
    cannot_tell: int = 0

    def __add__(self, other: "Met") -> "Met":
        return Met(**{name: getattr(self, name) + getattr(other, name) for name in Met.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A time of the day over which a camera's code was the same and not up.

    ``lost``: its required seconds over which the camera did not watch, by the plan of then.
    """

    start: int
    end: int
    code: int
    lost: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A school's day. ``unset``: nobody says which hours; ``zones``: those with a number alone."""

    day: date
    unset: bool
    cameras: dict[str, Sums]
    zones: dict[str, Met]
    lost: dict[str, Counter[str]] = field(default_factory=dict)
    spells: dict[str, tuple[Spell, ...]] = field(default_factory=dict)

    @property
    def met(self) -> Met:
        """Return all places added up."""
        return sum(self.zones.values(), Met())

    @property
    def total(self) -> Sums:
        """Return all cameras added up."""
        return sum(self.cameras.values(), Sums())


def school_day(drama: Drama, school: School, day: date, *, asked_at: int | None = None) -> Day:
    """Count one day as it was known at a moment (None: as it is known in the end)."""
    cameras = [c for c in school.cameras if c.zone(day) is not None]
    seconds = {c.id: _seconds(drama, c, day, asked_at) for c in cameras}
    began = _since(day, _began(school))
    hours = _windows(school, day, asked_at)
    required = _painted(day, hours or (), school, None, asked_at) & began
    whole = (((0, 24 * 60),) if _sessions(school, day) is None else hours) or ()
    zones, lost, own, spells = {}, {}, {}, {}
    for camera in cameras:
        counted = _painted(day, whole, school, camera.zone(day), asked_at) & began
        own[camera.id], lost[camera.id] = _sums(seconds[camera.id], counted)
        asked = required & ~_works(day, school, camera.zone(day), asked_at)
        spells[camera.id] = tuple(_spells(seconds[camera.id], asked, day))
    for zone in school.zones:
        need = rules.NEEDS[rules.version(day)].get(school.kind, {}).get(zone.kind)
        if need is not None and zone.first <= day:
            there = [seconds[c.id] for c in cameras if c.zone(day) == zone.id]
            left = required & ~_works(day, school, zone.id, asked_at)
            zones[zone.id] = _met(there, need, left, rules.COUNTS[rules.version(day)])
    return Day(day=day, unset=hours is None, cameras=own, zones=zones, lost=lost, spells=spells)


def exists(school: School, day: date) -> bool:
    """Tell whether a school was there and watched on a day."""
    return day_of(_began(school)) <= day <= school.last


def school_named(name: str) -> School:
    """Return a school by id."""
    return next(school for school in SCHOOLS if school.id == name)


# ---------------------------------------------------------------- what a camera did
def _seconds(drama: Drama, camera: Camera, day: date, asked_at: int | None) -> Seconds:
    """Return the code of each second of a local day: of several agents' the better one."""
    seen = [_seen(drama, camera, agent, day, asked_at) for agent, _ in camera.eyes]
    best = seen[0]
    for other in seen[1:]:
        best = np.where(_RANK[other] < _RANK[best], other, best).astype(np.uint8)
    return best


def _seen(drama: Drama, camera: Camera, agent: str, day: date, asked_at: int | None) -> Seconds:
    """Return what one agent saw of a camera."""
    begin = midnight(day)
    what = np.zeros(DAY_S, np.uint8)
    for fault in drama.faults[camera.id]:
        if fault.end > begin and fault.start < begin + DAY_S and fault.agent in {None, agent}:
            code = _CAUSES.index(Cause(fault.cause)) + 1
            what[max(0, fault.start - begin) : max(0, fault.end - begin)] = code
    known = np.zeros(DAY_S, np.bool_)
    for run in drama.runs[agent]:
        if run.trusted and run.end > begin and run.looks < begin + DAY_S:
            end = _told_until(run, asked_at)
            known[max(0, run.looks - begin) : max(0, end - begin)] = True
    return np.where(known, what, _UNKNOWN).astype(np.uint8)


def _told_until(run: Run, asked_at: int | None) -> int:
    """Return up to where a run had told of itself at a moment."""
    if asked_at is None or run.cut is None or (run.told is not None and run.told <= asked_at):
        return run.end
    return run.cut


# ---------------------------------------------------------------- what was asked
def _began(school: School) -> int:
    """Return when the first of a school's agents began."""
    return min(midnight(agent.first) + agent.began for agent in school.agents)


def _since(day: date, moment: int) -> Mask:
    mask = np.zeros(DAY_S, np.bool_)
    mask[max(0, moment - midnight(day)) :] = True
    return mask


def _sessions(school: School, day: date) -> rules.Sessions | None:
    return rules.SESSIONS[rules.version(day)].get(school.kind)


def _windows(school: School, day: date, asked_at: int | None) -> rules.Windows | None:
    """Return the hours of a day; none: off; None: nobody says."""
    for off in rules.OFFS:
        typed = asked_at is None or off.typed <= asked_at
        if typed and school.id in off.schools and off.first <= day <= off.last:
            return off.windows or ()
    if rules.TET[0] <= day <= rules.TET[1]:
        return ()
    sessions = _sessions(school, day)
    if sessions is not None and day.weekday() >= sessions.weekdays:
        return ()
    if day in rules.HOLIDAYS:
        return ()
    if sessions is None or not rules.YEAR_FIRST <= day <= rules.YEAR_LAST:
        return None
    return sessions.windows


def _painted(
    day: date, windows: rules.Windows, school: School, zone: str | None, asked_at: int | None
) -> Mask:
    """Return the seconds of some windows, less announced work on the school and the zone."""
    mask = np.zeros(DAY_S, np.bool_)
    for start, end in windows:
        mask[start * 60 : end * 60] = True
    return mask & ~_works(day, school, zone, asked_at)


def _works(day: date, school: School, zone: str | None, asked_at: int | None) -> Mask:
    mask, begin = np.zeros(DAY_S, np.bool_), midnight(day)
    for work in rules.WORKS:
        typed = asked_at is None or work.typed <= asked_at
        if typed and work.school == school.id and work.zone in {None, zone}:
            mask[max(0, work.start - begin) : max(0, work.end - begin)] = True
    return mask


# ---------------------------------------------------------------- counting
_BY_STATE: Final = {
    state: tuple(i for i, cause in enumerate(_CAUSES, start=1) if state_of(cause) is state)
    for state in (State.DEGRADED, State.DOWN)
}


def _histogram(seconds: Seconds, counted: Mask) -> npt.NDArray[np.int64]:
    """Return how many counted seconds have each code."""
    return np.bincount(seconds[counted], minlength=_UNKNOWN + 1)


def _sums(seconds: Seconds, counted: Mask) -> tuple[Sums, Counter[str]]:
    """Count a camera's day by state, and its lost seconds by cause."""
    own = _histogram(seconds, counted)
    sums = Sums(
        up=int(own[_UP]),
        degraded=sum(int(own[i]) for i in _BY_STATE[State.DEGRADED]),
        down=sum(int(own[i]) for i in _BY_STATE[State.DOWN]),
        unknown=int(own[_UNKNOWN]),
        excluded=DAY_S - int(own.sum()),
    )
    lost = {c.value: int(own[i]) for i, c in enumerate(_CAUSES, start=1) if own[i]}
    return sums, Counter(lost)


def _met(cameras: Sequence[Seconds], need: int, required: Mask, counts: frozenset[str]) -> Met:
    """Judge every required second of a place by how many of its cameras watched."""
    fine = np.zeros(_UNKNOWN + 1, np.uint8)
    fine[[_UP, *(i for i, cause in enumerate(_CAUSES, start=1) if cause.value in counts)]] = 1
    unsure = np.zeros(_UNKNOWN + 1, np.uint8)
    unsure[_UNKNOWN] = 1
    certain = np.zeros(int(np.count_nonzero(required)), np.uint8)
    unknown = np.zeros_like(certain)
    for seconds in cameras:
        certain += fine[seconds[required]]
        unknown += unsure[seconds[required]]
    met, missed = certain >= need, certain + unknown < need
    return Met(
        met=int(np.count_nonzero(met)),
        not_met=int(np.count_nonzero(missed)),
        cannot_tell=int(np.count_nonzero(~met & ~missed)),
    )


def _spells(seconds: Seconds, asked: Mask, day: date) -> Iterator[Spell]:
    """Yield the times over which a camera was not up."""
    counts = rules.COUNTS[rules.version(day)]
    edges = [0, *(np.flatnonzero(np.diff(seconds)) + 1).tolist(), DAY_S]
    for start, end in pairwise(edges):
        code = int(seconds[start])
        fine = code == _UNKNOWN or cause_of(code) in counts
        if code != _UP:
            lost = 0 if fine else int(np.count_nonzero(asked[start:end]))
            begin = midnight(day)
            yield Spell(start=begin + start, end=begin + end, code=code, lost=lost)


def cause_of(code: int) -> str | None:
    """Return the cause that a code stands for; None: up, or nobody knows."""
    return _CAUSES[code - 1].value if _UP < code < _UNKNOWN else None
