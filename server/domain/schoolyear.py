"""On which days a school must be watched: school years, holidays, local days, exceptions.

Every question has three answers: these hours, no hours, or *nobody says*. A missing calendar must
never make 0 % or 100 % of anything, so a day of the third kind (``DayKind.UNSET``) counts neither
as a school day nor as a day off: what is asked over it can't be told.

What holds on one local day, the first that says something:

1. An entry for the day (``DayOff``). Of several, one from ``extra`` (typed in on a page) beats the
   plan's own, then one that names the school beats one for all, then the shorter one, then an
   exception beats a local day beats a holiday, then a whole day off beats hours. So the order in
   which entries stand never matters.
2. A weekday on which this kind of school has no sessions in any week: off.
3. A public holiday: off; where the plan doesn't say whether public holidays are off: nobody says.
4. The time between two known school years that follow each other: off. No known year: nobody says.
   Before the first and after the last one nobody says either: a plan that ends in May knows
   nothing of August. A local day of many days ("Nghỉ hè") says it.
5. The sessions of the plan; unset ones: nobody says.

``EVERY_WEEK`` stands for a plan that has its sessions in every week of every year: steps 3 and 4
are left out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum, StrEnum
from typing import Final, NamedTuple

from server.domain.calendar import DayWindow, SchoolHours
from server.domain.citation import Citation


class DayKind(StrEnum):
    """What a day is for a school."""

    SCHOOL = "school"
    OFF = "off"
    UNSET = "unset"


class DayOffKind(StrEnum):
    """Why a day differs from its weekday; the later one of these beats the earlier."""

    HOLIDAY = "holiday"
    LOCAL = "local"
    EXCEPTION = "exception"


class EveryWeek(Enum):
    """The one value that says: no school years, every week of every year."""

    EVERY_WEEK = "every_week"


EVERY_WEEK: Final = EveryWeek.EVERY_WEEK

LONGEST_BREAK: Final = timedelta(days=200)
"""A summer lasts three months; two years with a year missing between them lie over a year apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolYear:
    """A school year, both ends included.

    Attributes:
        id: As people call it, "2026-2027".
        term1_last: The last day of the first term, within the year; None is unset.
        weeks: How many weeks of real teaching the authority asks for; None is unset. Shown only.

    Raises ``ValueError`` when the days are out of order.
    """

    id: str
    first: date
    last: date
    term1_last: date | None = None
    weeks: int | None = None
    source: Citation | None = None

    def __post_init__(self) -> None:
        """Refuse days out of order."""
        if not self.first <= (self.term1_last or self.first) <= self.last:
            raise ValueError(f"not in order: {self.first}, {self.term1_last}, {self.last}")


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOff:
    """Days that differ from their weekday, both ends included.

    Attributes:
        reason: In the words of whoever typed it in.
        schools: Ids of the schools it holds for; None: all.
        windows: None: whole days off. Else the hours that are held on each of these days: a
            make-up Saturday, or a morning only.

    Raises ``ValueError`` when it ends before it begins or when its windows are no windows.
    """

    first: date
    last: date
    reason: str
    kind: DayOffKind = DayOffKind.LOCAL
    schools: tuple[str, ...] | None = None
    windows: tuple[DayWindow, ...] | None = None
    source: Citation | None = None

    def __post_init__(self) -> None:
        """Refuse reversed days and windows that are empty, disordered or overlapping."""
        if self.last < self.first:
            raise ValueError(f"ends ({self.last}) before it begins ({self.first})")
        if self.windows is not None:
            SchoolHours(days=(0,), windows=self.windows)  # the same rules

    def holds(self, day: date, school: str) -> bool:
        """Tell whether it says something of this school's day."""
        within = self.first <= day <= self.last
        return within and (self.schools is None or school in self.schools)


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolCalendar:
    """The school years that a plan knows, and the days that differ.

    Attributes:
        years: Rising, not overlapping; none: nobody says.
        holidays: Public holidays that are off, and their names.
        unsure_holidays: Public holidays of which the plan doesn't say whether they are off.
        days_off: The plan's own further days.

    Raises ``ValueError`` when years overlap or are out of order.
    """

    years: tuple[SchoolYear, ...] | EveryWeek = ()
    holidays: Mapping[date, str] = field(default_factory=dict)
    unsure_holidays: Mapping[date, str] = field(default_factory=dict)
    days_off: tuple[DayOff, ...] = ()

    def __post_init__(self) -> None:
        """Refuse years that overlap or are out of order."""
        for one, following in zip(self.known_years, self.known_years[1:], strict=False):
            if following.first <= one.last:
                raise ValueError(f"school year {following.id} begins before {one.id} ends")

    @property
    def known_years(self) -> tuple[SchoolYear, ...]:
        """The school years; none where every week is meant."""
        return () if self.years is EVERY_WEEK else self.years

    def year_of(self, day: date) -> SchoolYear | None:
        """Return the school year that holds a day."""
        return next((y for y in self.known_years if y.first <= day <= y.last), None)

    def is_between(self, day: date) -> bool:
        """Tell whether a day lies between a known year and the known one that follows it."""
        pairs = zip(self.known_years, self.known_years[1:], strict=False)
        return any(
            one.last < day < following.first and _follow(one, following) for one, following in pairs
        )


