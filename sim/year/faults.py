"""The fault register as it has to be: what somebody had to repair, told of days of ``truth``. Pure.

A fault is a time over which a camera was not up without a break (nobody looking is no end), that
cost an hour or more of required time. It is dated from its first broken second, and called by the
cause that it had longest in its worst state.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sim.year.dates import day_of
from sim.year.places import Camera, School
from sim.year.truth import Day, Spell, cause_of
from wire.vocabulary import Cause, State, state_of

LEAST_S: Final = 3600
_WORST: Final = (State.DOWN, State.DEGRADED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A row of the register. ``repaired`` None: it lasted beyond the period."""

    camera: str
    cause: str
    since: date
    repaired: date | None
    seconds: int


def troubles(school: School, days: Iterable[Day]) -> list[Trouble]:
    """Return a school's faults over days that follow each other."""
    own = list(days)
    found = [t for camera in school.cameras for t in _of_camera(camera, own)]
    return sorted(found, key=lambda t: (t.since, t.camera))


def told(trouble: Trouble) -> dict[str, Any]:
    """Return a fault as ``truth.json`` has it."""
    return {
        "camera": trouble.camera,
        "cause": trouble.cause,
        "since": trouble.since.isoformat(),
        "repaired": None if trouble.repaired is None else trouble.repaired.isoformat(),
        "seconds": trouble.seconds,
    }


def _of_camera(camera: Camera, days: list[Day]) -> Iterator[Trouble]:
    spells = [spell for day in days for spell in day.spells.get(camera.id, ())]
    end = max((spell.end for spell in spells), default=0)
    for run in _unbroken(spells):
        states = [state for state in _WORST if any(_state(s) is state for s in run)]
        broken = [s for s in run if s.lost or _state(s) is not None]
        lost = sum(s.lost for s in run)
        if states and lost >= LEAST_S:
            causes = Counter[str]()
            for spell in run:
                cause = cause_of(spell.code)
                if _state(spell) is states[0] and cause is not None:
                    causes[cause] += spell.end - spell.start
            last = run[-1].end
            yield Trouble(
                camera=camera.id,
                cause=causes.most_common(1)[0][0],
                since=day_of(broken[0].start),
                repaired=None if last == end and _open(days, last) else day_of(last),
                seconds=lost,
            )


def _unbroken(spells: Iterable[Spell]) -> Iterator[list[Spell]]:
    """Yield spells that touch, together."""
    run: list[Spell] = []
    for spell in spells:
        if run and run[-1].end != spell.start:
            yield run
            run = []
        run.append(spell)
    if run:
        yield run


def _state(spell: Spell) -> State | None:
    cause = cause_of(spell.code)
    return None if cause is None else state_of(Cause(cause))


def _open(days: list[Day], moment: int) -> bool:
    """Tell whether a moment is the end of the last day."""
    return bool(days) and day_of(moment) > days[-1].day
