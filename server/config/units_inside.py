"""What stands in one school of the units file: zones, gates, agents and cameras with their days."""

from collections.abc import Collection, Iterator
from typing import Final

from server.config.dated_entries import dated_record, story_of
from server.config.document import Field, Record, suggestion
from server.domain.dated import Story
from server.domain.flaws import Thing, What
from server.domain.plan import ALWAYS_FORBIDDEN, Plan
from server.domain.units import Agent, Camera, Gate, Source, Zone

_ZONE: Final = ("name", "kind")
_GATE: Final = ("name", "zone")
_AGENT: Final = ("name", "gates")
_CAMERA: Final = ("name", "zone", "agent", "agents")


class Reader:
    """Reads one file: the ids that are taken so far, and the field of every entry."""

    def __init__(self, plan: Plan | None) -> None:
        self.plan = plan
        self.entries: dict[Thing, Field] = {}
        self._taken: dict[tuple[What, str, str | None], Field] = {}

    def take(self, what: What, told: Record, school: str | None = None) -> str:
        """Return an entry's id, which no other ``what`` has; a zone's is its school's own."""
        field = told.need("id")
        name = field.identifier()
        first = self._taken.setdefault((what, name, school if what is What.ZONE else None), field)
        if first is not field:
            raise field.error(f"{what} '{name}' exists already, in line {first.line}")
        self.entries[Thing(what, name, school)] = told.field
        return name


class SchoolReader:
    """Reads what stands in one school; later things name earlier ones."""

    def __init__(self, school: str, reader: Reader) -> None:
        self._school = school
        self._reader = reader
        self._zones: dict[str, str] = {}
        self._gates: list[str] = []
        self._agents: list[str] = []

    def zone(self, field: Field) -> Story[Zone]:
        """Read the story of a zone."""
        told = dated_record(field, "id", *_ZONE)
        kind = self._zone_kind(told.need("kind"))
        name = self._reader.take(What.ZONE, told, self._school)
        self._zones[name] = kind
        return story_of(
            told,
            _ZONE,
            lambda record: Zone(
                id=name,
                name=record.need("name").text(),
                kind=self._zone_kind(record.need("kind")),
            ),
        )

    def _zone_kind(self, field: Field) -> str:
        name, plan = field.identifier(), self._reader.plan
        if plan is not None and name not in plan.zones and name not in plan.forbidden_zones:
            why = suggestion(name, plan.zones, "the plan knows")
            raise field.error(f"unknown kind of zone '{name}'; {why}")
        return name

    def gate(self, field: Field) -> Story[Gate]:
        """Read the story of a gate; its zone must be known."""
        told = dated_record(field, "id", *_GATE)
        name = self._reader.take(What.GATE, told, self._school)
        self._gates.append(name)

        def gate(record: Record) -> Gate:
            zone = record.get("zone")
            return Gate(
                id=name,
                name=record.need("name").text(),
                zone=None if zone is None else named(zone, self._zones, "zone of this school"),
            )

        return story_of(told, _GATE, gate)

    def agent(self, field: Field) -> Story[Agent]:
        """Read the story of an agent; its gates must be known."""
        told = dated_record(field, "id", *_AGENT)
        name = self._reader.take(What.AGENT, told, self._school)
        self._agents.append(name)

        def agent(record: Record) -> Agent:
            gates = (named(g, self._gates, "gate of this school") for g in record.items("gates"))
            return Agent(id=name, name=record.need("name").text(), gates=tuple(gates))

        return story_of(told, _AGENT, agent)

    def camera(self, field: Field) -> Story[Camera]:
        """Read the story of a camera; its zone and agents must be known."""
        told = dated_record(field, "id", *_CAMERA)
        name = self._reader.take(What.CAMERA, told, self._school)
        plan = self._reader.plan
        forbidden = ALWAYS_FORBIDDEN if plan is None else plan.forbidden_zones

        def camera(record: Record) -> Camera:
            zone = record.need("zone")
            kind = self._zones[named(zone, self._zones, "zone of this school")]
            if kind in forbidden:
                raise zone.error(f"no camera may be in a zone of kind '{kind}'")
            return Camera(
                id=name,
                name=record.need("name").text(),
                zone=zone.identifier(),
                sources=tuple(_sources(record, name, self._agents)),
            )

        return story_of(told, _CAMERA, camera)


def _sources(told: Record, camera: str, agents: Collection[str]) -> Iterator[Source]:
    """Yield who looks after a camera: one ``agent``, or several under ``agents``."""
    one, several = told.get("agent"), told.get("agents")
    if (one is None) == (several is None):
        raise told.field.error("either 'agent' or 'agents' is needed, and not both")
    if one is not None:
        yield Source(named(one, agents, "agent of this school"), camera)
    if several is not None and not several.items():
        raise several.error("at least one agent is needed")
    for item in several.items() if several is not None else ():
        eye = item.mapping("agent", "camera")
        own = eye.get("camera")
        agent = named(eye.need("agent"), agents, "agent of this school")
        yield Source(agent, camera if own is None else own.identifier())


def named(field: Field, known: Collection[str], what: str) -> str:
    """Return an id that must be among ``known``."""
    name = field.identifier()
    if name not in known:
        raise field.error(f"'{name}' is no {what}; {suggestion(name, known, 'there are')}")
    return name
