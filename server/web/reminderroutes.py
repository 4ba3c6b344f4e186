"""Pages of reminders: what would be sent to whom, sending it, and what was sent before."""

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from server.domain.units import School
from server.storage import ConflictError
from server.web import forms
from server.web.deps import DEPS, RENDERER, SESSION, TONGUE, WebDeps
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.reminders import HOW, LOOKS, SHOWN, RemindersPage
from server.web.reminderdeeds import can_mail, latest_of, reminders_of, send
from server.web.writer import writer
from server.web.yearlyground import Ground, ground
from server.yearly.lists import Line
from server.yearly.remindertext import BY


async def get_reminders(request: web.Request) -> web.Response:
    """Serve ``/yearly/reminders``: of one school, or of all with something late."""
    return await _page(request)


async def post_reminders(request: web.Request) -> web.Response:
    """Send what was shown, if it is still what would be sent; else show what would."""
    by, deps = writer(request), request.app[DEPS]
    form = forms.fields(await request.read(), request.content_type)
    try:
        sent = await send(by, deps, await view_of(request), forms.text(form, "seen"))
    except ConflictError:
        return await _page(request, again=True)
    asked = {name: request.query[name] for name in ("year", "school") if name in request.query}
    raise web.HTTPSeeOther(f"/yearly/reminders?{urlencode({**asked, 'sent': sent})}#past")


async def reminders_told(deps: WebDeps, on: Ground, lines: Iterable[Line]) -> dict[str, object]:
    """Return what pages say of the reminders of these papers."""
    return {"reminded": await latest_of(deps.store, on, lines), "can_mail": can_mail(deps)}


async def view_of(request: web.Request) -> RemindersPage:
    """Return the reminders of the year and school that the address asks for. Raises HTTP 404."""
    on, deps = ground(request), request.app[DEPS]
    tongue = request.app[RENDERER].tongues[deps.config.language]
    by = request[SESSION].user.name
    return await reminders_of(deps, on, _school(request, on), tongue=tongue, by=by)


async def _page(request: web.Request, *, again: bool = False) -> web.Response:
    deps, tongue = request.app[DEPS], request[TONGUE]
    response = render(
        request,
        "reminders.html",
        view=await view_of(request),
        school=_school(request, ground(request)),
        can_mail=can_mail(deps),
        by_itself=deps.config.reminders,
        how={key: tongue.text(word) for key, word in HOW.items()},
        looks=LOOKS,
        itself=BY,
        shown=SHOWN,
        sent=forms.text(request.query, "sent", longest=9),
        again=again,
        may_act=request[SESSION].user.may_act,
        live=False,
    )
    response.set_status(409 if again else 200)
    return response


def _school(request: web.Request, on: Ground) -> School | None:
    """Return the one school that is asked for. Raises HTTP 404."""
    name = forms.identifier(request.query, "school")
    school = None if name is None else on.school(name)
    if name is not None and school is None:
        raise refuse(404, request[TONGUE].text("There is no such school in that year."))
    return school


ROUTES: Final = (
    web.get("/yearly/reminders", get_reminders),
    web.post("/yearly/reminders", post_reminders),
)
