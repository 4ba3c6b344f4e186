"""What the rows of one thing make of its story. Pure.

One row without a last day tells what holds from its day on: each attribute that it changes stays
changed until the register says something else of that attribute, so a change that was entered for
next month stays. Several rows, or one with a last day, tell everything from their first day on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from server.domain.dated import OPEN, Dated, Story, at, clipped, normal, replaced
from server.register.entries import Entry, Trouble, made
from server.texts.tongue import N_

_DAY = timedelta(days=1)


class TellingError(Exception):
    """The rows of one thing contradict each other."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.text)
        self.trouble = trouble


def first_of(entry: Entry, day: date) -> date:
    """Return from when a row holds: its first day, else ``day``, but not after its last one."""
    if entry.first is not None:
        return entry.first
    return day if entry.last is None else min(day, entry.last)


def told(story: Story[Any], entries: Sequence[Entry], day: date) -> Story[Any]:
    """Return the story as the rows make it. Raises ``TellingError``."""
    if len(entries) == 1 and entries[0].last in {None, OPEN}:
        return _amended(story, entries[0], first_of(entries[0], day))
    rising = sorted(entries, key=lambda entry: first_of(entry, day))
    pieces = tuple(_pieces(story, rising, day))
    return replaced(story, normal(pieces), pieces[0].first)


def _amended(story: Story[Any], entry: Entry, first: date) -> Story[Any]:
    before = at(story, first)
    if before is not None and entry.last is None and not _differences(before, entry):
        return story
    if before is None:
        following = [piece.first for piece in story if piece.first > first]
        last = min(following) - _DAY if following else OPEN
        new = Dated(value=made(entry, None), first=first, last=last)
        return replaced(story, (new,), first, last)
    pieces = list(_changed(clipped(story, first, OPEN), before, entry))
    if entry.last == OPEN:
        pieces[-1] = replace(pieces[-1], last=OPEN)
    return replaced(story, normal(pieces), first)


def _differences(before: Any, entry: Entry) -> dict[str, Any]:
    return {k: v for k, v in entry.values.items() if getattr(before, k) != v}


def _changed(pieces: Story[Any], before: Any, entry: Entry) -> Iterator[Dated[Any]]:
    """Yield the pieces with what the row changes, each attribute until it changes by itself."""
    left = _differences(before, entry)
    end: date | None = None
    for piece in pieces:
        if end is not None and piece.first != end + _DAY:  # it was away: another beginning
            left = {}
        left = {k: v for k, v in left.items() if getattr(piece.value, k) == getattr(before, k)}
        yield replace(piece, value=replace(piece.value, **left))
        end = piece.last


def _pieces(story: Story[Any], entries: Sequence[Entry], day: date) -> Iterator[Dated[Any]]:
    for entry, after in zip(entries, [*entries[1:], None], strict=True):
        if entry.first is None and len(entries) > 1:
            text = N_("of several rows of one thing each needs its first day")
            raise TellingError(Trouble("from", text))
        first = first_of(entry, day)
        begins = None if after is None else first_of(after, day)
        last = _last(entry, first, begins)
        if last is None:
            raise TellingError(Trouble("from", N_("two rows tell of the same days")))
        yield Dated(value=made(entry, at(story, first)), first=first, last=last)


def _last(entry: Entry, first: date, begins: date | None) -> date | None:
    """Return a row's last day, given when the next one begins; None where they overlap."""
    if begins is None:
        return entry.last or OPEN
    if begins <= first or (entry.last is not None and entry.last >= begins):
        return None
    return entry.last or begins - _DAY
