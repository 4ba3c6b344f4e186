"""Days off and announced work in the book of records: kinds ``day_off`` and ``maintenance``.

Whoever typed an entry and when stands in its record; an entry that is taken back stays there.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import msgspec

from server.domain.calendar import DayWindow, Maintenance
from server.domain.exceptions import Exceptions, Work
from server.domain.interval import Interval
from server.domain.schoolyear import DayOff, DayOffKind
from server.storage import Record, Store

DAY_OFF: Final = "day_off"
MAINTENANCE: Final = "maintenance"


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOffEntry:
    """Days that differ, as typed in: see ``domain.schoolyear.DayOff``."""

    first: date
    last: date
    reason: str
    kind: DayOffKind
    schools: tuple[str, ...] | None = None
    windows: tuple[DayWindow, ...] | None = None

    def day_off(self) -> DayOff:
        """Return what it says. Raises ``ValueError`` for days or windows that are none."""
        return DayOff(
            first=self.first,
            last=self.last,
            reason=self.reason,
            kind=self.kind,
            schools=self.schools,
            windows=self.windows,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkEntry:
    """Announced work, as typed in: see ``domain.exceptions.Work``. Moments are UTC."""

    start: datetime
    end: datetime
    reason: str
    schools: tuple[str, ...] | None = None
    zones: tuple[str, ...] | None = None

    def work(self) -> Work:
        """Return what it says. Raises ``ValueError`` for a span that is none."""
        return Work(
            maintenance=Maintenance(
                interval=Interval(moment_of(self.start), moment_of(self.end)), reason=self.reason
            ),
            schools=self.schools,
            zones=self.zones,
        )


def moment_of(read: datetime) -> datetime:
    """Return a moment that was read from JSON with the one UTC that spans are made of."""
    return read.astimezone(UTC)


async def load_exceptions(store: Store) -> Exceptions:
    """Return everything that stands now. Raises ``StoreError``."""
    days = await store.records(DAY_OFF)
    works = await store.records(MAINTENANCE)
    return Exceptions(
        days_off=tuple(day_off_in(record).day_off() for record in days),
        works=tuple(work_in(record).work() for record in works),
    )


def day_off_in(record: Record) -> DayOffEntry:
    """Return the content of a record of kind ``day_off``."""
    return msgspec.json.decode(record.data, type=DayOffEntry)


def work_in(record: Record) -> WorkEntry:
    """Return the content of a record of kind ``maintenance``."""
    return msgspec.json.decode(record.data, type=WorkEntry)
