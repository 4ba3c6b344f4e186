"""What the scripted cameras do, second by second: the truth that a faults run is held against.

A camera's state is a function of its name and of real time alone, so that the agent's process and
the judge compute it apart. Changes come at the half second: no jitter of a few milliseconds can
carry one over the edge of a whole second.
"""

import random
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

from edge.sighting import Verdict
from wire.vocabulary import Cause

_STATES: Final = (
    Verdict(cause=None),
    Verdict(cause=Cause.NETWORK_TIMEOUT),
    Verdict(cause=Cause.PICTURE_COVERED),
    Verdict(cause=Cause.RTSP_AUTH),
    Verdict(cause=Cause.STREAM_STALLED),
)
_SHORTEST_S: Final = 9
_LONGEST_S: Final = 40
_MS: Final = 1000


@dataclass(frozen=True, slots=True)
class Script:
    """One camera's story from ``starts_utc_ms`` on: when it changes, and to what."""

    starts_utc_ms: tuple[int, ...]
    verdicts: tuple[Verdict, ...]

    def at(self, utc_ms: int) -> tuple[Verdict, int]:
        """Return what is true at a moment, and since when."""
        index = max(0, bisect_right(self.starts_utc_ms, utc_ms) - 1)
        return self.verdicts[index], self.starts_utc_ms[index]


def script(camera: str, *, seed: int, begin_utc_s: int, seconds: int) -> Script:
    """Write a camera's story."""
    rng = random.Random(f"{seed}/{camera}")
    starts, verdicts = [begin_utc_s * _MS], [_STATES[0]]
    at_s = begin_utc_s
    while at_s < begin_utc_s + seconds:
        at_s += rng.randint(_SHORTEST_S, _LONGEST_S)
        other = [v for v in _STATES if v != verdicts[-1]]
        starts.append(at_s * _MS + _MS // 2)
        verdicts.append(rng.choice(other))
    return Script(tuple(starts), tuple(verdicts))
