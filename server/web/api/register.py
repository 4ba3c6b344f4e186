"""The API's register: an import, tried or written, and a school's contacts."""

from aiohttp import web

from server.domain.calendar import local_date
from server.register.importing import Imported, Outcome, Result
from server.register.office import File, try_import, write_import
from server.register.reading import LARGEST_BYTES, SheetError
from server.register.words import heading, trouble_text
from server.storage import ConflictError
from server.texts.tongue import N_, Tongue
from server.web import forms
from server.web.api.handlers import json_answer
from server.web.api.register_types import (
    ContactOut,
    ContactsOut,
    ImportChange,
    ImportOut,
    ImportRow,
)
from server.web.asking import officer
from server.web.deps import DEPS, TONGUE
from server.web.guard import refuse
from server.web.readings import READINGS

_READ_AT_ONCE = 1 << 16


async def post_import(request: web.Request) -> web.Response:
    """Try the file in the body; write it with ``write=true`` if nothing is wrong with it."""
    user, deps, tongue = officer(request), request.app[DEPS], request[TONGUE]
    day = forms.day(request.query, "on") or local_date(request.app[READINGS].now())
    name = forms.text(request.query, "name", longest=80) or "file"
    write = forms.text(request.query, "write") == "true"
    file = File(name, await _body(request))
    try:
        tried = await try_import(deps.store, [file], plan=deps.plan, day=day)
    except SheetError as error:
        raise forms.BadInputError("body", error.text, **error.values) from error
    written = write and tried.imported.clean
    if written:
        try:
            await write_import(deps.store, tried, by=user.name, now=deps.clock.now())
        except ConflictError:
            told = tongue.text("Somebody has changed the register meanwhile: try again.")
            raise refuse(409, told) from None
        for topic in ("records:unit", "records:school"):
            deps.changes.publish(topic)
        await deps.standing.refresh()
    return json_answer(_told(tongue, tried.imported, written=written))


async def get_contacts(request: web.Request) -> web.Response:
    """Return whom to write to at a school on a day: personal data, so officers only."""
    officer(request)
    deps, name = request.app[DEPS], request.match_info["id"]
    day = forms.day(request.query, "on") or local_date(request.app[READINGS].now())
    school = deps.standing.register.on(day).school(name)
    if school is None:
        raise refuse(404, request[TONGUE].text("There is no such school on this day."))
    contacts = tuple(
        ContactOut(id=c.id, name=c.name, role=c.role, mail=c.mail, phone=c.phone, zalo=c.zalo)
        for c in school.contacts
    )
    return json_answer(
        ContactsOut(school=school.id, day=day, pupils=school.pupils, contacts=contacts)
    )


async def _body(request: web.Request) -> bytes:
    """Read the body, which may be larger than a form's."""
    found = bytearray()
    async for chunk in request.content.iter_chunked(_READ_AT_ONCE):
        found += chunk
        if len(found) > LARGEST_BYTES:
            raise forms.BadInputError("body", N_("is too long"))
    return bytes(found)


def _told(tongue: Tongue, found: Imported, *, written: bool) -> ImportOut:
    counts = found.counts
    return ImportOut(
        written=written,
        new=counts[Outcome.NEW],
        changed=counts[Outcome.CHANGED],
        same=counts[Outcome.SAME],
        wrong=counts[Outcome.ERROR] + len(found.elsewhere),
        rows=tuple(_row(tongue, r) for r in found.results if r.outcome is not Outcome.SAME),
        elsewhere=tuple(
            f"{thing.school or ''} {thing.id}: {trouble_text(tongue, thing.what, trouble)}".strip()
            for thing, trouble in found.elsewhere
        ),
    )


def _row(tongue: Tongue, result: Result) -> ImportRow:
    row = result.row
    return ImportRow(
        place=row.place,
        row=row.number,
        id=row.cells.get("id", ""),
        outcome=result.outcome.value,
        first=result.first,
        changes=tuple(
            ImportChange(column=heading(row.what, c.column), before=c.before, after=c.after)
            for c in result.changes
        ),
        troubles=tuple(trouble_text(tongue, row.what, told) for told in result.troubles),
    )
