"""Stories: what held on which days. Frozen values, and the few operations that keep them right.

A ``Story`` is a tuple of ``Dated`` values in rising order that never overlap; neighbours that touch
differ. Days of no value are days on which the thing did not exist. Days are local and inclusive on
both ends; ``EVER`` and ``OPEN`` stand for "since ever" and "until further notice".
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final, Generic, TypeAlias, TypeVar

T = TypeVar("T")
R = TypeVar("R")

EVER: Final = date.min
OPEN: Final = date.max
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dated(Generic[T]):
    """A value and the days on which it holds. Raises ``ValueError`` where there are none."""

    value: T
    first: date = EVER
    last: date = OPEN

    def __post_init__(self) -> None:
        """Refuse a span that ends before it begins."""
        if self.last < self.first:
            raise ValueError(f"ends ({self.last}) before it begins ({self.first})")

    def holds(self, day: date) -> bool:
        """Tell whether it holds on a day."""
        return self.first <= day <= self.last


Story: TypeAlias = tuple[Dated[T], ...]


def always(value: T) -> Story[T]:
    """Return the story of something that has been so since ever."""
    return (Dated(value=value),)


def at(story: Story[T], day: date) -> T | None:
    """Return what holds on a day; None where nothing does."""
    index = bisect_right(story, day, key=_first_of) - 1
    return story[index].value if index >= 0 and story[index].last >= day else None


def starts(*stories: Story[Any]) -> list[date]:
    """Return, rising, every day on which a story may say something new; ``EVER`` is always one."""
    found = {EVER}
    for story in stories:
        for piece in story:
            found.add(piece.first)
            if piece.last < OPEN:
                found.add(piece.last + _DAY)
    return sorted(found)


def joined(tell: Callable[..., R | None], *stories: Story[Any]) -> Story[R]:
    """Return the story of ``tell``, which is given what each story says of the same days."""
    begins = starts(*stories)
    ends = [*(day - _DAY for day in begins[1:]), OPEN]
    return normal(
        Dated(value=value, first=first, last=last)
        for first, last in zip(begins, ends, strict=True)
        if (value := tell(*(at(story, first) for story in stories))) is not None
    )


def normal(pieces: Iterable[Dated[R]]) -> Story[R]:
    """Make neighbours that touch and say the same one piece. ``pieces`` rise and don't overlap."""
    found: list[Dated[R]] = []
    for piece in pieces:
        last = found[-1] if found else None
        if last is not None and last.last + _DAY == piece.first and last.value == piece.value:
            found[-1] = replace(last, last=piece.last)
        else:
            found.append(piece)
    return tuple(found)


def clipped(story: Story[T], first: date, last: date) -> Story[T]:
    """Return what a story says of the days from ``first`` to ``last``."""
    return tuple(
        piece
        if first <= piece.first and piece.last <= last
        else replace(piece, first=max(piece.first, first), last=min(piece.last, last))
        for piece in story
        if piece.first <= last and first <= piece.last
    )


def replaced(story: Story[T], other: Story[T], first: date, last: date = OPEN) -> Story[T]:
    """Return ``story`` with the days from ``first`` to ``last`` told by ``other``."""
    before = clipped(story, EVER, first - _DAY) if first > EVER else ()
    after = clipped(story, last + _DAY, OPEN) if last < OPEN else ()
    return normal((*before, *clipped(other, first, last), *after))


def _first_of(piece: Dated[Any]) -> date:
    return piece.first
