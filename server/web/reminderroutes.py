"""Pages of reminders: what would be sent to whom, sending it, and what was sent before."""

from collections.abc import Collection, Iterable
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from server.domain.units import School
from server.storage import Store
from server.web import forms
from server.web.deps import DEPS, RENDERER, SESSION, TONGUE, WebDeps
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.reminders import HOW, LOOKS, SHOWN, RemindersPage, reminders_page
from server.web.refusals import refusing
from server.web.writer import writer
from server.web.yearlydeeds import owed_lines
from server.web.yearlyground import Ground, ground
from server.yearly.lists import Line
from server.yearly.remindertext import BY, reminded
from server.yearly.reminding import (
    REMINDER,
    Reminded,
    drafts,
    has_late,
    latest,
    reminder_in,
    reminder_put,
)


async def get_reminders(request: web.Request) -> web.Response:
    """Serve ``/yearly/reminders``: of one school, or of all with something late."""
    return await _page(request)


async def post_reminders(request: web.Request) -> web.Response:
    """Send what was shown, if it is still what would be sent; else show what would."""
    by, deps = writer(request), request.app[DEPS]
    form = forms.fields(await request.read(), request.content_type)
    if not can_mail(deps):
        raise refuse(400, request[TONGUE].text("No e-mail is set up on this server."))
    on = ground(request)
    view = await _view(request, on, _school(request, on))
    if not view.ready or forms.text(form, "seen") != view.seen:
        return await _page(request, again=True)
    with refusing(request):
        puts = [reminder_put(one, expected=0) for one in view.ready]
        await by.store.put_records(puts, by=by.by, now=by.now)
    by.changes.publish(f"records:{REMINDER}")
    asked = {name: request.query[name] for name in ("year", "school") if name in request.query}
    raise web.HTTPSeeOther(f"/yearly/reminders?{urlencode({**asked, 'sent': len(puts)})}#past")


async def reminders_told(deps: WebDeps, on: Ground, lines: Iterable[Line]) -> dict[str, object]:
    """Return what pages say of the reminders of these papers: the last one of each, by its id."""
    past = await _past(deps.store, on, {line.school.id for line in lines})
    return {"reminded": latest(past), "can_mail": can_mail(deps)}


def can_mail(deps: WebDeps) -> bool:
    """Whether this server is set up to mail."""
    return "email" in deps.config.alerts.channels


async def _page(request: web.Request, *, again: bool = False) -> web.Response:
    on, deps, tongue = ground(request), request.app[DEPS], request[TONGUE]
    school = _school(request, on)
    response = render(
        request,
        "reminders.html",
        view=await _view(request, on, school),
        school=school,
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


async def _view(request: web.Request, on: Ground, school: School | None) -> RemindersPage:
    deps = request.app[DEPS]
    schools = on.organisation.schools if school is None else [school]
    found = await owed_lines(deps.store, on, schools)
    now = {s.id: s for s in deps.standing.register.on(on.today).schools}
    made = [
        (
            reminded(
                draft,
                request.app[RENDERER].tongues[deps.config.language],
                year=on.year.id,
                today=on.today,
                by=request[SESSION].user.name,
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


def _school(request: web.Request, on: Ground) -> School | None:
    """Return the one school that is asked for. Raises HTTP 404."""
    name = forms.identifier(request.query, "school")
    school = None if name is None else on.school(name)
    if name is not None and school is None:
        raise refuse(404, request[TONGUE].text("There is no such school in that year."))
    return school


async def _past(store: Store, on: Ground, schools: Collection[str] | None) -> list[Reminded]:
    """Return the reminders since a year began, to some schools or all: also of later years."""
    found = await store.records(REMINDER, schools=schools, first=on.year.first)
    return [reminder_in(record) for record in found]


ROUTES: Final = (
    web.get("/yearly/reminders", get_reminders),
    web.post("/yearly/reminders", post_reminders),
)