def windows_on(
    calendar: SchoolCalendar,
    hours: SchoolHours | None,
    day: date,
    *,
    school: str,
    extra: Sequence[DayOff] = (),
) -> tuple[DayWindow, ...] | None:
    """Return the hours of one school's local day; none: off; None: nobody says.

    ``hours`` are the sessions of its kind of school (None: unset), ``extra`` what people added.
    """
    said = entry_on(calendar, day, school=school, extra=extra)
    if said is not None:
        return said.windows or ()
    if hours is not None and day.weekday() not in hours.days:
        return ()
    usual = None if hours is None else hours.windows
    if calendar.years is EVERY_WEEK:
        return usual
    if day in calendar.holidays or calendar.is_between(day):
        return ()
    if day in calendar.unsure_holidays or calendar.year_of(day) is None:
        return None
    return usual


def day_kind(
    calendar: SchoolCalendar,
    hours: SchoolHours | None,
    day: date,
    *,
    school: str,
    extra: Sequence[DayOff] = (),
) -> DayKind:
    """Return what a day is for a school; see ``windows_on``."""
    windows = windows_on(calendar, hours, day, school=school, extra=extra)
    if windows is None:
        return DayKind.UNSET
    return DayKind.SCHOOL if windows else DayKind.OFF


def entry_on(
    calendar: SchoolCalendar, day: date, *, school: str, extra: Sequence[DayOff] = ()
) -> DayOff | None:
    """Return the entry that decides a school's day, if there is one."""
    for entries in (extra, calendar.days_off):
        found = [entry for entry in entries if entry.holds(day, school)]
        if found:
            return max(found, key=_rank)
    return None


def why_off(
    calendar: SchoolCalendar, day: date, *, school: str, extra: Sequence[DayOff] = ()
) -> str | None:
    """Return the words for a day that differs: an entry's reason or a holiday's name."""
    said = entry_on(calendar, day, school=school, extra=extra)
    return said.reason if said is not None else calendar.holidays.get(day)


class _Rank(NamedTuple):
    """What makes one entry beat another on the same day; the largest stands."""

    names_school: bool
    days: int
    kind: int
    whole_day: bool
    first: date
    reason: str
    windows: tuple[DayWindow, ...]


_KINDS: Final = tuple(DayOffKind)


def _rank(entry: DayOff) -> _Rank:
    return _Rank(
        names_school=entry.schools is not None,
        days=-(entry.last - entry.first).days,
        kind=_KINDS.index(entry.kind),
        whole_day=entry.windows is None,
        first=entry.first,
        reason=entry.reason,
        windows=entry.windows or (),
    )


def _follow(one: SchoolYear, following: SchoolYear) -> bool:
    """Tell whether no unknown school year fits between two known ones."""
    return following.first - one.last < LONGEST_BREAK
