"""What truly happens: who is cut off, from when to when, and what ails which camera."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from server.domain.incident.quiet import Silence
from server.domain.incident.rules import Rules


class Cut(StrEnum):
    """Why a gate PC's word does not arrive."""

    POWER = "power"
    """The PC and its line are off: the broker notices by the missing keep-alives."""
    CRASH = "crash"
    """Its program ends: its connection closes at once."""
    GOODBYE = "goodbye"
    """It is switched off in order, and says so."""
    LINE = "line"
    """It goes on watching, and tells all later."""
    UPLINK = "uplink"
    """The same for the centre's own line: its broker goes on, and misses them all."""
    BRIDGE = "bridge"
    """The same where the centre's broker is bridged to theirs: nobody tells it a last will."""
    CENTRE = "centre"
    """The centre's broker or database: nobody notices whose connection has closed."""


class Off(NamedTuple):
    """A spell in which a gate PC is not heard; it is back at ``end``."""

    start: datetime
    end: datetime
    how: Cut


class Ill(NamedTuple):
    """A spell in which a camera is in trouble.

    ``detect_s``: what its agent needs to notice it; None: what is usual for its cause (``eyes``).
    ``unseen_s``: so long nobody looks between two looks.
    """

    start: datetime
    end: datetime
    cause: str
    detect_s: float | None = None
    unseen_s: int = 0


@dataclass(slots=True, kw_only=True)
class Truth:
    """One course of events, from ``start`` to ``end``.

    Attributes:
        offs: Of each gate PC. ``ills``: of each camera.
        deaf: When the centre has lost its broker; ``away``: when its database is.
        slow: When the database answers after so many seconds.
        restarts: When the server's program is started anew (it was away for ``restart_s``).
        clones: Gate PCs of which a second machine runs from then on, with cameras of its own.
        suspect: Gate PCs whose clock nobody can trust, from when to when.
        offsets: What the centre measures of a gate PC's clock, in ms: (at, agent, ms).
        spools: How full a gate PC's spool is, 0 to 1: (at, agent, share).
        doors: What a gate says: (at, gate, kind).
        gate_counts: Gates that are used each hour of required time, up to when.
        disk: What is left of the disk, 0 to 1: (at, share).
        certificates: What an address shows, from when on: (at, address, its end); None: nothing.
        broken: Channels that fail, from when to when.
        silences: What people want to be quiet about.
        rules: What people wrote of how to alert.
        acknowledged: When somebody takes on an incident, by its root.
    """

    start: datetime
    end: datetime
    offs: defaultdict[str, list[Off]] = field(default_factory=lambda: defaultdict(list))
    ills: defaultdict[str, list[Ill]] = field(default_factory=lambda: defaultdict(list))
    deaf: list[tuple[datetime, datetime]] = field(default_factory=list)
    away: list[tuple[datetime, datetime]] = field(default_factory=list)
    slow: list[tuple[datetime, datetime, float]] = field(default_factory=list)
    restarts: list[datetime] = field(default_factory=list)
    restart_s: float = 5.0
    clones: dict[str, datetime] = field(default_factory=dict)
    suspect: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    offsets: list[tuple[datetime, str, int]] = field(default_factory=list)
    spools: list[tuple[datetime, str, float]] = field(default_factory=list)
    doors: list[tuple[datetime, str, str]] = field(default_factory=list)
    gate_counts: dict[str, datetime] = field(default_factory=dict)
    disk: list[tuple[datetime, float]] = field(default_factory=list)
    certificates: list[tuple[datetime, str, datetime | None]] = field(default_factory=list)
    broken: list[tuple[str, datetime, datetime]] = field(default_factory=list)
    silences: list[Silence] = field(default_factory=list)
    rules: Rules = field(default_factory=Rules)
    acknowledged: dict[str, datetime] = field(default_factory=dict)
