"""A page inside the frame that all pages share, in the reader's language."""

from typing import Any

from aiohttp import web

from server.texts.naming import Names
from server.web.deps import DEPS, RENDERER, SESSION, THEME, TONGUE
from server.web.pages.spoken import Spoken
from server.web.readings import READINGS
from server.web.unhandled import UNHANDLED


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
    deps, tongue = request.app[DEPS], request[TONGUE]
    names = Names(deps.organisation, deps.standing.register.names)
    frame: dict[str, Any] = {
        "theme": request[THEME],
        "user": session.user.name if session else None,
        "signed_in": session is not None,
        "here": request.rel_url.raw_path_qs,
        "plan": deps.plan,
        "names": names,
        "said": Spoken(tongue, names),
        "unhandled": request.app[UNHANDLED].count,
        "query": "",
        "place": "",
        "watch": "see=agents",
        "live": session is not None,
        "until": True,
        "now": request.app[READINGS].now(),
    }
    return request.app[RENDERER].render(template, tongue, frame | values)
