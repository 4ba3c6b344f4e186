"""Draws what happened in the example's year beside the script, from a seed. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from random import Random
from typing import Final

from sim.year.commune import SCHOOLS
from sim.year.dates import DAY_S, OPEN, clock, midnight
from sim.year.happenings import Absence, Drama, Fault, Run
from sim.year.places import Agent, Camera
from sim.year.rules import STORM, STORMY, YEAR_FIRST, YEAR_LAST
from sim.year.script import ABSENCES, FAULTS

SEED: Final = 2025
FINISH: Final = clock(date(2026, 6, 2), 0, 20)
"""The last report of all."""
WARM_UP_S: Final = 2
"""A fresh start looks at its cameras after so long."""
_SPOOLED_S: Final = 10
_MINUTE_S: Final = 60


def make_drama(seed: int = SEED) -> Drama:
    """Draw the year."""
    rng = Random(seed)
    faults: dict[str, tuple[Fault, ...]] = {}
    runs: dict[str, tuple[Run, ...]] = {}
    fixed_faults, fixed_absences = _by_camera(FAULTS), _by_agent(ABSENCES)
    for school in SCHOOLS:
        for camera in school.cameras:
            faults[camera.id] = _faults_of(camera, fixed_faults[camera.id], rng)
        for agent in school.agents:
            drawn = [*fixed_absences[agent.id]]
            if school.id in STORMY:
                drawn.append(_storm(agent, rng))
            runs[agent.id] = tuple(_runs(agent, _absences(agent, drawn, rng), rng))
    return Drama(faults=faults, runs=runs)


_CAUSES: Final = (
    ("network.timeout", 5),
    ("network.refused", 2),
    ("network.unreachable", 2),
    ("rtsp.auth", 1),
    ("stream.stalled", 3),
    ("stream.lossy", 3),
    ("picture.blurred", 2),
    ("picture.covered", 1),
    ("picture.frozen", 1),
    ("picture.moved", 1),
)
_MEDIAN_S: Final = 1500.0
_SPREAD: Final = 1.3
_LONGEST_S: Final = 2 * DAY_S
_FAULTS_EACH: Final = (2, 7)


def _faults_of(camera: Camera, fixed: Sequence[Fault], rng: Random) -> tuple[Fault, ...]:
    """Draw a camera's faults beside those of the script; no two touch."""
    found = list(fixed)
    words, weights = zip(*_CAUSES, strict=True)
    for _ in range(rng.randint(*_FAULTS_EACH)):
        start = _school_moment(rng)
        length = min(_LONGEST_S, 3 + int(rng.lognormvariate(0, _SPREAD) * _MEDIAN_S))
        cause = rng.choices(words, weights)[0]
        new = Fault(camera=camera.id, cause=cause, start=start, end=start + length)
        if all(new.end < f.start or f.end < new.start for f in found):
            found.append(new)
    return tuple(sorted(found, key=lambda f: f.start))


def _school_moment(rng: Random) -> int:
    """Return a second between six and six of some day."""
    ordinal = rng.randint(YEAR_FIRST.toordinal(), YEAR_LAST.toordinal())
    return clock(date.fromordinal(ordinal), 6) + rng.randrange(12 * 3600)


def _storm(agent: Agent, rng: Random) -> Absence:
    """Return the power cut of the typhoon."""
    start = clock(STORM[0], 3) + rng.randrange(4 * 3600)
    end = clock(STORM[1], 5) + rng.randrange(5 * 3600)
    return Absence(agent=agent.id, start=start, end=end, alive=False)


_APART_S: Final = 3 * 3600
_LOUD: Final = (3, 8)
_LONGEST_ABSENCE_S: Final = 30 * 3600


def _absences(agent: Agent, fixed: Sequence[Absence], rng: Random) -> list[Absence]:
    """Draw an agent's absences beside those of the script, far enough apart."""
    first = midnight(agent.first) + agent.began + _APART_S
    last = (FINISH if agent.last == OPEN else midnight(agent.last) + DAY_S) - _APART_S
    found = [a for a in fixed if first < a.start and a.end < last]
    for _ in range(rng.randint(*_LOUD)):
        start = _school_moment(rng)
        length = 300 + min(_LONGEST_ABSENCE_S, int(rng.lognormvariate(0, _SPREAD) * 2 * _MEDIAN_S))
        end, alive = start + length, rng.random() < 0.4  # noqa: PLR2004 (two of five)
        clear = all(end + _APART_S < a.start or a.end + _APART_S < start for a in found)
        if first < start and end < last and clear:
            found.append(Absence(agent=agent.id, start=start, end=end, alive=alive))
    return sorted(found, key=lambda a: a.start)


_TOLD_AFTER_S: Final = 20 * _MINUTE_S
"""The past of a line that was cut is told within so long after the return."""
_LOST_S: Final = 5 * 3600
"""How far ahead a clock is that nobody measured: so far that it claims what has yet to happen."""
_LEFTOVERS_S: Final = _MINUTE_S
"""The last seconds before a power cut are told so long after the next start."""


def _runs(agent: Agent, absences: Sequence[Absence], rng: Random) -> Iterator[Run]:
    """Cut an agent's time into runs."""
    start = midnight(agent.first) + agent.began
    looks, error_s = start + WARM_UP_S, 0
    for absence in absences:
        told = absence.end + (_TOLD_AFTER_S if absence.alive else _LEFTOVERS_S)
        spooled = rng.randrange(_SPOOLED_S)
        heard = absence.start - spooled - rng.randrange(1, _MINUTE_S)
        yield Run(
            agent=agent.id,
            start=start,
            looks=looks,
            end=absence.end if absence.alive else absence.start - spooled,
            cut=absence.start if absence.alive else heard,
            told=told,
            error_s=error_s,
        )
        if absence.lost is not None:
            first, last = absence.lost
            yield Run(
                agent=agent.id,
                start=first,
                looks=first + WARM_UP_S,
                end=last,
                cut=first,
                told=told + _MINUTE_S,
                error_s=_LOST_S,
                trusted=False,
            )
        start, error_s = absence.end, absence.error_s
        looks = start if absence.alive else start + WARM_UP_S
    end = FINISH if agent.last == OPEN else midnight(agent.last) + DAY_S
    yield Run(agent=agent.id, start=start, looks=looks, end=end, error_s=error_s)


def _by_camera(faults: Sequence[Fault]) -> defaultdict[str, list[Fault]]:
    found: defaultdict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        found[fault.camera].append(fault)
    return found


def _by_agent(absences: Sequence[Absence]) -> defaultdict[str, list[Absence]]:
    found: defaultdict[str, list[Absence]] = defaultdict(list)
    for absence in absences:
        found[absence.agent].append(absence)
    return found
