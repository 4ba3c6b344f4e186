"""The organisation's file, ``vonggac.units/1``: units, schools, zones, gates, agents, cameras.

Ids of units, schools, gates, agents and cameras are unique over the whole file, ids of zones in
their school. Whatever is named must exist, in the same school and on the same days
(``dated_entries``). No camera may stand in a kind of zone that is forbidden; with a plan at hand,
every kind of zone must be in its catalogue.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from server.config.dated_entries import dated_record, story_of
from server.config.document import Field, Record
from server.config.units_inside import Reader, SchoolReader, named
from server.config.yaml_file import read
from server.domain.dated import EVER
from server.domain.flaws import Kinds, What, Wrong, flaws
from server.domain.histories import SchoolHistory, UnitHistory
from server.domain.plan import ALWAYS_FORBIDDEN, SCHOOL_KINDS, Plan
from server.domain.register import Register
from server.domain.units import LEVELS, SEVERAL_LEVELS, School, Unit

SCHEMA: Final = "vonggac.units/1"

_UNIT: Final = ("name", "level", "parent")
_SCHOOL: Final = ("name", "kind", "levels", "unit", "pupils")
_MOST_PUPILS: Final = 99_999
_INSIDE: Final = ("zones", "gates", "agents", "cameras")

_WRONG: Final[Mapping[Wrong, str]] = {
    Wrong.NO_PARENT: "its parent '{of}' does not exist",
    Wrong.CIRCLE: "units form a circle through '{of}'",
    Wrong.NO_UNIT: "its unit '{of}' does not exist",
    Wrong.NO_ZONE: "its zone '{of}' does not exist",
    Wrong.NO_GATE: "its gate '{of}' does not exist",
    Wrong.NO_AGENT: "its agent '{of}' does not exist",
    Wrong.FORBIDDEN: "no camera may be in a zone of kind '{of}'",
    Wrong.NO_SUCCESSOR: "'{of}', which it was merged into, does not exist",
    Wrong.EYE_TAKEN: "the agent's camera is already that of '{of}'",
}


def load_units(path: Path | str, *, plan: Plan | None = None) -> Register:
    """Read the register; with ``plan``, its kinds of zones are checked against it."""
    root = read(path, SCHEMA).mapping("schema", "units", "schools")
    reader = Reader(plan)
    units = _units(root.need("units").items(), reader)
    schools = [_school(item, units, reader) for item in root.items("schools")]
    register = Register().with_changes(units.values(), schools)
    forbidden = ALWAYS_FORBIDDEN if plan is None else plan.forbidden_zones
    for flaw in flaws(register, Kinds(forbidden=forbidden)):
        on = "" if flaw.day == EVER or flaw.wrong is Wrong.NO_SUCCESSOR else f"on {flaw.day}: "
        raise reader.entries[flaw.thing].error(on + _WRONG[flaw.wrong].format(of=flaw.of))
    return register


def _units(items: Iterable[Field], reader: Reader) -> dict[str, UnitHistory]:
    """Read the tree of units; a parent may stand after its child, but in no circle."""
    entries = [(item, dated_record(item, "id", *_UNIT, "merged_into")) for item in items]
    names = [reader.take(What.UNIT, told) for _, told in entries]

    def unit(name: str, told: Record) -> Unit:
        parent = told.get("parent")
        return Unit(
            id=name,
            name=told.need("name").text(),
            level=told.need("level").text(),
            parent=None if parent is None else named(parent, names, "unit"),
        )

    found = {}
    for name, (_, told) in zip(names, entries, strict=True):
        story = story_of(told, _UNIT, partial(unit, name))
        found[name] = UnitHistory(id=name, story=story, merged_into=_successor(told))
    for _, told in entries:
        _refuse_circle(told, {u.id: u.story[-1].value for u in found.values()})
    return found


def _refuse_circle(told: Record, units: Mapping[str, Unit]) -> None:
    seen: list[str] = []
    parent = told.get("parent")
    above = None if parent is None else parent.identifier()
    while above is not None and parent is not None:
        if above in seen:
            raise parent.error(f"units form a circle: {' > '.join([*seen, above])}")
        seen.append(above)
        above = units[above].parent


def _successor(told: Record) -> str | None:
    name = told.get("merged_into")
    if name is None:
        return None
    told.need("to")  # what goes on existing was not merged
    return name.identifier()


def _school(field: Field, units: Collection[str], reader: Reader) -> SchoolHistory:
    told = dated_record(field, "id", *_SCHOOL, *_INSIDE, "merged_into")
    school = reader.take(What.SCHOOL, told)
    here = SchoolReader(school, reader)
    headers = story_of(told, _SCHOOL, lambda record: _header(school, record, units))
    zones = [here.zone(item) for item in told.items("zones")]
    gates = [here.gate(item) for item in told.items("gates")]
    agents = [here.agent(item) for item in told.items("agents")]
    cameras = [here.camera(item) for item in told.items("cameras")]
    return SchoolHistory(
        id=school,
        headers=headers,
        zones=tuple(zones),
        gates=tuple(gates),
        agents=tuple(agents),
        cameras=tuple(cameras),
        merged_into=_successor(told),
    )


def _header(school: str, told: Record, units: Collection[str]) -> School:
    kind, levels = told.need("kind").one_of(SCHOOL_KINDS), told.get("levels")
    pupils = told.get("pupils")
    if levels is not None and kind != SEVERAL_LEVELS:
        raise levels.error(f"only a school of kind '{SEVERAL_LEVELS}' has several levels")
    return School(
        id=school,
        name=told.need("name").text(),
        kind=kind,
        unit=named(told.need("unit"), units, "unit"),
        levels=() if levels is None else tuple(item.one_of(LEVELS) for item in levels.items()),
        pupils=None if pupils is None else pupils.integer(0, _MOST_PUPILS),
    )
