"""A school's closed days: as a file and as the API's answer."""

from datetime import date, timedelta
from typing import Final

from aiohttp import web

from server.domain.calendar import local_date
from server.domain.units import School
from server.texts.tongue import N_
from server.web import figuresfile, forms
from server.web.api import day_views
from server.web.api.handlers import json_answer
from server.web.deps import DEPS, TONGUE
from server.web.guard import refuse
from server.web.readings import PAGE_DAYS, READINGS

MOST_DAYS: Final = 400


async def get_csv(request: web.Request) -> web.Response:
    """Serve ``/schools/{id}/figures.csv?from=&to=``; the last thirty days by default."""
    school, (first, last) = _school(request), _days(request)
    days = await request.app[DEPS].store.closed_days([school.id], first, last)
    text = figuresfile.lines(request[TONGUE], school, days)
    name = f"so-lieu-da-chot-{school.id}-{first}-{last}.csv"
    return web.Response(
        body=text.encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def get_days(request: web.Request) -> web.Response:
    """A school's closed days, each with what amended it."""
    school, (first, last) = _school(request), _days(request)
    days = await request.app[DEPS].store.closed_days([school.id], first, last)
    return json_answer(day_views.closed_days(school.id, days))


def _school(request: web.Request) -> School:
    found = request.app[DEPS].organisation.school(request.match_info["id"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such school."))
    return found


def _days(request: web.Request) -> tuple[date, date]:
    """Return the first and the last day that are asked for."""
    last = forms.day(request.query, "to") or local_date(request.app[READINGS].now())
    first = forms.day(request.query, "from") or last - timedelta(days=PAGE_DAYS - 1)
    if first > last:
        raise forms.BadInputError("from", N_("must not lie after to"))
    if (last - first).days >= MOST_DAYS:
        raise forms.BadInputError("from", N_("at most %(days)s days at once"), days=MOST_DAYS)
    return first, last
