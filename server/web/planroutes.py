"""Pages of the plan: what is in force, all versions, one version, what it would change."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from typing import Final

from aiohttp import web

from server.config import ConfigError
from server.domain.calendar import local_date
from server.domain.plan import Plan
from server.domain.planbook import PlanVersion
from server.domain.planfacts import Fact, differences, facts
from server.planning import Filed, PaperState, PlanningError, all_papers, open_paper, parsed
from server.planning.impact import misfits, strangers, zone_changes
from server.planning.setting import settable
from server.texts import plans
from server.texts.mistakes import mistake_text
from server.texts.tongue import N_, Tongue
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.looks import SchoolLook
from server.web.pages.plan import plan_page
from server.web.pages.planimpact import impact, may_change
from server.web.readings import PAGE_DAYS, READINGS

MOST_PAST: Final = 60
"""Of how many schools thirty days are counted again for a preview: a twentieth of a second each."""
_AROUND: Final = 2
_PLACES: Final = {
    "/register": (N_("Schools and units"), N_("Who belongs where since when; import and export.")),
    "/coverage": (N_("Coverage over time"), N_("Trend, the worst, what to do first, budget.")),
    "/calendar": (N_("Calendar"), N_("Days off, announced work, prices.")),
    "/reports": (N_("Reports"), N_("Papers for school, office and department.")),
    "/inspections": (N_("Inspections"), N_("Visits, findings, minutes, fault register.")),
    "/guards": (N_("Guards"), N_("Posts, shifts, training.")),
    "/yearly": (N_("Yearly work"), N_("Plans handed in, evaluation, commendation.")),
}
"""What else belongs to the plan, in words; those that this server has are offered."""


class Words:
    """What a plan's lines are called, in one language: for templates."""

    def __init__(self, tongue: Tongue, plan: Plan) -> None:
        self.label: Callable[[Fact], str] = partial(plans.fact_label, tongue, plan)
        self.value: Callable[[Fact | None], str] = partial(plans.fact_value, tongue, plan)
        self.kind: Callable[[str], str] = partial(plans.school_kind, tongue)
        self.zone: Callable[[str], str] = partial(plans.zone_kind, tongue, plan)
        self.office = partial(plans.office, tongue)
        self.forbidden = partial(plans.forbidden_place, tongue, plan)
        self.warning = partial(plans.warning_text, tongue)
        self.source = plans.source_text
        self.mistake = partial(mistake_text, tongue)
        self.months = partial(plans.months_text, tongue)
        self.due = partial(plans.due_text, tongue)
        self.topics = plans.topic_words(tongue)

    def kinds(self, several: Iterable[str]) -> str:
        """Return the names of kinds of school, one after the other."""
        return ", ".join(self.kind(kind) for kind in several)


async def get_plan(request: web.Request) -> web.Response:
    """Serve ``/plan``: what the version in force says."""
    deps = request.app[DEPS]
    today = local_date(request.app[READINGS].now())
    version = deps.standing.plans.version_on(today)
    return render(
        request,
        "plan.html",
        view=plan_page(deps.plan, version, today),
        words=Words(request[TONGUE], deps.plan),
        waiting=await _waiting(request),
        offered=_offered(request),
        may_act=request[SESSION].user.may_act,
        live=False,
    )


async def get_versions(request: web.Request) -> web.Response:
    """Serve ``/plan/versions``: every version, whatever its state."""
    deps = request.app[DEPS]
    today = local_date(request.app[READINGS].now())
    standing = deps.standing.plans.version_on(today)
    return render(
        request,
        "planversions.html",
        found=[(filed, await read(filed)) for filed in await all_papers(deps.store)],
        in_force=standing.id if standing else None,
        may_act=request[SESSION].user.may_act,
        live=False,
    )


