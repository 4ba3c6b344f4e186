"""What stands between a request and its handler: headers, errors, origin, session, language.

Order, from the outside: errors, then sign-in (with language and theme); headers go on last. A
request that changes anything must come from our own pages: browsers say so themselves in
``Sec-Fetch-Site`` and ``Origin``, which no page can forge, and the cookie is SameSite=Lax besides.
A bearer token needs no such check, for no browser sends it unasked.
"""

import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

import msgspec
from aiohttp import web

from server.storage import Session, StoreError
from server.texts.tongue import LANGUAGES, N_
from server.web.auth import token_hash
from server.web.deps import DEPS, RENDERER, SESSION, THEME, TONGUE
from server.web.forms import BadInputError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger(__name__)

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'"
)
_HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}
_NEEDS_NOBODY: Final = ("/static/", "/health", "/metrics")
_LINK: Final = "/a/"
_OPEN: Final = ("/login", "/api/v1/sessions", "/preferences", _LINK)
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
_LONGEST_ADDRESS: Final = 45
_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_WHY: Final = {
    400: N_("The request is not understood."),
    403: N_("That is not allowed."),
    404: N_("There is nothing at this address."),
    405: N_("That can't be done here."),
    413: N_("That is too much at once."),
    429: N_("Too many tries. Please wait."),
    503: N_(
        "The database can't be reached right now. Nothing is lost: the gate PCs keep what they see."
    ),
}
_BROKEN: Final = N_("Something went wrong here. It has been noted; please try again.")


def cookie_name(*, https: bool) -> str:
    """Return the session cookie's name; over TLS the browser itself guards the prefix."""
    return "__Host-vonggac" if https else "vonggac"


async def headers(request: web.Request, response: web.StreamResponse) -> None:
    """Put the security headers on every answer and keep pages out of every cache."""
    response.headers.update(_HEADERS)
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if request.app[DEPS].https:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"


@web.middleware
async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn every failure into a clear page, or JSON under ``/api``; never show a traceback."""
    try:
        return await handler(request)
    except web.HTTPException as failed:
        if failed.status < 400:  # noqa: PLR2004 - a redirect
            raise
        return explain(request, failed.status, failed.text if failed.reason == "said" else None)
    except BadInputError as failed:
        tongue = request[TONGUE]
        return explain(
            request,
            400,
            f"{failed.field}: {tongue.text(failed.why, **failed.values)}",
            field=failed.field,
        )
    except StoreError as failed:
        log.warning("database: %s %s: %s", request.method, _logged(request), failed)
        return explain(request, 503)
    except ConnectionResetError:
        raise  # the browser went away
    except Exception:
        number = secrets.token_hex(4)
        log.exception("error %s: %s %s", number, request.method, _logged(request))
        return explain(request, 500, number=number)


def _logged(request: web.Request) -> str:
    """Return the path as a log may have it: what a link opens with is a secret."""
    return f"{_LINK}..." if request.path.startswith(_LINK) else request.path


def explain(
    request: web.Request,
    status: int,
    why: str | None = None,
    *,
    number: str | None = None,
    field: str | None = None,
) -> web.Response:
    """Return the answer for a failure, in the reader's language."""
    tongue = request.get(TONGUE) or request.app[RENDERER].tongues[language_of(request)]
    text = why or tongue.text(_WHY.get(status, _BROKEN))
    if request.path.startswith("/api/"):
        problem = {"code": code_of(status), "message": text, "field": field, "id": number}
        body = {"error": {key: value for key, value in problem.items() if value is not None}}
        return web.Response(
            body=msgspec.json.encode(body), status=status, content_type="application/json"
        )
    values = {
        "status": status,
        "text": text,
        "number": number,
        "theme": theme_of(request),
        "signed_in": SESSION in request,
    }
    page = request.app[RENDERER].render("error.html", tongue, values)
    return web.Response(text=page, status=status, content_type="text/html")


def code_of(status: int) -> str:
    """Return a short word for a status, for programs."""
    words = {
        400: "bad_request",
        401: "not_signed_in",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        409: "conflict",
        413: "too_large",
        429: "too_many_tries",
        503: "unavailable",
    }
    return words.get(status, "error")


def refuse(status: int, why: str) -> web.HTTPException:
    """Return an error to raise whose text is meant for the reader."""
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        403: web.HTTPForbidden,
        404: web.HTTPNotFound,
        409: web.HTTPConflict,
    }
    return kinds[status](text=why, reason="said")


@web.middleware
async def sign_in(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Know the reader and the language; send strangers to the login page."""
    request[TONGUE] = request.app[RENDERER].tongues[language_of(request)]
    request[THEME] = theme_of(request)
    if request.path.startswith(_NEEDS_NOBODY):
        return await handler(request)  # without a look at the database: it may be what is broken
    token, bearer = _token(request)
    if request.method not in _SAFE and not bearer and not same_origin(request):
        raise refuse(403, request[TONGUE].text("This request came from another site."))
    session = await _session(request, token) if token else None
    if session is not None:
        request[SESSION] = session
    elif not request.path.startswith(_OPEN):
        return _stranger(request)
    return await handler(request)


def _stranger(request: web.Request) -> web.StreamResponse:
    if request.path.startswith("/api/"):
        raise refuse(401, request[TONGUE].text("Please sign in first."))
    if request.path == "/events":
        return web.Response(status=401)
    if request.headers.get("HX-Request"):
        return web.Response(status=204, headers={"HX-Redirect": "/login"})
    raise web.HTTPSeeOther(f"/login?next={request.rel_url.raw_path_qs}")


def _token(request: web.Request) -> tuple[str | None, bool]:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and value:
        return value.strip(), True
    return request.cookies.get(cookie_name(https=request.app[DEPS].https)), False


async def _session(request: web.Request, token: str) -> Session | None:
    deps = request.app[DEPS]
    session = await deps.store.session(token_hash(token), now=deps.clock.now())
    return None if session is None or session.user.disabled else session


def same_origin(request: web.Request) -> bool:
    """Tell whether a browser's own headers say that the request comes from our pages.

    A program that sends neither header is let through: it holds no browser's cookie.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    if origin is None:
        return True
    own = {request.host, urlsplit(request.app[DEPS].config.http.public_url or "").netloc}
    return urlsplit(origin).netloc in own - {""}


def address_of(request: web.Request) -> str:
    """Return who asks: the peer, or whom our own proxy on this machine names as its client."""
    peer = request.remote or ""
    named = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    behind_proxy = request.app[DEPS].config.http.public_url is not None and peer in _LOOPBACK
    return named[:_LONGEST_ADDRESS] if behind_proxy and named else peer


def language_of(request: web.Request) -> str:
    """Return the reader's language: the cookie's, else the centre's own."""
    chosen = request.cookies.get("language")
    if chosen in LANGUAGES:
        return chosen
    own = request.app[DEPS].config.language
    return own if own in LANGUAGES else "vi"


def theme_of(request: web.Request) -> str:
    """Return ``light``, ``dark`` or ``system``."""
    chosen = request.cookies.get("theme", "system")
    return chosen if chosen in {"light", "dark"} else "system"
