"""Pages of who is told: receivers, rotas with the next four weeks, and policies."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from server.domain.calendar import WEEKDAYS, local_date
from server.domain.paging.people import Receiver
from server.paging.book import POLICY, RECEIVER, ROTA, PagingBook, load_book, load_removed
from server.texts.incident_words import KINDS, SEVERITIES
from server.web import forms, pagingdeeds
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.directory import who_is_told
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.pages.paging import named_in, turns
from server.web.pagingchecks import Ground
from server.web.pagingforms import MEMBERS, MOST_FIELDS, STAGES
from server.web.readings import READINGS
from server.web.refusals import refusing, why_not
from server.web.testdeeds import send_test
from server.web.writer import writer

Given = Mapping[str, str]
_ENGLISH_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_PLACES: Final = {RECEIVER: "receivers", ROTA: "rotas", POLICY: "policies"}
_KINDS: Final = {place: kind for kind, place in _PLACES.items()}


async def get_page(request: web.Request) -> web.Response:
    """Serve ``/alerting/receivers``, ``/rotas`` or ``/policies``; ``edit`` opens one."""
    return await _page(request, edited=forms.text(request.query, "edit"))


async def post_entry(request: web.Request) -> web.Response:
    """Enter something new, or change what stands."""
    by, kind = writer(request), _KINDS[request.match_info["place"]]
    name = request.match_info.get("id")
    given, seen = await _given(request)
    try:
        with refusing(request):
            await pagingdeeds.enter(by, ground_of(request), kind, given, name=name, seen=seen)
    except BadInputError as error:
        return await _page(request, edited=name or "new", given=given, mistake=error)
    raise web.HTTPSeeOther(f"/alerting/{request.match_info['place']}")


async def post_remove(request: web.Request) -> web.Response:
    """Take an entry away."""
    by, kind = writer(request), _KINDS[request.match_info["place"]]
    _, seen = await _given(request)
    try:
        with refusing(request):
            await pagingdeeds.take_away(by, kind, request.match_info["id"], seen=seen)
    except BadInputError as error:
        return await _page(request, mistake=error)
    raise web.HTTPSeeOther(f"/alerting/{request.match_info['place']}")


async def post_restore(request: web.Request) -> web.Response:
    """Bring back what was taken away."""
    by, kind, name = writer(request), _KINDS[request.match_info["place"]], request.match_info["id"]
    _, seen = await _given(request)
    try:
        with refusing(request):
            await pagingdeeds.bring_back(by, ground_of(request), kind, name, seen=seen)
    except BadInputError as error:
        return await _page(request, mistake=error)
    raise web.HTTPSeeOther(f"/alerting/{request.match_info['place']}#{name}")


async def post_test(request: web.Request) -> web.Response:
    """Send a receiver a test by all their ways; the page of the ways out shows what comes of it."""
    by, book = writer(request), await load_book(request.app[DEPS].store)
    with refusing(request):
        kept = pagingdeeds.kept_of(book, RECEIVER, request.match_info["id"])
        assert isinstance(kept.value, Receiver)
        await send_test(by, kept.value)
    name = kept.value.ways[0].channel
    raise web.HTTPSeeOther(f"/alerting/channels?sent={name}#{name}")


async def post_stand(request: web.Request) -> web.Response:
    """Let somebody stand in for some days, or take that back."""
    by, name = writer(request), request.match_info["id"]
    given, seen = await _given(request)
    try:
        with refusing(request):
            await pagingdeeds.change_stands(by, ground_of(request), name, given, seen=seen)
    except BadInputError as error:
        return await _page(request, mistake=error)
    raise web.HTTPSeeOther(f"/alerting/rotas#{name}")


async def _given(request: web.Request) -> tuple[dict[str, str], int]:
    given = forms.fields(await request.read(), request.content_type, most=MOST_FIELDS)
    return given, forms.number(given, "revision", default=0, least=0, most=2**31)


def ground_of(request: web.Request) -> Ground:
    """Return what an entry is checked against."""
    deps = request.app[DEPS]
    return Ground(organisation=deps.organisation, channels=deps.config.alerts.channels)


async def _page(
    request: web.Request,
    *,
    edited: str = "",
    given: Given | None = None,
    mistake: BadInputError | None = None,
) -> web.Response:
    deps, tongue = request.app[DEPS], request[TONGUE]
    place = request.match_info.get("place", "rotas")
    book, who = await load_book(deps.store), await who_is_told(request)
    response = render(
        request,
        f"{place}.html",
        book=book,
        who=who.name,
        standing=who.directory,
        removed=await load_removed(deps.store, _KINDS[place]),
        edited=edited if request[SESSION].user.may_act else "",
        given=given,
        channels=deps.config.alerts.channels,
        units_known=deps.organisation.units,
        schools=deps.organisation.schools,
        kinds=[(kind, tongue.text(words.label)) for kind, words in KINDS.items()],
        severities=[(s, tongue.text(word)) for s, word in SEVERITIES.items()],
        mistake=None if mistake is None else why_not(tongue, mistake),
        may_act=request[SESSION].user.may_act,
        live=False,
        **_more(request, book),
    )
    response.set_status(200 if mistake is None else 400)
    return response


def _more(request: web.Request, book: PagingBook) -> dict[str, Any]:
    now = request.app[READINGS].now()
    rotas = {name: kept.value for name, kept in book.rotas.items()}
    policies = [kept.value for kept in book.policies.values()]
    return {
        "turns": {name: turns(rota, now, local_date(now)) for name, rota in rotas.items()},
        "named_in": lambda receiver: named_in(receiver, rotas, policies),
        "weekdays": WEEKDAYS if request[TONGUE].code == "vi" else _ENGLISH_DAYS,
        "members": MEMBERS,
        "stages": STAGES,
        "today": local_date(now),
    }


_PLACE: Final = "/alerting/{place:receivers|rotas|policies}"
_ID: Final = f"/{{id:{forms.ID_PATTERN}}}"
_ONE: Final = _PLACE + _ID
ROUTES: Final = (
    web.get(_PLACE, get_page),
    web.post(_PLACE, post_entry),
    web.post(_ONE, post_entry),
    web.post(_ONE + "/remove", post_remove),
    web.post(_ONE + "/restore", post_restore),
    web.post(f"/alerting/receivers{_ID}/test", post_test),
    web.post(f"/alerting/rotas{_ID}/stands", post_stand),
)
