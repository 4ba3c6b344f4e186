"""The register: units and schools with the days on which each thing about them held.

A school's name, kind and unit, its zones, gates, agents, cameras and contacts each have a story of
their own (``domain.dated``), so a camera that moved, a school that changed hands in a reform and a
commune that was merged stay where they were on the days before. ``Register.on`` gives the
organisation of one day; what did not change between two days is the same object in both.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from server.domain.dated import (
    OPEN,
    Dated,
    Story,
    always,
    at,
    clipped,
    joined,
    starts,
)
from server.domain.histories import SchoolHistory, UnitHistory, school_always
from server.domain.units import Organisation, School, Unit

_KEPT: Final = 16
"""Organisations of so many days are kept ready."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """Days, both included, on which nothing in the whole register changed."""

    first: date
    last: date
    organisation: Organisation


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Days, both included, on which a school stood under a unit or one below it."""

    school: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """Units and schools by id. Nothing in it changes; ``with_changes`` makes the next register."""

    units: Mapping[str, UnitHistory] = field(default_factory=dict)
    schools: Mapping[str, SchoolHistory] = field(default_factory=dict)
    _wholes: dict[str, Story[School]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _days: dict[date, Organisation] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    _names: dict[str, str] = field(default_factory=dict, init=False, repr=False, compare=False)
    _starts: list[date] = field(default_factory=list, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, organisation: Organisation) -> "Register":
        """Return the register of an organisation that has been as it is since ever."""
        return cls(
            units={u.id: UnitHistory(id=u.id, story=always(u)) for u in organisation.units},
            schools={s.id: school_always(s) for s in organisation.schools},
        )

    def with_changes(
        self, units: Iterable[UnitHistory] = (), schools: Iterable[SchoolHistory] = ()
    ) -> "Register":
        """Return a register with these units and schools in place of those of the same ids."""
        changed = {s.id: s for s in schools}
        new = Register(
            units={**self.units, **{u.id: u for u in units}}, schools={**self.schools, **changed}
        )
        new._wholes.update({k: v for k, v in self._wholes.items() if k not in changed})
        return new

    def on(self, day: date) -> Organisation:
        """Return the organisation of a day."""
        first = self._epoch_start(day)
        found = self._days.get(first)
        if found is None:
            found = self._made(first)
            while len(self._days) >= _KEPT:
                del self._days[next(iter(self._days))]
            self._days[first] = found
        return found

    def epochs(self, first: date, last: date) -> list[Epoch]:
        """Return the epochs from ``first`` to ``last``; they cover exactly these days.

        Of a large register ask for one school's (``school_epochs``): each epoch here holds all.
        """
        begins = [first, *(day for day in self._all_starts() if first < day <= last)]
        ends = [*(day - timedelta(days=1) for day in begins[1:]), last]
        return [
            Epoch(first=start, last=end, organisation=self.on(start))
            for start, end in zip(begins, ends, strict=True)
            if start <= end
        ]

    def school(self, school_id: str) -> Story[School]:
        """Return a school's whole story; empty for one that never was."""
        found = self._wholes.get(school_id)
        if found is None:
            history = self.schools.get(school_id)
            found = () if history is None else history.whole()
            if history is not None:
                self._wholes[school_id] = found
        return found

    def school_epochs(self, school_id: str, first: date, last: date) -> Story[School]:
        """Return the school on the days from ``first`` to ``last`` on which it existed."""
        return clipped(self.school(school_id), first, last)

    def school_name(self, school_id: str, day: date | None = None) -> str:
        """Return a school's name on ``day``, else its newest one; the id where there is none."""
        history = self.schools.get(school_id)
        if history is None or not history.headers:
            return school_id
        found = None if day is None else at(history.headers, day)
        return (found or history.headers[-1].value).name

    @property
    def names(self) -> Mapping[str, str]:
        """The newest names of all gates, agents and cameras that ever were, by id."""
        if not self._names:
            parts = (p for s in self.schools.values() for p in (s.gates, s.agents, s.cameras))
            things = (story[-1].value for part in parts for story in part)
            self._names.update((thing.id, thing.name) for thing in things)
        return self._names

    def unit_path(self, school_id: str, day: date) -> tuple[Unit, ...]:
        """Return the units above a school on a day, from the root; none where it did not exist."""
        history = self.schools.get(school_id)
        header = None if history is None else at(history.headers, day)
        path: dict[str, Unit] = {}
        above = None if header is None else header.unit
        while above is not None and above not in path:
            unit = self.unit(above, day)
            if unit is None:
                break
            path[above] = unit
            above = unit.parent
        return tuple(reversed(path.values()))

    def unit(self, unit_id: str, day: date) -> Unit | None:
        """Return what a unit was on a day."""
        history = self.units.get(unit_id)
        return None if history is None else at(history.story, day)

    def descendants(self, unit_id: str, day: date) -> frozenset[str]:
        """Return a unit and all below it on a day; none where it did not exist."""
        below: dict[str | None, list[str]] = {}
        for unit in self.units.values():
            told = at(unit.story, day)
            if told is not None:
                below.setdefault(told.parent, []).append(unit.id)
        if self.unit(unit_id, day) is None:
            return frozenset()
        found, open_ = {unit_id}, [unit_id]
        while open_:
            new = [u for u in below.get(open_.pop(), ()) if u not in found]
            found.update(new)
            open_ += new
        return frozenset(found)

    def memberships(self, unit_id: str, first: date, last: date) -> list[Membership]:
        """Return which schools stood under a unit between two days, and when; by school and day."""
        under = clipped(self._below(unit_id), first, last)

        def belongs(header: School | None, units: frozenset[str] | None) -> bool | None:
            return True if header is not None and units and header.unit in units else None

        return [
            Membership(school=school.id, first=piece.first, last=piece.last)
            for school in self.schools.values()
            for piece in joined(belongs, school.headers, under)
        ]

    def _below(self, unit_id: str) -> Story[frozenset[str]]:
        begins = starts(*(unit.story for unit in self.units.values()))
        ends = [*(day - timedelta(days=1) for day in begins[1:]), OPEN]
        return tuple(
            Dated(value=self.descendants(unit_id, start), first=start, last=end)
            for start, end in zip(begins, ends, strict=True)
        )

    def _made(self, day: date) -> Organisation:
        units = (at(unit.story, day) for unit in self.units.values())
        schools = (at(self.school(school), day) for school in self.schools)
        return Organisation(
            units=tuple(sorted((u for u in units if u is not None), key=_below_another)),
            schools=tuple(s for s in schools if s is not None),
        )

    def _epoch_start(self, day: date) -> date:
        known = self._all_starts()
        return known[bisect_right(known, day) - 1]

    def _all_starts(self) -> list[date]:
        if not self._starts:
            units = (unit.story for unit in self.units.values())
            # In one go: a thread that tries an import may ask at the same time.
            self._starts[:] = starts(*units, *(self.school(s) for s in self.schools))
        return self._starts


def _below_another(unit: Unit) -> bool:
    """Roots come first: pages name the whole by the first unit."""
    return unit.parent is not None
