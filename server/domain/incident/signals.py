"""What the engine is told: how each subject stands, as this centre knew it at that moment.

A stream of observations, in the order in which they were made, is all that the engine sees of the
world's course. It is kept, so that a rule can be tried on what really happened.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Aspect(StrEnum):
    """What is observed, and of whom: its ``id`` is that of a camera, an agent or a gate.

    Of ``CENTRE`` it is ``broker``, ``database``, ``disk`` or ``line`` (this server's own way to its
    agents); of ``CHANNEL`` the name of a way out.
    """

    CAMERA = "camera"
    AGENT = "agent"
    SPOOL = "spool"
    CLOCK = "clock"
    CERTIFICATE = "certificate"
    GATE_STREAM = "gate_stream"
    GATE_DOOR = "gate_door"
    CENTRE = "centre"
    CHANNEL = "channel"


class Subject(NamedTuple):
    """One thing that can be in trouble."""

    aspect: Aspect
    id: str


class Signal(StrEnum):
    """How it stands. ``UNKNOWN``: nobody can tell, which neither opens nor closes anything.

    ``GONE``: it is no longer registered; what is open about it is closed and not told.
    """

    OK = "ok"
    TROUBLE = "trouble"
    UNKNOWN = "unknown"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """From ``at`` on, this centre knew a subject to stand so.

    Attributes:
        at: When it was known here (UTC): what the engine's time goes by.
        cause: Of trouble, a dotted word: a camera's cause as reported, or ``agent.silent``,
            ``spool.filling``, ``clock.off``, ``certificate.near``, ``gate.silent``,
            ``gate.forced``, ``gate.held``, ``centre.broker`` ..., ``channel.failing``. Empty when
            all is well.
        since: Since when it truly stands so (UTC), at most ``at``.
        detail: More, for people.
    """

    at: datetime
    subject: Subject
    signal: Signal
    since: datetime
    cause: str = ""
    detail: str | None = None
