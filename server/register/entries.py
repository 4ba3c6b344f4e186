"""Rows of sheets become entries: what a row says of which thing, from when to when. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, NamedTuple

from server.domain.flaws import Thing, What
from server.domain.plan import SCHOOL_KINDS
from server.domain.units import (
    SEVERAL_LEVELS,
    Agent,
    Camera,
    Contact,
    Gate,
    School,
    Source,
    Unit,
    Zone,
)
from server.register.cells import FORMULA, CellError, Words, read_first, read_id, read_last
from server.register.sheets import SHEET_OF
from server.texts.tongue import N_

MAKE: Final[Mapping[What, type[Any]]] = {
    What.UNIT: Unit,
    What.SCHOOL: School,
    What.ZONE: Zone,
    What.GATE: Gate,
    What.AGENT: Agent,
    What.CAMERA: Camera,
    What.CONTACT: Contact,
}
_NOT_ATTRIBUTES: Final = frozenset({"id", "school", "from", "to", "merged_into"})


class Row(NamedTuple):
    """A line of a sheet: where it stands, and its cells by column key."""

    what: What
    place: str
    number: int
    cells: Mapping[str, str]


class Trouble(NamedTuple):
    """What is wrong with a row: the column's key ("": the whole row), a msgid, what to fill in."""

    column: str
    text: str
    values: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a row says.

    Attributes:
        values: Attributes by name; one that the sheet has no column for is not among them.
        first: From which day; None: the row doesn't say.
        last: Through which day; None: the row doesn't say; ``OPEN``: it goes on.
        merged_into: Its successor; None: the row doesn't say.
    """

    row: Row
    thing: Thing
    values: Mapping[str, Any] = field(default_factory=dict)
    first: date | None = None
    last: date | None = None
    merged_into: str | None = None


def entry_of(row: Row, words: Words) -> Entry | list[Trouble]:
    """Read a row; every cell that can't be read is a trouble of its own."""
    troubles: list[Trouble] = []

    def read(key: str, how: Any) -> Any:
        cell = row.cells.get(key, "")
        try:
            return how(_no_formula(cell))
        except CellError as error:
            troubles.append(Trouble(key, error.text, error.values))
            return None

    name = read("id", read_id)
    school = read("school", read_id) if "school" in _keys(row.what) else None
    values = {
        column.key: read(column.key, lambda cell, k=column.key: words.read(row.what, k, cell))
        for column in SHEET_OF[row.what].columns
        if column.key not in _NOT_ATTRIBUTES and (column.needed or column.key in row.cells)
    }
    first, last = read("from", read_first), read("to", read_last)
    successor = read("merged_into", lambda cell: read_id(cell) if cell else None)
    if first is not None and last is not None and last < first:
        troubles.append(Trouble("to", N_("ends before it begins")))
    if successor is not None and successor == name:
        troubles.append(Trouble("merged_into", N_("nothing can be merged into itself")))
    if values.get("levels") and values.get("kind") != SEVERAL_LEVELS:
        troubles.append(Trouble("levels", N_("only a school of several levels has them")))
    if troubles:
        return troubles
    return Entry(
        row=row,
        thing=Thing(row.what, name, school),
        values=_completed(values, name),
        first=first,
        last=last,
        merged_into=successor,
    )


def _no_formula(cell: str) -> str:
    if cell == FORMULA:
        raise CellError(N_("is a formula: paste its value"))
    return cell


def made(entry: Entry, before: Any | None) -> Any:
    """Return the value that an entry says; what it doesn't say stays as it was ``before``."""
    if before is not None:
        return replace(before, **entry.values)
    return MAKE[entry.thing.what](id=entry.thing.id, **entry.values)


def gathered(entries: Iterable[Entry]) -> dict[Thing, Sequence[Entry]]:
    """Return entries by thing, in the order of the sheets."""
    found: dict[Thing, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.thing, []).append(entry)
    return dict(found)


def _keys(what: What) -> set[str]:
    return {column.key for column in SHEET_OF[what].columns}


def _completed(values: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return values with what they imply: eyes named as their camera, levels only where allowed."""
    if "sources" in values:
        eyes = tuple(Source(agent, own or name) for agent, own in values["sources"])
        return {**values, "sources": eyes}
    if values.get("kind") in SCHOOL_KINDS and values["kind"] != SEVERAL_LEVELS:
        return {**values, "levels": ()}
    return values
