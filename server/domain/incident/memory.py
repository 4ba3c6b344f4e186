"""What the engine carries from one step to the next, as a value that is kept between two runs.

Only what is not well is in it, and what was not a short while ago. Every moment at which something
falls due stands in it, so that an engine that is read back goes on as if it had never stopped.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from server.domain.incident.kinds import Track, own_root, track_of
from server.domain.incident.model import Incident, Kind
from server.domain.incident.signals import Signal, Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class Ailment:
    """A subject in trouble, or of which nobody can tell whether it still is.

    Attributes:
        signal: ``TROUBLE`` or ``UNKNOWN``.
        kind: Of its own trouble.
        since: When the trouble truly began; ``noticed``: when this centre knew of it.
        due: When it is to be made an incident; None: it is part of one, is held back by another
            trouble, or is not known to be in trouble.
    """

    subject: Subject
    signal: Signal
    kind: Kind
    school: str | None
    cause: str
    since: datetime
    noticed: datetime
    detail: str | None = None
    due: datetime | None = None

    @property
    def track(self) -> Track:
        """The track of its trouble."""
        return track_of(self.kind)

    @property
    def root(self) -> str:
        """The root if the trouble is its own."""
        return own_root(self.subject, self.kind)

    @property
    def in_trouble(self) -> bool:
        """Whether it is known to be in trouble now."""
        return self.signal is Signal.TROUBLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An open incident, and when it is to be looked at again.

    Attributes:
        close_at: When it has been well for long enough; None while it is not well.
        turn_at: When school hours begin or end, which may make it graver.
        stale_at: When its changed members are to be written down.
    """

    incident: Incident
    close_at: datetime | None = None
    turn_at: datetime | None = None
    stale_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaps:
    """How often a root has failed lately, and when people were last told that it is over."""

    root: str
    starts: tuple[datetime, ...] = ()
    over_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """An absorbed incident of which people were told, who may not hear of its heirs.

    ``heirs``: ids of the incidents that took it over, in their order; never empty.
    """

    incident: Incident
    heirs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """All that an engine knows. ``at``: its last step.

    Attributes:
        unknown: Of whom nobody can tell, and who were well before, since when.
        settling: Agents that were silent, and until when their cameras are given time to follow.
        centre_until: The same for all, after the centre's own trouble.
        owed: Absorbed incidents whose end is still to be told.
    """

    at: datetime | None = None
    ailments: tuple[Ailment, ...] = ()
    unknown: tuple[tuple[Subject, datetime], ...] = ()
    cases: tuple[Case, ...] = ()
    flaps: tuple[Flaps, ...] = ()
    settling: tuple[tuple[str, datetime], ...] = ()
    centre_until: datetime | None = None
    owed: tuple[Owed, ...] = ()

    def encode(self) -> bytes:
        """Return it as JSON."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, body: bytes) -> "Memory":
        """Return what ``encode`` has written; ``msgspec.ValidationError`` if it is nothing such."""
        return msgspec.json.decode(body, type=cls)
