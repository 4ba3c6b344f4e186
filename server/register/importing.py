"""An import: rows against a register, with a result for each row. Pure; nothing half done.

All rows are tried, so that every mistake is told at once; a single one means that nothing is to be
written. The whole register that would come out has to hold together on every day.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final, NamedTuple

from server.domain.dated import EVER, OPEN, Story, at, clipped
from server.domain.flaws import Flaw, Kinds, Thing, What, Wrong, flaws
from server.domain.histories import SchoolHistory, UnitHistory
from server.domain.register import Register
from server.register.cells import EVER_WORD, OPEN_WORD, Words, write_day
from server.register.drafts import Drafts
from server.register.entries import Entry, Row, Trouble, entry_of, gathered
from server.register.telling import TellingError, first_of, told
from server.texts.tongue import N_

_FLAWS: Final[Mapping[Wrong, tuple[str, str]]] = {
    Wrong.NO_PARENT: ("parent", N_("there is no unit “%(of)s” on %(day)s")),
    Wrong.CIRCLE: ("parent", N_("on %(day)s the units go in a circle through “%(of)s”")),
    Wrong.NO_UNIT: ("unit", N_("there is no unit “%(of)s” on %(day)s")),
    Wrong.NO_ZONE: ("zone", N_("the school has no area “%(of)s” on %(day)s")),
    Wrong.NO_GATE: ("gates", N_("the school has no gate “%(of)s” on %(day)s")),
    Wrong.NO_AGENT: ("sources", N_("the school has no gate PC “%(of)s” on %(day)s")),
    Wrong.NO_SUCCESSOR: ("merged_into", N_("there is no “%(of)s” to be merged into")),
    Wrong.FORBIDDEN: ("zone", N_("no camera may be in an area of the kind “%(of)s”")),
    Wrong.UNKNOWN_KIND: ("kind", N_("the plan does not know the kind of area “%(of)s”")),
    Wrong.ELSEWHERE: ("school", N_("on %(day)s the school “%(of)s” has it")),
    Wrong.EYE_TAKEN: ("sources", N_("on %(day)s that is already the camera “%(of)s”")),
}
_ORDER: Final = tuple(What)


class Outcome(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    ERROR = "error"


class Change(NamedTuple):
    """An attribute that a row changes, by its column's key, as cells say it."""

    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What becomes of one row. ``first``: from when it holds."""

    row: Row
    outcome: Outcome
    first: date | None = None
    changes: tuple[Change, ...] = ()
    troubles: tuple[Trouble, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import would do. ``elsewhere``: flaws of things that no row names."""

    results: tuple[Result, ...]
    elsewhere: tuple[tuple[Thing, Trouble], ...] = ()
    units: tuple[UnitHistory, ...] = ()
    schools: tuple[SchoolHistory, ...] = ()

    @property
    def counts(self) -> Mapping[Outcome, int]:
        """How many rows have each outcome."""
        return Counter(result.outcome for result in self.results)

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong, so that it may be written."""
        return not self.elsewhere and not self.counts.get(Outcome.ERROR)


@dataclass(slots=True)
class _Work:
    """What is known of each row while an import is being tried; rows go by their number."""

    words: Words
    day: date
    drafts: Drafts
    troubles: dict[int, list[Trouble]] = field(default_factory=dict)
    results: dict[int, Result] = field(default_factory=dict)
    _numbers: dict[int, int] = field(default_factory=dict)

    def read(self, rows: Sequence[Row]) -> Iterator[Entry]:
        """Yield what rows say; note what is wrong with those that can't be read."""
        for number, row in enumerate(rows):
            found = entry_of(row, self.words)
            if isinstance(found, Entry):
                self._numbers[id(found)] = number
                yield found
            else:
                self.troubles[number] = found

    def blame(self, entries: Iterable[Entry], trouble: Trouble) -> None:
        """Note what is wrong with rows."""
        for entry in entries:
            self.troubles.setdefault(self._numbers[id(entry)], []).append(trouble)

    def note(self, entry: Entry, result: Result) -> None:
        """Note what becomes of a row."""
        self.results[self._numbers[id(entry)]] = result

    def result(self, number: int, row: Row) -> Result:
        """Return what becomes of a row in the end."""
        troubles = self.troubles.get(number)
        if troubles:
            return Result(row=row, outcome=Outcome.ERROR, troubles=tuple(troubles))
        return self.results[number]


