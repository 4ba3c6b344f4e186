"""The API's incidents: the inbox, one of them, what people do with it."""

from enum import StrEnum
from typing import Final

from aiohttp import web

from server.storage import IncidentFilter, IncidentRow
from server.texts.naming import Names
from server.texts.tongue import N_
from server.web import forms, incidentdeeds
from server.web.api import incident_types as n
from server.web.api import incident_views as views
from server.web.api.bodies import body_of
from server.web.api.handlers import json_answer
from server.web.api.openapi import Operation, Parameter
from server.web.api.route import SCHOOL, Handler
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.directory import who_is_told
from server.web.guard import refuse
from server.web.incidentdeeds import Pause
from server.web.incidentroutes import MEDIANS
from server.web.pages.incidents import named
from server.web.pages.spoken import Spoken
from server.web.refusals import refusing
from server.web.unhandled import UNHANDLED
from server.web.writer import writer

_NOTE: Final = 1000
_NAME: Final = 64


class State(StrEnum):
    """Which incidents."""

    OPEN = "open"
    MINE = "mine"
    DONE = "done"
    ALL = "all"


async def get_incidents(request: web.Request) -> web.Response:
    """Incidents, newest first."""
    deps, query = request.app[DEPS], request.query
    limit = forms.number(query, "limit", default=100, least=1, most=1000)
    rows = await deps.store.incidents(
        _wanted(request), limit=limit + 1, before=forms.position(forms.text(query, "before"))
    )
    last = rows[limit - 1].incident if len(rows) > limit else None
    said = _said(request)
    return json_answer(
        n.IncidentsOut(
            incidents=tuple(views.incident(row, said) for row in rows[:limit]),
            next=forms.position_text(last.opened_at, last.id) if last else None,
        )
    )


def _wanted(request: web.Request) -> IncidentFilter:
    state = forms.choice(request.query, "state", State, default=State.OPEN)
    school = forms.identifier(request.query, "school")
    text = forms.text(request.query, "q", longest=80)
    return IncidentFilter(
        open=None if state is State.ALL else state is not State.DONE,
        mine=request[SESSION].user.name if state is State.MINE else None,
        schools=frozenset({school}) if school else None,
        text=text,
        named=named(request.app[DEPS].organisation, text),
    )


def _said(request: web.Request) -> Spoken:
    deps = request.app[DEPS]
    return Spoken(request[TONGUE], Names(deps.organisation, deps.standing.register.names))


async def get_incident(request: web.Request) -> web.Response:
    """One incident with its course and its messages."""
    deps, row, said = request.app[DEPS], await _row(request), _said(request)
    who = await who_is_told(request)
    letters = await deps.store.letters_of(row.incident.id)
    return json_answer(
        n.IncidentStoryOut(
            incident=views.incident(row, said),
            steps=tuple(said.steps(row.incident)),
            course=tuple(views.step(s) for s in await deps.store.incident_steps(row.incident.id)),
            letters=tuple(views.letter(x, who.name) for x in letters),
        )
    )


async def _row(request: web.Request) -> IncidentRow:
    row = await request.app[DEPS].store.incident(request.match_info["id"])
    if row is None:
        raise refuse(404, request[TONGUE].text(incidentdeeds.NO_INCIDENT))
    return row


async def _told(request: web.Request) -> web.Response:
    return json_answer(views.incident(await _row(request), _said(request)))


async def post_acknowledge(request: web.Request) -> web.Response:
    """Take it on; doing it again changes nothing."""
    by = writer(request)
    with refusing(request):
        await incidentdeeds.acknowledge(by, request.match_info["id"])
    await request.app[UNHANDLED].recount()
    return await _told(request)


async def post_assign(request: web.Request) -> web.Response:
    """Hand it to somebody."""
    by, wanted = writer(request), body_of(await request.read(), n.AssignIn)
    to = forms.text({"to": wanted.to}, "to", longest=_NAME)
    with refusing(request):
        await incidentdeeds.assign(by, request.match_info["id"], to)
    return await _told(request)


async def post_note(request: web.Request) -> web.Response:
    """Add a note."""
    by, wanted = writer(request), body_of(await request.read(), n.NoteIn)
    text = forms.text({"text": wanted.text}, "text", longest=_NOTE)
    with refusing(request):
        await incidentdeeds.note(by, request.match_info["id"], text)
    return await _told(request)


async def post_pause(request: web.Request) -> web.Response:
    """Pause its alerts."""
    by, wanted = writer(request), body_of(await request.read(), n.PauseIn)
    if wanted.until.tzinfo is None:
        raise forms.BadInputError("until", N_("must say its offset from UTC, like Z or +07:00"))
    reason = forms.text({"reason": wanted.reason}, "reason")
    asked = Pause(until=wanted.until, reason=reason, scope=wanted.scope)
    with refusing(request):
        made = await incidentdeeds.silence(by, request.match_info["id"], asked)
    return json_answer(n.PauseMade(id=made), 201)


async def get_response(request: web.Request) -> web.Response:
    """How soon incidents are taken on and over."""
    return json_answer(views.responses(await request.app[MEDIANS].now()))


_LIST: Final = Operation(
    method="GET",
    path="/incidents",
    text="Incidents, newest first",
    answer=n.IncidentsOut,
    query=(
        Parameter(name="state", text="open (default), mine (open ones), done or all"),
        SCHOOL,
        Parameter(name="q", text="Each word must occur; marks and case don't matter"),
        Parameter(name="limit", text="At most so many", kind="integer"),
        Parameter(name="before", text="The next of the page before"),
    ),
)
INCIDENTS: Final[tuple[tuple[Operation, Handler], ...]] = (
    (_LIST, get_incidents),
    (
        Operation(
            method="GET",
            path="/incidents/response",
            text="How soon incidents are taken on and over: medians by unit and contractor",
            answer=n.ResponsesOut,
        ),
        get_response,
    ),
    (
        Operation(
            method="GET",
            path="/incidents/{id}",
            text="An incident with its course and its messages",
            answer=n.IncidentStoryOut,
        ),
        get_incident,
    ),
    (
        Operation(
            method="POST",
            path="/incidents/{id}/acknowledge",
            text="Take an incident on (officers)",
            answer=n.IncidentOut,
        ),
        post_acknowledge,
    ),
    (
        Operation(
            method="POST",
            path="/incidents/{id}/assign",
            text="Hand an incident to somebody (officers)",
            answer=n.IncidentOut,
            body=n.AssignIn,
        ),
        post_assign,
    ),
    (
        Operation(
            method="POST",
            path="/incidents/{id}/notes",
            text="Add a note to an incident (officers)",
            answer=n.IncidentOut,
            body=n.NoteIn,
        ),
        post_note,
    ),
    (
        Operation(
            method="POST",
            path="/incidents/{id}/pause",
            text="Pause an incident's alerts for a reason and until a moment (officers)",
            answer=n.PauseMade,
            body=n.PauseIn,
            status=201,
        ),
        post_pause,
    ),
)
