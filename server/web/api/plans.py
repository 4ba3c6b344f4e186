"""The API's plan: what is in force, its versions, and the check of a text."""

import asyncio
from datetime import date
from pathlib import Path

import msgspec
from aiohttp import web

from server.config import ConfigError, parse_plan
from server.domain.calendar import local_date
from server.domain.plan import Plan
from server.domain.planbook import PlanVersion
from server.domain.planfacts import facts, open_facts
from server.domain.planwarnings import warnings
from server.planning import all_papers
from server.texts import plans
from server.texts.tongue import Tongue
from server.web import forms
from server.web.api.handlers import json_answer
from server.web.api.plan_types import (
    PlanChecked,
    PlanLine,
    PlanMistake,
    PlanOut,
    PlanText,
    PlanVersionOut,
    PlanVersionsOut,
    PlanWarningOut,
)
from server.web.deps import DEPS, TONGUE
from server.web.guard import refuse
from server.web.readings import READINGS


async def get_plan(request: web.Request) -> web.Response:
    """Return the version in force today, or on the day that is asked for."""
    day = forms.day(request.query, "on") or local_date(request.app[READINGS].now())
    version = request.app[DEPS].standing.plans.version_on(day)
    if version is None:
        raise refuse(404, request[TONGUE].text("No version of the plan is in force on that day."))
    return json_answer(_told(request[TONGUE], version.plan, version, day))


async def get_versions(request: web.Request) -> web.Response:
    """Return every version, whatever its state."""
    found = await all_papers(request.app[DEPS].store)
    told = (
        PlanVersionOut(
            id=filed.id,
            state=filed.paper.state.value,
            typed_by=filed.paper.typed_by,
            confirmed_by=filed.paper.confirmed_by,
            changed_at=filed.at,
        )
        for filed in found
    )
    return json_answer(PlanVersionsOut(versions=tuple(told)))


async def post_check(request: web.Request) -> web.Response:
    """Read a text as ``vonggac-server plan check`` does; nothing is kept."""
    try:
        wanted = msgspec.json.decode(await request.read(), type=PlanText)
    except (msgspec.MsgspecError, RecursionError) as failed:
        raise forms.BadInputError("body", "%(reason)s", reason=str(failed)) from None
    try:
        plan = await asyncio.to_thread(parse_plan, wanted.text, file=Path("plan.yaml"))
    except ConfigError as wrong:
        mistake = PlanMistake(line=wrong.line, key=wrong.key, why=wrong.why)
        return json_answer(PlanChecked(ok=False, mistake=mistake))
    today = local_date(request.app[READINGS].now())
    return json_answer(PlanChecked(ok=True, plan=_told(request[TONGUE], plan, None, today)))


def _told(tongue: Tongue, plan: Plan, version: PlanVersion | None, day: date) -> PlanOut:
    return PlanOut(
        id=plan.id,
        version=plan.version,
        title=plan.title,
        effective_from=plan.effective_from,
        effective_to=plan.effective_to,
        typed_by=() if version is None else version.typed_by,
        confirmed_by=None if version is None else version.confirmed_by,
        warnings=tuple(
            PlanWarningOut(kind=w.kind.value, text=plans.warning_text(tongue, w), keys=w.keys)
            for w in warnings(plan, day)
        ),
        unset=tuple(fact.key for fact in open_facts(plan)),
        lines=tuple(
            PlanLine(
                key=fact.key,
                label=plans.fact_label(tongue, plan, fact),
                value=None if fact.value is None else plans.fact_value(tongue, plan, fact),
                source=plans.source_text(fact.source) or None,
            )
            for fact in facts(plan)
        ),
    )
