"""Pages of inspections: the list, a new visit, one visit and what becomes of its findings."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from server.domain.calendar import local_date
from server.domain.inspection import (
    Begin,
    Correct,
    Correction,
    Event,
    Member,
    Paper,
    Resolve,
    Step,
    Turn,
    Visit,
    WrongStepError,
    step,
)
from server.domain.units import School
from server.inspecting import visits
from server.inspecting.photos import plain_jpeg
from server.inspecting.visits import Kept, load_visit, load_visits
from server.reports.forms import FORMS
from server.reports.kinds.minutes import Photo, minutes
from server.storage import ConflictError, Put
from server.texts.inspections import FIELDS, SEVERITIES, STEPS
from server.texts.tongue import N_
from server.web import forms
from server.web.asking import officer
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.inspections import inspections_page, known_of
from server.web.readings import READINGS

_NEEDED: Final = N_("must not be empty")
_MOST_TEAM: Final = 20
_REASON: Final = 500
_MOST_PHOTOS: Final = 60
"""In one paper."""


async def get_inspections(request: web.Request) -> web.Response:
    """Serve ``/inspections``."""
    return await _list(request, request.query, None)


async def post_inspection(request: web.Request) -> web.Response:
    """Plan a visit."""
    user, deps = officer(request), request.app[DEPS]
    given = forms.fields(await request.read(), request.content_type)
    try:
        school = forms.identifier(given, "school")
        if school is None or deps.organisation.school(school) is None:
            raise BadInputError("school", N_("There is no such school."))  # noqa: TRY301
        planned = forms.day(given, "planned")
        if planned is None:
            raise BadInputError("planned", _NEEDED)  # noqa: TRY301
        names = forms.text(given, "team", longest=1000)
    except BadInputError as error:
        return await _list(request, given, error)
    team = tuple(Member(name=n.strip()[:200]) for n in names.split(",") if n.strip())
    visit = Visit(school=school, planned=planned, paper=Paper(team=team[:_MOST_TEAM]))
    name = visits.new_name()
    await write(request, visits.put_of(name, visit, expected=0), by=user.name)
    raise web.HTTPSeeOther(f"/inspections/{name}")


async def get_inspection(request: web.Request) -> web.Response:
    """Serve ``/inspections/{id}``."""
    kept = await kept_visit(request)
    deps, tongue = request.app[DEPS], request[TONGUE]
    school = deps.organisation.school(kept.visit.school)
    history = await deps.store.record_history(visits.KIND, kept.record.id)
    today = local_date(request.app[READINGS].now())
    return render(
        request,
        "inspection.html",
        id=kept.record.id,
        visit=kept.visit,
        revision=kept.record.revision,
        school=school.name if school else kept.visit.school,
        spots=places_of(school),
        history=history,
        today=today,
        late={f.id for f in kept.visit.late_findings(today)},
        open={f.id for f in kept.visit.open_findings},
        steps={k: tongue.text(v) for k, v in STEPS.items()},
        severities={k: tongue.text(v) for k, v in SEVERITIES.items()},
        Step=Step,
        may_act=request[SESSION].user.may_act,
        live=False,
    )


async def post_begin(request: web.Request) -> web.Response:
    """Begin a visit: note what the system knows, then open the form."""
    officer(request)
    kept = await kept_visit(request)
    school = school_of(request, kept.visit)
    if kept.visit.step is Step.DRAFT:
        readings, deps = request.app[READINGS], request.app[DEPS]
        survey = await readings.school(school)
        known = known_of(survey.schools[0], deps.plan, now=survey.now)
        await _put_event(request, kept, Begin(known))
    raise web.HTTPSeeOther(f"/inspections/{kept.record.id}/form")


async def post_finding(request: web.Request) -> web.Response:
    """Close a finding by hand, or open it again, with a reason."""
    user, kept = officer(request), await kept_visit(request)
    given = forms.fields(await request.read(), request.content_type)
    turn = Turn(
        finding=request.match_info["finding"],
        closed=request.match_info["turn"] == "close",
        day=local_date(request.app[READINGS].now()),
        by=user.name,
        reason=_reason(given),
    )
    await _put_event(request, kept, Resolve(turn), seen=_seen(given))
    raise web.HTTPSeeOther(f"/inspections/{kept.record.id}#findings")


async def post_correction(request: web.Request) -> web.Response:
    """Begin a further paper that corrects a confirmed one."""
    user, kept = officer(request), await kept_visit(request)
    given = forms.fields(await request.read(), request.content_type)
    told = Correction(by=user.name, at=request.app[DEPS].clock.now(), reason=_reason(given))
    await _put_event(request, kept, Correct(told), seen=_seen(given))
    raise web.HTTPSeeOther(f"/inspections/{kept.record.id}/form")


async def get_minutes(request: web.Request) -> web.Response:
    """Serve the biên bản of a visit, as it stands or of an earlier revision."""
    kept = await kept_visit(request)
    form, deps = request.match_info["form"], request.app[DEPS]
    asked = forms.number(request.query, "revision", default=0, least=0, most=2**31)
    visit = kept.visit
    if asked:
        history = await deps.store.record_history(visits.KIND, kept.record.id)
        found = next((r for r in history if r.revision == asked and not r.gone), None)
        if found is None:
            raise refuse(404, request[TONGUE].text("There is no such inspection."))
        visit = visits.visit_in(found)
    register = deps.standing.register
    school = school_of(request, visit)
    path = register.unit_path(school.id, visit.planned)
    photos = await _photos(request, visit) if request.query.get("photos") else None
    document = minutes(visit, school, path, photos=photos)
    name = f"bien-ban-kiem-tra-{school.id}-{visit.planned}.{form}"
    return web.Response(
        body=await asyncio.to_thread(FORMS[form].write, document),
        headers={
            "Content-Type": FORMS[form].media,
            "Content-Disposition": f'attachment; filename="{name}"',
        },
    )


async def _photos(request: web.Request, visit: Visit) -> dict[str, Photo]:
    """Return the photos of a visit's findings; for officers only."""
    officer(request)
    found: dict[str, Photo] = {}
    named = [sha for finding in visit.paper.findings for sha in finding.photos]
    for sha in named[:_MOST_PHOTOS]:
        kept = await request.app[DEPS].store.kept_file(sha)
        if kept is not None:
            width, height = plain_jpeg(kept.data)
            found[sha] = Photo(jpeg=kept.data, width_px=width, height_px=height)
    return found


