"""What people typed in beside the plan: days that differ, and work that was announced.

A typhoon day, a local holiday, a make-up Saturday (``DayOff``); a morning on which a technician
works on a school, or on some zones of it (``Work``). Each may be entered before or after it
happened, and taken back.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from server.domain.calendar import Maintenance
from server.domain.interval import Interval
from server.domain.schoolyear import DayOff


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Announced work: its time does not count.

    Attributes:
        maintenance: From when to when, and why.
        schools: Ids of the schools; None: all.
        zones: Ids of the zones of these schools; None: the whole school.
    """

    maintenance: Maintenance
    schools: tuple[str, ...] | None = None
    zones: tuple[str, ...] | None = None

    def concerns(self, school: str, window: Interval) -> bool:
        """Tell whether it takes some of a school's ``window`` away."""
        near = self.maintenance.interval.cut(window) is not None
        return near and (self.schools is None or school in self.schools)


@dataclass(frozen=True)
class Exceptions:
    """Everything that was typed in and stands, in any order."""

    days_off: tuple[DayOff, ...] = ()
    works: tuple[Work, ...] = ()

    def days_off_of(self, school: str) -> tuple[DayOff, ...]:
        """Return the entries that may say something of a school's days."""
        return (*self._days_off_by[None], *self._days_off_by.get(school, ()))

    def works_of(self, school: str, window: Interval) -> Iterable[Work]:
        """Yield the work that takes some of a school's ``window`` away."""
        return (work for work in self._near(school) if work.concerns(school, window))

    def _near(self, school: str) -> Collection[Work]:
        return (*self._works_by[None], *self._works_by.get(school, ()))

    @cached_property
    def _days_off_by(self) -> dict[str | None, list[DayOff]]:
        found: dict[str | None, list[DayOff]] = {None: []}
        for entry in self.days_off:
            for school in (None,) if entry.schools is None else entry.schools:
                found.setdefault(school, []).append(entry)
        return found

    @cached_property
    def _works_by(self) -> dict[str | None, list[Work]]:
        found: dict[str | None, list[Work]] = {None: []}
        for work in self.works:
            for school in (None,) if work.schools is None else work.schools:
                found.setdefault(school, []).append(work)
        return found


NONE: Final = Exceptions()
"""Nothing was typed in."""
