"""The calendar's page: what differs from the plan's weeks, what is announced, what work costs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from server.domain.calendar import SchoolHours, local_date
from server.domain.exceptions import Exceptions
from server.domain.plan import Plan
from server.domain.register import Register
from server.domain.remedies import Price, Work
from server.domain.schoolyear import DayKind, SchoolYear, windows_on
from server.figuring import DayOffEntry, WorkEntry
from server.storage import Record

NAMED: Final = 3
MOST_CHOICES: Final = 400
_AHEAD: Final = timedelta(days=370)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry with who wrote it. ``schools``: names, at most a few; ``others``: how many more.

    ``day_off`` or ``work`` is set; ``zones`` names the zones of the work.
    """

    id: str
    revision: int
    by: str
    at: datetime
    schools: tuple[str, ...] | None
    others: int
    day_off: DayOffEntry | None = None
    work: WorkEntry | None = None
    zones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """What today is for a kind of school."""

    kind: str
    day: DayKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarPage:
    """Everything on the page; what is over comes apart, the newest first."""

    today: date
    kinds: tuple[Today, ...]
    years: tuple[SchoolYear, ...]
    every_week: bool
    holidays: tuple[tuple[date, str], ...]
    days_off: tuple[Line, ...]
    past_days_off: tuple[Line, ...]
    works: tuple[Line, ...]
    past_works: tuple[Line, ...]
    units: tuple[tuple[str, str], ...]
    schools: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceLine:
    """A kind of work and its price, if somebody has set one."""

    work: Work
    price: Price | None
    revision: int
    by: str | None = None
    at: datetime | None = None


def calendar_page(
    plan: Plan,
    register: Register,
    exceptions: Exceptions,
    *,
    today: date,
    days_off: Iterable[tuple[Record, DayOffEntry]],
    works: Iterable[tuple[Record, WorkEntry]],
) -> CalendarPage:
    """Return the page's view."""
    off = sorted((_day_off(register, record, entry) for record, entry in days_off), key=_first_of)
    announced = sorted((_work(register, record, entry) for record, entry in works), key=_first_of)
    calendar = plan.calendar
    return CalendarPage(
        today=today,
        kinds=_today(plan, exceptions, today),
        years=calendar.known_years,
        every_week=not isinstance(calendar.years, tuple),
        holidays=tuple(sorted(_near(calendar.holidays, today))),
        days_off=tuple(line for line in off if _last_of(line) >= today),
        past_days_off=tuple(line for line in reversed(off) if _last_of(line) < today),
        works=tuple(line for line in announced if _last_of(line) >= today),
        past_works=tuple(line for line in reversed(announced) if _last_of(line) < today),
        units=tuple(sorted(_units(register, today), key=lambda u: u[1])),
        schools=tuple(_schools(register, today)),
    )


def price_lines(records: Mapping[str, Record], prices: Mapping[Work, Price]) -> list[PriceLine]:
    """Return every kind of work in its order, with its price and who set it."""
    return [_price(kind, records.get(kind), prices.get(kind)) for kind in Work]


def _price(kind: Work, record: Record | None, price: Price | None) -> PriceLine:
    if record is None:
        return PriceLine(work=kind, price=None, revision=0)
    return PriceLine(work=kind, price=price, revision=record.revision, by=record.by, at=record.at)


def _today(plan: Plan, exceptions: Exceptions, today: date) -> tuple[Today, ...]:
    """Return what today is for each kind of school, as far as it holds for all of a kind."""
    everywhere = tuple(e for e in exceptions.days_off if e.schools is None)

    def kind_of(hours: SchoolHours | None) -> DayKind:
        found = windows_on(plan.calendar, hours, today, school="", extra=everywhere)
        if found is None:
            return DayKind.UNSET
        return DayKind.SCHOOL if found else DayKind.OFF

    return tuple(Today(kind=kind, day=kind_of(hours)) for kind, hours in plan.school_hours.items())


def _near(holidays: Mapping[date, str], today: date) -> Iterable[tuple[date, str]]:
    return ((day, name) for day, name in holidays.items() if today <= day < today + _AHEAD)


def _day_off(register: Register, record: Record, entry: DayOffEntry) -> Line:
    schools, others = _named(register, entry.schools)
    return Line(
        id=record.id,
        revision=record.revision,
        by=record.by,
        at=record.at,
        schools=schools,
        others=others,
        day_off=entry,
    )


def _work(register: Register, record: Record, entry: WorkEntry) -> Line:
    schools, others = _named(register, entry.schools)
    meant = register.schools if entry.schools is None else entry.schools
    names = {
        story[-1].value.id: story[-1].value.name
        for school in meant
        if entry.zones and school in register.schools
        for story in register.schools[school].zones
        if story
    }
    return Line(
        id=record.id,
        revision=record.revision,
        by=record.by,
        at=record.at,
        schools=schools,
        others=others,
        work=entry,
        zones=tuple(sorted({names.get(zone, zone) for zone in entry.zones or ()})),
    )


def _named(register: Register, schools: Sequence[str] | None) -> tuple[tuple[str, ...] | None, int]:
    if schools is None:
        return None, 0
    names = tuple(register.school_name(school) for school in schools[:NAMED])
    return names, max(0, len(schools) - NAMED)


def _first_of(line: Line) -> tuple[date, str]:
    if line.day_off is not None:
        return line.day_off.first, line.id
    return (local_date(line.work.start) if line.work else date.min), line.id


def _last_of(line: Line) -> date:
    if line.day_off is not None:
        return line.day_off.last
    return local_date(line.work.end) if line.work else date.min


def _units(register: Register, day: date) -> Iterable[tuple[str, str]]:
    return ((unit.id, unit.name) for unit in register.on(day).units)


def _schools(register: Register, day: date) -> list[tuple[str, str]]:
    """Return the schools to choose from; none where they are too many for a list."""
    schools = register.on(day).schools
    if len(schools) > MOST_CHOICES:
        return []
    return sorted(((s.id, s.name) for s in schools), key=lambda s: s[1])
