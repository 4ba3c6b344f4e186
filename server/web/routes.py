"""Pages: read what the browser asks for, fetch, build the view, render. No figure is made here."""

from collections import Counter
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from aiohttp import web

from server.domain.calendar import local_date
from server.domain.units import Organisation, School
from server.storage.rows import GateEventRow
from server.texts.tongue import N_
from server.web import csvfile, forms
from server.web.deps import DEPS, RENDERER, SESSION, THEME, TONGUE
from server.web.guard import refuse
from server.web.pages import agents, camera, gatelog, overview, school, schools
from server.web.pages.looks import Survey
from server.web.readings import READINGS

_CSV_PAGE: Final = 1000
_CSV_MOST: Final = 200_000
KINDS: Final = {
    "pass": N_("Passage"),
    "passage": N_("Passage"),
    "pupil": N_("Pupil"),
    "staff": N_("Staff"),
    "visitor": N_("Visitor"),
    "vehicle": N_("Vehicle"),
    "late": N_("Arrived late"),
    "early": N_("Left early"),
    "refused": N_("Not let in"),
    "open": N_("Gate opened"),
    "close": N_("Gate closed"),
    "card": N_("Card"),
}


class Names:
    """Names of cameras and agents for lists that hold only ids."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation

    def camera(self, camera_id: str | None) -> str:
        """Return a camera's name, or its id where it is no longer registered."""
        found = self._organisation.camera(camera_id or "")
        return found[1].name if found else camera_id or "?"

    def agent(self, agent_id: str | None) -> str:
        """Return an agent's name, or its id where it is no longer registered."""
        found = self._organisation.agent(agent_id or "")
        return found[1].name if found else agent_id or "?"


class Refreshed:
    """The overview as open pages fetch it again: they take its middle alone, the same for all.

    So it is rendered once for everybody who reads the same survey in the same language.
    """

    def __init__(self) -> None:
        self._texts: dict[str, tuple[Survey, str]] = {}

    def page(self, survey: Survey, language: str, make: Callable[[], str]) -> web.Response:
        """Return the page made of ``survey``, made now or for somebody else just before."""
        known = self._texts.get(language)
        if known is None or known[0] is not survey:
            known = self._texts[language] = (survey, make())
        return html(known[1])


REFRESHED: Final = web.AppKey("refreshed", Refreshed)


def render(request: web.Request, template: str, **values: object) -> web.Response:
    """Return a page in the reader's language, inside the frame that all pages share."""
    return html(page_text(request, template, **values))


def html(text: str) -> web.Response:
    """Return a page as an answer."""
    response = web.Response(text=text, content_type="text/html")
    response.enable_compression()  # no page holds a secret that its length could betray
    return response


def page_text(request: web.Request, template: str, **values: object) -> str:
    """Return a page as text."""
    session = request.get(SESSION)
    frame: dict[str, Any] = {
        "theme": request[THEME],
        "user": session.user.name if session else None,
        "signed_in": session is not None,
        "here": request.rel_url.raw_path_qs,
        "plan": request.app[DEPS].plan,
        "names": Names(request.app[DEPS].organisation),
        "query": "",
        "place": "",
        "watch": "see=agents",
        "live": session is not None,
        "until": True,
        "now": request.app[READINGS].now(),
    }
    return request.app[RENDERER].render(template, request[TONGUE], frame | values)


async def get_overview(request: web.Request) -> web.Response:
    """Serve ``/``."""
    survey = await request.app[READINGS].district()
    if "HX-Request" not in request.headers:
        return render(request, "overview.html", view=overview.overview(survey))
    return request.app[REFRESHED].page(
        survey,
        request[TONGUE].code,
        lambda: page_text(request, "overview.html", view=overview.overview(survey), user=""),
    )


async def get_schools(request: web.Request) -> web.Response:
    """Serve ``/schools``: all of them, or those (and the cameras) whose name holds a text."""
    query = forms.text(request.query, "q", longest=80)
    survey = await request.app[READINGS].district()
    view = schools.search(survey, query)
    return render(request, "schools.html", view=view, found=view.cameras, query=query)


async def get_school(request: web.Request) -> web.Response:
    """Serve ``/schools/{id}``."""
    found = _school(request)
    readings = request.app[READINGS]
    view = school.school_page(await readings.school(found))
    since = gatelog.Filter(first=local_date(view.now), last=local_date(view.now)).since
    counts = await request.app[DEPS].store.gate_counts(
        gates=[gate.id for gate in found.gates], since=since
    )
    passages = Counter[str]()
    for count in counts:
        passages[count.direction or ""] += count.count
    watch = f"see=agents,gates&school={found.id}"
    return render(request, "school.html", view=view, passages=passages, watch=watch)


