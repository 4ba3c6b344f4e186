"""Long lists of schools: which of them are asked for, and which page of those is shown. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Generic, TypeVar
from urllib.parse import urlencode

from server.domain.register import Register
from server.domain.units import School
from server.web.pages.schools import plain

PAGE: Final = 50
"""So many lines are on one page."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What an address asks for of a list.

    Attributes:
        unit: Only the schools of this unit and of all below it; None: of all.
        query: Only those whose name or id holds all its words; marks and case don't matter.
        which: Only those in this state, a word of the list's own; empty: all.
        page: From 1.
    """

    unit: str | None = None
    query: str = ""
    which: str = ""
    page: int = 1

    @property
    def is_all(self) -> bool:
        """Whether every school fits whatever its state."""
        return self.unit is None and not self.query

    def asked(self, *, page: int | None = None, **more: str) -> str:
        """Return the address's query for a page of the same choice; ``more`` comes first."""
        told = {
            **more,
            "unit": self.unit or "",
            "q": self.query,
            "which": self.which,
            "page": "" if page in {None, 1} else str(page),
        }
        return urlencode({name: value for name, value in told.items() if value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet(Generic[T]):
    """One page of a list; ``found`` lines in all, on ``pages`` pages (1 at least)."""

    rows: tuple[T, ...]
    page: int
    pages: int
    found: int


def sheet(found: Sequence[T], page: int) -> Sheet[T]:
    """Return a page of a list, the last one where it has not so many."""
    pages = max(1, -(-len(found) // PAGE))
    shown = min(max(page, 1), pages)
    return Sheet(
        rows=tuple(found[(shown - 1) * PAGE : shown * PAGE]),
        page=shown,
        pages=pages,
        found=len(found),
    )


def fitting(
    schools: Iterable[School], register: Register, day: date, choice: Choice
) -> list[School]:
    """Return the schools of a day that a choice of unit and words leaves, by name."""
    below = None if choice.unit is None else register.descendants(choice.unit, day)
    words = plain(choice.query).split()
    named = ((plain(school.name), school) for school in schools if _under(school, below))
    kept = [(name, school) for name, school in named if _holds(f"{name} {school.id}", words)]
    return [school for _, school in sorted(kept, key=lambda pair: (pair[0], pair[1].id))]


def units_of(register: Register, day: date) -> tuple[tuple[str, str], ...]:
    """Return every unit of a day, its id and its name, by name."""
    found = ((unit.id, unit.name) for unit in register.on(day).units)
    return tuple(sorted(found, key=lambda unit: plain(unit[1])))


def _under(school: School, below: frozenset[str] | None) -> bool:
    return below is None or school.unit in below


def _holds(text: str, words: Sequence[str]) -> bool:
    lower = text.casefold()
    return all(word in lower for word in words)
