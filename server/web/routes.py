"""Pages: read what the browser asks for, fetch, build the view, render. No figure is made here."""

from collections import Counter
from collections.abc import Callable
from typing import Final

from aiohttp import web

from server.domain.calendar import local_date
from server.domain.units import School
from server.web import forms
from server.web.deps import DEPS, TONGUE
from server.web.frame import html, page_text, render
from server.web.guard import refuse
from server.web.pages import agents, gatelog, overview, school, schools
from server.web.pages.looks import Survey
from server.web.readings import READINGS


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
