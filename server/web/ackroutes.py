"""The one page behind a signed link: the first line of what happened, and a button to take it on.

No account is needed: whoever has the link was sent it. Looking changes nothing, for messengers open
links to preview them; only the button does. The page shows what its message said, and no more.
"""

from aiohttp import web

from server.domain.paging.people import Occasion
from server.paging.acknowledging import Behind, bundled, look_behind, take_on
from server.paging.links import LinkError, letter_of, load_key
from server.storage.incident_rows import IncidentRow
from server.texts.first_lines import first_line
from server.texts.incidents import steps
from server.texts.naming import Names
from server.web.deps import DEPS, RENDERER, TONGUE
from server.web.directory import who_is_told
from server.web.frame import render


async def get_link(request: web.Request) -> web.Response:
    """Show what the link is about; changes nothing."""
    behind = await _behind(request)
    return _page(request, behind, taken=0) if isinstance(behind, Behind) else behind


async def post_link(request: web.Request) -> web.Response:
    """Take on what waits, in the name of who was sent the link. A link works once."""
    behind = await _behind(request)
    if not isinstance(behind, Behind):
        return behind
    if behind.used:
        return _page(request, behind, taken=0)
    deps = request.app[DEPS]
    who = await who_is_told(request)
    name = who.office(behind.letter.receiver)  # everybody sees it
    taken = await take_on(deps.store, behind, by=name, now=deps.clock.now())
    deps.changes.publish("incidents")
    after = await look_behind(deps.store, behind.letter.id)
    return _page(request, after or behind, taken=taken)


async def _behind(request: web.Request) -> Behind | web.Response:
    """Return what the link opens, and speak its receiver's language from here on.

    What opens nothing is answered without saying whether it ever did to whom it never did.
    """
    deps = request.app[DEPS]
    key = await load_key(deps.store)
    try:
        letter = letter_of(key, request.match_info["token"], deps.clock.now())
    except LinkError as error:
        return _gone(request, ended=error.expired)
    behind = await look_behind(deps.store, letter)
    if behind is None:
        return _gone(request, ended=False)
    if "language" not in request.cookies:
        tongues = request.app[RENDERER].tongues
        request[TONGUE] = tongues.get(behind.letter.language, request[TONGUE])
    return behind


def _page(request: web.Request, behind: Behind, *, taken: int) -> web.Response:
    occasions = {one.incident: one.occasion for one in bundled(behind.letter)}
    rows = sorted(behind.incidents.values(), key=lambda row: row.began_at)
    return render(
        request,
        "acknowledge.html",
        lines=[(_line(request, row, occasions[row.incident.id]), row) for row in rows],
        steps=_steps(request, rows),
        waiting=0 if behind.used else len(behind.waiting),
        used=behind.used,
        taken=taken,
        path=request.path,
    )


def _line(request: web.Request, row: IncidentRow, occasion: Occasion) -> str:
    deps = request.app[DEPS]
    names = Names(deps.organisation, deps.standing.register.names)
    shown = Occasion.RECOVERED if row.incident.closed_at is not None else occasion
    return first_line(request[TONGUE], row.incident, shown, names, deps.clock.now())


def _steps(request: web.Request, rows: list[IncidentRow]) -> list[str]:
    """Return what to do where one incident is meant and open, as its message said."""
    if len(rows) != 1 or rows[0].incident.closed_at is not None:
        return []
    return [request[TONGUE].text(step) for step in steps(rows[0].incident)]


def _gone(request: web.Request, *, ended: bool) -> web.Response:
    response = render(
        request,
        "acknowledge.html",
        lines=[],
        steps=[],
        waiting=0,
        used=False,
        taken=0,
        path="",
        ended=ended,
    )
    response.set_status(410 if ended else 404)
    return response


ROUTES = (
    web.get("/a/{token}", get_link),
    web.post("/a/{token}", post_link),
)
