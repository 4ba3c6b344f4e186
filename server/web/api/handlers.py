"""What each operation does: read what is asked for, fetch, answer with a value of ``types``."""

from datetime import timedelta
from enum import StrEnum
from typing import Final

import msgspec
from aiohttp import web

from server.domain.interval import Interval
from server.domain.timeline import build
from server.domain.units import Camera, School
from server.domain.uptime import availability
from server.texts.tongue import N_
from server.web import forms
from server.web.accounts import SignedIn, Wait, try_sign_in
from server.web.api import types as t
from server.web.api import views
from server.web.deps import DEPS, SESSION, TONGUE
from server.web.guard import refuse
from server.web.pages import gatelog
from server.web.readings import READINGS

LONGEST_WINDOW: Final = timedelta(days=400)
_DAY: Final = timedelta(days=1)


class Counted(StrEnum):
    """Which time counts for availability."""

    ALL = "all"
    SCHOOL_HOURS = "school_hours"


def json_answer(answer: object, status: int = 200) -> web.Response:
    """Return a value as JSON."""
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
            answer = json_answer(
                t.Failure(error=t.Problem(code="too_many_tries", message=f"Wait {seconds} s.")), 429
            )
            answer.headers["Retry-After"] = str(seconds)
            return answer
        case SignedIn(session=session, token=token):
            return json_answer(
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
    return json_answer(
        t.Units(
            units=tuple(
                t.UnitOut(id=u.id, name=u.name, level=u.level, parent=u.parent) for u in units
            )
        )
    )


async def get_schools(request: web.Request) -> web.Response:
    """All schools."""
    survey = await request.app[READINGS].district()
    return json_answer(t.Schools(schools=tuple(views.school(look) for look in survey.schools)))


async def get_cameras(request: web.Request) -> web.Response:
    """All cameras, or one school's."""
    survey = await request.app[READINGS].district()
    school = forms.identifier(request.query, "school")
    looks = [c for c in survey.cameras if school in {None, c.school.id}]
    return json_answer(t.Cameras(at=survey.now, cameras=tuple(views.camera(c) for c in looks)))


async def get_camera(request: web.Request) -> web.Response:
    """One camera."""
    _, camera = _camera(request)
    survey = await request.app[READINGS].district()
    (look,) = (c for c in survey.cameras if c.camera.id == camera.id)
    return json_answer(views.camera(look))


async def get_timeline(request: web.Request) -> web.Response:
    """One camera's timeline."""
    school, camera = _camera(request)
    window = _window(request)
    claims = await request.app[READINGS].claims((school,), window)
    return json_answer(views.timeline(camera.id, window, build(claims.get(camera.id, ()), window)))


async def get_availability(request: web.Request) -> web.Response:
    """One camera's seconds by state."""
    school, camera = _camera(request)
    window = _window(request)
    kind = forms.choice(request.query, "counted", Counted, default=Counted.SCHOOL_HOURS)
    claims = await request.app[READINGS].claims((school,), window)
    if request.app[DEPS].plan.hours(school.kind, school.levels) is None:
        kind = Counted.ALL
    counted: tuple[Interval, ...] = (window,)
    if kind is Counted.SCHOOL_HOURS:
        counted = await request.app[READINGS].required(school, camera, window)
    sums = availability(build(claims.get(camera.id, ()), window), counted)
    return json_answer(views.availability(camera.id, window, kind, sums))


async def get_coverage(request: web.Request) -> web.Response:
    """All schools against the plan."""
    return json_answer(views.coverage(await request.app[READINGS].district()))


async def get_agents(request: web.Request) -> web.Response:
    """All gate PCs."""
    survey = await request.app[READINGS].district()
    return json_answer(t.Agents(at=survey.now, agents=tuple(views.agent(a) for a in survey.agents)))


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
    return json_answer(
        t.GateEventsOut(
            events=tuple(views.gate_event(e) for e in shown),
            total=sum(c.count for c in counts),
            next=forms.position_text(last.occurred_at, last.id) if last else None,
        )
    )


def _known_school(request: web.Request) -> str | None:
    school = forms.identifier(request.query, "school")
    if school is not None and request.app[DEPS].organisation.school(school) is None:
        raise forms.BadInputError("school", N_("is not known"))
    return school


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
