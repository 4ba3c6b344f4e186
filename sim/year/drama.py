"""What happened in the example's year: faults of cameras, absences of agents. From a seed. Pure.

An agent's life is a row of ``Run``s. Between two of them nobody looked. A run's ``end`` is the last
second that it ever vouches for; from ``cut`` on it was not heard, and what it saw since then was
told at ``told`` (or, of a clock that nobody can trust, counts for nothing).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Final

from sim.year.commune import SCHOOLS, Agent, Camera
from sim.year.dates import DAY_S, OPEN, clock, midnight
from sim.year.rules import STORM, STORMY, YEAR_FIRST, YEAR_LAST

SEED: Final = 2025
FINISH: Final = clock(date(2026, 6, 2), 0, 20)
"""The last report of all."""
WARM_UP_S: Final = 2
"""A fresh start looks at its cameras after so long."""
_SPOOLED_S: Final = 10
_MINUTE_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What was wrong with a camera over ``[start, end)``.

    Attributes:
        agent: Who alone saw it so (a cable of its own); None: whoever looked.
        noticed_s: So long after its beginning it is confirmed, and dated back: what was reported in
            between still said that all was well.
    """

    camera: str
    cause: str
    start: int
    end: int
    agent: str | None = None
    noticed_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One boot of an agent; moments in seconds.

    Attributes:
        start: Its origin; ``looks`` is when it began to look.
        end: Up to where it vouches for its cameras.
        cut: From here on nobody heard it; None: it was heard to its end.
        told: When the rest was told; None with ``cut`` None.
        error_s: How far its clock was ahead.
        trusted: Whether its clock was ever measured; else nobody knows when it ran.
    """

    agent: str
    start: int
    looks: int
    end: int
    cut: int | None = None
    told: int | None = None
    error_s: int = 0
    trusted: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A time in which an agent was dead, or alive and not heard.

    Attributes:
        alive: Only the line was cut.
        error_s: The clock with which a dead one comes back, until its next absence.
        lost: The span of a run in between with a clock that nobody can trust.
    """

    agent: str
    start: int
    end: int
    alive: bool
    error_s: int = 0
    lost: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drama:
    """Everything that happened; ``runs`` of each agent in order."""

    faults: dict[str, tuple[Fault, ...]]
    runs: dict[str, tuple[Run, ...]]


def make_drama(seed: int = SEED) -> Drama:
    """Draw the year."""
    rng = Random(seed)
    faults: dict[str, tuple[Fault, ...]] = {}
    runs: dict[str, tuple[Run, ...]] = {}
    fixed_faults, fixed_absences = _by_camera(_FAULTS), _by_agent(_ABSENCES)
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


def _flaps() -> Iterator[Fault]:
    """Yield a bad plug: forty blinks in two hours of a morning."""
    rng, at = Random(SEED), clock(date(2025, 12, 3), 7, 5)
    for _ in range(40):
        at += rng.randrange(60, 240)
        end = at + rng.randrange(2, 50)
        yield Fault(camera="m-th-le-loi-san-truong-1", cause="stream.stalled", start=at, end=end)
        at = end


def _lossy() -> Iterator[Fault]:
    """Yield a radio link that loses packets on every afternoon of some weeks, in both terms."""
    for first, count in ((date(2025, 11, 17), 12), (date(2026, 3, 16), 19)):
        for ordinal in range(first.toordinal(), first.toordinal() + count):
            day = date.fromordinal(ordinal)
            for camera in ("m-mn-huong-sen-cong-chinh-1", "m-mn-huong-sen-cong-chinh-2"):
                start, end = clock(day, 13, 40, 7), clock(day, 15, 55, 31)
                yield Fault(camera=camera, cause="stream.lossy", start=start, end=end)


