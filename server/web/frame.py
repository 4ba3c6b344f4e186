"""A page inside the frame that all pages share, in the reader's language."""

from typing import Any

from aiohttp import web

from server.domain.units import Organisation
from server.web.deps import DEPS, RENDERER, SESSION, THEME, TONGUE
from server.web.readings import READINGS


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
