"""Entries of the units file with days: ``from``, ``to``, and what it was ``before``.

An entry says what holds now. ``before`` lists what it was, oldest first, each with the last day
(``to``) on which it was so; a key that is not repeated there was the same then. Days are included
on both ends.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final, TypeVar

from server.config.document import Field, Record
from server.domain.dated import EVER, OPEN, Dated, Story, normal

T = TypeVar("T")

_DAYS: Final = ("from", "to", "before")
_EITHER: Final = frozenset({"agent", "agents"})
"""One says what the other would: who gives one takes the other away."""


def dated_record(field: Field, *keys: str) -> Record:
    """Return an entry's mapping: ``keys`` and those of its days."""
    return field.mapping(*keys, *_DAYS)


def story_of(told: Record, keys: tuple[str, ...], make: Callable[[Record], T]) -> Story[T]:
    """Read the story of an entry. ``keys``: those that may have been different before."""
    return normal(_pieces(told, keys, make))


def _pieces(told: Record, keys: tuple[str, ...], make: Callable[[Record], T]) -> Iterator[Dated[T]]:
    begin, end = told.get("from"), told.get("to")
    first = EVER if begin is None else begin.date()
    for item in told.items("before"):
        past = item.mapping(*keys, "to")
        until = past.need("to")
        last = _not_before(until, first)
        yield Dated(value=make(_as_it_was(told, past)), first=first, last=last)
        if last == OPEN:
            raise until.error("nothing can come after this day")
        first = last + timedelta(days=1)
    last = OPEN if end is None else _not_before(end, first)
    yield Dated(value=make(told), first=first, last=last)


def _not_before(field: Field, first: date) -> date:
    day = field.date()
    if day < first:
        raise field.error(f"ends ({day}) before it begins ({first})")
    return day


def _as_it_was(told: Record, past: Record) -> Record:
    """Return the entry with what it was before in place of what it is."""
    same = {
        name: value
        for name, value in told.fields.items()
        if not (name in _EITHER and _EITHER & past.fields.keys())
    }
    return Record(past.field, {**same, **past.fields})
