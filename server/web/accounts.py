"""Signing in and out, and the reader's language and colours."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from server.storage import Session
from server.texts.tongue import LANGUAGES, N_
from server.web import forms
from server.web.auth import ADDRESS, SESSION_LIFE, new_token, token_hash
from server.web.deps import BRAKE, DEPS, PASSWORDS, SESSION, TONGUE
from server.web.frame import render
from server.web.guard import address_of, cookie_name

_YEAR_S: Final = 365 * 86400


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A fresh session and the token that opens it."""

    session: Session
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Too many tries: come back after so many seconds."""

    seconds: int


async def try_sign_in(request: web.Request, name: str, password: str) -> SignedIn | Wait | None:
    """Check name and password; None where they don't fit. Failures slow the next try down."""
    deps, brake = request.app[DEPS], request.app[BRAKE]
    keys = (f"name:{name.casefold()}", f"{ADDRESS}{address_of(request)}")
    wait = brake.wait_s(keys, deps.clock.now())
    if wait:
        return Wait(seconds=wait)
    user = await deps.store.user_by_name(name)
    fits = await request.app[PASSWORDS].fits(user.password_hash if user else None, password)
    if user is None or user.disabled or not fits:
        brake.failed(keys, deps.clock.now())
        return None
    brake.passed(keys[:1])
    token = new_token()
    session = await deps.store.create_session(
        token_hash(token), user, now=deps.clock.now(), lifetime=SESSION_LIFE
    )
    return SignedIn(session=session, token=token)


async def get_login(request: web.Request) -> web.Response:
    """Serve the login page; whoever is signed in goes on."""
    if SESSION in request:
        raise web.HTTPSeeOther("/")
    return _login_page(request, next_path=forms.local_path(request.query.get("next", "/")))


async def post_login(request: web.Request) -> web.Response:
    """Sign in, set the cookie and go on to where the reader wanted."""
    form = forms.fields(await request.read(), request.content_type)
    name = forms.text(form, "name", longest=100)
    next_path = forms.local_path(forms.text(form, "next", longest=2000))
    found = await try_sign_in(request, name, form.get("password", ""))
    tongue = request[TONGUE]
    match found:
        case None:
            problem = tongue.text("User name or password is wrong.")
            return _login_page(request, next_path=next_path, name=name, problem=problem, status=403)
        case Wait(seconds=seconds):
            problem = tongue.text(
                "Too many tries. Try again in %(wait)s.", wait=tongue.duration(seconds)
            )
            page = _login_page(request, next_path=next_path, name=name, problem=problem, status=429)
            page.headers["Retry-After"] = str(seconds)
            return page
        case SignedIn(token=token):
            answer = web.HTTPSeeOther(next_path)
            https = request.app[DEPS].https
            answer.set_cookie(
                cookie_name(https=https),
                token,
                max_age=int(SESSION_LIFE.total_seconds()),
                path="/",
                httponly=True,
                samesite="Lax",
                secure=https,
            )
            raise answer


def _login_page(
    request: web.Request, *, next_path: str, name: str = "", problem: str = "", status: int = 200
) -> web.Response:
    page = render(
        request,
        "login.html",
        next=next_path,
        name=name,
        problem=problem,
        here=f"/login?next={next_path}" if next_path != "/" else "/login",
    )
    page.set_status(status)
    return page


async def post_logout(request: web.Request) -> web.Response:
    """End the session on the server and forget the cookie."""
    if SESSION in request:
        await request.app[DEPS].store.end_session(request[SESSION].token_hash)
    answer = web.HTTPSeeOther("/login")
    https = request.app[DEPS].https
    answer.del_cookie(
        cookie_name(https=https), path="/", httponly=True, samesite="Lax", secure=https
    )
    raise answer


async def post_preferences(request: web.Request) -> web.Response:
    """Keep the language or the colours in a cookie and go back."""
    form = forms.fields(await request.read(), request.content_type)
    answer = web.HTTPSeeOther(forms.local_path(forms.text(form, "next", longest=2000)))
    for field, allowed in (("language", LANGUAGES), ("theme", ("light", "dark", "system"))):
        value = forms.text(form, field)
        if value and value not in allowed:
            raise forms.BadInputError(
                field, N_("must be one of: %(words)s"), words=", ".join(allowed)
            )
        if value:
            answer.set_cookie(
                field,
                value,
                max_age=_YEAR_S,
                path="/",
                samesite="Lax",
                httponly=True,
                secure=request.app[DEPS].https,
            )
    raise answer
