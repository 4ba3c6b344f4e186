"""The register's pages: the tree of units, the schools below one, one school's card. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from server.domain.dated import EVER, OPEN, Dated, Story, at
from server.domain.flaws import What
from server.domain.register import Register
from server.domain.units import Organisation, School, Unit
from server.web.pages.schools import plain

MOST_SCHOOLS: Final = 300
"""So many schools of a unit are listed at once; a search finds the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A unit in the tree: how deep it stands, and what stands below it in all."""

    unit: Unit
    depth: int
    schools: int
    cameras: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A school in the list, and since when it is as it is; None: since ever."""

    school: School
    unit: Unit | None
    since: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The register on a day: all units, the chosen one (None: all), its schools.

    ``found`` counts the schools that fit, of which ``rows`` are the first.
    """

    day: date
    nodes: tuple[Node, ...]
    chosen: Unit | None
    rows: tuple[Row, ...]
    found: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What held from ``first`` to ``last`` (None: since ever, until further notice)."""

    first: date | None
    last: date | None
    value: Any
    now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A school with everything that was ever said of it.

    Attributes:
        lines: Its name, kind, unit and pupils, the newest first.
        parts: Zones, gates, agents and cameras by kind of thing, each with its lines.
        contacts: Whom to write to, each with its lines: personal data, for officers only.
        names: Of zones, gates and agents by id: the newest ones.
        path: The units above it on ``day``, from the root; none where it does not exist then.
    """

    id: str
    name: str
    day: date
    lines: tuple[Line, ...]
    parts: tuple[tuple[What, tuple[tuple[Line, ...], ...]], ...]
    contacts: tuple[tuple[Line, ...], ...]
    names: Mapping[str, str]
    path: tuple[Unit, ...]
    merged_into: tuple[str, str] | None


def tree(register: Register, day: date, *, unit: str | None = None, query: str = "") -> Tree:
    """Return the tree of a day; ``query`` picks schools whose name or id holds all its words."""
    organisation = register.on(day)
    units = {u.id: u for u in organisation.units}
    below = None if unit is None else register.descendants(unit, day)
    wanted = plain(query).split()
    fits = [
        school
        for school in organisation.schools
        if (below is None or school.unit in below) and _holds(school, wanted)
    ]
    fits.sort(key=lambda s: (s.unit, plain(s.name)))
    return Tree(
        day=day,
        nodes=tuple(_nodes(organisation)),
        chosen=units.get(unit or ""),
        rows=tuple(
            Row(school=s, unit=units.get(s.unit), since=_since(register.school(s.id), day))
            for s in fits[:MOST_SCHOOLS]
        ),
        found=len(fits),
    )


def card(register: Register, school: str, day: date) -> Card | None:
    """Return a school's card; None for one that never was."""
    history = register.schools.get(school)
    if history is None:
        return None
    successor = history.merged_into
    parts: Sequence[tuple[What, tuple[Story[Any], ...]]] = (
        (What.ZONE, history.zones),
        (What.GATE, history.gates),
        (What.AGENT, history.agents),
        (What.CAMERA, history.cameras),
    )
    return Card(
        id=school,
        name=register.school_name(school),
        day=day,
        lines=_lines(history.headers, day),
        parts=tuple((what, tuple(_lines(s, day) for s in stories)) for what, stories in parts),
        contacts=tuple(_lines(s, day) for s in history.contacts),
        names={s[-1].value.id: s[-1].value.name for _, stories in parts[:3] for s in stories},
        path=register.unit_path(school, day),
        merged_into=(successor, register.school_name(successor)) if successor else None,
    )


def _nodes(organisation: Organisation) -> Iterator[Node]:
    """Yield units from the roots, each before those below it."""
    below: dict[str | None, list[Unit]] = {}
    for unit in organisation.units:
        below.setdefault(unit.parent, []).append(unit)
    schools = Counter(s.unit for s in organisation.schools)
    cameras = Counter(s.unit for s in organisation.schools for _ in s.cameras)

    def walk(parent: str | None, depth: int) -> Iterator[Node]:
        for unit in sorted(below.get(parent, ()), key=lambda u: plain(u.name)):
            inner = list(walk(unit.id, depth + 1))
            direct = [node for node in inner if node.depth == depth + 1]
            yield Node(
                unit=unit,
                depth=depth,
                schools=schools[unit.id] + sum(n.schools for n in direct),
                cameras=cameras[unit.id] + sum(n.cameras for n in direct),
            )
            yield from inner

    yield from walk(None, 0)


def _holds(school: School, words: Sequence[str]) -> bool:
    text = plain(f"{school.name} {school.id}")
    return all(word in text for word in words)


def _since(story: Story[School], day: date) -> date | None:
    first = next((piece.first for piece in story if piece.holds(day)), EVER)
    return None if first == EVER else first


def _lines(story: Story[Any], day: date) -> tuple[Line, ...]:
    """Return a story's lines, the newest first."""
    return tuple(_line(piece, day) for piece in reversed(story))


def _line(piece: Dated[Any], day: date) -> Line:
    return Line(
        first=None if piece.first == EVER else piece.first,
        last=None if piece.last == OPEN else piece.last,
        value=piece.value,
        now=at((piece,), day) is not None,
    )
