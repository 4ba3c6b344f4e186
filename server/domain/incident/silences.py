"""Which root silent gate PCs have in common: the school's power or uplink, or a line of many.

A silent agent is dated by its last word, up to a minute before it was cut off. So a common root
shows only while the others' silence is noticed one after the other. As soon as it looks like a line
(some schools of one unit are dark at once) all wait until the newest of them is due, at most as
long as their last words can lie apart: then the line is told, or each for itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from server.domain.incident.ledger import Ledger
from server.domain.incident.memory import Ailment
from server.domain.incident.model import Kind
from server.domain.incident.roots import Root, best_window, single
from server.domain.incident.signals import Aspect
from server.domain.incident.timing import Ground
from server.domain.incident.world import SchoolPlace

EVERYWHERE: Final = "*"
"""Stands for the unit above all units."""
LONGEST_WAIT: Final = timedelta(seconds=60)
"""What last words of agents lie apart at most."""
_SUSPECT_SHARE: Final = 0.25
"""So much of a line's share makes it worth waiting for the rest."""
_NEARLY_ALL: Final = 0.9


@dataclass(frozen=True, slots=True)
class _Dark:
    """A school of which every agent is silent, since its last word."""

    place: SchoolPlace
    since: datetime
    agents: tuple[Ailment, ...]


def silence_root(ledger: Ledger, ground: Ground, ailment: Ailment) -> Root:
    """Return the root of an agent's silence: its own, its school's, or a line's."""
    place = ground.world.school(ailment.school) if ailment.school is not None else None
    alone = single(ailment)
    if place is None:
        return alone
    dark = _dark(ledger, place)
    if dark is None:
        return alone
    own = _of_school(ledger, ground, dark, ailment)
    return _of_line(ledger, ground, dark, own)


def _due(ledger: Ledger, ground: Ground, ailment: Ailment) -> datetime:
    """Return when a silence may be told: after its grace, and after a moment for the others."""
    grace = timedelta(0) if ledger.is_hasty(ailment) else ground.grace(Kind.AGENT)
    return ground.ripe(None, since=ailment.since, noticed=ailment.noticed, grace=grace)


def _dark(ledger: Ledger, place: SchoolPlace) -> _Dark | None:
    if not all(ledger.is_silent(agent) for agent in place.agents):
        return None
    silent = tuple(a for a in ledger.near(place.id, Aspect.AGENT) if a.in_trouble)
    if not silent:
        return None
    return _Dark(place, max(a.since for a in silent), silent)


def _of_school(ledger: Ledger, ground: Ground, dark: _Dark, ailment: Ailment) -> Root:
    """Return the school as the root if two or more agents of it fell silent together."""
    length = timedelta(seconds=ground.rules.silent_together_s)
    first, last = best_window([a.since for a in dark.agents], ailment.since, length)
    together = tuple(
        a for a in dark.agents if first <= a.since <= last and ledger.is_open_to(ailment, a)
    )
    if len(together) < 2:  # noqa: PLR2004 - one alone is not several
        return single(ailment)
    return Root(
        kind=Kind.SCHOOL,
        root=f"school:{dark.place.id}",
        ailing=together,
        due=min(_due(ledger, ground, a) for a in together),
        why=(("agents", len(together)), ("of", len(dark.place.agents))),
    )


def _of_line(ledger: Ledger, ground: Ground, dark: _Dark, own: Root) -> Root:
    """Return the line as the root if enough schools are dark, else ``own``, maybe later."""
    near = _dark_together(ledger, ground, dark)
    if len(near) < 2:  # noqa: PLR2004 - one alone is not several
        return own
    units = _units(near, dark.place)
    sizes = _sizes(ground.world.schools(), units)
    least, share = ground.rules.line_least, ground.rules.line_share
    unit = _widest(units, sizes, least=least, share=share)
    suspect = unit or _widest(units, sizes, least=2, share=share * _SUSPECT_SHARE)
    if suspect is None:
        return own
    members = [d for d in near if suspect in _units_of(d.place)]
    every = (ledger.ailments[a.subject] for d in members for a in d.agents)
    ailing = tuple(a for a in every if ledger.is_open_to(own.ailing[0], a))
    waiting = tuple(a for a in ailing if a.due is not None)
    newest = max(_due(ledger, ground, a) for a in ailing)
    first = min((_due(ledger, ground, a) for a in waiting), default=newest)
    due = max(own.due, min(newest, first + LONGEST_WAIT))
    if unit is None:
        return replace(own, due=due, waiting=waiting)
    times = [d.since for d in members]
    return Root(
        kind=Kind.LINE,
        root=f"line:{unit}",
        ailing=ailing,
        due=due,
        sure=False,
        unit=None if unit == EVERYWHERE else unit,
        why=(
            ("schools", len(members)),
            ("of", sizes[unit]),
            ("within_s", int((max(times) - min(times)).total_seconds())),
        ),
        waiting=waiting,
    )


def _dark_together(ledger: Ledger, ground: Ground, own: _Dark) -> list[_Dark]:
    schools = {ledger.ailments[s].school: None for s in ledger.agents}
    places = (ground.world.school(s) for s in schools if s is not None)
    found = [d for p in places if p is not None and (d := _dark(ledger, p)) is not None]
    found.sort(key=lambda d: (d.since, d.place.id))
    length = timedelta(seconds=ground.rules.silent_together_s)
    first, last = best_window([d.since for d in found], own.since, length)
    return [d for d in found if first <= d.since <= last]


def _units_of(place: SchoolPlace) -> tuple[str, ...]:
    """Return the units that a school stands under, the nearest first."""
    return (place.unit, *place.above, EVERYWHERE)


def _units(near: Iterable[_Dark], own: SchoolPlace) -> Mapping[str, int]:
    """Count the dark schools of each unit above a school, the nearest unit first."""
    counts = dict.fromkeys(_units_of(own), 0)
    for dark in near:
        for unit in _units_of(dark.place):
            if unit in counts:
                counts[unit] += 1
    return counts


def _sizes(schools: Iterable[SchoolPlace], units: Mapping[str, int]) -> Mapping[str, int]:
    """Count the schools with agents of each unit."""
    sizes = dict.fromkeys(units, 0)
    for place in schools:
        if place.agents:
            for unit in _units_of(place):
                if unit in sizes:
                    sizes[unit] += 1
    return sizes


def _widest(
    counts: Mapping[str, int], sizes: Mapping[str, int], *, least: int, share: float
) -> str | None:
    """Return the widest unit of which so many schools are dark, if not nearly all in a narrower."""
    best: str | None = None
    for unit, count in counts.items():
        wide = count >= least and count >= share * sizes[unit]
        if wide and (best is None or counts[best] < count * _NEARLY_ALL):
            best = unit
    return best
