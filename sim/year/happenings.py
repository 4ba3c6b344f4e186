"""Words for what happens: faults of cameras, runs and absences of agents; moments in seconds. Pure.

An agent's life is a row of ``Run``s. Between two of them nobody looked. A run's ``end`` is the last
second that it ever vouches for; from ``cut`` on it was not heard, and what it saw since then was
told at ``told`` (or, of a clock that nobody can trust, counts for nothing).
"""

from dataclasses import dataclass


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
