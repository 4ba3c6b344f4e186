"""A school's closed days: as a file and as the API's answer."""

from aiohttp import web

from server.domain.units import School
from server.web import figuresfile
from server.web.api import day_views
from server.web.api.handlers import json_answer
from server.web.deps import DEPS, TONGUE
from server.web.guard import refuse
from server.web.periodroutes import span_of


async def get_csv(request: web.Request) -> web.Response:
    """Serve ``/schools/{id}/figures.csv?from=&to=``; the last thirty days by default."""
    school, (first, last) = _school(request), span_of(request)
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
    school, (first, last) = _school(request), span_of(request)
    days = await request.app[DEPS].store.closed_days([school.id], first, last)
    return json_answer(day_views.closed_days(school.id, days))


def _school(request: web.Request) -> School:
    found = request.app[DEPS].organisation.school(request.match_info["id"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such school."))
    return found
