"""The task: reminds schools on the days of the setting, and brings away what waits to be sent.

Does one server's duty. A letter that no attempt of a day brought away is given up, and the page
says so; so is one whose contacts have lost their addresses meanwhile. Each contact gets a mail of
their own, so that one wrong address holds up nobody and is known by name.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Final

from server.changes import Changes
from server.clock import Clock
from server.config import Reminders
from server.domain.calendar import local_date
from server.domain.duties_owed import work_year
from server.standing import Standing
from server.storage import ConflictError, Duty, Record, Store, StoreError
from server.texts.tongue import Tongue
from server.transports import GiveUpError, Message, RetryError, Transport
from server.yearly.book import load_papers
from server.yearly.lists import lines
from server.yearly.remindertext import BY, reminded
from server.yearly.reminding import (
    REMINDER,
    How,
    Reminded,
    due_by_setting,
    is_time,
    open_contacts,
    reminder_id,
    reminder_in,
    reminder_put,
    settled,
)

log = logging.getLogger(__name__)

TOPIC: Final = f"records:{REMINDER}"
_EVERY_S: Final = 10.0
_FIRST_WAIT: Final = timedelta(seconds=30)
_LONGEST_WAIT: Final = timedelta(minutes=30)
_NEAR: Final = timedelta(days=3)


@dataclass(slots=True, kw_only=True)
class Postman:
    """Everything that reminders need.

    Attributes:
        mail: How they are mailed; None: no e-mail is set up, and nothing is sent by itself.
        setting: When schools are reminded by themselves; None: never.
        tongue: The language of the letters.
    """

    store: Store
    standing: Standing
    clock: Clock
    changes: Changes
    duty: Duty
    tongue: Tongue
    mail: Transport | None
    setting: Reminders | None
    public_url: str | None = None
    _asked_on: date | None = field(default=None, init=False)
    _revisions: int | None = field(default=None, init=False)
    _tries: dict[str, tuple[int, datetime]] = field(default_factory=dict, init=False)

    async def run(self) -> None:
        """Work for ever."""
        while True:
            try:
                await self.run_once()
            except StoreError as error:
                log.warning("could not look for reminders: %s", error)
            except Exception:
                log.exception("could not look for reminders")
            await self.clock.wait(_EVERY_S)

    async def run_once(self) -> None:
        """Ask for what the setting wants today, then send what waits."""
        if not await self.duty.held():
            return
        now = self.clock.now()
        if self.mail and self.setting and is_time(self.setting, now, self._asked_on):
            await self._ask(self.setting, now)
            self._asked_on = local_date(now)
        for record in await self._waiting(now):
            await self._send(record)

    async def _ask(self, setting: Reminders, now: datetime) -> None:
        """Write a reminder for each school that is due today and can be written to."""
        today, plan = local_date(now), self.standing.plan
        year, schools = work_year(plan.calendar, today), self.standing.organisation.schools
        kept = await load_papers(self.store, year)
        found = list(lines(schools, plan.documents, year, kept, today=today))
        past = [reminder_in(r) for r in await self.store.records(REMINDER, first=year.first)]
        due = due_by_setting(found, {s.id: s for s in schools}, past, setting, today)
        had = {one.school for one in past if one.day == today}
        for draft in due:
            if draft.to and draft.school.id not in had:
                letter = reminded(
                    draft,
                    self.tongue,
                    year=year.id,
                    today=today,
                    by=BY,
                    now=now,
                    public_url=self.public_url,
                )
                await self._write(letter, expected=0)

    async def _waiting(self, now: datetime) -> Sequence[Record]:
        """Return what is to be sent now; at the start also what was left over long ago."""
        revisions = await self.store.count_revisions([REMINDER])
        if revisions == self._revisions and not self._tries:
            return ()
        first = None if self._revisions is None else local_date(now) - _NEAR
        found = await self.store.records(REMINDER, first=first)
        self._revisions = revisions
        return [r for r in found if reminder_in(r).how is How.WAITING and not self._rests(r, now)]

    def _rests(self, record: Record, now: datetime) -> bool:
        return record.id in self._tries and now < self._tries[record.id][1]

    async def _send(self, record: Record) -> None:
        """Try everybody whom a reminder has not reached, and write how it went."""
        one = reminder_in(record)
        if not await self.duty.held():
            return
        school = self.standing.organisation.school(one.school)
        after = one
        for contact, address in open_contacts(one, school):
            after = await self._tried(after, contact, address)
        after = settled(after, self.clock.now())
        if after.how is How.WAITING:
            self._rest(record.id)
        else:
            self._tries.pop(record.id, None)
        if after.how is not How.SENT:  # addresses stand in the record, not in the log
            log.warning("the reminder %s: %s", record.id, after.how.value)
        if after != one:
            await self._write(after, expected=record.revision)

    async def _tried(self, one: Reminded, contact: str, address: str | None) -> Reminded:
        """Mail a reminder to one contact; return it with what came of that."""
        if address is None:
            return replace(one, refused=(*one.refused, contact), trouble=f"{contact}: no address")
        message = Message(
            id=f"reminder-{reminder_id(one.school, one.day)}-{contact}",
            subject=one.subject,
            text=f"{one.subject}\n\n{one.text}\n",
            facts={"school": one.school},
            at=self.clock.now(),
            to=(address,),
        )
        try:
            if self.mail is None:
                raise RetryError("no e-mail is configured")  # noqa: TRY301 (one way out)
            await self.mail.send(message)
        except RetryError as error:
            return replace(one, trouble=f"{contact}: {error}")
        except GiveUpError as error:
            return replace(one, refused=(*one.refused, contact), trouble=f"{contact}: {error}")
        return replace(one, reached=(*one.reached, contact))

    def _rest(self, name: str) -> None:
        now = self.clock.now()
        tries = self._tries.get(name, (0, now))[0]
        wait = min(_FIRST_WAIT * 2 ** min(tries, 10), _LONGEST_WAIT)
        self._tries[name] = (tries + 1, now + wait)

    async def _write(self, one: Reminded, *, expected: int) -> None:
        try:
            put = reminder_put(one, expected=expected)
            await self.store.put_records([put], by=BY, now=self.clock.now())
        except ConflictError as error:
            log.info("%s", error)
        else:
            self.changes.publish(TOPIC)
