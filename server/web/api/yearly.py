"""The API's yearly work: what the pages show, and what people do there by the same checks."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from server.domain.duties_owed import Deed
from server.domain.units import School
from server.storage.records import LARGEST_FILE
from server.texts.tongue import N_
from server.web import evaluationdeeds, forms, resultdeeds, yearlydeeds
from server.web.api import yearly_types as y
from server.web.api.bodies import body_of, form_of
from server.web.api.handlers import json_answer
from server.web.api.yearly_views import evaluation_out, papers_out, results_out, yearly_out
from server.web.choice import choice_of
from server.web.deps import DEPS, TONGUE
from server.web.guard import refuse
from server.web.pages.choosing import fitting
from server.web.pages.yearly import ResultState, SchoolState
from server.web.readings import READINGS
from server.web.refusals import refusing
from server.web.writer import writer
from server.web.yearlydeeds import line_of, owed_lines, yearly_of
from server.web.yearlyground import Ground, ground
from server.yearly.lists import late

_READ_AT_ONCE: Final = 1 << 16


async def get_yearly(request: web.Request) -> web.Response:
    """Serve ``/yearly``."""
    on, choice = ground(request), choice_of(request.query, SchoolState)
    schools = fitting(on.organisation.schools, on.register, on.day, choice)
    return json_answer(yearly_out(await yearly_of(request.app[DEPS].store, on, choice, schools)))


async def get_late(request: web.Request) -> web.Response:
    """Serve ``/yearly/late``."""
    on, choice = ground(request), choice_of(request.query)
    schools = fitting(on.organisation.schools, on.register, on.day, choice)
    found = late(await owed_lines(request.app[DEPS].store, on, schools))
    return json_answer(papers_out(on.year.id, found))


async def get_papers(request: web.Request) -> web.Response:
    """Serve ``/yearly/schools/{id}/papers``."""
    on = ground(request)
    found = await owed_lines(request.app[DEPS].store, on, [_school(request, on)])
    return json_answer(papers_out(on.year.id, found))


async def post_paper(request: web.Request) -> web.Response:
    """Hand a file in; officers only."""
    by, on = writer(request), ground(request)
    school, name = _school(request, on), forms.text(request.query, "name", longest=200)
    with refusing(request):
        line = await line_of(by.store, on, school, request.match_info["paper"])
        data = await _file(request)
        await yearlydeeds.hand_in(by, on, line, request.query, data=data, name=name)
        after = await line_of(by.store, on, school, line.id)
    return json_answer(papers_out(on.year.id, [after]).papers[0], 201)


async def post_review(request: web.Request) -> web.Response:
    """Approve a paper or give it back; officers only."""
    by, on = writer(request), ground(request)
    school, body = _school(request, on), body_of(await request.read(), y.ReviewIn)
    with refusing(request):
        line = await line_of(by.store, on, school, request.match_info["paper"])
        await yearlydeeds.review(by, on, line, form_of(body), Deed(body.deed))
        after = await line_of(by.store, on, school, line.id)
    return json_answer(papers_out(on.year.id, [after]).papers[0])


async def get_evaluation(request: web.Request) -> web.Response:
    """Serve ``/yearly/schools/{id}/evaluation``."""
    on = ground(request)
    return await _evaluation(request, on, _school(request, on))


async def post_answers(request: web.Request) -> web.Response:
    """Keep a school's marks, or submit them; officers only."""
    by, on = writer(request), ground(request)
    school, body = _school(request, on), body_of(await request.read(), y.AnswersIn)
    with refusing(request):
        await evaluationdeeds.answer(by, on, school, answers_form(body))
    return await _evaluation(request, on, school)


async def post_judgement(request: web.Request) -> web.Response:
    """Judge what was submitted, or send it back; officers only."""
    by, on = writer(request), ground(request)
    school, body = _school(request, on), body_of(await request.read(), y.JudgementIn)
    with refusing(request):
        await evaluationdeeds.review(by, on, school, judgement_form(body))
    return await _evaluation(request, on, school)


async def get_results(request: web.Request) -> web.Response:
    """Serve ``/yearly/results``."""
    on, choice = ground(request), choice_of(request.query, ResultState)
    return json_answer(
        results_out(await resultdeeds.results_of(request.app[DEPS].store, on, choice))
    )


async def post_rules(request: web.Request) -> web.Response:
    """Set the rules of commendation; officers only."""
    by, body = writer(request), body_of(await request.read(), y.RulesIn)
    with refusing(request):
        await resultdeeds.set_rules(by, form_of(body))
    return web.Response(status=204)


async def post_proposal(request: web.Request) -> web.Response:
    """Propose a school or strike it off; officers only."""
    by, on = writer(request), ground(request)
    school, body = _school(request, on), body_of(await request.read(), y.ProposalIn)
    with refusing(request):
        await resultdeeds.propose(by, on, school, form_of(body))
    return web.Response(status=204)


def answers_form(body: y.AnswersIn) -> dict[str, str]:
    """Return a school's marks as the page's form says them."""
    act = {"act": evaluationdeeds.SUBMIT} if body.submit else {}
    return {"revision": str(body.revision), **_marks("mark", "text", body.answers), **act}


def judgement_form(body: y.JudgementIn) -> dict[str, str]:
    """Return the office's word as the page's form says it."""
    return {
        "revision": str(body.revision),
        "words": body.words,
        "result": body.result or "",
        **_marks("verdict", "why", body.verdicts),
        **({"act": evaluationdeeds.BACK} if body.send_back else {}),
    }


def _marks(mark: str, text: str, marks: Mapping[str, y.MarkIn]) -> dict[str, str]:
    found = {f"{mark}.{name}": given.mark or "" for name, given in marks.items()}
    return found | {f"{text}.{name}": given.text for name, given in marks.items()}


async def _evaluation(request: web.Request, on: Ground, school: School) -> web.Response:
    deps, now = request.app[DEPS], request.app[READINGS].now()
    shown = await evaluationdeeds.shown_of(deps.store, deps.standing, on, school, now=now)
    return json_answer(evaluation_out(on, school, shown))


async def _file(request: web.Request) -> bytes:
    """Read the body, which may be larger than a form's."""
    found = bytearray()
    async for chunk in request.content.iter_chunked(_READ_AT_ONCE):
        found += chunk
        if len(found) > LARGEST_FILE:
            raise forms.BadInputError("body", N_("is too long"))
    return bytes(found)


def _school(request: web.Request, on: Ground) -> School:
    found = on.school(request.match_info["id"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such school in that year."))
    return found
