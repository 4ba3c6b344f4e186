"""A unit's, or a school's, coverage over a period: a page, and the API's answers."""

from datetime import date, timedelta
from typing import Final

from aiohttp import web

from server.domain.calendar import local_date
from server.domain.period import UnitPeriod
from server.domain.trends import Step, stretches, trend
from server.figuring import period
from server.figuring.prices import load_prices
from server.figuring.proving import proofs_of, repair
from server.figuring.told import told
from server.figuring.told_proofs import proofs_told, repair_told
from server.texts.remedies import ACTIONS, FUNDS, WORKS
from server.texts.tongue import N_
from server.web import forms
from server.web.api.handlers import json_answer
from server.web.deps import DEPS, TONGUE
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.coverage import coverage_page
from server.web.readings import READINGS

DAYS: Final = 30
MOST_DAYS: Final = 400


async def get_coverage(request: web.Request) -> web.Response:
    """Serve ``/coverage?unit=&from=&to=``."""
    deps, tongue = request.app[DEPS], request[TONGUE]
    found = await _period(request)
    view = coverage_page(
        found,
        deps.plan,
        deps.standing.register,
        await load_prices(deps.store),
        today=deps.standing.today,
    )
    return render(
        request,
        "coverage.html",
        view=view,
        actions={action: tongue.text(word) for action, word in ACTIONS.items()},
        works={work: tongue.text(word) for work, word in WORKS.items()},
        funds={fund: tongue.text(word) for fund, word in FUNDS.items()},
        live=False,
    )


async def get_period(request: web.Request) -> web.Response:
    """Answer ``/coverage/period?unit=&school=&from=&to=&step=&zones=``."""
    deps, query = request.app[DEPS], request.query
    step = forms.choice(query, "step", Step, default=Step.MONTH)
    found = await _period(request)
    cut = stretches(step, found.first, found.last, deps.plan.calendar)
    answer = told(
        found,
        at=request.app[READINGS].now(),
        prices=await load_prices(deps.store),
        steps=trend(found.schools, cut),
        zones="school" in query or forms.text(query, "zones") == "all",
    )
    return json_answer(answer)


async def _period(request: web.Request) -> UnitPeriod:
    """Return the period that the address asks for."""
    deps, query = request.app[DEPS], request.query
    register, plans = deps.standing.register, deps.standing.plans
    first, last = span_of(request)
    unit, school = forms.identifier(query, "unit"), forms.identifier(query, "school")
    if unit is not None and unit not in register.units:
        raise forms.BadInputError("unit", N_("is not known"))
    if school is not None and school not in register.schools:
        raise forms.BadInputError("school", N_("is not known"))
    return await period(
        deps.store,
        register,
        plans,
        unit=unit,
        schools=None if school is None else [school],
        first=first,
        last=last,
        now=request.app[READINGS].now(),
    )


async def get_proofs(request: web.Request) -> web.Response:
    """Answer ``/coverage/proofs?school=&from=&to=``: which cameras failed which place when."""
    deps, now = request.app[DEPS], request.app[READINGS].now()
    first, last = span_of(request)
    school = forms.identifier(request.query, "school")
    if school is None or school not in deps.standing.register.schools:
        raise forms.BadInputError("school", N_("is not known"))
    found = await proofs_of(
        deps.store,
        deps.standing.register,
        deps.standing.plans,
        school=school,
        first=first,
        last=last,
        now=now,
    )
    return json_answer(proofs_told(school, first, last, found))


async def get_repair(request: web.Request) -> web.Response:
    """Answer ``/cameras/{id}/repair?day=``: the camera and its place before and after."""
    deps, now = request.app[DEPS], request.app[READINGS].now()
    day = forms.day(request.query, "day")
    if day is None:
        raise forms.BadInputError("day", N_("must be a day, YYYY-MM-DD"))
    camera = request.match_info["id"]
    found = await repair(
        deps.store, deps.standing.register, deps.standing.plans, camera=camera, day=day, now=now
    )
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such camera."))
    return json_answer(repair_told(camera, found))


def span_of(request: web.Request) -> tuple[date, date]:
    """Return the first and the last day that are asked for; the last thirty by default."""
    last = forms.day(request.query, "to") or local_date(request.app[READINGS].now())
    first = forms.day(request.query, "from") or last - timedelta(days=DAYS - 1)
    if first > last:
        raise forms.BadInputError("from", N_("must not lie after to"))
    if (last - first).days >= MOST_DAYS:
        raise forms.BadInputError("from", N_("at most %(days)s days at once"), days=MOST_DAYS)
    return first, last