def places_of(school: School | None) -> dict[str, str]:
    """Return the names of a school's cameras and zones by id, for what names only ids."""
    if school is None:
        return {}
    zones = {zone.id: zone.name for zone in school.zones}
    return zones | {camera.id: camera.name for camera in school.cameras}


def school_of(request: web.Request, visit: Visit) -> School:
    """Return the school of a visit as it was on its day. Raises HTTP 404."""
    register = request.app[DEPS].standing.register
    found = register.on(visit.planned).school(visit.school)
    found = found or request.app[DEPS].organisation.school(visit.school)
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such school."))
    return found


async def kept_visit(request: web.Request) -> Kept:
    """Return the visit of the address. Raises HTTP 404."""
    kept = await load_visit(request.app[DEPS].store, request.match_info["id"])
    if kept is None:
        raise refuse(404, request[TONGUE].text("There is no such inspection."))
    return kept


async def write(request: web.Request, put: Put, *, by: str) -> None:
    """Write a record. Raises HTTP 400 where somebody else was quicker."""
    deps = request.app[DEPS]
    try:
        await deps.store.put_records([put], by=by, now=deps.clock.now())
    except ConflictError:
        text = request[TONGUE].text("Somebody else has changed this meanwhile: look at it again.")
        raise refuse(400, text) from None
    deps.changes.publish(f"records:{put.kind}")


async def _put_event(
    request: web.Request, kept: Kept, event: Event, *, seen: int | None = None
) -> None:
    """Put an event to a visit. Raises HTTP 400 where it can't happen now."""
    try:
        after = step(kept.visit, event)
    except WrongStepError:
        text = request[TONGUE].text("That can't be done with this inspection as it stands.")
        raise refuse(400, text) from None
    expected = kept.record.revision if seen is None else seen
    put = visits.put_of(kept.record.id, after, expected=expected)
    await write(request, put, by=officer(request).name)


def _seen(given: Mapping[str, str]) -> int:
    return forms.number(given, "revision", default=0, least=0, most=2**31)


def _reason(given: Mapping[str, str]) -> str:
    reason = forms.text(given, "reason", longest=_REASON).strip()
    if not reason:
        raise BadInputError("reason", _NEEDED)
    return reason


async def _list(
    request: web.Request, given: Mapping[str, str], mistake: BadInputError | None
) -> web.Response:
    deps, tongue = request.app[DEPS], request[TONGUE]
    today = local_date(request.app[READINGS].now())
    kept = await load_visits(deps.store)
    response = render(
        request,
        "inspections.html",
        view=inspections_page(kept, deps.organisation, today=today),
        given=given,
        mistake=told(request, mistake),
        steps={k: tongue.text(v) for k, v in STEPS.items()},
        Step=Step,
        may_act=request[SESSION].user.may_act,
        live=False,
    )
    response.set_status(200 if mistake is None else 400)
    return response


def told(request: web.Request, mistake: BadInputError | None) -> str | None:
    """Say what is wrong with which field, in the reader's language."""
    if mistake is None:
        return None
    tongue = request[TONGUE]
    field = tongue.text(FIELDS.get(mistake.field, mistake.field))
    return f"{field}: {tongue.text(mistake.why, **mistake.values)}"


_ONE: Final = "/inspections/{id:[0-9a-f]{32}}"
ROUTES: Final = (
    web.get("/inspections", get_inspections),
    web.post("/inspections", post_inspection),
    web.get(_ONE, get_inspection),
    web.post(f"{_ONE}/begin", post_begin),
    web.post(f"{_ONE}/correct", post_correction),
    web.post(f"{_ONE}/findings/{{finding}}/{{turn:close|reopen}}", post_finding),
    web.get(f"{_ONE}/minutes.{{form:docx|pdf}}", get_minutes),
)
