"""What people see of guards and do with them: enter, take back, let leave.

One way for pages, the API and commands; each raises one of ``refusals.REFUSALS`` where it is not
done. What people send is a form's fields: texts by name.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final
from uuid import uuid4

from server.domain.calendar import local_day
from server.domain.interval import Interval
from server.domain.units import School
from server.guards import book
from server.guards.book import (
    Entry,
    Guard,
    Kept,
    Roster,
    load_entry,
    load_roster,
    load_rosters,
    put_of,
)
from server.guards.duty import PlaceDuty, Wanted, duty_of
from server.standing import Standing
from server.storage import ConflictError, Store
from server.texts.tongue import N_
from server.web import guardforms
from server.web.pages.choosing import Choice, Sheet, fitting, sheet
from server.web.pages.guards import GuardsRow, in_state, rows
from server.web.refusals import NothingThereError
from server.web.writer import Writer

Form = Mapping[str, str]
NO_ENTRY: Final = N_("There is no such entry.")


async def guard_rows(store: Store, standing: Standing, choice: Choice) -> Sheet[GuardsRow]:
    """Return a page of the chosen schools, each with a line. Raises ``StoreError``.

    What stands of the others is read only where it decides who is on the page.
    """
    day, asked = standing.today, standing.plan.guards
    schools = fitting(standing.organisation.schools, standing.register, day, choice)
    if not choice.which:
        some = sheet(schools, choice.page)
        roster = await load_rosters(store, [s.id for s in some.rows], shifts=False)
        own = tuple(rows(some.rows, roster, asked, day))
        return Sheet(rows=own, page=some.page, pages=some.pages, found=some.found)
    ids = None if choice.is_all else [school.id for school in schools]
    roster = await load_rosters(store, ids, shifts=False)
    found = [r for r in rows(schools, roster, asked, day) if in_state(r, choice.which)]
    return sheet(found, choice.page)


async def presence(
    store: Store,
    standing: Standing,
    school: School,
    roster: Roster,
    *,
    first: date,
    last: date,
    now: datetime,
) -> list[PlaceDuty]:
    """Return whether enough guards were there over some local days. Raises ``StoreError``."""
    wanted = Wanted(
        school=school,
        story=standing.register.school(school.id),
        plan=standing.plan_on(min(last, standing.today)),
        exceptions=standing.exceptions,
        posts=[kept.value for kept in roster.posts.values()],
        codes=frozenset(kept.value.code for kept in roster.guards.values()),
        window=Interval(local_day(first).start, local_day(last).end),
        now=now,
    )
    return await duty_of(store, wanted)


async def enter(writer: Writer, school: School, kind: str, form: Form) -> str:
    """Enter a guard, a post, a shift of the roster or a training; return its id."""
    roster, name = await load_roster(writer.store, school.id), uuid4().hex
    entry = _entry(kind, form, school, roster, writer.today)
    await writer.put(put_of(name, entry, expected=0))
    return name


async def take_back(writer: Writer, school: School, kind: str, name: str, *, seen: int) -> None:
    """Take an entry back; what it said stays on record."""
    kept = await _kept(writer, school, kind, name)
    await writer.put(put_of(name, kept.value, expected=seen, gone=True))


async def let_leave(writer: Writer, school: School, name: str, *, seen: int) -> None:
    """Let a guard leave: name and phone are erased everywhere, the past still counts."""
    kept = await _kept(writer, school, book.GUARD, name)
    assert isinstance(kept.value, Guard)
    if kept.revision != seen:
        raise ConflictError(book.GUARD, name, kept.revision)
    left = Guard(
        school=school.id,
        code=kept.value.code,
        name=kept.value.name,
        since=kept.value.since,
        left=max(kept.value.since, writer.today - timedelta(days=1)),
    )
    await book.leave(writer.store, name, Kept(left, seen), by=writer.by, now=writer.now)
    writer.changes.publish(f"records:{book.GUARD}")


async def _kept(writer: Writer, school: School, kind: str, name: str) -> Kept[Entry]:
    kept = await load_entry(writer.store, kind, name)
    if kept is None or kept.value.school != school.id:
        raise NothingThereError(NO_ENTRY)
    return kept


def _entry(kind: str, form: Form, school: School, roster: Roster, today: date) -> Entry:
    there = roster.there(today)
    if kind == book.GUARD:
        codes = {kept.value.code for kept in roster.guards.values()}
        return guardforms.guard(form, school, codes, today)
    if kind == book.POST:
        return guardforms.post(form, school, today)
    if kind == book.SHIFT:
        return guardforms.rostered(form, school, roster.posts, there)
    return guardforms.training(form, school, there)
