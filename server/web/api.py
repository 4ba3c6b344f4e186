"""The REST API under ``/api/v1``. One table holds every route; the OpenAPI document is made of it.

Programs sign in with ``POST /api/v1/sessions`` and send the token as ``Authorization: Bearer``; a
signed-in browser's cookie does as well. Every failure is ``{"error": {"code", "message"}}``.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from enum import StrEnum
from importlib import metadata
from typing import Final

import msgspec
from aiohttp import web

from server.domain.calendar import counted_time
from server.domain.interval import Interval
from server.domain.timeline import build
from server.domain.units import Camera, School
from server.domain.uptime import availability
from server.texts.tongue import N_
from server.web import apitypes as t
from server.web import apiviews, forms
from server.web.accounts import SignedIn, Wait, try_sign_in
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.guard import refuse
from server.web.openapi import Operation, Parameter, document
from server.web.pages import gatelog
from server.web.readings import READINGS

PREFIX: Final = "/api/v1"
LONGEST_WINDOW: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Counted(StrEnum):
    """Which time counts for availability."""

    ALL = "all"
    SCHOOL_HOURS = "school_hours"


def _json(answer: object, status: int = 200) -> web.Response:
    return web.Response(
        body=msgspec.json.encode(answer), status=status, content_type="application/json"
    )


async def post_sessions(request: web.Request) -> web.Response:
    """Sign in."""
    wanted = await _body(request, t.SignIn)
    found = await try_sign_in(request, wanted.name, wanted.password)
    match found:
        case None:
            raise refuse(401, request[TONGUE].text("User name or password is wrong."))
        case Wait(seconds=seconds):
            answer = _json(
                t.Failure(error=t.Problem(code="too_many_tries", message=f"Wait {seconds} s.")), 429
            )
            answer.headers["Retry-After"] = str(seconds)
            return answer
        case SignedIn(session=session, token=token):
            return _json(
                t.SessionOut(token=token, user=session.user.name, expires_at=session.expires_at),
                201,
            )


async def _body(request: web.Request, kind: type[t.SignIn]) -> t.SignIn:
    try:
        return msgspec.json.decode(await request.read(), type=kind)
    except (msgspec.MsgspecError, RecursionError) as failed:
        raise forms.BadInputError("body", "%(reason)s", reason=str(failed)) from None


async def delete_session(request: web.Request) -> web.Response:
    """Sign out."""
    if SESSION not in request:
        raise refuse(401, request[TONGUE].text("Please sign in first."))
    await request.app[DEPS].store.end_session(request[SESSION].token_hash)
    return web.Response(status=204)


async def get_units(request: web.Request) -> web.Response:
    """All units."""
    units = request.app[DEPS].organisation.units
    return _json(
        t.Units(
            units=tuple(
                t.UnitOut(id=u.id, name=u.name, level=u.level, parent=u.parent) for u in units
            )
        )
    )


async def get_schools(request: web.Request) -> web.Response:
    """All schools."""
    survey = await request.app[READINGS].district()
    return _json(t.Schools(schools=tuple(apiviews.school(look) for look in survey.schools)))


async def get_cameras(request: web.Request) -> web.Response:
    """All cameras, or one school's."""
    survey = await request.app[READINGS].district()
    school = forms.identifier(request.query, "school")
    looks = [c for c in survey.cameras if school in {None, c.school.id}]
    return _json(t.Cameras(at=survey.now, cameras=tuple(apiviews.camera(c) for c in looks)))


async def get_camera(request: web.Request) -> web.Response:
    """One camera."""
    _, camera = _camera(request)
    survey = await request.app[READINGS].district()
    (look,) = (c for c in survey.cameras if c.camera.id == camera.id)
    return _json(apiviews.camera(look))


async def get_timeline(request: web.Request) -> web.Response:
    """One camera's timeline."""
    school, camera = _camera(request)
    window = _window(request)
    claims = await request.app[READINGS].claims((school,), window)
    return _json(apiviews.timeline(camera.id, window, build(claims.get(camera.id, ()), window)))


