"""What does not fit together in a register: things that name what was not there on that day.

A register that people fill in from several files must hold together on every day that it speaks
of, past ones included. Each flaw names the thing, the first day and what is wrong.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from server.domain.dated import Dated, Story, at, starts
from server.domain.register import Register
from server.domain.units import School, Source


class What(StrEnum):
    """Kinds of things that a register holds."""

    UNIT = "unit"
    SCHOOL = "school"
    ZONE = "zone"
    GATE = "gate"
    AGENT = "agent"
    CAMERA = "camera"
    CONTACT = "contact"


class Wrong(StrEnum):
    """What is wrong with a thing; ``Flaw.of`` is the id that it is about."""

    NO_PARENT = "no_parent"
    CIRCLE = "circle"
    NO_UNIT = "no_unit"
    NO_ZONE = "no_zone"
    NO_GATE = "no_gate"
    NO_AGENT = "no_agent"
    NO_SUCCESSOR = "no_successor"
    FORBIDDEN = "forbidden"
    UNKNOWN_KIND = "unknown_kind"
    ELSEWHERE = "elsewhere"
    EYE_TAKEN = "eye_taken"


class Thing(NamedTuple):
    """One thing of a register. A zone's id is unique in its school only."""

    what: What
    id: str
    school: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that does not fit, from ``day`` on."""

    thing: Thing
    wrong: Wrong
    of: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinds:
    """Kinds of zones. ``known`` None: any; ``forbidden``: no camera may stand in one of these."""

    known: Collection[str] | None = None
    forbidden: Collection[str] = ()


def flaws(register: Register, kinds: Kinds) -> Iterator[Flaw]:
    """Yield everything that does not fit, each thing's flaws once."""
    seen = set()
    for flaw in _all(register, kinds):
        key = (flaw.thing, flaw.wrong, flaw.of)
        if key not in seen:
            seen.add(key)
            yield flaw


def _all(register: Register, kinds: Kinds) -> Iterator[Flaw]:
    yield from _units(register)
    for name in register.schools:
        yield from _unit_of(register, name)
        for piece in register.school(name):
            for thing, wrong, of in _inside(piece.value, kinds):
                yield Flaw(thing=thing, wrong=wrong, of=of, day=piece.first)
    yield from _elsewhere(register)
    yield from _eyes(register)


def _units(register: Register) -> Iterator[Flaw]:
    for day in starts(*(unit.story for unit in register.units.values())):
        parents = {u.id: u.parent for u in register.on(day).units}
        for name, parent in parents.items():
            thing = Thing(What.UNIT, name)
            if parent is not None and parent not in parents:
                yield Flaw(thing=thing, wrong=Wrong.NO_PARENT, of=parent, day=day)
            elif parent is not None and _comes_back(name, parents):
                yield Flaw(thing=thing, wrong=Wrong.CIRCLE, of=parent, day=day)
    for unit in register.units.values():
        if unit.merged_into is not None and unit.merged_into not in register.units:
            thing = Thing(What.UNIT, unit.id)
            day = unit.story[-1].last
            yield Flaw(thing=thing, wrong=Wrong.NO_SUCCESSOR, of=unit.merged_into, day=day)


def _comes_back(name: str, parents: Mapping[str, str | None]) -> bool:
    above, left = parents.get(name), len(parents)
    while above is not None and above != name and left:
        above, left = parents.get(above), left - 1
    return above == name


def _unit_of(register: Register, name: str) -> Iterator[Flaw]:
    """Yield where a school stands under a unit that is not there."""
    history = register.schools[name]
    thing = Thing(What.SCHOOL, name)
    for piece in history.headers:
        unit = register.units.get(piece.value.unit)
        story: Story[Any] = () if unit is None else unit.story
        for day in {piece.first, *(d for d in starts(story) if piece.holds(d))}:
            if at(story, day) is None:
                yield Flaw(thing=thing, wrong=Wrong.NO_UNIT, of=piece.value.unit, day=day)
    if history.merged_into is not None and history.merged_into not in register.schools:
        day = history.headers[-1].last
        yield Flaw(thing=thing, wrong=Wrong.NO_SUCCESSOR, of=history.merged_into, day=day)


def _inside(school: School, kinds: Kinds) -> Iterator[tuple[Thing, Wrong, str]]:
    """Yield what does not fit in a school on a day."""
    zones = {z.id: z.kind for z in school.zones}
    gates = {g.id for g in school.gates}
    for zone in school.zones:
        allowed = kinds.known is None or zone.kind in kinds.known or zone.kind in kinds.forbidden
        if not allowed:
            yield Thing(What.ZONE, zone.id, school.id), Wrong.UNKNOWN_KIND, zone.kind
    for gate in school.gates:
        if gate.zone is not None and gate.zone not in zones:
            yield Thing(What.GATE, gate.id, school.id), Wrong.NO_ZONE, gate.zone
    for agent in school.agents:
        for kept in agent.gates:
            if kept not in gates:
                yield Thing(What.AGENT, agent.id, school.id), Wrong.NO_GATE, kept
    yield from _cameras(school, zones, kinds)


def _cameras(
    school: School, zones: Mapping[str, str], kinds: Kinds
) -> Iterator[tuple[Thing, Wrong, str]]:
    agents = {a.id for a in school.agents}
    for camera in school.cameras:
        thing = Thing(What.CAMERA, camera.id, school.id)
        if camera.zone not in zones:
            yield thing, Wrong.NO_ZONE, camera.zone
        elif zones[camera.zone] in kinds.forbidden:
            yield thing, Wrong.FORBIDDEN, zones[camera.zone]
        for source in camera.sources:
            if source.agent not in agents:
                yield thing, Wrong.NO_AGENT, source.agent


def _elsewhere(register: Register) -> Iterator[Flaw]:
    """Yield gates, agents and cameras that stand in two schools on one day."""
    places: dict[tuple[What, str], list[tuple[str, Story[Any]]]] = defaultdict(list)
    for school in register.schools.values():
        for what, stories in (
            (What.GATE, school.gates),
            (What.AGENT, school.agents),
            (What.CAMERA, school.cameras),
        ):
            for story in stories:
                places[what, story[0].value.id].append((school.id, story))
    for (what, name), found in places.items():
        pieces = [(p, school) for school, story in found for p in story] if found[1:] else []
        for (one, first), (other, second) in _overlaps(pieces):
            if first != second:
                thing = Thing(what, name, second)
                day = max(one.first, other.first)
                yield Flaw(thing=thing, wrong=Wrong.ELSEWHERE, of=first, day=day)


def _eyes(register: Register) -> Iterator[Flaw]:
    """Yield cameras that claim an agent's eye which another camera has on the same day."""
    claimed: dict[Source, list[tuple[Dated[Any], Thing]]] = defaultdict(list)
    for school in register.schools.values():
        for story in school.cameras:
            for piece in story:
                thing = Thing(What.CAMERA, piece.value.id, school.id)
                for source in piece.value.sources:
                    claimed[source].append((piece, thing))
    for pieces in claimed.values():
        for (one, first), (other, second) in _overlaps(pieces):
            if first.id != second.id or one is other:
                day = max(one.first, other.first)
                yield Flaw(thing=second, wrong=Wrong.EYE_TAKEN, of=first.id, day=day)


def _overlaps(pieces: list[tuple[Dated[Any], Any]]) -> Iterator[tuple[Any, Any]]:
    """Yield neighbours in time that share a day."""
    rising = sorted(pieces, key=lambda pair: pair[0].first)
    for index, one in enumerate(rising):
        for other in rising[index + 1 :]:
            if other[0].first > one[0].last:
                break
            yield one, other
