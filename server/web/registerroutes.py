"""Pages of the register: tree, cards, export, and import with a dry run before anything happens."""

import asyncio
import hashlib
from datetime import date
from typing import Final

import msgspec
from aiohttp import web

from server.domain.calendar import local_date
from server.register.exporting import template
from server.register.importing import Imported, Outcome
from server.register.office import File, Tried, tables_of, try_import, write_import
from server.register.reading import LARGEST_BYTES, SheetError
from server.register.stored import SCHOOL
from server.register.words import change_text, place_text, trouble_text
from server.register.writing import workbook
from server.storage import ConflictError
from server.texts import plans
from server.texts.tongue import N_
from server.web import forms
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.register import card, tree
from server.web.readings import READINGS
from server.web.uploads import parts

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_SHOWN: Final = 500
"""So many rows of a dry run are shown of each outcome."""
_FORM_BYTES: Final = 4096


async def get_register(request: web.Request) -> web.Response:
    """Serve ``/register``: units and schools on a day."""
    deps, tongue = request.app[DEPS], request[TONGUE]
    day, unit = _day(request), forms.identifier(request.query, "unit")
    query = forms.text(request.query, "q", longest=80)
    view = tree(deps.standing.register, day, unit=unit, query=query)
    if unit is not None and view.chosen is None:
        raise refuse(404, tongue.text("There is no such unit on this day."))
    return render(
        request,
        "register.html",
        view=view,
        today=_today(request),
        asked=query,
        school_kind=lambda kind: plans.school_kind(tongue, kind),
        may_act=request[SESSION].user.may_act,
        imported=forms.text(request.query, "imported", longest=9),
        live=False,
    )


async def get_school(request: web.Request) -> web.Response:
    """Serve ``/register/schools/{id}``: what was said of a school, and who said it."""
    deps, tongue = request.app[DEPS], request[TONGUE]
    view = card(deps.standing.register, request.match_info["id"], _today(request))
    if view is None:
        raise refuse(404, tongue.text("There was never such a school."))
    names = {u.id: u.story[-1].value.name for u in deps.standing.register.units.values()}
    return render(
        request,
        "registerschool.html",
        view=view,
        unit_names=names,
        school_kind=lambda kind: plans.school_kind(tongue, kind),
        zone_kind=lambda kind: plans.zone_kind(tongue, deps.plan, kind),
        history=list(reversed(await deps.store.record_history(SCHOOL, view.id))),
        may_act=request[SESSION].user.may_act,
        live=False,
    )


async def get_workbook(request: web.Request) -> web.Response:
    """Serve the register as XLSX: as of a day, or with ``history=1`` all that ever held."""
    deps, day = request.app[DEPS], _day(request)
    whole = forms.text(request.query, "history") == "1"
    tables = await asyncio.to_thread(
        tables_of,
        deps.standing.register,
        plan=deps.plan,
        day=None if whole else day,
        personal=request[SESSION].user.may_act,
    )
    name = f"so-truong-{'lich-su' if whole else day.isoformat()}.xlsx"
    return _file(await asyncio.to_thread(workbook, tables), name)


async def get_template(_request: web.Request) -> web.Response:
    """Serve the empty sheets to be filled in."""
    return _file(workbook(template()), "mau-so-truong.xlsx")


async def get_import(request: web.Request) -> web.Response:
    """Serve ``/register/import``: the form."""
    officer(request)
    return _page(request, None, day=_today(request))


async def post_import(request: web.Request) -> web.Response:
    """Try an uploaded file; what it would do is shown, nothing is written yet."""
    user, deps = officer(request), request.app[DEPS]
    form = await parts(request, most=LARGEST_BYTES + _FORM_BYTES)
    upload = form.get("file")
    said = {"on": form["on"].text()} if "on" in form else {}
    day = forms.day(said, "on") or _today(request)
    if upload is None or not upload.data:
        raise forms.BadInputError("file", N_("choose a file first"))
    file = File(upload.filename or "file", upload.data)
    tried = await _tried(request, file, day)
    if not isinstance(tried, Tried):
        return tried
    kept = None
    if tried.imported.clean:
        kept = await deps.store.keep_file(
            file.data, name=file.name, media=XLSX, by=user.name, now=deps.clock.now()
        )
    return _page(request, tried.imported, day=day, name=file.name, kept=kept)


