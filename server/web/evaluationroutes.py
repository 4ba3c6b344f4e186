"""A school's evaluation by the criteria that the plan has chosen: its own marks, the office's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from server.domain.criteria import CriteriaSet, Criterion, EvidenceKind
from server.domain.evaluation import (
    Answer,
    Evaluation,
    Event,
    Fill,
    Judge,
    Mark,
    Proof,
    SendBack,
    Stage,
    Submit,
    WrongStageError,
    kinds_of,
    result_of,
    step,
)
from server.domain.units import School
from server.texts import plans, yearly
from server.web import forms
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.frame import render
from server.web.guard import refuse
from server.web.readings import READINGS
from server.web.uploads import parts
from server.web.yearlyground import Ground, ground, school_of, words, write
from server.yearly.book import Kept, evaluation_put, load_evaluation
from server.yearly.gathering import Asked, proofs

_MOST_BYTES: Final = 2**20
_LONGEST: Final = 2000


async def get_evaluation(request: web.Request) -> web.Response:
    """Serve ``/yearly/schools/{school}/evaluation``."""
    on = ground(request)
    return await _page(request, on, school_of(request, on), None)


async def post_answers(request: web.Request) -> web.Response:
    """Keep the school's marks; hand them to the office where its button was pressed."""
    user, on = officer(request), ground(request)
    school, form = school_of(request, on), await _form(request)
    criteria = _criteria(request, on, school)
    events: list[Event] = [Fill(answers=_answers(form, criteria, "mark", "text"))]
    if form.get("act") == "submit":
        known = await proofs(_asked(request, on, school), kinds_of(criteria))
        asked = tuple(criterion.id for criterion in criteria)
        events.append(Submit(by=user.name, asked=asked, proofs=known))
    return await _happen(request, on, school, form, events)


async def post_review(request: web.Request) -> web.Response:
    """Judge what the school has submitted, or send it back with a reason."""
    user, on = officer(request), ground(request)
    school, form = school_of(request, on), await _form(request)
    criteria, said = _criteria(request, on, school), forms.text(form, "words", longest=_LONGEST)
    if form.get("act") == "back":
        return await _happen(request, on, school, form, [SendBack(by=user.name, words=said)])
    judged = Judge(
        by=user.name,
        asked=tuple(criterion.id for criterion in criteria),
        verdicts=_answers(form, criteria, "verdict", "why"),
        result=_mark(form, "result"),
        words=said,
    )
    return await _happen(request, on, school, form, [judged])


async def _form(request: web.Request) -> dict[str, str]:
    """Return the texts of a form that may be long: sent in parts, not urlencoded."""
    found = await parts(request, most=_MOST_BYTES)
    return {name: part.text() for name, part in found.items()}


def _criteria(request: web.Request, on: Ground, school: School) -> tuple[Criterion, ...]:
    """Return the criteria that hold for a school. Raises HTTP 404 where there are none."""
    chosen = on.plan.criteria_set()
    found = () if chosen is None else chosen.of(school.kind)
    if not found:
        raise refuse(404, request[TONGUE].text("No criteria hold for this school."))
    return found


def _answers(
    form: Mapping[str, str], criteria: Sequence[Criterion], mark: str, text: str
) -> dict[str, Answer]:
    return {
        one.id: Answer(
            mark=_mark(form, f"{mark}.{one.id}"),
            text=forms.text(form, f"{text}.{one.id}", longest=_LONGEST),
        )
        for one in criteria
    }


def _mark(form: Mapping[str, str], field: str) -> Mark | None:
    return forms.choice(form, field, Mark, default=Mark.MET) if form.get(field) else None


def _asked(request: web.Request, on: Ground, school: School) -> Asked:
    deps = request.app[DEPS]
    return Asked(
        store=deps.store,
        register=deps.standing.register,
        plans=deps.standing.plans,
        exceptions=deps.standing.exceptions,
        school=school,
        year=on.year,
        now=request.app[READINGS].now(),
    )


