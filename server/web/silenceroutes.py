"""Pauses of alerts: which hold, which are over, a new one, and the end of one."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from server.domain.incident.model import Kind
from server.domain.incident.quiet import Silence
from server.paging.silences import load_silences
from server.texts.incident_words import KINDS
from server.texts.tongue import N_
from server.web import forms, incidentdeeds
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.moments import local_moment, proposed_end
from server.web.readings import READINGS
from server.web.refusals import refusing, why_not
from server.web.unhandled import UNHANDLED
from server.web.writer import writer

_MOST_OVER: Final = 100


async def get_silences(request: web.Request) -> web.Response:
    """Serve ``/alerting/silences``."""
    return await _page(request, {}, None)


async def post_silence(request: web.Request) -> web.Response:
    """Pause alerts of a school, of a kind, or of all."""
    by = writer(request)
    given = forms.fields(await request.read(), request.content_type)
    try:
        with refusing(request):
            await incidentdeeds.put(by, _silence(request, given))
    except BadInputError as error:
        return await _page(request, given, error)
    raise web.HTTPSeeOther("/alerting/silences")


async def post_end(request: web.Request) -> web.Response:
    """End a pause now."""
    by = writer(request)
    given = forms.fields(await request.read(), request.content_type)
    seen = forms.number(given, "revision", default=0, least=0, most=2**31)
    with refusing(request):
        await incidentdeeds.end_silence(by, request.match_info["id"], seen=seen)
    await request.app[UNHANDLED].recount()
    raise web.HTTPSeeOther(forms.local_path(given.get("next") or "/alerting/silences"))


def _silence(request: web.Request, given: Mapping[str, str]) -> Silence:
    deps = request.app[DEPS]
    school = forms.identifier(given, "school")
    if school is not None and deps.organisation.school(school) is None:
        raise BadInputError("school", N_("is not known"))
    kind = forms.text(given, "kind")
    if kind and kind not in set(Kind):
        raise BadInputError("kind", N_("is not known"))
    return Silence(
        start=deps.clock.now(),
        until=local_moment(given, "until"),
        reason=forms.text(given, "reason"),
        school=school,
        kinds=(Kind(kind),) if kind else (),
    )


async def _page(
    request: web.Request, given: Mapping[str, str], mistake: BadInputError | None
) -> web.Response:
    deps, tongue = request.app[DEPS], request[TONGUE]
    now, found = deps.clock.now(), await load_silences(deps.store)
    response = render(
        request,
        "silences.html",
        active=[k for k in found if k.silence.until > now],
        over=[k for k in found if k.silence.until <= now][:_MOST_OVER],
        schools=[(s.id, s.name) for s in deps.organisation.schools],
        kinds=[(kind, tongue.text(words.label)) for kind, words in KINDS.items()],
        given=given,
        until_proposed=proposed_end(request.app[READINGS].now()),
        mistake=None if mistake is None else why_not(tongue, mistake),
        may_act=request[SESSION].user.may_act,
        live=False,
    )
    response.set_status(200 if mistake is None else 400)
    return response


ROUTES: Final = (
    web.get("/alerting/silences", get_silences),
    web.post("/alerting/silences", post_silence),
    web.post("/alerting/silences/{id:[0-9a-f]{32}}/end", post_end),
)