async def get_availability(request: web.Request) -> web.Response:
    """One camera's seconds by state."""
    school, camera = _camera(request)
    window = _window(request)
    kind = forms.choice(request.query, "counted", Counted, default=Counted.SCHOOL_HOURS)
    claims = await request.app[READINGS].claims((school,), window)
    hours = None if kind is Counted.ALL else request.app[DEPS].plan.hours(school.kind)
    counted = counted_time(hours, window)
    sums = availability(build(claims.get(camera.id, ()), window), counted)
    named = Counted.ALL if hours is None else kind
    return _json(apiviews.availability(camera.id, window, named, sums))


async def get_coverage(request: web.Request) -> web.Response:
    """All schools against the plan."""
    return _json(apiviews.coverage(await request.app[READINGS].district()))


async def get_agents(request: web.Request) -> web.Response:
    """All gate PCs."""
    survey = await request.app[READINGS].district()
    return _json(t.Agents(at=survey.now, agents=tuple(apiviews.agent(a) for a in survey.agents)))


async def get_gate_events(request: web.Request) -> web.Response:
    """Entries of the gate log, newest first."""
    deps, query, window = request.app[DEPS], request.query, _window(request)
    gates = gatelog.gates_of(
        deps.organisation, _known_school(request), forms.identifier(query, "gate")
    )
    limit = forms.number(query, "limit", default=100, least=1, most=1000)
    rows = await deps.store.gate_events(
        gates=gates,
        since=window.start,
        until=window.end,
        text=forms.text(query, "text", longest=100),
        limit=limit + 1,
        before=forms.position(forms.text(query, "before")),
    )
    counts = await deps.store.gate_counts(gates=gates, since=window.start, until=window.end)
    shown = gatelog.entries(deps.organisation, rows[:limit])
    last = shown[-1].event if len(rows) > limit else None
    return _json(
        t.GateEventsOut(
            events=tuple(apiviews.gate_event(e) for e in shown),
            total=sum(c.count for c in counts),
            next=forms.position_text(last.occurred_at, last.id) if last else None,
        )
    )


def _known_school(request: web.Request) -> str | None:
    school = forms.identifier(request.query, "school")
    if school is not None and request.app[DEPS].organisation.school(school) is None:
        raise forms.BadInputError("school", N_("is not known"))
    return school


class AlertState(StrEnum):
    """Which alerts."""

    OPEN = "open"
    ALL = "all"


async def get_alerts(request: web.Request) -> web.Response:
    """Alerts, newest first."""
    open_only = forms.choice(request.query, "state", AlertState, default=AlertState.OPEN)
    limit = forms.number(request.query, "limit", default=200, least=1, most=1000)
    rows = await request.app[DEPS].store.alerts(open_only=open_only is AlertState.OPEN, limit=limit)
    return _json(t.Alerts(alerts=tuple(apiviews.alert(row) for row in rows)))


async def post_acknowledge(request: web.Request) -> web.Response:
    """Take an alert on; doing it again changes nothing."""
    deps = request.app[DEPS]
    number = forms.number(request.match_info, "id", default=0, least=1, most=2**53)
    taken = await deps.store.acknowledge(number, request[SESSION].user.name, now=deps.clock.now())
    if taken:
        deps.changes.publish("alerts")
    row = await deps.store.alert(number)
    if row is None:
        raise refuse(404, request[TONGUE].text("There is no such alert."))
    return _json(apiviews.alert(row))


async def get_openapi(_request: web.Request) -> web.Response:
    """This document."""
    return _json(document((op for op, _ in TABLE), version=metadata.version("vonggac")))


async def nothing(request: web.Request) -> web.Response:
    """Answer for every other address under ``/api``."""
    raise refuse(404, request[TONGUE].text("There is nothing at this address."))