async def get_version(request: web.Request) -> web.Response:
    """Serve ``/plan/versions/{id}``: what it says, how it differs, what may be done with it."""
    deps, filed = request.app[DEPS], await filed_of(request)
    user, plan = request[SESSION].user, await read(filed)
    shown = plan if isinstance(plan, Plan) else deps.plan
    today = local_date(request.app[READINGS].now())
    schools = deps.organisation.schools
    return render(
        request,
        "planversion.html",
        filed=filed,
        plan_of=plan if isinstance(plan, Plan) else None,
        mistake=plan if isinstance(plan, ConfigError) else None,
        around=around(filed.paper.text, plan.line) if isinstance(plan, ConfigError) else (),
        view=plan_page(shown, _version(deps.standing.plans.versions, filed), today),
        words=Words(request[TONGUE], shown),
        changes=differences(deps.plan, shown),
        old=Words(request[TONGUE], deps.plan),
        rescored=zone_changes(schools, deps.plan, shown),
        unfit=misfits(schools, shown),
        unknown=strangers(schools, shown),
        settable=settable(filed.paper.text),
        typed=user.name in filed.paper.typed_by,
        may_act=user.may_act,
        changed="changed" in request.query,
        backdated=shown.effective_from is None or shown.effective_from < today,
        live=False,
    )


async def get_text(request: web.Request) -> web.Response:
    """Serve a version's text as a file."""
    filed = await filed_of(request)
    headers = {"Content-Disposition": 'attachment; filename="plan.yaml"'}
    return web.Response(text=filed.paper.text, content_type="application/yaml", headers=headers)


async def get_impact(request: web.Request) -> web.Response:
    """Serve ``/plan/versions/{id}/impact``: what would turn red, now and over thirty days."""
    readings, filed = request.app[READINGS], await filed_of(request)
    plan = await read(filed)
    if not isinstance(plan, Plan):
        raise web.HTTPSeeOther(f"/plan/versions/{filed.id}")
    setting, district = readings.setting(), await readings.district()
    changed = [s.school for s in district.schools if may_change(setting.plan, plan, s.school)]
    past = {school.id: await readings.school(school) for school in changed[:MOST_PAST]}
    looks: list[tuple[SchoolLook, datetime | None]] = [
        (look, None) for look in district.schools if look.school.id not in past
    ]
    looks += [(survey.schools[0], survey.window.start) for survey in past.values()]
    return render(
        request,
        "planimpact.html",
        filed=filed,
        plan_of=plan,
        found=await asyncio.to_thread(impact, setting, plan, looks),
        words=Words(request[TONGUE], plan),
        percent=[_uptime_asked(one) for one in (setting.plan, plan)],
        counted=len(past),
        changed=len(changed),
        days=PAGE_DAYS,
        live=False,
    )


def _uptime_asked(plan: Plan) -> Fact:
    return next(fact for fact in facts(plan) if fact.key == "uptime.required_percent")


async def _waiting(request: web.Request) -> list[Filed]:
    """Return the versions that wait for their second person."""
    papers = await all_papers(request.app[DEPS].store)
    return [filed for filed in papers if filed.paper.state is PaperState.SUBMITTED]


def _offered(request: web.Request) -> list[tuple[str, str, str]]:
    """Return the further places that this server has: address, name, what is there."""
    known = {resource.canonical for resource in request.app.router.resources()}
    tongue = request[TONGUE]
    return [
        (path, tongue.text(name), tongue.text(what))
        for path, (name, what) in _PLACES.items()
        if path in known
    ]


def _version(versions: Iterable[PlanVersion], filed: Filed) -> PlanVersion | None:
    return next((version for version in versions if version.id == filed.id), None)


async def filed_of(request: web.Request, name: str | None = None) -> Filed:
    """Return the version of the address, or the one called ``name``. Raises HTTP 404."""
    try:
        return await open_paper(request.app[DEPS].store, name or request.match_info["id"])
    except PlanningError as error:
        raise refuse(404, plans.refusal_text(request[TONGUE], error.why)) from error


async def read(filed: Filed) -> Plan | ConfigError:
    """Return what a version says, or its mistake."""
    return await asyncio.to_thread(parsed, filed.paper)


def around(text: str, line: int | None) -> list[tuple[int, str]]:
    """Return the lines around a mistake with their numbers, counted from 1."""
    if line is None:
        return []
    numbered = list(enumerate(text.splitlines(), start=1))
    return numbered[max(0, line - 1 - _AROUND) : line + _AROUND]
