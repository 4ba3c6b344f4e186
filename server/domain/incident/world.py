"""What the engine must know beside observations: who belongs to whom, and when it matters."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from server.domain.incident.model import Kind
from server.domain.incident.signals import Subject


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraPlace:
    """Where a camera stands.

    ``zone_kind``: its zone's kind in the plan's catalogue, by which rules may differ; ``host``: its
    address in the school's network as its agent tells it, None if not known (several channels of
    one recorder share one); ``required``: the plan wants its zone watched; ``unseen_s``: for how
    long nobody looks at it between two looks, 0 where it is watched without a break.
    """

    id: str
    school: str
    zone: str
    agents: tuple[str, ...]
    zone_kind: str = ""
    host: str | None = None
    is_gate: bool = False
    required: bool = False
    unseen_s: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolPlace:
    """A school, the unit above it, its gate PCs and cameras by id.

    ``above``: the units above ``unit``, the nearest first.
    """

    id: str
    unit: str
    agents: tuple[str, ...]
    cameras: tuple[str, ...]
    above: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Nothing is to be told: announced work, or a silence; ``until`` (UTC) and for what reason."""

    until: datetime
    reason: str


class World(Protocol):
    """Answers that may differ by the time that is asked about, never by when they are asked."""

    def camera(self, camera: str) -> CameraPlace | None:
        """Return a camera; None if it is not registered."""
        ...

    def school(self, school: str) -> SchoolPlace | None:
        """Return a school; None if it is not registered."""
        ...

    def school_of(self, subject: Subject) -> str | None:
        """Return the school of a camera, an agent or a gate; None: unknown, or the centre's."""
        ...

    def schools(self) -> Iterable[SchoolPlace]:
        """Return all schools."""
        ...

    def is_required(self, school: str, at: datetime) -> bool | None:
        """Tell whether the school's places must be watched at that time; None: nobody can tell."""
        ...

    def next_turn(self, school: str, at: datetime) -> datetime | None:
        """Return when ``is_required`` changes next, None if not within a fortnight."""
        ...

    def quiet(self, subject: Subject, kind: Kind, at: datetime) -> Quiet | None:
        """Return why a subject is not to be told of at that time; None: it is."""
        ...
