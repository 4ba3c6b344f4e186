"""Pages of incidents: the inbox, one incident, and what people do with it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from server.domain.basis import required_of
from server.domain.calendar import local_day
from server.domain.incident.model import Incident
from server.inspecting.faultbook import load_faults
from server.paging.silences import KeptSilence, load_silences
from server.storage import IncidentFilter, IncidentRow
from server.texts.incident_words import OCCASIONS
from server.web import forms, incidentdeeds
from server.web.deps import DEPS, SESSION, TONGUE, WebDeps
from server.web.directory import Who, who_is_told
from server.web.forms import BadInputError
from server.web.frame import render
from server.web.guard import refuse
from server.web.incidentdeeds import Pause, Scope
from server.web.moments import local_moment, proposed_end
from server.web.pages.incident import Story, Strip, last_day, shown_cameras, story, strips
from server.web.pages.incidents import Inbox, Which, inbox, named
from server.web.pages.response import DAYS, Responses, responses
from server.web.readings import READINGS
from server.web.refusals import refusing, why_not
from server.web.unhandled import UNHANDLED
from server.web.writer import writer

_PAGE: Final = 50
_MOST_OPEN: Final = 500
_MOST_COUNTED: Final = 5000
_FRESH: Final = timedelta(minutes=5)
_TEXT: Final = 1000
_DOINGS: Final = frozenset({"assign", "silence", "note"})
Given = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an address asks for of the inbox; ``before``: the last line of the page before."""

    which: Which
    text: str = ""
    before: tuple[datetime, str] | None = None

    @property
    def query(self) -> dict[str, str]:
        """The parameters that keep the list as it is."""
        given = {"which": str(self.which) if self.which is not Which.OPEN else "", "q": self.text}
        if self.before is not None:
            given["before"] = forms.position_text(*self.before)
        return {key: value for key, value in given.items() if value}

    @property
    def suffix(self) -> str:
        """The same as the end of an address; empty for the plain inbox."""
        return f"?{urlencode(self.query)}" if self.query else ""


@dataclass(slots=True)
class Medians:
    """How soon incidents were handled: worked out at most every five minutes, for everybody."""

    deps: WebDeps
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _known: tuple[datetime, Responses] | None = None

    async def now(self) -> Responses:
        """Return the newest figures. Raises ``StoreError``."""
        async with self._lock:
            now = self.deps.clock.now()
            if self._known is None or now - self._known[0] >= _FRESH:
                self._known = (now, await self._made(now))
            return self._known[1]

    async def _made(self, now: datetime) -> Responses:
        store = self.deps.store
        wanted = IncidentFilter(opened_from=now - timedelta(days=DAYS))
        rows = await store.incidents(wanted, limit=_MOST_COUNTED)
        faults = [kept.entry for kept in await load_faults(store)]
        return await asyncio.to_thread(responses, rows, faults, self.deps.organisation)


MEDIANS: Final = web.AppKey("medians", Medians)


async def get_inbox(request: web.Request) -> web.Response:
    """Serve ``/incidents``: the list; on a wide screen its first incident stands beside it."""
    return await _page(request, None)


async def get_incident(request: web.Request) -> web.Response:
    """Serve ``/incidents/{id}``; ``do`` opens one of the forms."""
    doing = forms.text(request.query, "do")
    return await _page(request, await _found(request), doing=doing if doing in _DOINGS else "")


async def post_acknowledge(request: web.Request) -> web.Response:
    """Take it on."""
    by, name = writer(request), request.match_info["id"]
    with refusing(request):
        await incidentdeeds.acknowledge(by, name)
    await request.app[UNHANDLED].recount()
    raise web.HTTPSeeOther(_back(request))


async def post_doing(request: web.Request) -> web.Response:
    """Hand it over, pause its alerts or add a note."""
    by, name, doing = writer(request), request.match_info["id"], request.match_info["do"]
    given = forms.fields(await request.read(), request.content_type)
    try:
        with refusing(request):
            if doing == "assign":
                await incidentdeeds.assign(by, name, forms.text(given, "to", longest=64))
            elif doing == "silence":
                await incidentdeeds.silence(by, name, pause_of(given))
            else:
                await incidentdeeds.note(by, name, forms.text(given, "text", longest=_TEXT))
    except BadInputError as error:
        return await _page(request, await _found(request), doing=doing, given=given, mistake=error)
    raise web.HTTPSeeOther(_back(request))


def pause_of(given: Given) -> Pause:
    """Return the pause that a form asks for. Raises ``BadInputError``."""
    return Pause(
        until=local_moment(given, "until"),
        reason=forms.text(given, "reason"),
        scope=forms.choice(given, "scope", Scope, default=Scope.HERE),
    )


async def _found(request: web.Request) -> IncidentRow:
    row = await request.app[DEPS].store.incident(request.match_info["id"])
    if row is None:
        raise refuse(404, request[TONGUE].text(incidentdeeds.NO_INCIDENT))
    return row


