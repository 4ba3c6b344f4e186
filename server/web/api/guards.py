"""The API's guards: what the pages show, and entering by the same checks."""

from typing import Final

import msgspec
from aiohttp import web

from server.domain.units import School
from server.guards import book
from server.guards.book import load_roster
from server.web import forms, guarddeeds
from server.web.api import guard_types as g
from server.web.api.bodies import body_of, form_of
from server.web.api.guard_views import duty_out, guards_out, school_guards_out
from server.web.api.handlers import json_answer
from server.web.api.openapi import Operation, Parameter
from server.web.api.route import Handler
from server.web.choice import PARAMETERS, choice_of
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.guard import refuse
from server.web.pages.guards import GuardState
from server.web.periodroutes import span_of
from server.web.readings import READINGS
from server.web.refusals import refusing
from server.web.writer import writer

_BODIES: Final[dict[str, tuple[str, type[msgspec.Struct]]]] = {
    "guards": (book.GUARD, g.GuardIn),
    "posts": (book.POST, g.PostIn),
    "roster": (book.SHIFT, g.ShiftIn),
    "trainings": (book.TRAINING, g.TrainingIn),
}


async def get_guards(request: web.Request) -> web.Response:
    """Serve ``/guards``."""
    deps, choice = request.app[DEPS], choice_of(request.query, GuardState)
    return json_answer(guards_out(await guarddeeds.guard_rows(deps.store, deps.standing, choice)))


async def get_school(request: web.Request) -> web.Response:
    """Serve ``/guards/schools/{id}``."""
    deps, school = request.app[DEPS], _school(request)
    roster = await load_roster(deps.store, school.id)
    may_see = request[SESSION].user.may_act
    today, asked = deps.standing.today, deps.plan.guards
    return json_answer(school_guards_out(school.id, roster, asked, today, phones=may_see))


async def get_presence(request: web.Request) -> web.Response:
    """Serve ``/guards/schools/{id}/presence``."""
    deps, school = request.app[DEPS], _school(request)
    first, last = span_of(request)
    roster, now = await load_roster(deps.store, school.id), request.app[READINGS].now()
    places = await guarddeeds.presence(
        deps.store, deps.standing, school, roster, first=first, last=last, now=now
    )
    return json_answer(duty_out(school.id, places, first=first, last=last))


async def post_entry(request: web.Request) -> web.Response:
    """Enter a guard, a post, a shift of the roster or a training; officers only."""
    by, school = writer(request), _school(request)
    kind, body = _BODIES[request.path.rpartition("/")[2]]
    form = form_of(body_of(await request.read(), body))
    with refusing(request):
        name = await guarddeeds.enter(by, school, kind, form)
    return json_answer(g.Written(id=name), 201)


async def delete_entry(request: web.Request) -> web.Response:
    """Take a post, a shift of the roster or a training back; officers only."""
    by, school = writer(request), _school(request)
    kind, _ = _BODIES[request.path.rsplit("/", 2)[1]]
    seen = forms.number(request.query, "revision", default=0, least=0, most=2**31)
    with refusing(request):
        await guarddeeds.take_back(by, school, kind, request.match_info["entry"], seen=seen)
    return web.Response(status=204)


async def post_leave(request: web.Request) -> web.Response:
    """A guard leaves; officers only."""
    by, school = writer(request), _school(request)
    seen = body_of(await request.read(), g.Seen).revision
    with refusing(request):
        await guarddeeds.let_leave(by, school, request.match_info["entry"], seen=seen)
    return web.Response(status=204)


def _school(request: web.Request) -> School:
    found = request.app[DEPS].organisation.school(request.match_info["id"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such school."))
    return found


_HERE: Final = "/guards/schools/{id}"
_ENTERED: Final = {
    "guards": "Enter a guard; officers only",
    "posts": "Enter a post; officers only",
    "roster": "Give a guard a post; officers only",
    "trainings": "Enter a training; officers only",
}
_SEEN: Final = Parameter(name="revision", text="The one that was seen", kind="integer")
GUARDS: Final[tuple[tuple[Operation, Handler], ...]] = (
    (
        Operation(
            method="GET",
            path="/guards",
            text="Schools with their guards, posts and training, a page of the list",
            answer=g.GuardsOut,
            query=(
                *PARAMETERS,
                Parameter(
                    name="which", text="no_post: a gate without one; untrained: a guard; else all"
                ),
            ),
        ),
        get_guards,
    ),
    (
        Operation(
            method="GET",
            path=_HERE,
            text="A school's guards, posts, roster and training (phones: officers)",
            answer=g.SchoolGuardsOut,
        ),
        get_school,
    ),
    (
        Operation(
            method="GET",
            path=f"{_HERE}/presence",
            text="Whether enough guards were there, gate by gate",
            answer=g.DutyOut,
            query=(
                Parameter(name="from", text="First local day; 30 days by default", form="date"),
                Parameter(name="to", text="Last local day; today by default", form="date"),
            ),
        ),
        get_presence,
    ),
    *(
        (
            Operation(
                method="POST",
                path=f"{_HERE}/{name}",
                text=text,
                answer=g.Written,
                body=_BODIES[name][1],
                status=201,
            ),
            post_entry,
        )
        for name, text in _ENTERED.items()
    ),
    *(
        (
            Operation(
                method="DELETE",
                path=f"{_HERE}/{name}/{{entry}}",
                text="Take an entry back; what it said stays on record; officers only",
                answer=None,
                query=(_SEEN,),
                status=204,
            ),
            delete_entry,
        )
        for name in ("posts", "roster", "trainings")
    ),
    (
        Operation(
            method="POST",
            path=f"{_HERE}/guards/{{entry}}/leave",
            text="A guard leaves: name and phone are erased everywhere; officers only",
            answer=None,
            body=g.Seen,
            status=204,
        ),
        post_leave,
    ),
)
"""This module's rows of the API's table."""
