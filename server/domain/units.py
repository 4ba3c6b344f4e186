"""The organisation: units, schools, their gates, zones, cameras and agents. Frozen values.

A unit is a node of a tree whose labels are data (province, commune, cluster ...). A school is a
leaf. A zone is one *instance* of a kind of place (the main gate; the kitchen of building B). A
camera watches one zone; each agent's eye on it is a ``Source``: the agent's name, and the id that
the camera has in that agent's configuration (as a rule the camera's own id, which is unique in the
whole tree).
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

SEVERAL_LEVELS: Final = "lien_cap"
"""The kind of a school that teaches several levels."""
LEVELS: Final = ("mam_non", "tieu_hoc", "thcs", "thpt")
"""The levels that such a school may teach: the kinds of school of one level."""


class Source(NamedTuple):
    """One agent's eye on one camera: the agent's name and the camera's id in its configuration."""

    agent: str
    camera: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """A camera, the zone that it watches and the agents that look after it."""

    id: str
    name: str
    zone: str
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """One place. ``kind`` is a key of the plan's zone catalogue, e.g. ``cong_truong``."""

    id: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A way in and out. ``zone`` is the zone that stands for it in the plan."""

    id: str
    name: str
    zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A gate PC's agent and the gates whose events it may report."""

    id: str
    name: str
    gates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person whom a school named to be written to or called. Personal data: for officers only.

    Attributes:
        id: Unique in the school.
        role: Their office (chức vụ).
        mail: A mail address as an envelope takes it.
        phone: ``+`` and digits (E.164), or digits with the leading 0.
        zalo: Their user id at the authority's Zalo account.
    """

    id: str
    name: str
    role: str | None = None
    mail: str | None = None
    phone: str | None = None
    zalo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class School:
    """A school. ``kind`` is the plan's school type, e.g. ``tieu_hoc``.

    Attributes:
        levels: What a school of several levels teaches; else none.
        pupils: How many pupils it has; None: nobody said.
        contacts: Whom to write to, in the order in which they were entered.
    """

    id: str
    name: str
    kind: str
    unit: str
    levels: tuple[str, ...] = ()
    pupils: int | None = None
    zones: tuple[Zone, ...] = ()
    gates: tuple[Gate, ...] = ()
    cameras: tuple[Camera, ...] = ()
    agents: tuple[Agent, ...] = ()
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """A managing unit: province, commune, cluster ..."""

    id: str
    name: str
    level: str
    parent: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Organisation:
    """The whole tree, with look-ups. Ids are unique per kind over the whole tree."""

    units: tuple[Unit, ...]
    schools: tuple[School, ...]
    _by_camera: dict[str, tuple[School, Camera]] = field(init=False, repr=False, compare=False)
    _by_agent: dict[str, tuple[School, Agent]] = field(init=False, repr=False, compare=False)
    _by_school: dict[str, School] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index cameras, agents and schools."""
        cameras = {c.id: (s, c) for s in self.schools for c in s.cameras}
        agents = {a.id: (s, a) for s in self.schools for a in s.agents}
        object.__setattr__(self, "_by_camera", cameras)
        object.__setattr__(self, "_by_agent", agents)
        object.__setattr__(self, "_by_school", {s.id: s for s in self.schools})

    def school(self, school_id: str) -> School | None:
        """Return a school by id."""
        return self._by_school.get(school_id)

    def camera(self, camera_id: str) -> tuple[School, Camera] | None:
        """Return a camera and its school by the camera's id."""
        return self._by_camera.get(camera_id)

    def agent(self, agent_id: str) -> tuple[School, Agent] | None:
        """Return an agent and its school by the agent's id."""
        return self._by_agent.get(agent_id)
