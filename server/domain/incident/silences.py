"""Which root silent gate PCs have in common: the school's power or uplink, or a line of many.

Where a line is cut, the broker tells the last wills of all within half a minute: by the time that
the first of them is due it is known who else is silent, and whether it is the centre's own line
(``server.watching.centre``).

Without a last will (the centre's broker hears the others over a bridge) an agent is dated by its
last word, up to a minute before it was cut off, and the others' silence is noticed one after the
other. As soon as that looks like a line (in some schools of one unit gate PCs fall silent at once)
they wait until the newest of them is due, at most as long as their last words can lie apart: then
the line is told, or each for itself.
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
_BY_WILL: Final = timedelta(seconds=60)
"""Who was missed sooner, was so by a last will: quiet alone takes longer to notice."""
_SUSPECT_SHARE: Final = 0.25
"""So much of a line's share makes it worth waiting for the rest."""
_NEARLY_ALL: Final = 0.9
_SEVERAL: Final = 2


@dataclass(frozen=True, slots=True)
class _Dark:
    """A school of which an agent is silent, or every one (``whole``), since its last word."""

    place: SchoolPlace
    since: datetime
    agents: tuple[Ailment, ...]
    whole: bool


@dataclass(frozen=True, slots=True)
class _Night:
    """Schools that went dark together, how many of each unit, and when the newest may be told."""

    schools: Sequence[_Dark]
    counts: Mapping[str, int]
    newest: dict[str, datetime] = field(default_factory=dict)


@dataclass(slots=True)
class Darkness:
    """The schools with silent agents at one moment. Good as long as no agent's silence changes.

    When a line of thousands falls, each of its agents asks for its root at the same moment.
    """

    ledger: Ledger
    ground: Ground
    _dark: list[_Dark] | None = field(default=None, init=False)
    _nights: dict[tuple[bool, datetime], _Night] = field(default_factory=dict, init=False)
    _sizes: Counter[str] | None = field(default=None, init=False)

    def root(self, ailment: Ailment) -> Root:
        """Return the root of an agent's silence: its own, its school's, or a line's."""
        school = ailment.school
        place = None if school is None else self.ground.world.school(school)
        dark = None if place is None else _dark(self.ledger, place)
        if dark is None:
            return self._alone(ailment)
        if not dark.whole:
            return self._patient(replace(dark, since=ailment.since), self._alone(ailment))
        own = self._of_school(dark, ailment)
        return self._of_line(dark, own) or self._patient(dark, own)

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

    def _of_line(self, dark: _Dark, own: Root) -> Root | None:
        """Return the line as the root if enough schools are dark."""
        night = self._night(dark, whole=True)
        unit = self._unit(dark, night)
        if unit is None:
            return None
        members = [d for d in night.schools if unit in _units_of(d.place)]
        ailing, waiting, due = self._all_of(members, own, self._newest_due(night, unit))
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

    def _patient(self, dark: _Dark, own: Root) -> Root:
        """Return a root of one school, later if it may turn out to be a line, or the centre's.

        Whose last wills came wait for nobody.
        """
        if all(map(_has_will, own.ailing)):
            return own
        night = self._night(dark, whole=False)
        unit = self._suspect(dark, night)
        if unit is None or (newest := self._newest_due(night, unit)) <= own.due:
            return own
        members = [d for d in night.schools if unit in _units_of(d.place)]
        _, waiting, due = self._all_of(members, own, newest)
        patient = tuple(a for a in waiting if not _has_will(a))
        return replace(own, due=max(own.due, due), waiting=patient)

    def _all_of(
        self, members: Iterable[_Dark], own: Root, newest: datetime
    ) -> tuple[tuple[Ailment, ...], tuple[Ailment, ...], datetime]:
        """Return the agents of schools, those of them that wait to be told, and until when."""
        every = (self.ledger.ailments[a.subject] for d in members for a in d.agents)
        ailing = tuple(a for a in every if self.ledger.is_open_to(own.ailing[0], a))
        waiting = tuple(a for a in ailing if a.due is not None)
        oldest = min((self._due(Kind.LINE, a) for a in waiting), default=newest)
        return ailing, waiting, min(newest, oldest + LONGEST_WAIT)

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

    def _newest_due(self, night: _Night, unit: str) -> datetime:
        """Return when the last school of a unit's night has waited long enough."""
        if unit not in night.newest:
            night.newest[unit] = max(
                self._due(Kind.LINE, agent)
                for dark in night.schools
                if unit in _units_of(dark.place)
                for agent in dark.agents
            )
        return night.newest[unit]

    def _unit(self, dark: _Dark, night: _Night) -> str | None:
        """Return the unit whose line it is."""
        rules = self.ground.rules
        many = rules.line_many if self._is_working(dark) else None
        return self._widest(dark, night, least=rules.line_least, share=rules.line_share, many=many)

    def _suspect(self, dark: _Dark, night: _Night) -> str | None:
        """Return the unit whose line it may turn out to be."""
        rules = self.ground.rules
        share = rules.line_share * _SUSPECT_SHARE
        some = int(rules.line_many * _SUSPECT_SHARE) if self._is_working(dark) else None
        return self._widest(dark, night, least=_SEVERAL, share=share, many=some)

    def _is_working(self, dark: _Dark) -> bool:
        return is_working(self.ground, dark.place.id, dark.since)

    def _widest(
        self, dark: _Dark, night: _Night, *, least: int, share: float, many: int | None
    ) -> str | None:
        """Return the widest unit of which so much is dark, if it is not nearly all in a narrower.

        ``many``: so many are enough, whatever their share: a carrier's, of a whole city.
        """
        best: str | None = None
        for unit in _units_of(dark.place) if night.counts[EVERYWHERE] >= least else ():
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

    def _night(self, own: _Dark, *, whole: bool) -> _Night:
        """Return the schools that went dark together with one: all, or the wholly dark."""
        dark = [d for d in self._all() if d.whole] if whole else self._all()
        length = timedelta(seconds=self.ground.rules.silent_together_s)
        first, last = best_window([d.since for d in dark], own.since, length)
        if (whole, first) not in self._nights:
            near = [d for d in dark if first <= d.since <= last]
            self._nights[whole, first] = _Night(near, _count(d.place for d in near))
        return self._nights[whole, first]

    def _all(self) -> list[_Dark]:
        if self._dark is None:
            schools = {self.ledger.ailments[s].school: None for s in self.ledger.agents}
            places = (self.ground.world.school(s) for s in schools if s is not None)
            found = (_dark(self.ledger, p) for p in places if p is not None)
            self._dark = sorted(
                (d for d in found if d is not None), key=lambda d: (d.since, d.place.id)
            )
        return self._dark


def _has_will(ailment: Ailment) -> bool:
    """Tell whether a last will told of a silence."""
    return ailment.noticed - ailment.since < _BY_WILL


def _dark(ledger: Ledger, place: SchoolPlace) -> _Dark | None:
    silent = tuple(a for a in ledger.near(place.id, Aspect.AGENT) if a.in_trouble)
    if not silent:
        return None
    whole = all(ledger.is_silent(agent) for agent in place.agents)
    return _Dark(place, max(a.since for a in silent), silent, whole)


def _units_of(place: SchoolPlace) -> tuple[str, ...]:
    """Return the units that a school stands under, the nearest first."""
    return (place.unit, *place.above, EVERYWHERE)


def _count(places: Iterable[SchoolPlace]) -> Counter[str]:
    return Counter(unit for place in places for unit in _units_of(place))
