"""How long trouble may last before it is told, how grave it is, and how many make a wider one.

These are settings of whoever runs the centre, with defaults of ours. No plan asks for them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from server.domain.incident.kinds import AUTH, SLOW
from server.domain.incident.model import Kind, Severity

_URGENT, _NORMAL, _NOTED = Severity.URGENT, Severity.NORMAL, Severity.NOTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """How one kind is treated. Seconds.

    Attributes:
        grace_s: From the trouble's true beginning until it may be told.
        gate_grace_s: The same for a camera that watches a gate; None: no difference.
        calm_s: So long all must be well before it is believed to be over.
        in_hours, off_hours: How grave while the school's places must be watched, and when not.
        gate: How grave for a gate camera in hours; None: as ``in_hours``.
    """

    grace_s: int
    gate_grace_s: int | None = None
    calm_s: int = 60
    in_hours: Severity = _NORMAL
    off_hours: Severity = _NORMAL
    gate: Severity | None = None


DEFAULTS: Final[Mapping[Kind, Rule]] = MappingProxyType(
    {
        Kind.CENTRE: Rule(grace_s=60, in_hours=_URGENT, off_hours=_URGENT),
        Kind.LINE: Rule(grace_s=84, in_hours=_URGENT, off_hours=_NORMAL),
        Kind.SCHOOL: Rule(grace_s=84, in_hours=_URGENT, off_hours=_NORMAL),
        Kind.AGENT: Rule(grace_s=84, in_hours=_URGENT, off_hours=_NORMAL),
        Kind.NETWORK: Rule(grace_s=60, gate_grace_s=30, in_hours=_URGENT, off_hours=_NORMAL),
        Kind.RECORDER: Rule(grace_s=60, gate_grace_s=30, in_hours=_URGENT, off_hours=_NORMAL),
        Kind.CREDENTIALS: Rule(grace_s=60, gate_grace_s=30, in_hours=_URGENT, off_hours=_NORMAL),
        Kind.CAMERA: Rule(grace_s=60, gate_grace_s=30, calm_s=120, off_hours=_NORMAL, gate=_URGENT),
        Kind.PICTURE: Rule(grace_s=45, gate_grace_s=30, calm_s=120, gate=_URGENT),
        Kind.STREAM: Rule(grace_s=600, calm_s=600, in_hours=_NOTED, off_hours=_NOTED),
        Kind.RECORDING: Rule(grace_s=3600, calm_s=600),
        Kind.GATE_DOOR: Rule(grace_s=0, calm_s=0, in_hours=_URGENT, off_hours=_URGENT),
        Kind.GATE_STREAM: Rule(grace_s=0, calm_s=0),
        Kind.CLOCK: Rule(grace_s=600, calm_s=600),
        Kind.SPOOL: Rule(grace_s=600, calm_s=600),
        Kind.CERTIFICATE: Rule(grace_s=0, calm_s=3600),
        Kind.CHANNEL: Rule(grace_s=300, calm_s=60, in_hours=_URGENT, off_hours=_URGENT),
    }
)


_BY_HAND: Final = timedelta(minutes=15)
"""Passwords are changed by somebody who goes from camera to camera."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All settings of the engine.

    Attributes:
        zones: Rules of a kind in zones of a kind (``cong_truong`` ...), before ``kinds``.
        gather_s: What is due at once waits so long for others of the same root; ``gate_gather_s``
            is for gate cameras.
        together_s: Failures within so many seconds may have one root.
        silent_together_s: The same for silences, which are dated by a last word: agents that fall
            silent at once have spoken up to a minute apart.
        slow_together_s: The same for what is looked at now and then (recordings, clocks, streams).
        recorder_least, network_least, credentials_least: So many cameras make such a root.
        line_least, line_share: So many silent schools, and that share of a unit's, make a line.
        line_many: In school hours so many do whatever their share (nobody switches off then).
        flaps, flap_window_s: Who fails so often within so long is unstable; ``steady_s``: until it
            has held for so long.
        settle_s: After a parent is well again its children are given so long to follow.
        leftover_share: A root is well again when less than that share of its members is not; what
            remains has a root of its own.
    """

    kinds: Mapping[Kind, Rule] = field(default_factory=lambda: DEFAULTS)
    zones: Mapping[tuple[Kind, str], Rule] = field(default_factory=lambda: MappingProxyType({}))
    gather_s: int = 5
    gate_gather_s: int = 2
    together_s: int = 60
    silent_together_s: int = 90
    slow_together_s: int = 21_600
    recorder_least: int = 2
    network_least: int = 3
    credentials_least: int = 2
    line_least: int = 3
    line_share: float = 0.2
    line_many: int = 40
    flaps: int = 4
    flap_window_s: int = 3600
    steady_s: int = 1800
    settle_s: int = 90
    leftover_share: float = 0.2

    def reach(self, kind: Kind, cause: str) -> timedelta:
        """Return how far apart troubles may begin that have one root with one of this kind."""
        if kind in SLOW:
            return timedelta(seconds=self.slow_together_s)
        if kind is Kind.AGENT:
            return timedelta(seconds=self.silent_together_s)
        return _BY_HAND if cause == AUTH else timedelta(seconds=self.together_s)