def _asked(request: web.Request) -> Asked:
    return Asked(
        which=forms.choice(request.query, "which", Which, default=Which.OPEN),
        text=forms.text(request.query, "q", longest=80),
        before=forms.position(forms.text(request.query, "before")),
    )


def _back(request: web.Request) -> str:
    return f"/incidents/{request.match_info['id']}{_asked(request).suffix}"


def wanted_of(asked: Asked, deps: WebDeps, user: str) -> IncidentFilter:
    """Return what the store is asked for."""
    return IncidentFilter(
        open=asked.which is not Which.DONE if asked.which is not Which.MINE else True,
        mine=user if asked.which is Which.MINE else None,
        text=asked.text,
        named=named(deps.organisation, asked.text),
    )


async def _page(
    request: web.Request,
    opened: IncidentRow | None,
    *,
    doing: str = "",
    given: Given | None = None,
    mistake: BadInputError | None = None,
) -> web.Response:
    deps, tongue, user = request.app[DEPS], request[TONGUE], request[SESSION].user
    asked, who = _asked(request), await who_is_told(request)
    shown = await _list(deps, asked, user.name)
    row = opened or (shown.lines[0].row if shown.lines else None)
    told = None if row is None else await _story(deps, row)
    response = render(
        request,
        "incidents.html",
        view=shown,
        story=told,
        opened=opened is not None,
        wanted=asked.which,
        text_asked=asked.text,
        asked=asked.suffix,
        asked_do=f"{asked.suffix}&" if asked.suffix else "?",
        later=_later(asked, shown),
        counts=await _counts(deps, user.name),
        **await _sums(request),
        **_doing(request, doing, given or {}, who),
        silences=[] if row is None else await _silences(deps, row.incident),
        strips=[] if row is None else await _strips(request, row),
        mistake=None if mistake is None else why_not(tongue, mistake),
        occasion=lambda occasion: tongue.text(OCCASIONS[occasion]),
        may_act=user.may_act,
        watch="see=incidents",
        live=not doing,
    )
    response.set_status(200 if mistake is None else 400)
    return response


def _doing(request: web.Request, doing: str, given: Given, who: Who) -> dict[str, Any]:
    return {
        "doing": doing if request[SESSION].user.may_act else "",
        "given": given,
        "who": who.name,
        "people": sorted({request[SESSION].user.name, *who.names}),
        "until_proposed": proposed_end(request.app[READINGS].now()),
    }


async def _sums(request: web.Request) -> dict[str, Any]:
    found = await request.app[MEDIANS].now()
    return {
        "unhandled": request.app[UNHANDLED].count,
        "responses": found,
        "response": found.all,
        "days": DAYS,
    }


async def _list(deps: WebDeps, asked: Asked, user: str) -> Inbox:
    most = _PAGE if asked.which is Which.DONE else _MOST_OPEN
    rows = await deps.store.incidents(
        wanted_of(asked, deps, user), limit=most + 1, before=asked.before
    )
    return inbox(rows, deps.organisation, most=most)


def _later(asked: Asked, shown: Inbox) -> str:
    if shown.after is None:
        return ""
    following = Asked(which=asked.which, text=asked.text, before=shown.after)
    return f"/incidents{following.suffix}"


async def _counts(deps: WebDeps, user: str) -> dict[str, int]:
    return {
        "open": await deps.store.count_incidents(IncidentFilter(open=True)),
        "mine": await deps.store.count_incidents(IncidentFilter(open=True, mine=user)),
    }


async def _story(deps: WebDeps, row: IncidentRow) -> Story:
    name = row.incident.id
    steps, letters = await deps.store.incident_steps(name), await deps.store.letters_of(name)
    return story(row, steps, letters, deps.organisation)


async def _strips(request: web.Request, row: IncidentRow) -> list[Strip]:
    """Return what an incident's cameras did on its day; of none outside a school."""
    school = request.app[DEPS].organisation.school(row.incident.school or "")
    cameras = () if school is None else shown_cameras(row, school)
    if school is None or not cameras:
        return []
    readings = request.app[READINGS]
    now, setting = readings.now(), readings.setting()
    day = last_day(row, now)
    window = local_day(day)
    claims = await readings.claims((replace(school, cameras=cameras),), window)
    hours = setting.plan.hours(school.kind, school.levels)
    asked = required_of(setting.plan, school, window, exceptions=setting.exceptions)
    required = () if hours is None else asked.spans
    return strips(cameras, claims, required, day=day, now=now)


async def _silences(deps: WebDeps, incident: Incident) -> list[KeptSilence]:
    """Return the pauses that hold now for something in this incident."""
    now = deps.clock.now()
    subjects = [member.subject for member in incident.members]
    return [
        kept
        for kept in await load_silences(deps.store)
        if any(kept.silence.fits(s, incident.school, incident.kind, now) for s in subjects)
    ]


_ONE: Final = "/incidents/{id:[0-9a-f-]{32,36}}"
ROUTES: Final = (
    web.get("/incidents", get_inbox),
    web.get(_ONE, get_incident),
    web.post(_ONE + "/acknowledge", post_acknowledge),
    web.post(_ONE + "/{do:assign|silence|note}", post_doing),
)