def _camera(request: web.Request) -> tuple[School, Camera]:
    found = request.app[DEPS].organisation.camera(request.match_info["id"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such camera."))
    return found


def _window(request: web.Request) -> Interval:
    """Return ``[from, to)``; the last 24 hours where nothing is said, never beyond now."""
    now = request.app[READINGS].now()
    end = min(forms.moment(request.query, "to") or now, now)
    start = forms.moment(request.query, "from") or end - _DAY
    if start >= end:
        raise forms.BadInputError("from", N_("must lie before to, and before now"))
    if end - start > LONGEST_WINDOW:
        raise forms.BadInputError(
            "from", N_("at most %(days)s days at once"), days=LONGEST_WINDOW.days
        )
    return Interval(start, end)


_FROM_TO: Final = (
    Parameter(
        name="from", text="Start, RFC 3339; a day before the end by default", form="date-time"
    ),
    Parameter(name="to", text="End, RFC 3339; now by default and at most", form="date-time"),
)
_SCHOOL: Final = Parameter(name="school", text="Only this school's")
_LIMIT: Final = Parameter(name="limit", text="At most so many", kind="integer")

TABLE: Final[tuple[tuple[Operation, Handler], ...]] = (
    (
        Operation(
            method="POST",
            path="/sessions",
            text="Sign in: name and password against a token for 12 hours",
            answer=t.SessionOut,
            body=t.SignIn,
            status=201,
            open=True,
        ),
        post_sessions,
    ),
    (
        Operation(method="DELETE", path="/sessions", text="Sign out", answer=None, status=204),
        delete_session,
    ),
    (Operation(method="GET", path="/units", text="Units", answer=t.Units), get_units),
    (Operation(method="GET", path="/schools", text="Schools now", answer=t.Schools), get_schools),
    (
        Operation(
            method="GET", path="/cameras", text="Cameras now", answer=t.Cameras, query=(_SCHOOL,)
        ),
        get_cameras,
    ),
    (
        Operation(method="GET", path="/cameras/{id}", text="A camera now", answer=t.CameraOut),
        get_camera,
    ),
    (
        Operation(
            method="GET",
            path="/cameras/{id}/timeline",
            text="A camera's timeline",
            answer=t.TimelineOut,
            query=_FROM_TO,
        ),
        get_timeline,
    ),
    (
        Operation(
            method="GET",
            path="/cameras/{id}/availability",
            text="A camera's seconds by state",
            answer=t.AvailabilityOut,
            query=(
                *_FROM_TO,
                Parameter(name="counted", text="school_hours (default) or all"),
            ),
        ),
        get_availability,
    ),
    (
        Operation(
            method="GET", path="/coverage", text="Schools against the plan", answer=t.CoverageOut
        ),
        get_coverage,
    ),
    (Operation(method="GET", path="/agents", text="Gate PCs now", answer=t.Agents), get_agents),
    (
        Operation(
            method="GET",
            path="/gate-events",
            text="The gate log, newest first",
            answer=t.GateEventsOut,
            query=(
                *_FROM_TO,
                _SCHOOL,
                Parameter(name="gate", text="Only this gate's"),
                Parameter(name="text", text="Each word must occur; marks and case don't matter"),
                _LIMIT,
                Parameter(name="before", text="The next of the page before"),
            ),
        ),
        get_gate_events,
    ),
    (
        Operation(
            method="GET",
            path="/alerts",
            text="Alerts, newest first",
            answer=t.Alerts,
            query=(Parameter(name="state", text="open (default) or all"), _LIMIT),
        ),
        get_alerts,
    ),
    (
        Operation(
            method="POST",
            path="/alerts/{id}/acknowledge",
            text="Take an alert on",
            answer=t.AlertOut,
        ),
        post_acknowledge,
    ),
)


def routes() -> list[web.RouteDef]:
    """Return the routes of the table, the document's and the one for everything else."""
    own = [web.route(op.method, PREFIX + op.path, handler) for op, handler in TABLE]
    return [
        *own,
        web.get(f"{PREFIX}/openapi.json", get_openapi),
        web.route("*", "/api{tail:.*}", nothing),
    ]
