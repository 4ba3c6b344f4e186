"""Reminders of papers that a school owes: which are due, what one names, and their records. Pure.

A record of kind ``reminder`` is one letter to one school on one day; its id follows from the two,
so whoever asks and however often, a school gets one letter a day, and no paper is named twice on
one day. The record stands before the letter leaves (``WAITING``) and is sent until a mail server
took it; a crash in between sends it again under the same id. Addresses stand in the register only:
the record names contacts by their ids.

By itself a school is reminded on the days that the setting names and on no others. A day that was
missed, because no server ran, is made up for on the next; a reminder by hand counts, too.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from server.config import Reminders
from server.domain.calendar import local_date, local_moment
from server.domain.duties_owed import Status
from server.domain.units import Contact, School
from server.storage import Put, Record
from server.yearly.book import record_id
from server.yearly.lists import Line, coming_up, late

REMINDER: Final = "reminder"
_HOUR_MIN: Final = 60
GIVE_UP_AFTER: Final = timedelta(hours=24)
_MISSING: Final = frozenset({Status.OWED, Status.OVERDUE, Status.RETURNED})


class How(StrEnum):
    """How a reminder went."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminded:
    """One letter to one school on one local day.

    Attributes:
        papers: The ids of the papers that it names.
        contacts: To whom it goes, by their ids in the school; each gets a mail of their own.
        reached: Those whose mail left; ``refused``: those to whom none ever will.
        by: Who asked for it; ``BY`` where the setting did.
        trouble: Why somebody was not reached; may hold an address: for officers only.
        done_at: When it left or was given up (UTC).
    """

    school: str
    day: date
    year: str
    papers: tuple[str, ...]
    contacts: tuple[str, ...]
    reached: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    subject: str
    text: str
    by: str
    asked_at: datetime
    how: How = How.WAITING
    trouble: str = ""
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a school would be reminded of, and who would get it: its contacts with an address."""

    school: School
    lines: tuple[Line, ...]
    to: tuple[Contact, ...]


def reminder_id(school: str, day: date) -> str:
    """Return the id of the record of a school's reminder of a day."""
    return record_id(REMINDER, school, day.isoformat())


def reminder_in(record: Record) -> Reminded:
    """Return the content of a record of kind ``reminder``."""
    return msgspec.json.decode(record.data, type=Reminded)


def reminder_put(one: Reminded, *, expected: int) -> Put:
    """Return the revision of a reminder that follows ``expected``."""
    return Put(
        kind=REMINDER,
        id=reminder_id(one.school, one.day),
        expected=expected,
        data=msgspec.json.encode(one),
        school=one.school,
        day=one.day,
    )


def drafts(found: Sequence[Line], schools: Mapping[str, School], today: date) -> list[Draft]:
    """Return a draft for each school that owes something late or due soon, by name.

    ``schools``: as they are today, for their contacts; one that is gone has none.
    """
    by_school: dict[str, list[Line]] = {}
    for line in (*late(found), *coming_up(found, today)):
        by_school.setdefault(line.school.id, []).append(line)
    made = (_draft(lines, schools.get(name)) for name, lines in by_school.items())
    return sorted(made, key=lambda draft: (draft.school.name, draft.school.id))


def _draft(lines: Sequence[Line], school: School | None) -> Draft:
    to = () if school is None else tuple(c for c in school.contacts if c.mail)
    return Draft(school=school or lines[0].school, lines=tuple(lines), to=to)


def has_late(draft: Draft) -> bool:
    """Whether anything of it is late."""
    return any(line.is_late for line in draft.lines)


def due_by_setting(
    found: Sequence[Line],
    schools: Mapping[str, School],
    past: Iterable[Reminded],
    setting: Reminders,
    today: date,
) -> list[Draft]:
    """Return whom the setting wants to be reminded today, of what was not named since its last day.

    These papers only: each is named as often as the setting says.
    """
    last: dict[str, date] = {}
    for one in past:
        for paper in one.papers:
            last[paper] = max(one.day, last.get(paper, one.day))
    due: dict[str, list[Line]] = {}
    for line in found:
        asked = asked_on(line, setting, today)
        if asked is not None and last.get(line.id, date.min) < asked:
            due.setdefault(line.school.id, []).append(line)
    return [_draft(lines, schools.get(name)) for name, lines in sorted(due.items())]


def is_time(setting: Reminders, now: datetime, asked: date | None) -> bool:
    """Whether the setting's hour has come on a day on which it was not ``asked`` yet."""
    today = local_date(now)
    return asked != today and now >= local_moment(today, setting.at_hour * _HOUR_MIN)


def asked_on(line: Line, setting: Reminders, today: date) -> date | None:
    """Return the latest day, up to today, on which the setting wants a paper to be named.

    None: no such day, or nothing is missing, or the plan names no day for it.
    """
    due = line.owed.due
    if due is None or line.status not in _MISSING:
        return None
    if today <= due:
        first = None if setting.days_before is None else due - timedelta(days=setting.days_before)
        return first if first is not None and first <= today else None
    every = setting.every_days
    times = 0 if every is None else (today - due).days // every
    return due + timedelta(days=times * every) if every is not None and times else None


def latest(past: Iterable[Reminded]) -> dict[str, Reminded]:
    """Return the newest reminder that names each paper, by the paper's id."""
    rising = sorted(past, key=lambda one: one.day)
    return {paper: one for one in rising for paper in one.papers}


def open_contacts(one: Reminded, school: School | None) -> Iterator[tuple[str, str | None]]:
    """Yield the contacts whom a reminder has yet to reach, and the addresses that they have now."""
    now = {} if school is None else {c.id: c.mail for c in school.contacts}
    for name in one.contacts:
        if name not in one.reached and name not in one.refused:
            yield name, now.get(name)


def settled(one: Reminded, now: datetime) -> Reminded:
    """Return a reminder with how it went, after everybody was tried; it may have to wait."""
    is_open = len(one.reached) + len(one.refused) < len(one.contacts)
    if is_open and now - one.asked_at < GIVE_UP_AFTER:
        return one
    return replace(one, how=How.SENT if one.reached else How.FAILED, done_at=now)
