"""Which root silent gate PCs have in common: the school's power or uplink, or a line of many.

A silent agent is dated by its last word, up to a minute before it was cut off. So a common root
shows only while the others' silence is noticed one after the other. As soon as it looks like a line
(some schools of one unit are dark at once) all wait until the newest of them is due, at most as
long as their last words can lie apart: then the line is told, or each for itself.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from server.domain.incident.ledger import Ledger
from server.domain.incident.memory import Ailment
from server.domain.incident.model import Kind
from server.domain.incident.roots import Root, best_window, due_as, single
from server.domain.incident.signals import Aspect
from server.domain.incident.timing import Ground, is_working
from server.domain.incident.world import SchoolPlace

EVERYWHERE: Final = "*"
"""Stands for the unit above all units."""
LONGEST_WAIT: Final = timedelta(seconds=60)
"""What last words of agents lie apart at most."""
_SUSPECT_SHARE: Final = 0.25
"""So much of a line's share makes it worth waiting for the rest."""
_NEARLY_ALL: Final = 0.9
_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class _Dark:
    """A school of which every agent is silent, since its last word."""

    place: SchoolPlace
    since: datetime
    agents: tuple[Ailment, ...]


@dataclass(frozen=True, slots=True)
class _Night:
    """Schools that went dark together, and how many of each unit."""

    schools: Sequence[_Dark]
    counts: Mapping[str, int]