def imported(
    register: Register, rows: Sequence[Row], *, words: Words, kinds: Kinds, day: date
) -> Imported:
    """Try an import. ``day``: from when a row holds that names no first day."""
    work = _Work(words, day, Drafts(register))
    entries = list(work.read(rows))
    things = gathered(entries)
    for thing in sorted(things, key=lambda t: _ORDER.index(t.what)):
        _try(thing, things[thing], work)
    units, schools = work.drafts.changed()
    after = register.with_changes(units, schools)
    known = set(flaws(register, kinds))
    elsewhere = []
    for flaw in (f for f in flaws(after, kinds) if f not in known):
        to_blame = _rows_of(flaw, things)
        work.blame(to_blame, _trouble(flaw))
        if not to_blame:
            elsewhere.append((flaw.thing, _trouble(flaw)))
    return Imported(
        results=tuple(work.result(number, row) for number, row in enumerate(rows)),
        elsewhere=tuple(elsewhere),
        units=units,
        schools=schools,
    )


def _try(thing: Thing, entries: Sequence[Entry], work: _Work) -> None:
    """Put what the rows of one thing say into the drafts, and note each row's result."""
    if thing.what not in {What.UNIT, What.SCHOOL} and work.drafts.school(thing.school) is None:
        there_is_none = N_("there is no school “%(of)s”")
        work.blame(entries, Trouble("school", there_is_none, {"of": thing.school or ""}))
        return
    before = work.drafts.story(thing)
    try:
        after = told(before, entries, work.day)
    except TellingError as error:  # which of the rows is right can't be told
        work.blame(entries, error.trouble)
        return
    first = min(first_of(entry, work.day) for entry in entries)
    left = None if before else work.drafts.leave(thing, first)
    if after != before:
        work.drafts.put(thing, after)
    for entry in entries:
        changes = [] if after == before else list(_changes(entry, before, after, work))
        if left is not None:
            changes.insert(0, Change("school", left, thing.school or ""))
        changes += _merger(thing, entry, after, work)
        new = not before and left is None
        outcome = Outcome.NEW if new else Outcome.CHANGED if changes else Outcome.SAME
        result = Result(
            row=entry.row,
            outcome=outcome,
            first=first_of(entry, work.day),
            changes=() if new else tuple(changes),
        )
        work.note(entry, result)


def _merger(thing: Thing, entry: Entry, after: Story[Any], work: _Work) -> Iterator[Change]:
    """Say into what the thing was merged, if the row does, and yield it as a change."""
    if entry.merged_into is None:
        return
    if after[-1].last == OPEN:
        work.blame([entry], Trouble("to", N_("what was merged needs its last day")))
    before = work.drafts.successor(thing)
    if entry.merged_into != before:
        work.drafts.merge(thing, entry.merged_into)
        yield Change("merged_into", before or "", entry.merged_into)


def _changes(entry: Entry, before: Story[Any], after: Story[Any], work: _Work) -> Iterator[Change]:
    """Yield what a row changes on its first day, and the beginning and end if they move."""
    first = first_of(entry, work.day)
    old, new = at(before, first), at(after, first)
    if old is not None and new is not None:
        for key in entry.values:
            if getattr(old, key) != getattr(new, key):
                write = work.words.write
                yield Change(key, write(key, old), write(key, new))
    elif before:
        yield Change("from", write_day(min(p.first for p in before)), write_day(first))
    last = entry.last or OPEN
    ends = [max((p.last for p in clipped(s, first, last)), default=None) for s in (before, after)]
    if before and ends[0] != ends[1]:
        yield Change("to", *(_end(day) for day in (before[-1].last, after[-1].last)))


def _end(day: date) -> str:
    return OPEN_WORD if day == OPEN else write_day(day)


def _rows_of(flaw: Flaw, things: Mapping[Thing, Sequence[Entry]]) -> Sequence[Entry]:
    """Return the rows to blame: the thing's own, else those of what it names."""
    own = things.get(flaw.thing)
    if own:
        return own[-1:]
    school = flaw.thing.school
    named = (e for t, e in things.items() if t.id == flaw.of and t.school in {None, school})
    return next(named, ())[-1:]


def _trouble(flaw: Flaw) -> Trouble:
    column, text = _FLAWS[flaw.wrong]
    day = EVER_WORD if flaw.day == EVER else write_day(flaw.day)
    return Trouble(column, text, {"of": flaw.of, "day": day, "thing": flaw.thing.id})
