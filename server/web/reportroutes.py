"""Reports: asked for by officers, made in the background, downloaded by everybody signed in."""

import uuid
from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import web

from server.domain.calendar import local_date
from server.reports.asking import Ask, Wish, asked
from server.reports.forms import FORMS
from server.reports.jobs import BusyError, Jobs
from server.reports.kinds import KINDS
from server.reports.making import KIND, kept, made_in
from server.reports.schedule import KIND as SCHEDULE
from server.reports.schedule import LAST_DAY, Schedule
from server.reports.spans import AskError, known_years
from server.storage import Put
from server.web import forms
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.reports import About, reports_page
from server.web.readings import READINGS

JOBS: Final = web.AppKey("jobs", Jobs)
_SHOWN: Final = 100


async def close_jobs(app: web.Application) -> None:
    """Give up what is on its way when the server ends."""
    await app[JOBS].close()


async def get_reports(request: web.Request) -> web.Response:
    """Serve ``/reports``."""
    return await _page(request, mistake="", given={})


async def post_report(request: web.Request) -> web.Response:
    """Begin a report, then show the page with its progress."""
    user = officer(request)
    given = forms.fields(await request.read(), request.content_type)
    wanted = tuple(form for form in FORMS if given.get(form)) or tuple(FORMS)
    try:
        ask = _asked(request, given)
        request.app[JOBS].start(ask, wanted, by=user.name)
    except AskError as error:
        text = request[TONGUE].text(error.msgid, **error.values)
        return await _page(request, mistake=text, given=given)
    except BusyError:
        text = request[TONGUE].text("Too many reports are waiting already. Try again later.")
        return await _page(request, mistake=text, given=given)
    raise web.HTTPSeeOther("/reports")


async def post_schedule(request: web.Request) -> web.Response:
    """Set up a report that is made every month."""
    user, deps = officer(request), request.app[DEPS]
    given = forms.fields(await request.read(), request.content_type)
    today = local_date(request.app[READINGS].now())
    schedule = Schedule(
        kind=forms.text(given, "kind"),
        unit=forms.identifier(given, "unit") or "",
        school=forms.identifier(given, "school") or "",
        on_day=forms.number(given, "on", default=1, least=1, most=LAST_DAY),
        since=today,
        mail=bool(given.get("mail")),
    )
    standing = deps.standing
    try:
        asked(schedule.wish(today), standing.register, standing.plans, today=today)
    except AskError as error:
        text = request[TONGUE].text(error.msgid, **error.values)
        return await _page(request, mistake=text, given=given)
    put = Put(kind=SCHEDULE, id=uuid.uuid4().hex, expected=0, data=msgspec.json.encode(schedule))
    await deps.store.put_records([put], by=user.name, now=deps.clock.now())
    raise web.HTTPSeeOther("/reports#schedules")


async def post_end(request: web.Request) -> web.Response:
    """End a schedule; what it made stays."""
    user, deps = officer(request), request.app[DEPS]
    record = await deps.store.record(SCHEDULE, request.match_info["id"])
    if record is None:
        raise refuse(404, request[TONGUE].text("There is no such report."))
    if not record.gone:
        end = Put(
            kind=SCHEDULE, id=record.id, expected=record.revision, data=record.data, gone=True
        )
        await deps.store.put_records([end], by=user.name, now=deps.clock.now())
    raise web.HTTPSeeOther("/reports#schedules")


async def get_file(request: web.Request) -> web.Response:
    """Serve ``/reports/{id}/{form}``."""
    match = request.match_info
    found = await kept(request.app[DEPS].store, match["id"], match["form"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such report."))
    return web.Response(
        body=found.data,
        headers={
            "Content-Type": found.media,
            "Content-Disposition": f'attachment; filename="{found.name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _asked(request: web.Request, given: Mapping[str, str]) -> Ask:
    standing = request.app[DEPS].standing
    wish = Wish(
        kind=forms.text(given, "kind"),
        unit=forms.identifier(given, "unit") or "",
        school=forms.identifier(given, "school") or "",
        year=forms.text(given, "year"),
        month=forms.text(given, "month"),
        first=forms.day(given, "from"),
        last=forms.day(given, "to"),
    )
    today = local_date(request.app[READINGS].now())
    return asked(wish, standing.register, standing.plans, today=today)


async def _page(request: web.Request, *, mistake: str, given: Mapping[str, str]) -> web.Response:
    deps = request.app[DEPS]
    records = await deps.store.records(KIND)
    newest = sorted(records, key=lambda r: r.at, reverse=True)[:_SHOWN]
    view = reports_page(
        deps.organisation,
        years=known_years(deps.standing.plans),
        today=local_date(request.app[READINGS].now()),
        jobs=request.app[JOBS].latest(),
        schedules=await deps.store.records(SCHEDULE),
        made=[(record, made_in(record)) for record in newest],
    )
    return render(
        request,
        "reports.html",
        view=view,
        kinds=KINDS,
        names=About(deps.organisation),
        mails="email" in deps.config.alerts.channels,
        forms=tuple(FORMS),
        mistake=mistake,
        given=given,
        may_act=request[SESSION].user.may_act,
        live=False,
    )


ROUTES: Final = (
    web.get("/reports", get_reports),
    web.post("/reports", post_report),
    web.post("/reports/schedules", post_schedule),
    web.post("/reports/schedules/{id}/end", post_end),
    web.get("/reports/{id}/{form}", get_file),
)