async def _happen(
    request: web.Request,
    on: Ground,
    school: School,
    form: Mapping[str, str],
    events: Sequence[Event],
) -> web.Response:
    """Let events happen one after the other, all or none, if nobody else was quicker."""
    kept = await load_evaluation(request.app[DEPS].store, school.id, on.year.id)
    found = kept.value if kept else _new(on, school)
    try:
        for event in events:
            found = step(found, event)
    except WrongStageError as error:
        text = request[TONGUE].text(yearly.STEPS_REFUSED[error.why])
        return await _page(request, on, school, text, typed=_typed(found, events))
    seen = forms.number(form, "revision", default=0, least=0, most=2**31)
    await write(request, evaluation_put(found, on.year, expected=seen))
    address = f"/yearly/schools/{school.id}/evaluation?year={quote(on.year.id)}"
    raise web.HTTPSeeOther(address)


def _typed(found: Evaluation, events: Sequence[Event]) -> Evaluation:
    """Return what people have typed, so that a refusal costs them nothing."""
    judged = next((event for event in events if isinstance(event, Judge)), None)
    if judged is None or found.stage is not Stage.SUBMITTED:
        return found
    return replace(found, verdicts=judged.verdicts, result=judged.result, words=judged.words)


def _new(on: Ground, school: School) -> Evaluation:
    chosen = on.plan.active_criteria_set or ""
    return Evaluation(school=school.id, year=on.year.id, criteria_set=chosen, plan=on.plan.version)


async def _page(
    request: web.Request,
    on: Ground,
    school: School,
    mistake: str | None,
    *,
    typed: Evaluation | None = None,
) -> web.Response:
    deps, tongue, user = request.app[DEPS], request[TONGUE], request[SESSION].user
    kept = await load_evaluation(deps.store, school.id, on.year.id)
    shown = typed or (kept.value if kept else None)
    chosen = _set_of(on, shown)
    criteria = () if chosen is None else chosen.of(school.kind)
    known = await _known(request, on, school, shown, criteria)
    response = render(
        request,
        "evaluation.html",
        school=school,
        year=on.year,
        years=on.years,
        chosen=chosen,
        criteria=criteria,
        applies=chosen is not None and chosen.applies_to(school.kind),
        shown=shown or _new(on, school),
        revision=_revision(kept),
        result=result_of(shown, applies=bool(criteria)),
        stages={key: tongue.text(word) for key, word in yearly.STAGES.items()},
        marks={key: tongue.text(word) for key, word in yearly.MARKS.items()},
        evidence={key: tongue.text(word) for key, word in yearly.EVIDENCE.items()},
        proof=lambda kind: yearly.proof_text(tongue, kind, known.get(kind)),
        link=lambda kind: _link(kind, school, on),
        source=plans.source_text,
        mistake=mistake,
        me=user.name,
        may_act=user.may_act,
        Stage=Stage,
        live=False,
        **words(tongue),
    )
    response.set_status(200 if mistake is None else 400)
    return response


def _set_of(on: Ground, shown: Evaluation | None) -> CriteriaSet | None:
    """Return the set that a submitted evaluation was made under, else the one that holds."""
    if shown is None or shown.stage is Stage.DRAFT:
        return on.plan.criteria_set()
    return next((s for s in on.plan.criteria_sets if s.id == shown.criteria_set), None)


async def _known(
    request: web.Request,
    on: Ground,
    school: School,
    shown: Evaluation | None,
    criteria: Sequence[Criterion],
) -> dict[str, Proof]:
    """Return what the system knew when it was submitted; before that, what it knows now."""
    if shown is not None and shown.stage is not Stage.DRAFT:
        found = shown.proofs
    else:
        found = await proofs(_asked(request, on, school), kinds_of(criteria))
    return {proof.kind: proof for proof in found}


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


def _revision(kept: Kept[Evaluation] | None) -> int:
    return 0 if kept is None else kept.revision


_HERE: Final = "/yearly/schools/{school}/evaluation"
ROUTES: Final = (
    web.get(_HERE, get_evaluation),
    web.post(_HERE, post_answers),
    web.post(_HERE + "/review", post_review),
)
