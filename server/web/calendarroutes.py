"""Pages of the calendar: days that differ, announced work, and what work costs."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import uuid4

import msgspec
from aiohttp import web

from server.domain.calendar import local_date
from server.domain.remedies import Fund, Work
from server.figuring import DAY_OFF, MAINTENANCE
from server.figuring.entries import day_off_in, work_in
from server.figuring.prices import PRICE, load_prices
from server.storage import ConflictError, Put, Record
from server.texts import plans
from server.texts.remedies import DAY_KINDS, FIELDS, FUNDS, OFF_KINDS, WORKS
from server.web import calendarforms, forms
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.calendar import calendar_page, price_lines
from server.web.readings import READINGS

Given = Mapping[str, str]
_NOTHING: Final[Given] = {}


async def get_calendar(request: web.Request) -> web.Response:
    """Serve ``/calendar``."""
    return await _calendar(request, _NOTHING, None)


async def post_day_off(request: web.Request) -> web.Response:
    """Enter days off."""
    return await _enter(
        request,
        DAY_OFF,
        lambda form: calendarforms.day_off(form, request.app[DEPS].standing.register),
    )


async def post_work(request: web.Request) -> web.Response:
    """Announce work."""
    return await _enter(
        request,
        MAINTENANCE,
        lambda form: calendarforms.work(form, request.app[DEPS].standing.register),
    )


async def post_remove(request: web.Request) -> web.Response:
    """Take an entry back; what it said stays on record."""
    user, deps = officer(request), request.app[DEPS]
    kind, name = request.match_info["kind"], request.match_info["id"]
    form = forms.fields(await request.read(), request.content_type)
    known = await deps.store.record(kind, name)
    if known is None or known.gone:
        raise refuse(404, request[TONGUE].text("There is no such entry."))
    seen = forms.number(form, "revision", default=0, least=0, most=2**31)
    await _put(request, _again(known, seen), by=user.name)
    raise web.HTTPSeeOther("/calendar")


async def get_prices(request: web.Request) -> web.Response:
    """Serve ``/calendar/prices``."""
    return await _prices(request, _NOTHING, None)


async def post_price(request: web.Request) -> web.Response:
    """Set what one kind of work costs."""
    user, form = officer(request), await _form(request)
    try:
        kind, entry = calendarforms.price(form)
    except BadInputError as error:
        return await _prices(request, form, error)
    seen = forms.number(form, "revision", default=0, least=0, most=2**31)
    put = Put(kind=PRICE, id=kind, expected=seen, data=msgspec.json.encode(entry))
    await _put(request, put, by=user.name)
    raise web.HTTPSeeOther("/calendar/prices")


async def _enter(request: web.Request, kind: str, read: Callable[[Given], object]) -> web.Response:
    user, form = officer(request), await _form(request)
    try:
        entry = read(form)
    except BadInputError as error:
        return await _calendar(request, form, error)
    put = Put(kind=kind, id=uuid4().hex, expected=0, data=msgspec.json.encode(entry))
    await _put(request, put, by=user.name)
    raise web.HTTPSeeOther("/calendar")


async def _form(request: web.Request) -> dict[str, str]:
    return forms.fields(await request.read(), request.content_type)


async def _put(request: web.Request, put: Put, *, by: str) -> None:
    """Write a record and make it count. Raises HTTP 400 where somebody else was quicker."""
    deps = request.app[DEPS]
    try:
        await deps.store.put_records([put], by=by, now=deps.clock.now())
    except ConflictError:
        text = request[TONGUE].text("Somebody else has changed this meanwhile: look at it again.")
        raise refuse(400, text) from None
    deps.changes.publish(f"records:{put.kind}")
    await deps.standing.refresh()


def _again(known: Record, seen: int) -> Put:
    return Put(
        kind=known.kind,
        id=known.id,
        expected=seen,
        data=known.data,
        school=known.school,
        unit=known.unit,
        day=known.day,
        gone=True,
    )


async def _calendar(
    request: web.Request, given: Given, mistake: BadInputError | None
) -> web.Response:
    deps, tongue = request.app[DEPS], request[TONGUE]
    view = calendar_page(
        deps.plan,
        deps.standing.register,
        deps.standing.exceptions,
        today=local_date(request.app[READINGS].now()),
        days_off=[(r, day_off_in(r)) for r in await deps.store.records(DAY_OFF)],
        works=[(r, work_in(r)) for r in await deps.store.records(MAINTENANCE)],
    )
    response = render(
        request,
        "calendar.html",
        view=view,
        given=given,
        mistake=_told(request, mistake),
        off_kinds={kind: tongue.text(word) for kind, word in OFF_KINDS.items()},
        day_kinds={kind: tongue.text(word) for kind, word in DAY_KINDS.items()},
        school_kind=lambda kind: plans.school_kind(tongue, kind),
        zone_kind=lambda kind: plans.zone_kind(tongue, deps.plan, kind),
        may_act=request[SESSION].user.may_act,
        live=False,
    )
    response.set_status(200 if mistake is None else 400)
    return response


async def _prices(
    request: web.Request, given: Given, mistake: BadInputError | None
) -> web.Response:
    deps, tongue = request.app[DEPS], request[TONGUE]
    records = {record.id: record for record in await deps.store.records(PRICE)}
    response = render(
        request,
        "prices.html",
        lines=price_lines(records, await load_prices(deps.store)),
        given=given,
        mistake=_told(request, mistake),
        works={work: tongue.text(WORKS[work]) for work in Work},
        funds={fund: tongue.text(FUNDS[fund]) for fund in Fund},
        may_act=request[SESSION].user.may_act,
        live=False,
    )
    response.set_status(200 if mistake is None else 400)
    return response


def _told(request: web.Request, mistake: BadInputError | None) -> str | None:
    """Say what is wrong with which field, in the reader's language."""
    if mistake is None:
        return None
    tongue = request[TONGUE]
    field = tongue.text(FIELDS.get(mistake.field, mistake.field))
    return f"{field}: {tongue.text(mistake.why, **mistake.values)}"


ROUTES: Final = (
    web.get("/calendar", get_calendar),
    web.post("/calendar/day-off", post_day_off),
    web.post("/calendar/work", post_work),
    web.get("/calendar/prices", get_prices),
    web.post("/calendar/prices", post_price),
    web.post("/calendar/{kind:day_off|maintenance}/{id}/remove", post_remove),
)