async def post_confirm(request: web.Request) -> web.Response:
    """Write what was shown, if it is still what would happen; else show what would."""
    user, deps = officer(request), request.app[DEPS]
    form = forms.fields(await request.read(), request.content_type)
    day = forms.day(form, "on") or _today(request)
    kept = await deps.store.kept_file(forms.text(form, "file"))
    if kept is None:
        raise refuse(404, request[TONGUE].text("That file is not kept here: upload it again."))
    tried = await _tried(request, File(kept.name, kept.data), day)
    if not isinstance(tried, Tried):
        return tried
    if not await _written(request, tried, seen=forms.text(form, "seen"), by=user.name):
        response = _page(
            request, tried.imported, day=day, name=kept.name, kept=kept.sha256, again=True
        )
        response.set_status(409)
        return response
    for topic in ("records:unit", "records:school"):
        deps.changes.publish(topic)
    await deps.standing.refresh()
    counts = tried.imported.counts
    changed = counts[Outcome.NEW] + counts[Outcome.CHANGED]
    raise web.HTTPSeeOther(f"/register?imported={changed}")


async def _written(request: web.Request, tried: Tried, *, seen: str, by: str) -> bool:
    """Write an import if it is what its officer has seen; return whether it is written."""
    if not tried.imported.clean or seen != _digest(tried.imported):
        return False
    deps = request.app[DEPS]
    try:
        await write_import(deps.store, tried, by=by, now=deps.clock.now())
    except ConflictError:
        return False
    return True


async def _tried(request: web.Request, file: File, day: date) -> Tried | web.Response:
    """Try a file; a file that can't be used at all gives the page that says why."""
    deps = request.app[DEPS]
    try:
        return await try_import(deps.store, [file], plan=deps.plan, day=day)
    except SheetError as error:
        why = request[TONGUE].text(error.text, **error.values)
        response = _page(request, None, day=day, name=file.name, why=why)
        response.set_status(400)
        return response


def _page(
    request: web.Request,
    found: Imported | None,
    *,
    day: date,
    name: str = "",
    kept: str | None = None,
    why: str = "",
    again: bool = False,
) -> web.Response:
    tongue = request[TONGUE]
    results = found.results if found is not None else ()
    groups = [
        (outcome, [r for r in results if r.outcome is outcome])
        for outcome in (Outcome.ERROR, Outcome.CHANGED, Outcome.NEW)
    ]
    return render(
        request,
        "registerimport.html",
        found=found,
        groups=[(outcome, rows[:_SHOWN], len(rows)) for outcome, rows in groups if rows],
        counts=found.counts if found is not None else {},
        day=day,
        name=name,
        kept=kept,
        seen="" if found is None else _digest(found),
        why=why,
        again=again,
        where=lambda row: place_text(tongue, row),
        trouble=lambda what, told: trouble_text(tongue, what, told),
        change=change_text,
        most=LARGEST_BYTES >> 20,
        live=False,
    )


def _digest(found: Imported) -> str:
    """Return what tells two outcomes of an import apart."""
    return hashlib.sha256(msgspec.json.encode((found.units, found.schools))).hexdigest()


def _file(data: bytes, name: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(body=data, content_type=XLSX, headers=headers)


def _today(request: web.Request) -> date:
    return local_date(request.app[READINGS].now())


def _day(request: web.Request) -> date:
    return forms.day(request.query, "on") or _today(request)


ROUTES: Final = (
    web.get("/register", get_register),
    web.get("/register/schools/{id}", get_school),
    web.get("/register/register.xlsx", get_workbook),
    web.get("/register/template.xlsx", get_template),
    web.get("/register/import", get_import),
    web.post("/register/import", post_import),
    web.post("/register/import/confirm", post_confirm),
)
