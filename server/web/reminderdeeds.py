"""Reminders of a year: what would be sent to whom, and sending it. For pages and the API alike."""

from collections.abc import Collection, Iterable
from typing import Final

from server.domain.units import School
from server.storage import ConflictError, Store
from server.texts.tongue import N_, Tongue
from server.web.deps import WebDeps
from server.web.forms import BadInputError
from server.web.pages.reminders import RemindersPage, reminders_page
from server.web.writer import Writer
from server.web.yearlydeeds import owed_lines
from server.web.yearlyground import Ground
from server.yearly.lists import Line
from server.yearly.remindertext import reminded
from server.yearly.reminding import (
    REMINDER,
    Reminded,
    drafts,
    has_late,
    latest,
    reminder_in,
    reminder_put,
)

NO_MAIL: Final = N_("No e-mail is set up on this server.")


def can_mail(deps: WebDeps) -> bool:
    """Whether this server is set up to mail."""
    return "email" in deps.config.alerts.channels


async def reminders_of(
    deps: WebDeps, on: Ground, school: School | None, *, tongue: Tongue, by: str
) -> RemindersPage:
    """Return what one school would be sent, or (None) all with something late, and what was.

    ``tongue``: the language of the letters; ``by``: who would send them. Raises ``StoreError``.
    """
    schools = on.organisation.schools if school is None else [school]
    found = await owed_lines(deps.store, on, schools)
    now = {s.id: s for s in deps.standing.register.on(on.today).schools}
    made = [
        (
            reminded(
                draft,
                tongue,
                year=on.year.id,
                today=on.today,
                by=by,
                now=deps.clock.now(),
                public_url=deps.config.http.public_url,
            ),
            draft.to,
        )
        for draft in drafts(found, now, on.today)
        if school is not None or has_late(draft)
    ]
    past = await _past(deps.store, on, None if school is None else {school.id})
    return reminders_page(made, past, on.register, on.year, on.today)


async def send(writer: Writer, deps: WebDeps, view: RemindersPage, seen: str) -> int:
    """Send what is ready, if it is what was ``seen``; return how many letters are on their way.

    Raises ``ConflictError`` where something has changed, ``BadInputError`` without e-mail.
    """
    if not can_mail(deps):
        raise BadInputError("alerts.email", NO_MAIL)
    if not view.ready or seen != view.seen:
        raise ConflictError(REMINDER, view.year.id, 0)
    puts = [reminder_put(one, expected=0) for one in view.ready]
    await writer.store.put_records(puts, by=writer.by, now=writer.now)
    writer.changes.publish(f"records:{REMINDER}")
    return len(puts)


async def latest_of(store: Store, on: Ground, lines: Iterable[Line]) -> dict[str, Reminded]:
    """Return the last reminder of each of these papers, by its id. Raises ``StoreError``."""
    return latest(await _past(store, on, {line.school.id for line in lines}))


async def _past(store: Store, on: Ground, schools: Collection[str] | None) -> list[Reminded]:
    """Return the reminders since a year began, to some schools or all: also of later years."""
    found = await store.records(REMINDER, schools=schools, first=on.year.first)
    return [reminder_in(record) for record in found]
