"""A school's evaluation by the criteria that the plan has chosen: its own marks, the office's."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from server.domain.criteria import EvidenceKind
from server.domain.evaluation import Stage, result_of
from server.domain.units import School
from server.texts import plans, yearly
from server.web import evaluationdeeds
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.evaluationdeeds import NotDoneError, new_evaluation, shown_of
from server.web.frame import render
from server.web.readings import READINGS
from server.web.refusals import refusing, why_not
from server.web.uploads import parts
from server.web.writer import Writer, writer
from server.web.yearlyground import Ground, ground, school_of, words

_MOST_BYTES: Final = 2**20
_Deed = Callable[[Writer, Ground, School, Mapping[str, str]], Awaitable[None]]


async def get_evaluation(request: web.Request) -> web.Response:
    """Serve ``/yearly/schools/{school}/evaluation``."""
    on = ground(request)
    return await _page(request, on, school_of(request, on), None)


async def post_answers(request: web.Request) -> web.Response:
    """Keep the school's marks; hand them to the office where its button was pressed."""
    return await _do(request, evaluationdeeds.answer)


async def post_review(request: web.Request) -> web.Response:
    """Judge what the school has submitted, or send it back with a reason."""
    return await _do(request, evaluationdeeds.review)


async def _do(request: web.Request, deed: _Deed) -> web.Response:
    by, on = writer(request), ground(request)
    school, form = school_of(request, on), await _form(request)
    with refusing(request):
        try:
            await deed(by, on, school, form)
        except NotDoneError as error:
            return await _page(request, on, school, error)
    address = f"/yearly/schools/{school.id}/evaluation?year={quote(on.year.id)}"
    raise web.HTTPSeeOther(address)


async def _form(request: web.Request) -> dict[str, str]:
    """Return the texts of a form that may be long: sent in parts, not urlencoded."""
    found = await parts(request, most=_MOST_BYTES)
    return {name: part.text() for name, part in found.items()}


async def _page(
    request: web.Request,
    on: Ground,
    school: School,
    mistake: NotDoneError | None,
) -> web.Response:
    deps, tongue, user = request.app[DEPS], request[TONGUE], request[SESSION].user
    now, typed = request.app[READINGS].now(), mistake.typed if mistake else None
    view = await shown_of(deps.store, deps.standing, on, school, now=now, typed=typed)
    chosen, criteria = view.chosen, view.criteria
    response = render(
        request,
        "evaluation.html",
        school=school,
        year=on.year,
        years=on.years,
        chosen=chosen,
        criteria=criteria,
        applies=chosen is not None and chosen.applies_to(school.kind),
        shown=view.found or new_evaluation(on, school),
        revision=view.revision,
        result=result_of(view.found, applies=bool(criteria)),
        stages={key: tongue.text(word) for key, word in yearly.STAGES.items()},
        marks={key: tongue.text(word) for key, word in yearly.MARKS.items()},
        evidence={key: tongue.text(word) for key, word in yearly.EVIDENCE.items()},
        proof=lambda kind: yearly.proof_text(tongue, kind, view.known.get(kind)),
        link=lambda kind: _link(kind, school, on),
        source=plans.source_text,
        mistake=None if mistake is None else why_not(tongue, mistake),
        me=user.name,
        may_act=user.may_act,
        Stage=Stage,
        live=False,
        **words(tongue),
    )
    response.set_status(200 if mistake is None else 400)
    return response


def _link(kind: EvidenceKind, school: School, on: Ground) -> str:
    """Return where a kind of evidence is shown in full; empty: nowhere here."""
    first, last = on.year.first.isoformat(), min(on.today, on.year.last).isoformat()
    about = {"school": school.id, "from": first, "to": last}
    period = f"/coverage?{urlencode(about)}"
    places = {
        EvidenceKind.COVERAGE: period,
        EvidenceKind.UPTIME: period,
        EvidenceKind.PICTURE: period,
        EvidenceKind.INCIDENTS: f"/faults?{urlencode({'which': 'all'} | about)}",
        EvidenceKind.INSPECTIONS: "/inspections",
        EvidenceKind.GUARDS: f"/guards/schools/{school.id}",
        EvidenceKind.TRAINING: f"/guards/schools/{school.id}",
        EvidenceKind.GATE_LOG: f"/gate-log?{urlencode({'school': school.id})}",
        EvidenceKind.DOCUMENTS: f"/yearly/schools/{school.id}?{urlencode({'year': on.year.id})}",
    }
    return places.get(kind, "")


_HERE: Final = "/yearly/schools/{school}/evaluation"
ROUTES: Final = (
    web.get(_HERE, get_evaluation),
    web.post(_HERE, post_answers),
    web.post(_HERE + "/review", post_review),
)
