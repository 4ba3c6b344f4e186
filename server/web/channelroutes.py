"""Pages of the ways out (how each does, a test, what was tried) and the first page of alerting."""

from collections.abc import Mapping
from typing import Final

from aiohttp import web

from server.config.alerts import Addressing, Channel
from server.domain.calendar import local_date
from server.domain.incident.rules import Rules
from server.domain.paging.people import Way
from server.paging.book import load_book
from server.paging.rules import load_rules
from server.paging.silences import load_silences
from server.storage import ChannelHealth
from server.texts.tongue import N_
from server.web import forms
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.directory import who_is_told
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.guard import refuse
from server.web.pages.paging import turns
from server.web.pages.rules import differences
from server.web.pagingchecks import check_address
from server.web.readings import READINGS
from server.web.refusals import why_not
from server.web.testdeeds import put_tests
from server.web.writer import writer

_MOST_TRIED: Final = 40
_ADDRESS: Final = 320
_NEVER: Final = ChannelHealth(last_ok_at=None, failing_since=None)


async def get_alerting(request: web.Request) -> web.Response:
    """Serve ``/alerting``: who has the turn, what is paused, how the ways out do, in short."""
    deps = request.app[DEPS]
    now = request.app[READINGS].now()
    book, kept = await load_book(deps.store), await load_rules(deps.store)
    who = await who_is_told(request)
    silences = await load_silences(deps.store)
    return render(
        request,
        "alerting.html",
        book=book,
        who=who.name,
        standing=who.directory,
        turns=[turns(k.value, now, local_date(now)) for k in book.rotas.values()],
        paused=[k for k in silences if k.silence.until > now],
        changed=len(differences(Rules(), kept.rules)),
        channels=deps.config.alerts.channels,
        health=await deps.store.channel_health(),
        dead_man=deps.config.alerts.dead_man,
        live=False,
    )


async def get_channels(request: web.Request) -> web.Response:
    """Serve ``/alerting/channels``."""
    return await _page(request, None)


async def post_test(request: web.Request) -> web.Response:
    """Send a test over one channel, by the way of every message."""
    by, name = writer(request), request.match_info["name"]
    channel = request.app[DEPS].config.alerts.channels.get(name)
    if channel is None:
        raise refuse(404, request[TONGUE].text(N_("There is no such way out.")))
    given = forms.fields(await request.read(), request.content_type)
    try:
        way = _way(channel, given)
    except BadInputError as error:
        return await _page(request, error)
    await put_tests(by, (way,), to=by.by, language=request[TONGUE].code)
    raise web.HTTPSeeOther(f"/alerting/channels?sent={name}#{name}")


def _way(channel: Channel, given: Mapping[str, str]) -> Way:
    address = forms.text(given, "address", longest=_ADDRESS)
    if channel.addressing is Addressing.NONE:
        return Way(channel=channel.name)
    if not address and channel.addressing is Addressing.NEEDED:
        raise BadInputError("address", N_("must not be empty"))
    if address:
        check_address("address", address, channel)
    return Way(channel=channel.name, address=address)


async def _page(request: web.Request, mistake: BadInputError | None) -> web.Response:
    deps, tongue, user = request.app[DEPS], request[TONGUE], request[SESSION].user
    sent = forms.text(request.query, "sent")
    channels = deps.config.alerts.channels
    health = await deps.store.channel_health()
    response = render(
        request,
        "channels.html",
        channels=channels,
        health={name: health.get(name, _NEVER) for name in channels},
        tried=await deps.store.deliveries(limit=_MOST_TRIED),
        sent=sent if sent in channels else "",
        mistake=None if mistake is None else why_not(tongue, mistake),
        may_act=user.may_act,
        watch="see=incidents",
        live=bool(sent) and mistake is None,
    )
    response.set_status(200 if mistake is None else 400)
    return response


ROUTES: Final = (
    web.get("/alerting", get_alerting),
    web.get("/alerting/channels", get_channels),
    web.post("/alerting/channels/{name}/test", post_test),
)
