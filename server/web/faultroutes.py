"""The fault register: its page, what people write into it, its files."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from aiohttp import web

from server.domain.calendar import local_date
from server.domain.faults import FaultEntry, Written
from server.inspecting import faultbook
from server.inspecting.faultbook import entry_in, load_faults
from server.texts.tongue import N_
from server.web import forms
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.faultforms import by_hand, written
from server.web.faultsfile import XLSX, csv_text, xlsx_bytes
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.guard import refuse
from server.web.inspectionroutes import told, write
from server.web.pages.faults import FaultLine, Filter, Which, fault_lines, faults_page, what_of
from server.web.readings import READINGS

Given = Mapping[str, str]
_BLANK: Final = dict.fromkeys(("school", "camera", *Written.__dataclass_fields__), "")


async def get_faults(request: web.Request) -> web.Response:
    """Serve ``/faults``."""
    return await _page(request, {}, None, edited=forms.text(request.query, "entry"))


async def post_fault(request: web.Request) -> web.Response:
    """Enter a fault by hand."""
    user, given = officer(request), await _given(request)
    today = local_date(request.app[READINGS].now())
    try:
        entry = by_hand(given, request.app[DEPS].organisation, today=today)
    except BadInputError as error:
        return await _page(request, given, error)
    put = faultbook.put_of(uuid.uuid4().hex, entry, expected=0)
    await write(request, put, by=user.name)
    raise web.HTTPSeeOther("/faults")


async def post_written(request: web.Request) -> web.Response:
    """Write what people know of an entry; what the system saw stays beside it."""
    user, given, name = officer(request), await _given(request), request.match_info["id"]
    record = await request.app[DEPS].store.record(faultbook.KIND, name)
    if record is None or record.gone:
        raise refuse(404, request[TONGUE].text("There is no such entry."))
    try:
        entry = _rewritten(entry_in(record), given)
        seen = forms.number(given, "revision", default=0, least=0, most=2**31)
    except BadInputError as error:
        return await _page(request, given, error, edited=name)
    await write(request, faultbook.put_of(name, entry, expected=seen), by=user.name)
    raise web.HTTPSeeOther(f"/faults?which=all&school={entry.school}#{name}")


def _rewritten(entry: FaultEntry, given: Given) -> FaultEntry:
    after = replace(entry, written=written(given))
    if after.seen is None and (after.written.since is None or not after.written.what):
        raise BadInputError("since", N_("must not be empty"))
    if after.ended is not None and after.ended < after.since:
        raise BadInputError("repaired", N_("must not lie before the day on which it broke"))
    return after


async def get_file(request: web.Request) -> web.Response:
    """Serve the register as a file, by the page's own filters."""
    tongue, form = request[TONGUE], request.match_info["form"]
    lines = await wanted_faults(request, fault_filter(request.query))
    if form == "csv":
        body, media = csv_text(tongue, lines).encode(), "text/csv; charset=utf-8"
    else:
        body, media = xlsx_bytes(tongue, lines), XLSX
    return web.Response(
        body=body,
        headers={
            "Content-Type": media,
            "Content-Disposition": f'attachment; filename="so-theo-doi-hu-hong.{form}"',
        },
    )


def fault_filter(query: Given) -> Filter:
    """Return what an address asks for of the register."""
    return Filter(
        which=forms.choice(query, "which", Which, default=Which.OPEN),
        school=forms.identifier(query, "school"),
        first=forms.day(query, "from"),
        last=forms.day(query, "to"),
    )


async def _given(request: web.Request) -> dict[str, str]:
    return forms.fields(await request.read(), request.content_type)


async def wanted_faults(request: web.Request, wanted: Filter) -> list[FaultLine]:
    """Return the lines of the register that are wanted."""
    deps = request.app[DEPS]
    kept = await load_faults(deps.store, [wanted.school] if wanted.school else None)
    today = local_date(request.app[READINGS].now())
    return fault_lines(kept, wanted, deps.organisation, today=today)


async def _page(
    request: web.Request, given: Given, mistake: BadInputError | None, *, edited: str = ""
) -> web.Response:
    deps, tongue = request.app[DEPS], request[TONGUE]
    wanted = fault_filter(request.query)
    response = render(
        request,
        "faults.html",
        view=faults_page(await wanted_faults(request, wanted), wanted, deps.organisation),
        what=lambda entry: what_of(tongue, entry),
        least_s=deps.config.figures.fault_after_s,
        asked=request.rel_url.query_string,
        given={**_BLANK, **given},
        edited=edited,
        mistake=told(request, mistake),
        may_act=request[SESSION].user.may_act,
        live=False,
    )
    response.set_status(200 if mistake is None else 400)
    return response


ROUTES: Final = (
    web.get("/faults", get_faults),
    web.post("/faults", post_fault),
    web.get("/faults.{form:csv|xlsx}", get_file),
    web.post("/faults/{id}", post_written),
)