_FAULTS: Final = (
    # Dark for a month: nobody went to change the lamp.
    Fault(
        camera="m-th-tran-phu-bep-an-1",
        cause="picture.black",
        start=clock(date(2026, 3, 2), 10, 4, 17),
        end=clock(date(2026, 4, 3), 14, 22, 9),
    ),
    # A cable at the gate of a school of several levels; announced work ended it.
    Fault(
        camera="m-thcs-nguyen-hue-cong-chinh-2",
        cause="network.unreachable",
        start=clock(date(2026, 3, 9), 15, 31, 2),
        end=clock(date(2026, 3, 10), 9, 41, 55),
    ),
    # Two agents look at the parking; each has trouble of its own, and a second is the better one.
    Fault(
        camera="m-thcs-ha-dong-nha-xe-1",
        cause="network.timeout",
        start=clock(date(2026, 3, 5), 7, 10, 4),
        end=clock(date(2026, 3, 5), 10, 50, 33),
        agent="m-thcs-ha-dong-phu",
    ),
    Fault(
        camera="m-thcs-ha-dong-nha-xe-1",
        cause="stream.lossy",
        start=clock(date(2026, 4, 21), 7, 0, 1),
        end=clock(date(2026, 4, 21), 9, 30, 9),
        agent="m-thcs-ha-dong",
    ),
    Fault(
        camera="m-thcs-ha-dong-nha-xe-1",
        cause="network.refused",
        start=clock(date(2026, 4, 21), 8, 0, 42),
        end=clock(date(2026, 4, 21), 11, 0, 7),
        agent="m-thcs-ha-dong-phu",
    ),
    # Froze just before the nightly report, which still vouched for it: dated back afterwards.
    Fault(
        camera="m-thpt-ha-dong-nha-xe-1",
        cause="picture.frozen",
        start=clock(date(2025, 11, 12), 0, 19, 20),
        end=clock(date(2025, 11, 12), 6, 55, 2),
        noticed_s=60,
    ),
    *_flaps(),
    *_lossy(),
)

_ABSENCES: Final = (
    # Alive and cut off for three weeks; its history came on the last morning, days after closing.
    Absence(
        agent="m-thcs-ha-dong",
        start=clock(date(2025, 11, 3), 9, 17, 40),
        end=clock(date(2025, 11, 24), 8, 12, 6),
        alive=True,
    ),
    # Cut off in the afternoon, back in the evening: told before the day was closed.
    Absence(
        agent="m-th-le-loi",
        start=clock(date(2025, 9, 16), 13, 50, 3),
        end=clock(date(2025, 9, 16), 21, 5, 44),
        alive=True,
    ),
    # Cut off over the night of the year's end.
    Absence(
        agent="m-lc-minh-khai",
        start=clock(date(2025, 12, 30), 10, 0, 1),
        end=clock(date(2026, 1, 5), 7, 30, 59),
        alive=True,
    ),
    # Came back with a clock over two hours ahead, for a day.
    Absence(
        agent="m-mn-tuoi-tho",
        start=clock(date(2025, 11, 18), 6, 2, 20),
        end=clock(date(2025, 11, 18), 6, 4, 1),
        alive=False,
        error_s=7_987,
    ),
    Absence(
        agent="m-mn-tuoi-tho",
        start=clock(date(2025, 11, 19), 11, 45, 8),
        end=clock(date(2025, 11, 19), 11, 47, 30),
        alive=False,
    ),
    # Ran for five hours without a network, by a clock far ahead: nobody knows when that was.
    Absence(
        agent="m-th-ha-dong",
        start=clock(date(2026, 2, 25), 7, 40, 15),
        end=clock(date(2026, 2, 25), 15, 10, 42),
        alive=False,
        lost=(clock(date(2026, 2, 25), 9), clock(date(2026, 2, 25), 14, 3, 12)),
    ),
    # Nobody switched it on again after Tet until the Wednesday.
    Absence(
        agent="m-mn-hoa-mai",
        start=clock(date(2026, 2, 7), 11, 20, 33),
        end=clock(date(2026, 2, 25), 6, 48, 5),
        alive=False,
    ),
)