def _school(request: web.Request) -> School:
    found = request.app[DEPS].organisation.school(request.match_info["id"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such school."))
    return found


async def get_camera(request: web.Request) -> web.Response:
    """Serve ``/cameras/{id}?zoom=&day=``."""
    found = request.app[DEPS].organisation.camera(request.match_info["id"])
    if found is None:
        raise refuse(404, request[TONGUE].text("There is no such camera."))
    zoom, day = None, forms.day(request.query, "day")
    if request.query.get("zoom"):
        zoom = forms.choice(request.query, "zoom", camera.Zoom, default=camera.Zoom.DAY)
    survey = await request.app[READINGS].school(found[0])
    today = local_date(survey.now)
    view = camera.camera_page(
        survey, found[1].id, zoom=zoom, day=today if day is None else min(day, today)
    )
    watch = f"see=agents&school={found[0].id}"
    return render(request, "camera.html", view=view, watch=watch)


async def get_gate_log(request: web.Request) -> web.Response:
    """Serve ``/gate-log`` with its filter."""
    deps, wanted = request.app[DEPS], gate_filter(request)
    gates = gatelog.gates_of(deps.organisation, wanted.school, wanted.gate)
    since, until = wanted.since, wanted.until
    rows = await deps.store.gate_events(
        gates=gates,
        since=since,
        until=until,
        text=wanted.text,
        limit=gatelog.PAGE + 1,
        before=wanted.before,
    )
    totals = Counter[str]()
    for count in await deps.store.gate_counts(gates=gates, since=since, until=until):
        totals[count.direction or ""] += count.count
    chart: list[GateEventRow] | None = None
    if wanted.first == wanted.last and totals.total() <= gatelog.CHART_MOST:
        chart = await deps.store.gate_events(
            gates=gates, since=since, until=until, limit=gatelog.CHART_MOST
        )
    view = gatelog.gate_log(
        deps.organisation,
        wanted,
        rows=rows,
        chart=chart,
        totals=totals,
        now=request.app[READINGS].now(),
    )
    last = view.entries[-1].event if view.entries else None
    return render(
        request,
        "gatelog.html",
        view=view,
        kinds={kind: request[TONGUE].text(word) for kind, word in KINDS.items()},
        query_string=_query_string(wanted),
        watch=f"see=gates&school={wanted.school or ''}",
        next_before=forms.position_text(last.occurred_at, last.id) if last else "",
    )


def gate_filter(request: web.Request) -> gatelog.Filter:
    """Read the gate log's filter; today where no day is given."""
    query, today = request.query, local_date(request.app[READINGS].now())
    asked = [day for name in ("from", "to") if (day := forms.day(query, name)) is not None]
    first, last = min(asked, default=today), max(asked, default=today)
    if (last - first).days >= gatelog.MOST_DAYS:
        raise forms.BadInputError(
            "from", N_("at most %(days)s days at once"), days=gatelog.MOST_DAYS
        )
    organisation = request.app[DEPS].organisation
    chosen, gate = forms.identifier(query, "school"), forms.identifier(query, "gate")
    if chosen is not None and organisation.school(chosen) is None:
        raise forms.BadInputError("school", N_("is not known"))
    gates = {g.id: s.id for s in organisation.schools for g in s.gates}
    if gate is not None and gate not in gates:
        raise forms.BadInputError("gate", N_("is not known"))
    if gate is not None and chosen is not None and gates[gate] != chosen:
        gate = None  # the school was changed, the gate belongs to the one before
    return gatelog.Filter(
        school=chosen,
        gate=gate,
        first=first,
        last=last,
        text=forms.text(query, "text", longest=100),
        before=forms.position(forms.text(query, "before")),
    )


def _query_string(wanted: gatelog.Filter) -> str:
    values = {
        "school": wanted.school,
        "gate": wanted.gate,
        "from": wanted.first.isoformat(),
        "to": wanted.last.isoformat(),
        "text": wanted.text,
    }
    return urlencode({key: value for key, value in values.items() if value})


async def get_gate_csv(request: web.Request) -> web.StreamResponse:
    """Serve ``/gate-log.csv``: the same filter, all rows, a page at a time."""
    deps, wanted, tongue = request.app[DEPS], gate_filter(request), request[TONGUE]
    gates = gatelog.gates_of(deps.organisation, wanted.school, wanted.gate)
    name = f"nhat-ky-ra-vao-{wanted.first}-{wanted.last}.csv"
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
        }
    )
    before, sent, text = None, 0, csvfile.head(tongue)
    while sent < _CSV_MOST:
        rows = await deps.store.gate_events(
            gates=gates,
            since=wanted.since,
            until=wanted.until,
            text=wanted.text,
            limit=_CSV_PAGE,
            before=before,
        )
        if not response.prepared:
            await response.prepare(request)
        text += csvfile.lines(tongue, gatelog.entries(deps.organisation, rows))
        await response.write(text.encode())
        if len(rows) < _CSV_PAGE:
            break
        before, sent, text = (rows[-1].occurred_at, rows[-1].id), sent + len(rows), ""
    await response.write_eof()
    return response


async def get_agents(request: web.Request) -> web.Response:
    """Serve ``/agents``."""
    deps = request.app[DEPS]
    registered = {s for sc in deps.organisation.schools for c in sc.cameras for s in c.sources}
    view = agents.agents_page(
        await request.app[READINGS].district(),
        unregistered=await deps.store.unregistered(registered),
        refusals=await deps.store.refusals(limit=12),
    )
    return render(request, "agents.html", view=view)


async def post_acknowledge(request: web.Request) -> web.Response:
    """Take an alert on, then go back to the page that asked."""
    deps = request.app[DEPS]
    form = forms.fields(await request.read(), request.content_type)
    number = forms.number(request.match_info, "id", default=0, least=1, most=2**53)
    if await deps.store.alert(number) is None:
        raise refuse(404, request[TONGUE].text("There is no such alert."))
    user = request[SESSION].user.name
    if await deps.store.acknowledge(number, user, now=deps.clock.now()):
        deps.changes.publish("alerts")
    raise web.HTTPSeeOther(forms.local_path(forms.text(form, "next")))
