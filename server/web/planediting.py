"""Writing a version of the plan: typed by one officer, confirmed by another. All its routes."""

import asyncio
from typing import Final

from aiohttp import web

from server.planning import Filed, PlanningError, all_papers, confirm, save, submit, withdraw
from server.planning.paper import LARGEST_BYTES, PaperState, Refusal
from server.planning.setting import with_value
from server.storage import ConflictError
from server.texts import plans
from server.texts.mistakes import mistake_text
from server.web import forms, planroutes
from server.web.asking import officer
from server.web.deps import DEPS, TONGUE
from server.web.frame import render
from server.web.guard import refuse
from server.web.planroutes import Words, around, filed_of, read
from server.web.uploads import parts

_NEW: Final = "/plan/new"


async def get_new(request: web.Request) -> web.Response:
    """Serve ``/plan/new``: an editor that begins with the text of the version in force."""
    officer(request)
    standing = request.app[DEPS].standing
    version = standing.plans.version_on(standing.today)
    known = standing.plans.versions
    ids = {version.id} if version else {v.id for v in known[-1:]}
    papers = await all_papers(request.app[DEPS].store)
    return await _editor(request, None, next((f.paper.text for f in papers if f.id in ids), ""))


async def get_edit(request: web.Request) -> web.Response:
    """Serve ``/plan/versions/{id}/edit``."""
    officer(request)
    filed = await filed_of(request)
    if filed.paper.state not in {PaperState.DRAFT, PaperState.SUBMITTED}:
        raise web.HTTPSeeOther(f"/plan/versions/{filed.id}")
    return await _editor(request, filed, filed.paper.text)


async def post_text(request: web.Request) -> web.Response:
    """Keep what was typed or uploaded, as a new draft or as a draft's next revision."""
    user = officer(request)
    deps, form = request.app[DEPS], await parts(request, most=2 * LARGEST_BYTES)
    upload, typed = form.get("file"), form.get("text")
    chosen = upload if upload is not None and upload.data else typed
    if chosen is None or not chosen.data.strip():
        raise forms.BadInputError("text", plans.EMPTY)
    before = await filed_of(request) if "id" in request.match_info else None
    seen = form.get("revision")
    if before is not None and seen is not None and seen.text() != str(before.revision):
        return await _conflict(request, before, chosen.text())
    try:
        name = await save(
            deps.store, chosen.text(), before=before, by=user.name, now=deps.clock.now()
        )
    except PlanningError as error:
        raise _refused(request, error) from error
    except ConflictError:
        return await _conflict(request, before, chosen.text())
    deps.changes.publish("records:plan")
    raise web.HTTPSeeOther(f"/plan/versions/{name}")


async def post_step(request: web.Request) -> web.Response:
    """Hand a version over, confirm it as the second person, or withdraw it."""
    user, filed = officer(request), await filed_of(request)
    form = forms.fields(await request.read(), request.content_type)
    if forms.text(form, "revision") != str(filed.revision):
        raise web.HTTPSeeOther(f"/plan/versions/{filed.id}?changed=1")
    deps = request.app[DEPS]
    try:
        match forms.text(form, "step"):
            case "submit":
                await submit(deps.store, filed, by=user.name, now=deps.clock.now())
            case "confirm":
                await confirm(deps.store, filed, by=user.name, now=deps.clock.now())
            case "withdraw":
                await withdraw(deps.store, filed, by=user.name, now=deps.clock.now())
            case _:
                raise refuse(400, request[TONGUE].text("That can't be asked for here."))
    except PlanningError as error:
        raise _refused(request, error) from error
    except ConflictError:
        raise web.HTTPSeeOther(f"/plan/versions/{filed.id}?changed=1") from None
    deps.changes.publish("records:plan")
    await deps.standing.refresh()
    raise web.HTTPSeeOther(f"/plan/versions/{filed.id}")


async def post_value(request: web.Request) -> web.Response:
    """Set one open value of a draft, with its source."""
    user, filed = officer(request), await filed_of(request)
    form = forms.fields(await request.read(), request.content_type)
    if forms.text(form, "revision") != str(filed.revision):
        raise web.HTTPSeeOther(f"/plan/versions/{filed.id}?changed=1")
    deps = request.app[DEPS]
    try:
        text = await asyncio.to_thread(
            with_value,
            filed.paper.text,
            forms.text(form, "key"),
            forms.text(form, "value"),
            source=forms.text(form, "source") or None,
            note=forms.text(form, "note"),
        )
        await save(deps.store, text, before=filed, by=user.name, now=deps.clock.now())
    except PlanningError as error:
        raise _refused(request, error) from error
    except ConflictError:
        raise web.HTTPSeeOther(f"/plan/versions/{filed.id}?changed=1") from None
    deps.changes.publish("records:plan")
    raise web.HTTPSeeOther(f"/plan/versions/{filed.id}")


async def _editor(
    request: web.Request, filed: Filed | None, text: str, *, conflict: bool = False
) -> web.Response:
    mistake = None if filed is None else await read(filed)
    wrong = mistake if isinstance(mistake, Exception) else None
    return render(
        request,
        "planedit.html",
        filed=filed,
        text=text,
        mistake=wrong,
        words=Words(request[TONGUE], request.app[DEPS].plan),
        around=around(text, wrong.line) if wrong else (),
        conflict=conflict,
        action=_NEW if filed is None else f"/plan/versions/{filed.id}/edit",
        live=False,
    )


async def _conflict(request: web.Request, filed: Filed | None, text: str) -> web.Response:
    """Show what was typed again: somebody else has written meanwhile, nothing was kept."""
    response = await _editor(request, filed, text, conflict=True)
    response.set_status(409)
    return response


def _refused(request: web.Request, error: PlanningError) -> web.HTTPException:
    status = 404 if error.why is Refusal.NOT_THERE else 400
    tongue = request[TONGUE]
    said = plans.refusal_text(tongue, error.why)
    if error.mistake is not None:
        said = f"{said} {error.mistake.key}: {mistake_text(tongue, error.mistake.why).text}"
    return refuse(status, said)


ROUTES: Final = (
    web.get("/plan", planroutes.get_plan),
    web.get("/plan/versions", planroutes.get_versions),
    web.get("/plan/versions/{id}", planroutes.get_version),
    web.post("/plan/versions/{id}", post_step),
    web.post("/plan/versions/{id}/value", post_value),
    web.get("/plan/versions/{id}/plan.yaml", planroutes.get_text),
    web.get("/plan/versions/{id}/impact", planroutes.get_impact),
    web.get("/plan/versions/{id}/edit", get_edit),
    web.post("/plan/versions/{id}/edit", post_text),
    web.get(_NEW, get_new),
    web.post(_NEW, post_text),
)
