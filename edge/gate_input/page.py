"""The guards' page "Giao ca" on the gate PC: its ways, and whom it answers.

It needs no token, because whoever sits at the machine is meant to use it; it takes shift events
alone. Pages of the web that this machine's browser has open must not use it: a request has to name
a loopback host (so no foreign name leads here), and a post has to come from the page itself.
"""

import re
import unicodedata
import uuid
from dataclasses import dataclass
from importlib.resources import files
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from aiohttp import web
from aiohttp.web_urldispatcher import UrlDispatcher
from multidict import MultiMapping

from edge.config.values import GateConfig
from edge.gate_input.desk import Desk, body_of
from edge.gate_input.drawing import PageView, draw
from edge.gate_input.problems import Problem
from edge.gate_input.shiftbook import ShiftBook
from edge.gate_input.shifts import HANDS, SHIFT, TAKES
from edge.gate_input.words import Language
from wire.messages import GateEvent

_CODE: Final = re.compile(r"[\w.-]{1,32}")  # the centre's rule for a guard's code
_MS: Final = 1000
_READER: Final = "page"
_MOST_FIELDS: Final = 10
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # "no-referrer" would take the origin from our own posts
}
_STATIC: Final = {"shift.css": "text/css", "shift.js": "text/javascript"}


@dataclass(frozen=True, slots=True)
class Page:
    """Serves the page. ``gates`` has at least one."""

    desk: Desk
    shifts: ShiftBook
    gates: tuple[GateConfig, ...]
    language: Language

    def add_to(self, router: UrlDispatcher) -> None:
        """Add the page's ways."""
        router.add_get("/", self.show)
        router.add_post("/shift", self.take)
        for name in _STATIC:
            router.add_get(f"/{name}", _static)

    async def show(self, request: web.Request) -> web.Response:
        """Serve the page; ``?said=`` names what was recorded just before."""
        _check_host(request)
        gate = request.query.get("gate", "")
        saved = self.shifts.find(request.query.get("said", ""))
        return _html(draw(self._view(request, gate=gate, saved=saved)))

    async def take(self, request: web.Request) -> web.Response:
        """Record what a guard typed in, then show the page that says so."""
        _check_host(request)
        given = _fields(await body_of(request))
        gate = given.get("gate", "")
        code = unicodedata.normalize("NFC", given.get("code", "").strip())
        try:
            _check_origin(request)
            self._check(gate, code)
            if given.get("direction") not in {TAKES, HANDS}:
                return _html(draw(self._view(request, gate=gate, code=code, asks=True)))
            event = self._event(given, gate, code)
            await self.desk.keep(event)
        except Problem as problem:
            view = self._view(request, gate=gate, code=code[:32], error=problem.code)
            return _html(draw(view), status=problem.status)
        query = urlencode({"gate": gate, "lang": self._language(request.query), "said": event.id})
        raise web.HTTPSeeOther(f"/?{query}")

    def _check(self, gate: str, code: str) -> None:
        """Raise ``Problem`` for what is no gate of this page or no guard's code."""
        if gate not in {one.id for one in self.gates}:
            raise Problem(422, "bad_gate", "no such gate here", "gate")
        if not code:
            raise Problem(422, "no_code", "no code", "code")
        if not _CODE.fullmatch(code):
            raise Problem(422, "bad_code", "no guard's code", "code")

    def _event(self, given: dict[str, str], gate: str, code: str) -> GateEvent:
        now_ms = int(self.desk.clock.now().timestamp() * _MS)
        return GateEvent(
            id=_event_id(given.get("id", ""), gate, code, given["direction"]),
            gate=gate,
            kind=SHIFT,
            occurred_utc_ms=now_ms,
            accepted_utc_ms=now_ms,
            direction=given["direction"],
            subject=code,
            reader=_READER,
        )

    def _view(self, request: web.Request, *, gate: str, **more: object) -> PageView:
        now = self.desk.clock.now()
        known = gate if gate in {one.id for one in self.gates} else ""
        return PageView(
            language=self._language(request.query),
            now=now,
            gates=self.gates,
            there=self.shifts.on_shift(now),
            form=str(uuid.uuid4()),
            gate=known or (self.gates[0].id if len(self.gates) == 1 else ""),
            **more,  # type: ignore[arg-type] # by name
        )

    def _language(self, query: MultiMapping[str]) -> Language:
        match query.get("lang"):
            case "vi":
                return "vi"
            case "en":
                return "en"
            case _:
                return self.language


def _event_id(form: str, gate: str, code: str, direction: str) -> str:
    """Return one id for one thing sent from one page: sent twice it is recorded once."""
    try:
        sent_from = uuid.UUID(form)
    except ValueError:
        sent_from = uuid.uuid4()
    return str(uuid.uuid5(sent_from, f"{gate} {code} {direction}"))


def _fields(body: bytes) -> dict[str, str]:
    """Return a form's fields, none where it is no form."""
    try:
        return dict(parse_qsl(body.decode(), max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def _check_host(request: web.Request) -> None:
    try:
        host = urlsplit(f"//{request.host}").hostname
    except ValueError:
        host = None
    if host not in _LOOPBACK:
        raise Problem(403, "refused", "ask for it at 127.0.0.1")


def _check_origin(request: web.Request) -> None:
    if request.headers.get("Origin") != f"http://{request.host}":
        raise Problem(403, "refused", "post from the page itself")


async def _static(request: web.Request) -> web.Response:
    name = request.path.removeprefix("/")
    content = (files("edge.gate_input") / "static" / name).read_bytes()
    return web.Response(body=content, headers={**_HEADERS, "Content-Type": _STATIC[name]})


def _html(text: str, *, status: int = 200) -> web.Response:
    return web.Response(text=text, status=status, content_type="text/html", headers=_HEADERS)
