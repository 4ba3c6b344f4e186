"""Pages of guards: posts, roster, training, and whether enough guards were there."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from aiohttp import web

from server.domain.calendar import WEEKDAYS, local_date
from server.domain.units import School
from server.guards.book import load_roster
from server.texts import guards as words
from server.texts import plans
from server.web import forms, guarddeeds
from server.web.choice import choice_of
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.choosing import units_of
from server.web.pages.guards import MOST_SPANS, GuardState, evidence, school_guards
from server.web.readings import READINGS
from server.web.refusals import refusing, why_not
from server.web.writer import writer

DAYS: Final = 30
"""Over so many days presence is shown."""
_Given = Mapping[str, str]


async def get_guards(request: web.Request) -> web.Response:
    """Serve ``/guards``: the schools that are asked for, a page of them."""
    deps, tongue, today = request.app[DEPS], request[TONGUE], _today(request)
    choice = choice_of(request.query, GuardState)
    return render(
        request,
        "guards.html",
        choice=choice,
        sheet=await guarddeeds.guard_rows(deps.store, deps.standing, choice),
        unit_choices=units_of(deps.standing.register, today),
        states={key: tongue.text(word) for key, word in words.STATES.items()},
        asked=deps.plan.guards,
        pupils_missing=sum(1 for s in deps.organisation.schools if s.pupils is None),
        source=plans.source_text,
        months=lambda n: plans.months_text(tongue, n),
        trained={key: tongue.text(word) for key, word in words.TRAINED.items()},
        looks=words.TRAINED_LOOKS,
        live=False,
    )


async def get_school(request: web.Request) -> web.Response:
    """Serve ``/guards/schools/{school}``."""
    return await _page(request, {}, None)


async def post_entry(request: web.Request) -> web.Response:
    """Enter a guard, a post, a shift of the roster or a training."""
    by, school = writer(request), _school(request)
    form = forms.fields(await request.read(), request.content_type)
    try:
        with refusing(request):
            await guarddeeds.enter(by, school, request.match_info["kind"], form)
    except BadInputError as error:
        return await _page(request, form, error)
    raise web.HTTPSeeOther(f"/guards/schools/{school.id}")


async def post_remove(request: web.Request) -> web.Response:
    """Take an entry back; what it said stays on record."""
    by, school, seen = writer(request), _school(request), await _seen(request)
    kind, name = request.match_info["kind"], request.match_info["id"]
    with refusing(request):
        await guarddeeds.take_back(by, school, kind, name, seen=seen)
    raise web.HTTPSeeOther(f"/guards/schools/{school.id}")


async def post_leave(request: web.Request) -> web.Response:
    """A guard leaves: name and phone are erased everywhere, the past still counts."""
    by, school, seen = writer(request), _school(request), await _seen(request)
    with refusing(request):
        await guarddeeds.let_leave(by, school, request.match_info["id"], seen=seen)
    raise web.HTTPSeeOther(f"/guards/schools/{school.id}")


async def _seen(request: web.Request) -> int:
    """Return the revision that the form's reader saw."""
    form = forms.fields(await request.read(), request.content_type)
    return forms.number(form, "revision", default=0, least=0, most=2**31)


async def _page(request: web.Request, given: _Given, mistake: BadInputError | None) -> web.Response:
    deps, tongue, today = request.app[DEPS], request[TONGUE], _today(request)
    school = _school(request)
    roster = await load_roster(deps.store, school.id)
    first = today - timedelta(days=DAYS - 1)
    now = request.app[READINGS].now()
    response = render(
        request,
        "guardsschool.html",
        view=school_guards(
            school,
            roster,
            deps.plan.guards,
            await guarddeeds.presence(
                deps.store, deps.standing, school, roster, first=first, last=today, now=now
            ),
            today,
        ),
        first=first,
        today=today,
        asked=deps.plan.guards,
        source=plans.source_text,
        trained={key: tongue.text(word) for key, word in words.TRAINED.items()},
        looks=words.TRAINED_LOOKS,
        presence={key: tongue.text(word) for key, word in words.PRESENCE.items()},
        evidence=evidence,
        most=MOST_SPANS,
        codes={kept.value.code: kept.value.name for kept in roster.guards.values()},
        weekdays=WEEKDAYS if tongue.code == "vi" else _ENGLISH_DAYS,
        given=given,
        mistake=None if mistake is None else why_not(tongue, mistake),
        may_act=request[SESSION].user.may_act,
        live=False,
    )
    response.set_status(200 if mistake is None else 400)
    return response


_ENGLISH_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _school(request: web.Request) -> School:
    found = request.app[DEPS].organisation.school(request.match_info["school"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such school."))
    return found


def _today(request: web.Request) -> date:
    return local_date(request.app[READINGS].now())


_HERE: Final = "/guards/schools/{school}"
_KIND: Final = "/{kind:guard|post|shift|training}"
ROUTES: Final = (
    web.get("/guards", get_guards),
    web.get(_HERE, get_school),
    web.post(_HERE + _KIND, post_entry),
    web.post(_HERE + "/{kind:post|shift|training}/{id:[0-9a-f]{32}}/remove", post_remove),
    web.post(_HERE + "/guard/{id:[0-9a-f]{32}}/leave", post_leave),
)
