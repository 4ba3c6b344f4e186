"""A register while it is being changed, thing by thing; the register itself stays as it is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from server.domain.dated import EVER, Story, at, clipped
from server.domain.flaws import Thing, What
from server.domain.histories import SchoolHistory, UnitHistory
from server.domain.register import Register

_PARTS: Final[Mapping[What, str]] = {
    What.ZONE: "zones",
    What.GATE: "gates",
    What.AGENT: "agents",
    What.CAMERA: "cameras",
    What.CONTACT: "contacts",
}
MOVING: Final = frozenset({What.GATE, What.AGENT, What.CAMERA})
"""Things whose ids are unique in the whole register: one may leave for another school."""


class Drafts:
    """The stories of a register as an import makes them."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._units: dict[str, UnitHistory] = {}
        self._schools: dict[str, SchoolHistory] = {}
        self._homes: dict[tuple[What, str], list[str]] = {}
        for school in register.schools.values():
            for what in MOVING:
                for story in getattr(school, _PARTS[what]):
                    self._homes.setdefault((what, story[0].value.id), []).append(school.id)

    def school(self, name: str | None) -> SchoolHistory | None:
        """Return a school as it is now."""
        return self._schools.get(name or "") or self._register.schools.get(name or "")

    def _unit(self, name: str) -> UnitHistory | None:
        return self._units.get(name) or self._register.units.get(name)

    def story(self, thing: Thing) -> Story[Any]:
        """Return a thing's story as it is now; empty where there never was one."""
        match thing.what:
            case What.UNIT:
                unit = self._unit(thing.id)
                return () if unit is None else unit.story
            case What.SCHOOL:
                school = self.school(thing.id)
                return () if school is None else school.headers
            case _:
                school = self.school(thing.school)
                parts = () if school is None else getattr(school, _PARTS[thing.what])
                return next((s for s in parts if s[0].value.id == thing.id), ())

    def put(self, thing: Thing, story: Story[Any]) -> None:
        """Give a thing another story; a part of a school that doesn't exist is left out."""
        match thing.what:
            case What.UNIT:
                whole = self._unit(thing.id) or UnitHistory(id=thing.id, story=())
                self._units[thing.id] = replace(whole, story=story)
            case What.SCHOOL:
                school = self.school(thing.id) or SchoolHistory(id=thing.id, headers=())
                self._schools[thing.id] = replace(school, headers=story)
            case _:
                self._put_part(thing, story)

    def _put_part(self, thing: Thing, story: Story[Any]) -> None:
        school = self.school(thing.school)
        if school is None:
            return
        name = _PARTS[thing.what]
        parts: dict[str, Story[Any]] = {s[0].value.id: s for s in getattr(school, name)}
        parts[thing.id] = story
        rest: dict[str, Any] = {name: tuple(s for s in parts.values() if s)}
        self._schools[school.id] = replace(school, **rest)

    def merge(self, thing: Thing, successor: str) -> None:
        """Say into what a unit or school was merged."""
        unit, school = self._unit(thing.id), self.school(thing.id)
        if thing.what is What.UNIT and unit is not None:
            self._units[thing.id] = replace(unit, merged_into=successor)
        elif thing.what is What.SCHOOL and school is not None:
            self._schools[thing.id] = replace(school, merged_into=successor)

    def successor(self, thing: Thing) -> str | None:
        """Return into what a unit or school was merged."""
        found = self._unit(thing.id) if thing.what is What.UNIT else self.school(thing.id)
        return None if found is None else found.merged_into

    def leave(self, thing: Thing, first: date) -> str | None:
        """End a thing in the school that it leaves for another on ``first``; return that school."""
        if thing.what not in MOVING or first == EVER:
            return None
        for home in self._homes.get((thing.what, thing.id), ()):
            there = Thing(thing.what, thing.id, home)
            story = self.story(there)
            if home != thing.school and at(story, first) is not None:
                self.put(there, clipped(story, EVER, date.fromordinal(first.toordinal() - 1)))
                return home
        return None

    def changed(self) -> tuple[tuple[UnitHistory, ...], tuple[SchoolHistory, ...]]:
        """Return the units and schools that are no longer what the register says."""
        units = (u for u in self._units.values() if u != self._register.units.get(u.id))
        schools = (s for s in self._schools.values() if s != self._register.schools.get(s.id))
        return tuple(units), tuple(schools)
