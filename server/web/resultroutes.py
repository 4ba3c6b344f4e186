"""What came of a year: results, the list for commendation and its rules, five years, as a file."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from server.texts import yearly
from server.texts.tongue import N_
from server.web import forms, resultdeeds
from server.web.choice import choice_of
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.pages.choosing import units_of
from server.web.pages.yearly import SHOWN, ResultRow, ResultState
from server.web.refusals import refusing, why_not
from server.web.resultdeeds import results_of
from server.web.writer import writer
from server.web.yearlyground import XLSX, file, ground, school_of, words
from server.yearly.sheets import Cell, workbook


async def get_results(request: web.Request) -> web.Response:
    """Serve ``/yearly/results``."""
    return await _page(request, None)


async def get_file(request: web.Request) -> web.Response:
    """Serve the results as XLSX."""
    on, tongue = ground(request), request[TONGUE]
    view = await results_of(request.app[DEPS].store, on, choice_of(request.query, ResultState))
    titles = (N_("School"), N_("Kind of school"), N_("Result"), N_("Commendation"), N_("Reason"))
    named = [tongue.text(title) for title in titles]
    body = workbook(
        f"Kết quả {on.year.id}",
        [*named, *view.past_years],
        [_cells(request, row) for row in view.rows],
    )
    return file(body, f"ket-qua-{on.year.id}.xlsx", XLSX)


def _cells(request: web.Request, row: ResultRow) -> list[Cell]:
    tongue, proposal = request[TONGUE], row.candidate.proposal
    kind = words(tongue)["school_kind"]
    assert callable(kind)
    past = [None if r is None else tongue.text(yearly.RESULTS[r]) for r in row.past]
    return [
        row.school.name,
        kind(row.school.kind),
        tongue.text(yearly.RESULTS[row.result]),
        tongue.text("yes") if row.candidate.listed else None,
        proposal.reason if proposal else None,
        *past,
    ]


async def post_rules(request: web.Request) -> web.Response:
    """Set what a school must show to be on the list."""
    by, on = writer(request), ground(request)
    form = forms.fields(await request.read(), request.content_type)
    try:
        with refusing(request):
            await resultdeeds.set_rules(by, form)
    except BadInputError as error:
        return await _page(request, error)
    raise web.HTTPSeeOther(f"/yearly/results?year={quote(on.year.id)}#rules")


async def post_proposal(request: web.Request) -> web.Response:
    """Put a school on the list by hand, or strike it off."""
    by, on = writer(request), ground(request)
    school = school_of(request, on)
    form = forms.fields(await request.read(), request.content_type)
    try:
        with refusing(request):
            await resultdeeds.propose(by, on, school, form)
    except BadInputError as error:
        return await _page(request, error)
    raise web.HTTPSeeOther(f"/yearly/results?year={quote(on.year.id)}&q={school.id}#{school.id}")


async def _page(request: web.Request, mistake: BadInputError | None) -> web.Response:
    on, tongue = ground(request), request[TONGUE]
    response = render(
        request,
        "yearlyresults.html",
        view=await results_of(request.app[DEPS].store, on, choice_of(request.query, ResultState)),
        unit_choices=units_of(on.register, on.day),
        states={key: tongue.text(word) for key, word in yearly.RESULT_STATES.items()},
        shown=SHOWN,
        chosen=on.plan.criteria_set(),
        rule_words={key: tongue.text(word) for key, word in yearly.RULES.items()},
        mets={key: tongue.text(word) for key, word in yearly.METS.items()},
        met_looks=yearly.MET_LOOKS,
        mistake=None if mistake is None else why_not(tongue, mistake),
        may_act=request[SESSION].user.may_act,
        live=False,
        **words(tongue),
    )
    response.set_status(200 if mistake is None else 400)
    return response


ROUTES: Final = (
    web.get("/yearly/results", get_results),
    web.get("/yearly/results.xlsx", get_file),
    web.post("/yearly/results/rules", post_rules),
    web.post("/yearly/results/{school}", post_proposal),
)
