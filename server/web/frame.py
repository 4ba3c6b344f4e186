"""A page inside the frame that all pages share, in the reader's language."""

from typing import Any

from aiohttp import web

from server.domain.register import Register
from server.domain.units import Organisation
from server.web.deps import DEPS, RENDERER, SESSION, THEME, TONGUE
from server.web.readings import READINGS


class Names:
    """Names of cameras and agents for lists that hold only ids."""

    def __init__(self, organisation: Organisation, register: Register) -> None:
        self._organisation = organisation
        self._register = register

    def camera(self, camera_id: str | None) -> str:
        """Return a camera's name, the last one where it has ended."""
        found = self._organisation.camera(camera_id or "")
        return found[1].name if found else self._former(camera_id)

    def agent(self, agent_id: str | None) -> str:
        """Return an agent's name, the last one where it has ended."""
        found = self._organisation.agent(agent_id or "")
        return found[1].name if found else self._former(agent_id)

    def _former(self, name: str | None) -> str:
        """Return what something was called that is no longer there; its id where it never was."""
        return self._register.names.get(name or "", name or "?")


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
        "names": Names(request.app[DEPS].organisation, request.app[DEPS].standing.register),
        "query": "",
        "place": "",
        "watch": "see=agents",
        "live": session is not None,
        "until": True,
        "now": request.app[READINGS].now(),
    }
    return request.app[RENDERER].render(template, request[TONGUE], frame | values)
