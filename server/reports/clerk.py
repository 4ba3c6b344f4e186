"""The task: makes the reports that are due, and mails them. Does one server's duty."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import msgspec

from server.clock import Clock
from server.domain.calendar import local_date
from server.reports.asking import asked
from server.reports.forms import FORMS
from server.reports.jobs import Jobs
from server.reports.kinds import KINDS
from server.reports.making import KIND, Made, kept, made_in
from server.reports.schedule import KIND as SCHEDULE
from server.reports.schedule import MAIL, Due, Mailed, due, schedule_in
from server.reports.spans import AskError
from server.storage import ConflictError, Duty, Put, Record, Store, StoreError
from server.transports import Attachment, GiveUpError, Message, RetryError, Transport

log = logging.getLogger(__name__)

BY: Final = "vonggac"
"""In whose name scheduled reports are made."""
_IDLE_S: Final = 300.0
_AGAIN: Final = timedelta(hours=1)


@dataclass(slots=True, kw_only=True)
class Clerk:
    """Everything that scheduled reports need.

    Attributes:
        mail: How reports are mailed; None: no e-mail is set up.
    """

    store: Store
    jobs: Jobs
    clock: Clock
    duty: Duty
    mail: Transport | None
    _not_before: dict[str, datetime] = field(default_factory=dict, init=False)

    async def run(self) -> None:
        """Work for ever."""
        while True:
            try:
                await self.run_once()
            except StoreError as error:
                log.warning("could not make the reports that are due: %s", error)
            except Exception:
                log.exception("could not make the reports that are due")
            await self.clock.wait(_IDLE_S)

    async def run_once(self) -> None:
        """Make what is due, then mail what was made and not mailed."""
        if not await self.duty.held():
            return
        schedules = await self.store.records(SCHEDULE)
        if not schedules:
            return
        made = await self.store.records(KIND)
        today = local_date(self.clock.now())
        for one in due(schedules, made={r.id for r in made}, today=today):
            if not self._resting(one.name):
                await self._make(one)
        await self._mail_all(schedules)

    async def _make(self, one: Due) -> None:
        standing = self.jobs.standing
        today = local_date(self.clock.now())
        try:
            ask = asked(one.wish, standing.register, standing.plans, today=today)
        except AskError as error:
            log.warning("the scheduled report %s can't be made: %s", one.name, error)
            self._rest(one.name)
            return
        job = await self.jobs.make_now(
            ask, tuple(FORMS), by=BY, name=one.name, schedule=one.schedule_id
        )
        if job.made is None:
            self._rest(one.name)

    async def _mail_all(self, schedules: Sequence[Record]) -> None:
        """Mail every report of a schedule that wants it and that was not mailed."""
        wanted = {r.id for r in schedules if schedule_in(r).mail}
        done = {r.id for r in await self.store.records(MAIL)}
        for record in await self.store.records(KIND):
            made = made_in(record)
            if made.schedule in wanted and record.id not in done and not self._resting(record.id):
                await self._mail(record.id, made)

    async def _mail(self, name: str, made: Made) -> None:
        if self.mail is None:
            return
        try:
            await self.mail.send(await self._letter(name, made))
            result = Mailed()
        except RetryError as error:
            log.warning("the report %s was not mailed: %s", name, error)
            self._rest(name)
            return
        except GiveUpError as error:
            log.warning("the report %s can't be mailed: %s", name, error)
            result = Mailed(trouble=str(error))
        put = Put(kind=MAIL, id=name, expected=0, data=msgspec.json.encode(result))
        try:
            await self.store.put_records([put], by=BY, now=self.clock.now())
        except ConflictError:
            log.info("the report %s was mailed by another server, too", name)

    async def _letter(self, name: str, made: Made) -> Message:
        subject = f"[Vọng Gác] {KINDS[made.kind].vi}: {made.subject}, {made.span}"
        files = [await kept(self.store, name, form) for form in made.files]
        return Message(
            id=f"report-{name}",
            subject=subject,
            text=f"{subject}\n\n{_TEXT}\n",
            facts={"report": name},
            at=self.clock.now(),
            files=tuple(Attachment(f.name, f.media, f.data) for f in files if f is not None),
        )

    def _rest(self, name: str) -> None:
        self._not_before[name] = self.clock.now() + _AGAIN

    def _resting(self, name: str) -> bool:
        return name in self._not_before and self.clock.now() < self._not_before[name]


_TEXT: Final = (
    "Báo cáo được lập tự động từ số liệu của hệ thống, đính kèm dưới dạng tệp. Chỗ đánh dấu […] do"
    " đơn vị điền.\nThis report was made by itself from the system's figures; it is attached."
)
