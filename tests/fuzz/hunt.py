"""The hunt: seeds, mutations, the clock, what was found.

An input that brings out something new (the check's return value) joins the seeds of this run. Time
is the processor's own (``process_time``), so that a busy machine finds no hangs that aren't there;
a slow input must be slow three times.
"""

import hashlib
import math
import random
import time
import traceback
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from edge.picture.process import ProcessEnded
from tests.fuzz.decoder import check_decoder, check_pipe
from tests.fuzz.dialogue import check_dialogue
from tests.fuzz.mutate import mutate
from tests.fuzz.stream import check_rtp, check_rtsp, check_units
from tests.fuzz.text import check_auth, check_headers, check_sdp, check_url

CORPUS: Final = Path(__file__).parents[1] / "data" / "fuzz"
_MAX_POOL: Final = 2000
_FRESH: Final = 0.5


@dataclass(frozen=True, slots=True)
class Target:
    """One parser with its check.

    ``limit_s`` is how long one input may take, ``most`` how large it can be: a body has 64 KiB, a
    header 16.
    """

    name: str
    check: Callable[[bytes], Hashable]
    limit_s: float = 0.05
    most: int = 64 * 1024

    def seeds(self) -> list[bytes]:
        """Return the kept inputs, which are also what the tests run."""
        return [path.read_bytes() for path in self.files()]

    def files(self) -> list[Path]:
        """Return the kept inputs' files."""
        return sorted(path for path in (CORPUS / self.name).iterdir() if path.is_file())


TARGETS: Final = {
    target.name: target
    for target in (
        # Every input is a whole session four times over: at once and in pieces.
        Target("rtsp", check_rtsp, 0.2, 256 * 1024),
        Target("dialogue", check_dialogue, most=200),
        Target("sdp", check_sdp),
        Target("rtp", check_rtp, 0.1),
        Target("h264", partial(check_units, "h264")),
        Target("h265", partial(check_units, "h265")),
        Target("url", check_url, most=5000),
        Target("auth", check_auth, most=16 * 1024),
        Target("headers", check_headers, most=16 * 1024),
        Target("pipe", check_pipe),
        Target("decoder", check_decoder, 1.0),
    )
}


@dataclass(slots=True)
class Found:
    """An input that a check does not stand, and how."""

    why: str
    data: bytes
    trace: str = ""

    @property
    def name(self) -> str:
        """A file's name for it."""
        return f"found-{hashlib.sha256(self.data).hexdigest()[:12]}"


@dataclass(slots=True)
class Hunt:
    """One target's run."""

    target: Target
    rng: random.Random
    inputs: int = 0
    slowest_s: float = 0.0
    found: dict[str, Found] = field(default_factory=dict)
    outcomes: set[Hashable] = field(default_factory=set)

    @classmethod
    def seeded(cls, name: str, seed: int) -> "Hunt":
        """Return a hunt whose mutations are the same each time."""
        return cls(TARGETS[name], random.Random(f"{seed} {name}"))

    def run(self, *, seconds: float = math.inf, inputs: float = math.inf) -> None:
        """Hunt for so long, or so many inputs."""
        seeds = self.target.seeds()
        pool = list(seeds)
        end = time.monotonic() + seconds
        while time.monotonic() < end and self.inputs < inputs:
            # Half of the time from the beginning: what is new is mostly large and more broken.
            data = self.rng.choice(seeds if self.rng.random() < _FRESH else pool)
            data = mutate(self.rng, data, pool)[: self.target.most]
            if self.try_one(data) and len(pool) < _MAX_POOL:
                pool.append(data)

    def try_one(self, data: bytes) -> bool:
        """Check one input; tell whether something new came out."""
        self.inputs += 1
        began_s = time.process_time()
        try:
            outcome = self.target.check(data)
        except Exception as error:  # noqa: BLE001 (whatever it is, it is what we hunt)
            self._note(error, data)
            return False
        spent_s = time.process_time() - began_s
        if spent_s > self.target.limit_s:
            spent_s = min(spent_s, *(self._again(data) for _ in range(2)))
        if spent_s > self.target.limit_s:
            self.found.setdefault("slow", Found(f"it takes {spent_s:.2f} s", data))
        self.slowest_s = max(self.slowest_s, spent_s)
        is_new = outcome not in self.outcomes
        self.outcomes.add(outcome)
        return is_new

    def _again(self, data: bytes) -> float:
        began_s = time.process_time()
        self.target.check(data)
        return time.process_time() - began_s

    def _note(self, error: Exception, data: bytes) -> None:
        """Keep the shortest input per kind of error and place."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        key = f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}"
        if isinstance(error, ProcessEnded):
            key = str(error)
        if key not in self.found or len(data) < len(self.found[key].data):
            trace = "".join(traceback.format_exception(error))
            self.found[key] = Found(f"{key}: {error}"[:300], data, trace)
