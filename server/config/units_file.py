"""The organisation's file, ``vonggac.units/1``: units, schools, zones, gates, agents, cameras.

Ids of units, schools, gates, agents and cameras are unique over the whole file, ids of zones in
their school. Whatever is named must exist, and in the same school. No camera may stand in a kind
of zone that is forbidden; with a plan at hand, every kind of zone must be in its catalogue.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from server.config.document import Field, Record, suggestion
from server.config.yaml_file import read
from server.domain.plan import ALWAYS_FORBIDDEN, SCHOOL_KINDS, Plan
from server.domain.register import Register
from server.domain.units import (
    Agent,
    Camera,
    Gate,
    Organisation,
    School,
    Source,
    Unit,
    Zone,
)

SCHEMA: Final = "vonggac.units/1"


class _Names:
    """The ids that are taken so far, each with the field that took it."""

    def __init__(self) -> None:
        self._taken: dict[str, Field] = {}

    def take(self, what: str, field: Field) -> str:
        """Return an id that no other ``what`` has."""
        name = field.identifier()
        self.claim(f"{what} '{name}'", field)
        return name

    def claim(self, what: str, field: Field) -> None:
        """Take something that may stand but once."""
        first = self._taken.setdefault(what, field)
        if first is not field:
            raise field.error(f"{what} exists already, in line {first.line}")


def load_units(path: Path | str, *, plan: Plan | None = None) -> Register:
    """Read the register; with ``plan``, its kinds of zones are checked against it."""
    root = read(path, SCHEMA).mapping("schema", "units", "schools")
    names = _Names()
    units = _units(root.need("units").items(), names)
    known = [u.id for u in units]
    schools = tuple(_school(item, known, names, plan) for item in root.items("schools"))
    return Register.of(Organisation(units=units, schools=schools))


def _units(items: Iterable[Field], names: _Names) -> tuple[Unit, ...]:
    """Read the tree of units; a parent may stand after its child, but in no circle."""
    told = [(item, item.mapping("id", "name", "level", "parent")) for item in items]
    units = {}
    for _, record in told:
        parent = record.get("parent")
        unit = Unit(
            id=names.take("unit", record.need("id")),
            name=record.need("name").text(),
            level=record.need("level").text(),
            parent=None if parent is None else parent.identifier(),
        )
        units[unit.id] = unit
    for _, record in told:
        parent = record.get("parent")
        if parent is not None:
            _named(parent, units, "unit")
            _refuse_circle(parent, units)
    return tuple(units.values())


def _refuse_circle(parent: Field, units: Mapping[str, Unit]) -> None:
    seen: list[str] = []
    above: str | None = parent.identifier()
    while above is not None and above in units:
        if above in seen:
            raise parent.error(f"units form a circle: {' > '.join([*seen, above])}")
        seen.append(above)
        above = units[above].parent


def _school(field: Field, units: Collection[str], names: _Names, plan: Plan | None) -> School:
    told = field.mapping("id", "name", "kind", "unit", "zones", "gates", "agents", "cameras")
    school = names.take("school", told.need("id"))
    kind = told.need("kind").one_of(SCHOOL_KINDS)
    unit = _named(told.need("unit"), units, "unit")
    zones = {z.id: z for z in _zones(told.items("zones"), plan)}
    gates = tuple(_gate(item, zones, names) for item in told.items("gates"))
    agents = tuple(_agent(i, [g.id for g in gates], names) for i in told.items("agents"))
    forbidden = ALWAYS_FORBIDDEN if plan is None else plan.forbidden_zones
    eyes = [a.id for a in agents]
    cameras = tuple(
        _camera(item, zones, eyes, names=names, forbidden=forbidden)
        for item in told.items("cameras")
    )
    return School(
        id=school,
        name=told.need("name").text(),
        kind=kind,
        unit=unit,
        zones=tuple(zones.values()),
        gates=gates,
        cameras=cameras,
        agents=agents,
    )


def _zones(items: Iterable[Field], plan: Plan | None) -> Iterator[Zone]:
    here = _Names()
    for item in items:
        told = item.mapping("id", "name", "kind")
        kind = told.need("kind")
        name = kind.identifier()
        if plan is not None and name not in plan.zones and name not in plan.forbidden_zones:
            why = suggestion(name, plan.zones, "the plan knows")
            raise kind.error(f"unknown kind of zone '{name}'; {why}")
        yield Zone(id=here.take("zone", told.need("id")), name=told.need("name").text(), kind=name)


def _gate(field: Field, zones: Collection[str], names: _Names) -> Gate:
    told = field.mapping("id", "name", "zone")
    zone = told.get("zone")
    return Gate(
        id=names.take("gate", told.need("id")),
        name=told.need("name").text(),
        zone=None if zone is None else _named(zone, zones, "zone of this school"),
    )


def _agent(field: Field, gates: Collection[str], names: _Names) -> Agent:
    told = field.mapping("id", "name", "gates")
    return Agent(
        id=names.take("agent", told.need("id")),
        name=told.need("name").text(),
        gates=tuple(_named(item, gates, "gate of this school") for item in told.items("gates")),
    )


def _camera(
    field: Field,
    zones: Mapping[str, Zone],
    agents: Collection[str],
    *,
    names: _Names,
    forbidden: Collection[str],
) -> Camera:
    told = field.mapping("id", "name", "zone", "agent", "agents")
    camera = names.take("camera", told.need("id"))
    zone = told.need("zone")
    kind = zones[_named(zone, zones, "zone of this school")].kind
    if kind in forbidden:
        raise zone.error(f"no camera may be in a zone of kind '{kind}'")
    return Camera(
        id=camera,
        name=told.need("name").text(),
        zone=zone.identifier(),
        sources=tuple(_sources(told, camera, agents, names)),
    )


def _sources(told: Record, camera: str, agents: Collection[str], names: _Names) -> Iterator[Source]:
    """Yield who looks after a camera: one ``agent``, or several under ``agents``."""
    one, several = told.get("agent"), told.get("agents")
    if (one is None) == (several is None):
        raise told.field.error("either 'agent' or 'agents' is needed, and not both")
    if one is not None:
        source = Source(_named(one, agents, "agent of this school"), camera)
        names.claim(f"a camera '{source.camera}' of agent '{source.agent}'", one)
        yield source
    if several is not None and not several.items():
        raise several.error("at least one agent is needed")
    for item in several.items() if several is not None else ():
        eye = item.mapping("agent", "camera")
        own = eye.get("camera")
        agent = _named(eye.need("agent"), agents, "agent of this school")
        source = Source(agent, camera if own is None else own.identifier())
        names.claim(f"a camera '{source.camera}' of agent '{source.agent}'", item)
        yield source


def _named(field: Field, known: Collection[str], what: str) -> str:
    """Return an id that must be among ``known``."""
    name = field.identifier()
    if name not in known:
        raise field.error(f"'{name}' is no {what}; {suggestion(name, known, 'there are')}")
    return name
