"""What came of a year: results, the list for commendation and its rules, five years, as a file."""

from typing import Final
from urllib.parse import quote

from aiohttp import web

from server.domain.commendation import PERCENT, Proposal, Rules
from server.texts import yearly
from server.texts.tongue import N_
from server.web import forms
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.pages.yearly import ResultRow, ResultsPage, results_page
from server.web.yearlyground import XLSX, Ground, file, ground, school_of, told, words, write
from server.web.yearlyroutes import all_lines
from server.yearly.book import (
    load_evaluations,
    load_proposals,
    load_rules,
    proposal_put,
    rules_put,
)
from server.yearly.sheets import Cell, workbook

_LONGEST: Final = 300
_NEEDED: Final = N_("must not be empty")


async def get_results(request: web.Request) -> web.Response:
    """Serve ``/yearly/results``."""
    return await _page(request, None)


async def get_file(request: web.Request) -> web.Response:
    """Serve the results as XLSX."""
    on, tongue = ground(request), request[TONGUE]
    view = await _view(request, on)
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
    officer(request)
    form = forms.fields(await request.read(), request.content_type)
    try:
        rules = _rules(form)
    except BadInputError as error:
        return await _page(request, error)
    seen = forms.number(form, "revision", default=0, least=0, most=2**31)
    await write(request, rules_put(rules, expected=seen))
    raise web.HTTPSeeOther(f"/yearly/results?year={quote(ground(request).year.id)}#rules")


async def post_proposal(request: web.Request) -> web.Response:
    """Put a school on the list by hand, or strike it off."""
    officer(request)
    on = ground(request)
    school = school_of(request, on)
    form = forms.fields(await request.read(), request.content_type)
    reason = forms.text(form, "reason", longest=_LONGEST)
    if not reason:
        return await _page(request, BadInputError("reason", _NEEDED))
    proposal = Proposal(
        school=school.id, year=on.year.id, proposed=form.get("act") == "propose", reason=reason
    )
    seen = forms.number(form, "revision", default=0, least=0, most=2**31)
    await write(request, proposal_put(proposal, on.year, expected=seen))
    raise web.HTTPSeeOther(f"/yearly/results?year={quote(on.year.id)}#{school.id}")


def _rules(form: dict[str, str]) -> Rules:
    percent = forms.text(form, "least_percent", longest=6).replace(",", ".").rstrip("% ")
    try:
        least = float(percent) if percent else None
    except ValueError:
        raise BadInputError("least_percent", N_("must be a number from 0 to 100")) from None
    if least is not None and not 0 <= least <= PERCENT:
        raise BadInputError("least_percent", N_("must be a number from 0 to 100"))
    rules = Rules(
        result="result" in form,
        least_percent=least,
        no_late="no_late" in form,
        no_open_findings="no_open_findings" in form,
        source=forms.text(form, "source", longest=_LONGEST),
    )
    if rules.is_set and not rules.source:
        raise BadInputError("source", N_("a rule needs its source: a decision, a regulation"))
    return rules


async def _view(request: web.Request, on: Ground) -> ResultsPage:
    store = request.app[DEPS].store
    return results_page(
        on.organisation.schools,
        on.plan,
        await load_evaluations(store),
        await load_proposals(store, on.year),
        await load_rules(store),
        await all_lines(request, on),
        year=on.year,
        years=on.years,
    )


async def _page(request: web.Request, mistake: BadInputError | None) -> web.Response:
    on, tongue = ground(request), request[TONGUE]
    response = render(
        request,
        "yearlyresults.html",
        view=await _view(request, on),
        chosen=on.plan.criteria_set(),
        rule_words={key: tongue.text(word) for key, word in yearly.RULES.items()},
        mets={key: tongue.text(word) for key, word in yearly.METS.items()},
        met_looks=yearly.MET_LOOKS,
        mistake=None if mistake is None else told(tongue, mistake),
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
