"""The page of reports: what may be asked for, what is being made, what was made. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from server.domain.units import Organisation
from server.reports.jobs import Job
from server.reports.kinds import KINDS, Kind
from server.reports.making import Made
from server.reports.schedule import Schedule, schedule_in
from server.storage import Record

MONTHS: Final = 24
MOST_LISTED: Final = 500
"""Schools that are offered in a list; of more the id is typed in."""


@dataclass(frozen=True, slots=True)
class MadeLine:
    """A report that was made: its record's id, what it holds, who asked and when."""

    id: str
    made: Made
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsView:
    """Everything on the page.

    Attributes:
        yearly, monthly: Kinds by name.
        units, schools: What may be reported on, as id and name; no schools: too many to list.
        years: School years that plans know, the newest first.
        months: As ``2026-10``, the newest first.
        jobs: On their way or given up.
        made: The newest first.
        schedules: What is made every month, with its record's id.
    """

    yearly: Mapping[str, Kind]
    monthly: Mapping[str, Kind]
    units: Sequence[tuple[str, str]]
    schools: Sequence[tuple[str, str]]
    years: Sequence[str]
    months: Sequence[str]
    jobs: Sequence[Job]
    made: Sequence[MadeLine]
    schedules: Sequence[tuple[str, Schedule]]

    @property
    def is_working(self) -> bool:
        """Whether something is on its way."""
        return any(not job.is_over for job in self.jobs)


def reports_page(
    organisation: Organisation,
    *,
    years: Sequence[str],
    today: date,
    jobs: Sequence[Job],
    made: Iterable[tuple[Record, Made]],
    schedules: Iterable[Record],
) -> ReportsView:
    """Put the page together."""
    schools = sorted(((s.id, s.name) for s in organisation.schools), key=lambda s: s[1])
    return ReportsView(
        yearly={name: kind for name, kind in KINDS.items() if kind.years},
        monthly={name: kind for name, kind in KINDS.items() if not kind.years},
        units=[(u.id, u.name) for u in organisation.units],
        schools=schools if len(schools) <= MOST_LISTED else [],
        years=years,
        months=months_before(today),
        jobs=jobs,
        made=[MadeLine(r.id, m, r.by, r.at) for r, m in made],
        schedules=[(r.id, schedule_in(r)) for r in schedules],
    )


class About:
    """Names of units and schools for lists that hold only ids."""

    def __init__(self, organisation: Organisation) -> None:
        self._names = {u.id: u.name for u in organisation.units}
        self._names |= {s.id: s.name for s in organisation.schools}

    def of(self, unit: str | None, school: str | None) -> str:
        """Return a name, or the id where it is no longer registered."""
        wanted = school or unit or "?"
        return self._names.get(wanted, wanted)


def months_before(today: date) -> list[str]:
    """Return the present month and those before it."""
    last = today.year * 12 + today.month - 1
    return [f"{n // 12}-{n % 12 + 1:02}" for n in range(last, last - MONTHS, -1)]
