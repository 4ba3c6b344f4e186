"""What happens in the demo and when: a script with known truth, drawn from a seed. Pure.

Times are seconds since the story's start. One *chapter* shows everything
once: cameras fail, are repaired, an agent is killed and started again, another is cut off from the
broker, the server is killed. A timed run plays one chapter as far as it fits; an endless one plays
chapter after chapter with other cameras.

Faults are spread: never two on one camera at a time, none that begins while its agent is dead or
cut off (its detection could not be timed), each over before its agent's own trouble begins. Only
the changed password stays to the end, since nobody tells an agent that it was put right.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from random import Random
from typing import Final

from sim.district import District
from sim.faults import Fault

CALM_S: Final = 40.0
"""Between two chapters of an endless demo."""


class Act(StrEnum):
    """One kind of happening."""

    FAULT = "fault"
    KILL_AGENT = "kill_agent"
    CUT_AGENT = "cut_agent"
    KILL_SERVER = "kill_server"


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """Lasts from ``begins_s`` to ``ends_s``; ``target`` is a camera, an agent or nothing."""

    act: Act
    target: str
    begins_s: float
    ends_s: float
    fault: Fault | None = None


NOTICED_S: Final = 20.0
"""A fault that lasts is given so much time to be noticed before its agent may go."""
_FAULTS: Final[Sequence[tuple[Fault, float, float]]] = (
    (Fault.REFUSE, 8, 42),
    (Fault.STALL, 14, 46),
    (Fault.FROZEN, 10, 58),
    (Fault.BLACK, 20, 50),
    (Fault.AUTH, 26, 26 + NOTICED_S),  # in truth it lasts to the end
)
CAMERAS_PER_ROUND: Final = 40
"""A large district gets one more of each fault for so many cameras."""
_ROUND_S: Final = 15.0
_SHIFT_S: Final = 55.0
"""A camera that must play several parts plays the next one so much later."""
_REST_S: Final = 6.0


def chapter(
    district: District, *, seed: int, length_s: float | None = None
) -> tuple[Happening, ...]:
    """Return the happenings of one chapter, in the order in which they begin.

    What would not be over (with time to be noticed) before ``length_s`` is left out; None gives it
    all. A chapter of a dozen cameras takes about 145 s, one of few cameras longer.
    """
    rng = Random(seed)
    faults = list(_camera_faults(district, rng))
    last = max(scene.ends_s for scene in faults)
    scenes = [*faults, *_process_troubles(district, rng, after_s=last + _REST_S)]
    if length_s is None:
        length_s = max(s.ends_s for s in scenes) + _REST_S
    fitting = [s for s in (_shortened(s, length_s) for s in scenes) if s is not None]
    return tuple(sorted(fitting, key=lambda scene: scene.begins_s))


def _camera_faults(district: District, rng: Random) -> list[Happening]:
    """Give each fault a camera of its own, schools in turn; few cameras play several parts."""
    columns = [list(school.cameras) for school in district.schools]
    rng.shuffle(columns)
    for column in columns:
        rng.shuffle(column)
    depth = max((len(column) for column in columns), default=0)
    turns = [column[i] for i in range(depth) for column in columns if i < len(column)]
    rounds = 1 + len(turns) // CAMERAS_PER_ROUND
    scenes = []
    for part, (fault, begins_s, ends_s) in enumerate([*_FAULTS] * rounds if turns else ()):
        later = part // len(turns) * _SHIFT_S + part // len(_FAULTS) * _ROUND_S / rounds
        scenes.append(
            Happening(
                act=Act.FAULT,
                target=turns[part % len(turns)].id,
                begins_s=begins_s + later,
                ends_s=ends_s + later,
                fault=fault,
            )
        )
    return scenes


def _process_troubles(district: District, rng: Random, *, after_s: float) -> list[Happening]:
    """Kill one agent, cut another off, kill the server; with one agent, one after the other."""
    agents = [school.agent for school in district.schools]
    rng.shuffle(agents)
    killed, cut = agents[0], agents[1 % len(agents)]
    cut_at = after_s + 4 if cut != killed else after_s + 66
    server_at = max(after_s + 70, cut_at + 66)
    return [
        Happening(act=Act.KILL_AGENT, target=killed, begins_s=after_s, ends_s=after_s + 60),
        Happening(act=Act.CUT_AGENT, target=cut, begins_s=cut_at, ends_s=cut_at + 60),
        Happening(act=Act.KILL_SERVER, target="", begins_s=server_at, ends_s=server_at + 3),
    ]


def _shortened(scene: Happening, length_s: float) -> Happening | None:
    """Return a scene that fits; a password stays changed until the end."""
    if scene.fault is Fault.AUTH:
        return replace(scene, ends_s=length_s) if scene.ends_s <= length_s else None
    return scene if scene.ends_s + _REST_S <= length_s else None
