"""Which papers a school owes in a year, by when, and how far each has come. Pure.

A paper is *late* only where the plan names a day and that day is over: what has no day is listed
and never late. Whoever handed a paper in can't be the one who approves it or gives it back.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from server.domain.calendar import local_date
from server.domain.duties import DocumentDuty
from server.domain.schoolyear import LONGEST_BREAK, SchoolCalendar

SCHOOL: Final = "truong"
"""The word by which a plan says that a paper is a school's."""
_YEAR_MONTHS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkYear:
    """The days, both included, whose papers belong together.

    A school year with the summer after it, or a calendar year where the plan names no school year.
    """

    id: str
    first: date
    last: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """One paper of one year: ``number`` counts those of one duty from 1; ``due`` None is unset."""

    duty: DocumentDuty
    number: int
    due: date | None


class Deed(StrEnum):
    """What was done with a paper."""

    HANDED_IN = "handed_in"
    APPROVED = "approved"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file: the SHA-256 under which it is kept, its name, media type and size in bytes."""

    sha256: str
    name: str
    media: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One deed: who, when, with which file (handed in) and in which words (returned: why)."""

    deed: Deed
    by: str
    at: datetime
    paper: Paper | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedIn:
    """All that happened to one owed paper, the oldest first."""

    school: str
    duty: str
    year: str
    number: int = 1
    turns: tuple[Turn, ...] = ()

    @property
    def handing(self) -> Turn | None:
        """The last time that it was handed in."""
        found = (turn for turn in reversed(self.turns) if turn.deed is Deed.HANDED_IN)
        return next(found, None)

    @property
    def stands(self) -> bool:
        """Whether a paper is with the office: handed in and not given back."""
        return bool(self.turns) and self.turns[-1].deed is not Deed.RETURNED


class Objection(StrEnum):
    """Why a deed can't be done."""

    APPROVED = "approved"
    NOT_HANDED_IN = "not_handed_in"
    SAME_PERSON = "same_person"
    NO_REASON = "no_reason"


class WrongTurnError(ValueError):
    """A deed that can't be done to a paper now; nothing has changed."""

    def __init__(self, why: Objection) -> None:
        super().__init__(why.value)
        self.why = why


class Status(StrEnum):
    """How far a paper is."""

    NO_DAY = "no_day"
    OWED = "owed"
    OVERDUE = "overdue"
    HANDED_IN = "handed_in"
    RETURNED = "returned"
    APPROVED = "approved"


def work_year(calendar: SchoolCalendar, day: date) -> WorkYear:
    """Return the year that holds a day: a known school year's, else the calendar year."""
    known = next((y for y in work_years(calendar) if y.first <= day <= y.last), None)
    return known or WorkYear(
        id=str(day.year), first=date(day.year, 1, 1), last=date(day.year, 12, 31)
    )


def work_years(calendar: SchoolCalendar) -> tuple[WorkYear, ...]:
    """Return the years of a calendar, the oldest first: each lasts until the next one begins.

    Where the next one is not known, or lies too far away to be the next, it lasts twelve months.
    """
    known = calendar.known_years
    found = []
    for year, after in zip(known, (*known[1:], None), strict=False):
        ends = max(_months_on(year.first, _YEAR_MONTHS), year.last + timedelta(days=1))
        if after and (after.first < ends or after.first - year.last < LONGEST_BREAK):
            ends = after.first
        found.append(WorkYear(id=year.id, first=year.first, last=ends - timedelta(days=1)))
    return tuple(found)


def owed(duties: Iterable[DocumentDuty], school_kind: str, year: WorkYear) -> Iterator[Owed]:
    """Yield the papers that a kind of school owes in a year, in the plan's order."""
    for duty in duties:
        if duty.by == SCHOOL and (duty.applies_to is None or school_kind in duty.applies_to):
            for number, due in enumerate(dues(duty, year), start=1):
                yield Owed(duty=duty, number=number, due=due)


def dues(duty: DocumentDuty, year: WorkYear) -> tuple[date | None, ...]:
    """Return by when a paper is due within a year, rising; None stands for a day that is unset.

    A day without a year says nothing about which year a paper of every five years is due in, so
    that is unset, too.
    """
    if duty.due is None:
        return (None,)
    step = duty.every_months
    if duty.due.year is None:
        step = step or _YEAR_MONTHS
        if step > _YEAR_MONTHS:
            return (None,)
    elif step is None:
        return tuple(duty.due.within(year.first, year.last))
    month, day = _month(duty.due.year or year.first.year, duty.due.month), duty.due.day
    begin, end = _month(year.first.year, year.first.month), _month(year.last.year, year.last.month)
    months = range(begin + (month - begin) % step, end + 1, step)
    found = (_clamped(index, day) for index in months)
    return tuple(due for due in found if year.first <= due <= year.last)


def turned(handed: HandedIn, turn: Turn) -> HandedIn:
    """Return the paper after a deed. Raises ``WrongTurnError``; nothing has changed then."""
    last = handed.turns[-1].deed if handed.turns else None
    if turn.deed is Deed.HANDED_IN:
        if last is Deed.APPROVED:
            raise WrongTurnError(Objection.APPROVED)
    elif last is not Deed.HANDED_IN:
        raise WrongTurnError(Objection.NOT_HANDED_IN)
    elif turn.by in {t.by for t in handed.turns if t.deed is Deed.HANDED_IN}:
        raise WrongTurnError(Objection.SAME_PERSON)
    elif turn.deed is Deed.RETURNED and not turn.note:
        raise WrongTurnError(Objection.NO_REASON)
    return replace(handed, turns=(*handed.turns, turn))


def status(paper: Owed, handed: HandedIn | None, today: date) -> Status:
    """Return how far a paper is."""
    if handed is not None and handed.turns:
        return Status(handed.turns[-1].deed)
    if paper.due is None:
        return Status.NO_DAY
    return Status.OVERDUE if today > paper.due else Status.OWED


def late_days(paper: Owed, handed: HandedIn | None, today: date) -> int:
    """Return by how many days a paper is late, or was when the one that stands was handed in."""
    if paper.due is None:
        return 0
    handing = handed.handing if handed is not None and handed.stands else None
    return max(0, ((local_date(handing.at) if handing else today) - paper.due).days)


def _month(year: int, month: int) -> int:
    """Return a month's number, counted through the years."""
    return year * _YEAR_MONTHS + month - 1


def _clamped(index: int, day: int) -> date:
    year, month = index // _YEAR_MONTHS, index % _YEAR_MONTHS + 1
    return date(year, month, min(day, monthrange(year, month)[1]))


def _months_on(day: date, months: int) -> date:
    return _clamped(_month(day.year, day.month) + months, day.day)
