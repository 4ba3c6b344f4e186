"""Reports that are made by themselves each month, and mailed. Pure decisions and their records.

A schedule is a record of kind ``report_schedule``. On its day of the month the report on the month
before is due; the record of a made report is named after schedule and month, so it is made once
whichever server does it. That it was mailed is a record of its own (``report_mail``), written after
the mail server took it: a crash between the two sends the mail twice, never not at all.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import msgspec

from server.reports.asking import Wish
from server.storage import Record

KIND: Final = "report_schedule"
MAIL: Final = "report_mail"
LAST_DAY: Final = 28
"""Every month has such a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """A report that is due every month.

    Attributes:
        kind: A kind about any days (a key of ``KINDS``).
        unit, school: About whom; one is empty.
        on_day: The day of the month, 1 to 28, on which the month before is reported.
        since: The local day on which it was set up: nothing older is made.
        mail: Whether it is mailed to the addresses of the server's settings.
    """

    kind: str
    unit: str
    school: str
    on_day: int
    since: date
    mail: bool

    def wish(self, day: date) -> Wish:
        """Return what is asked for on a day: the month before."""
        month = day.replace(day=1) - timedelta(days=1)
        return Wish(kind=self.kind, unit=self.unit, school=self.school, month=f"{month:%Y-%m}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailed:
    """That a report was mailed, or that it never can be (``trouble``)."""

    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """One report that is due: its record's name, whose it is, and what is asked for."""

    name: str
    schedule_id: str
    wish: Wish


def schedule_in(record: Record) -> Schedule:
    """Return the content of a record of kind ``report_schedule``."""
    return msgspec.json.decode(record.data, type=Schedule)


def due(schedules: Iterable[Record], *, made: Collection[str], today: date) -> Iterator[Due]:
    """Yield what is due today and has not been made."""
    for record in schedules:
        schedule = schedule_in(record)
        on = today.replace(day=schedule.on_day)
        wish = schedule.wish(today)
        name = f"{record.id}-{wish.month}"
        if schedule.since <= on <= today and name not in made:
            yield Due(name, record.id, wish)
