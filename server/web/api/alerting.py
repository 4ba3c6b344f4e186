"""The API of who is told, and when: what the pages do, by the same deeds."""

from typing import Final

from aiohttp import web

from server.domain.paging.turns import on_turn
from server.paging.book import Entry, load_book
from server.paging.rules import load_rules
from server.paging.silences import load_silences
from server.storage import ChannelHealth
from server.texts.tongue import N_
from server.web import forms, incidentdeeds, pagingdeeds
from server.web.api import alerting_types as a
from server.web.api import alerting_views as views
from server.web.api.bodies import body_of
from server.web.api.handlers import json_answer
from server.web.api.route import Handler
from server.web.asking import officer
from server.web.deps import DEPS, SESSION
from server.web.forms import BadInputError
from server.web.pagingroutes import ground_of
from server.web.previewing import PREVIEWING
from server.web.refusals import refusing
from server.web.ruledeeds import save_rules
from server.web.writer import writer

_NEVER: Final = ChannelHealth(last_ok_at=None, failing_since=None)


async def get_paging(request: web.Request) -> web.Response:
    """Receivers, rotas and policies."""
    book, now = await load_book(request.app[DEPS].store), request.app[DEPS].clock.now()
    whole = request[SESSION].user.may_act
    return json_answer(views.paging_out(book, now, whole=whole))


async def put_receiver(request: web.Request) -> web.Response:
    """Enter or change a receiver."""
    wanted = body_of(await request.read(), a.ReceiverIn)
    revision = await _put(request, wanted.receiver, wanted.revision)
    return json_answer(a.ReceiverKept(revision=revision, receiver=wanted.receiver))


async def put_rota(request: web.Request) -> web.Response:
    """Enter or change a rota."""
    wanted = body_of(await request.read(), a.RotaIn)
    revision = await _put(request, wanted.rota, wanted.revision)
    turn = on_turn(wanted.rota, request.app[DEPS].clock.now())
    return json_answer(a.RotaKept(revision=revision, rota=wanted.rota, on_turn=turn))


async def put_policy(request: web.Request) -> web.Response:
    """Enter or change a policy."""
    wanted = body_of(await request.read(), a.PolicyIn)
    revision = await _put(request, wanted.policy, wanted.revision)
    return json_answer(a.PolicyKept(revision=revision, policy=wanted.policy))


async def _put(request: web.Request, entry: Entry, revision: int) -> int:
    by, named = writer(request), forms.identifier(request.match_info, "id")
    if entry.id != named:
        raise BadInputError("id", N_("must be that of the address"))
    with refusing(request):
        book = await load_book(by.store)
        return await pagingdeeds.put(by, book, ground_of(request), entry, seen=revision)


def remover(kind: str) -> Handler:
    """Return what takes entries of a kind away."""

    async def delete(request: web.Request) -> web.Response:
        """Take an entry away."""
        by = writer(request)
        seen = forms.number(request.query, "revision", default=0, least=0, most=2**31)
        with refusing(request):
            await pagingdeeds.take_away(by, kind, request.match_info["id"], seen=seen)
        return web.Response(status=204)

    return delete


async def get_rules(request: web.Request) -> web.Response:
    """Return the rules of incidents."""
    kept = await load_rules(request.app[DEPS].store)
    return json_answer(views.rules_body(kept.rules, kept.revision))


async def put_rules(request: web.Request) -> web.Response:
    """Change the rules."""
    by, wanted = writer(request), body_of(await request.read(), a.RulesBody)
    rules = views.rules_in(wanted, request.app[DEPS].plan.zones)
    with refusing(request):
        await save_rules(by, rules, seen=wanted.revision)
    return json_answer(views.rules_body(rules, wanted.revision + 1))


async def post_preview(request: web.Request) -> web.Response:
    """Preview rules over the last thirty days."""
    officer(request)
    body = body_of(await request.read(), a.RulesBody)
    rules = views.rules_in(body, request.app[DEPS].plan.zones)
    standing = (await load_rules(request.app[DEPS].store)).rules
    found = await request.app[PREVIEWING].compare(rules, standing)
    return json_answer(views.preview_out(found))


async def get_silences(request: web.Request) -> web.Response:
    """All pauses."""
    now = request.app[DEPS].clock.now()
    found = await load_silences(request.app[DEPS].store)
    return json_answer(
        a.SilencesOut(
            silences=tuple(
                a.SilenceOut(
                    id=k.id,
                    revision=k.revision,
                    active=k.silence.start <= now < k.silence.until,
                    by=k.by,
                    silence=k.silence,
                )
                for k in found
            )
        )
    )


async def delete_silence(request: web.Request) -> web.Response:
    """End a pause now."""
    by = writer(request)
    seen = forms.number(request.query, "revision", default=0, least=0, most=2**31)
    with refusing(request):
        await incidentdeeds.end_silence(by, request.match_info["id"], seen=seen)
    return web.Response(status=204)


async def get_channels(request: web.Request) -> web.Response:
    """All ways out, and how each does."""
    deps = request.app[DEPS]
    health = await deps.store.channel_health()
    channels = deps.config.alerts.channels
    return json_answer(
        a.ChannelsOut(
            channels=tuple(
                a.ChannelOut(
                    name=name,
                    kind=channel.kind,
                    addressing=channel.addressing,
                    per_minute=channel.per_minute,
                    last_ok_at=health.get(name, _NEVER).last_ok_at,
                    failing_since=health.get(name, _NEVER).failing_since,
                )
                for name, channel in channels.items()
            )
        )
    )