@dataclass(slots=True)
class Darkness:
    """The schools that are dark at one moment. Good as long as no agent's silence changes.

    When a line of thousands falls, each of its agents asks for its root at the same moment.
    """

    ledger: Ledger
    ground: Ground
    _dark: list[_Dark] | None = field(default=None, init=False)
    _nights: dict[datetime, _Night] = field(default_factory=dict, init=False)
    _sizes: Counter[str] | None = field(default=None, init=False)
    _newest: dict[tuple[datetime, str], datetime] = field(default_factory=dict, init=False)

    def root(self, ailment: Ailment) -> Root:
        """Return the root of an agent's silence: its own, its school's, or a line's."""
        school = ailment.school
        place = None if school is None else self.ground.world.school(school)
        dark = None if place is None else _dark(self.ledger, place)
        if dark is None:
            return self._alone(ailment)
        return self._of_line(dark, self._of_school(dark, ailment))

    def _of_school(self, dark: _Dark, ailment: Ailment) -> Root:
        """Return the school as the root if two or more agents of it fell silent together."""
        length = timedelta(seconds=self.ground.rules.silent_together_s)
        first, last = best_window([a.since for a in dark.agents], ailment.since, length)
        near = (a for a in dark.agents if first <= a.since <= last)
        together = tuple(a for a in near if self.ledger.is_open_to(ailment, a))
        if len(together) < _SEVERAL:
            return self._alone(ailment)
        return Root(
            kind=Kind.SCHOOL,
            root=f"school:{dark.place.id}",
            ailing=together,
            due=min(self._due(Kind.SCHOOL, a) for a in together),
            why=(("agents", len(together)), ("of", len(dark.place.agents))),
        )

    def _of_line(self, dark: _Dark, own: Root) -> Root:
        """Return the line as the root if enough schools are dark, else ``own``, maybe later."""
        first, night = self._night(dark)
        unit, suspect = self._unit(dark, night)
        if suspect is None:
            return own
        newest = self._newest_due(first, night, suspect)
        if unit is None and newest <= own.due:
            return own
        members = [d for d in night.schools if suspect in _units_of(d.place)]
        every = (self.ledger.ailments[a.subject] for d in members for a in d.agents)
        ailing = tuple(a for a in every if self.ledger.is_open_to(own.ailing[0], a))
        waiting = tuple(a for a in ailing if a.due is not None)
        oldest = min((self._due(Kind.LINE, a) for a in waiting), default=newest)
        due = min(newest, oldest + LONGEST_WAIT)
        if unit is None:
            return replace(own, due=max(own.due, due), waiting=waiting)
        return Root(
            kind=Kind.LINE,
            root=f"line:{unit}",
            ailing=ailing,
            due=due,
            sure=False,
            unit=None if unit == EVERYWHERE else unit,
            why=self._why(unit, members),
            waiting=waiting,
        )

    def _why(self, unit: str, members: Sequence[_Dark]) -> tuple[tuple[str, int], ...]:
        times = [d.since for d in members]
        return (
            ("schools", len(members)),
            ("of", self._size(unit)),
            ("within_s", int((max(times) - min(times)).total_seconds())),
        )

    def _due(self, kind: Kind, ailment: Ailment) -> datetime:
        hasty = self.ledger.flaps.is_hasty(ailment)
        return due_as(self.ground, ailment, kind, hasty=hasty)

    def _alone(self, ailment: Ailment) -> Root:
        return single(self.ground, ailment, hasty=self.ledger.flaps.is_hasty(ailment))

    def _newest_due(self, first: datetime, night: _Night, unit: str) -> datetime:
        """Return when the last school of a unit's night has waited long enough."""
        if (first, unit) not in self._newest:
            self._newest[first, unit] = max(
                self._due(Kind.LINE, agent)
                for dark in night.schools
                if unit in _units_of(dark.place)
                for agent in dark.agents
            )
        return self._newest[first, unit]

    def _unit(self, dark: _Dark, night: _Night) -> tuple[str | None, str | None]:
        """Return the unit whose line it is, and the one whose line it may turn out to be."""
        rules = self.ground.rules
        units = _units_of(dark.place)
        if night.counts[EVERYWHERE] < _SEVERAL:
            return None, None
        many = rules.line_many if is_working(self.ground, dark.place.id, dark.since) else None
        unit = self._widest(night, units, least=rules.line_least, share=rules.line_share, many=many)
        if unit is not None:
            return unit, unit
        share = rules.line_share * _SUSPECT_SHARE
        some = None if many is None else int(many * _SUSPECT_SHARE)
        return None, self._widest(night, units, least=_SEVERAL, share=share, many=some)

    def _widest(
        self, night: _Night, units: Sequence[str], *, least: int, share: float, many: int | None
    ) -> str | None:
        """Return the widest unit of which so much is dark, if it is not nearly all in a narrower.

        ``many``: so many are enough, whatever their share: a carrier's, of a whole city.
        """
        best: str | None = None
        for unit in units:
            count = night.counts[unit]
            wide = count >= share * self._size(unit) or (many is not None and count >= many)
            if count < least or not wide:
                continue
            if best is None or night.counts[best] < count * _NEARLY_ALL:
                best = unit
        return best

    def _size(self, unit: str) -> int:
        """Return how many schools of a unit have agents."""
        if self._sizes is None:
            self._sizes = _count(p for p in self.ground.world.schools() if p.agents)
        return self._sizes[unit]

    def _night(self, own: _Dark) -> tuple[datetime, _Night]:
        """Return the schools that went dark together with one, and the first's last word."""
        dark = self._all()
        length = timedelta(seconds=self.ground.rules.silent_together_s)
        first, last = best_window([d.since for d in dark], own.since, length)
        if first not in self._nights:
            near = [d for d in dark if first <= d.since <= last]
            self._nights[first] = _Night(near, _count(d.place for d in near))
        return first, self._nights[first]

    def _all(self) -> list[_Dark]:
        if self._dark is None:
            schools = {self.ledger.ailments[s].school: None for s in self.ledger.agents}
            places = (self.ground.world.school(s) for s in schools if s is not None)
            found = (_dark(self.ledger, p) for p in places if p is not None)
            self._dark = sorted(
                (d for d in found if d is not None), key=lambda d: (d.since, d.place.id)
            )
        return self._dark


def _dark(ledger: Ledger, place: SchoolPlace) -> _Dark | None:
    if not all(ledger.is_silent(agent) for agent in place.agents):
        return None
    silent = tuple(a for a in ledger.near(place.id, Aspect.AGENT) if a.in_trouble)
    return _Dark(place, max(a.since for a in silent), silent) if silent else None


def _units_of(place: SchoolPlace) -> tuple[str, ...]:
    """Return the units that a school stands under, the nearest first."""
    return (place.unit, *place.above, EVERYWHERE)


def _count(places: Iterable[SchoolPlace]) -> Counter[str]:
    return Counter(unit for place in places for unit in _units_of(place))
