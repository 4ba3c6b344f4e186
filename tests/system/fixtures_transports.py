"""The other sides of the ways out, over real HTTP on loopback: an office, and a fake Zalo."""

import io
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from aiohttp import web

from server.transports import Message

AT = datetime(2026, 11, 23, 0, 10, tzinfo=UTC)
SENTINEL = "s3ntinel"
"""Part of every secret here: it may stand in no log and no error."""


@pytest.fixture(autouse=True)
def nothing_secret_is_logged() -> Iterator[None]:
    """What a server with ``--verbose`` would print; pytest's own log sees more than that."""
    told, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(told), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield
    root.setLevel(level)
    root.removeHandler(handler)
    assert SENTINEL not in told.getvalue()


def message(**changed: Any) -> Message:
    facts = {"id": "m-1", "occasion": "opened", "incident": {"school_name": "Trường Vĩnh Quỳnh"}}
    whole: dict[str, Any] = {
        "id": "m-1",
        "subject": "Trường Vĩnh Quỳnh: 3/4 camera cổng mất kết nối",
        "text": "Trường Vĩnh Quỳnh: 3/4 camera cổng mất kết nối\nNghi mất mạng.\n",
        "facts": facts,
        "at": AT,
    }
    return Message(**{**whole, **changed})


Respond = Callable[[web.Request], web.StreamResponse]


@dataclass
class Office:
    """Takes posts, notes them, and gives the answers that wait, else ``usual``."""

    usual: Respond = lambda _: web.Response(status=204)
    answers: list[Respond] = field(default_factory=list)
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    port: int = 0

    async def take(self, request: web.Request) -> web.StreamResponse:
        self.got.append((request.path, dict(request.headers), await request.read()))
        return (self.answers.pop(0) if self.answers else self.usual)(request)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def bodies(self) -> list[Any]:
        return [json.loads(body) for _, _, body in self.got]


def said(status: int, body: object = None, **headers: str) -> Respond:
    """An answer in JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: web.json_response(body, status=status, headers=named)


@asynccontextmanager
async def open_office(office: Office) -> AsyncIterator[Office]:
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", office.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    office.port = runner.addresses[0][1]
    try:
        yield office
    finally:
        await runner.cleanup()


@dataclass
class Zalo:
    """Its login server, where a refresh token is good for one use, and both message servers."""

    refresh: str = f"first-{SENTINEL}"
    access: str = ""
    renewals: int = 0
    errors: list[int] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def login(self, request: web.Request) -> web.Response:
        form = await request.post()
        good = (
            form.get("refresh_token") == self.refresh
            and form.get("grant_type") == "refresh_token"
            and form.get("app_id") == "77"
            and request.headers.get("secret_key") == f"app-{SENTINEL}"
        )
        if not good:
            return web.json_response({"error": -14014, "error_name": f"Bad {self.refresh}"})
        self.renewals += 1
        self.refresh = f"refresh-{self.renewals}-{SENTINEL}"
        self.access = f"access-{self.renewals}-{SENTINEL}"
        said = {"access_token": self.access, "refresh_token": self.refresh, "expires_in": "90000"}
        return web.json_response(said)

    async def take(self, request: web.Request) -> web.Response:
        if request.headers.get("access_token") != self.access:
            return web.json_response({"error": -216, "message": "Access token is invalid"})
        if self.errors:
            number = self.errors.pop(0)
            return web.json_response({"error": number, "message": f"{number} {self.access}"})
        self.sent.append(await request.json())
        return web.json_response({"error": 0, "message": "Success", "data": {"message_id": "z1"}})


@asynccontextmanager
async def open_zalo(zalo: Zalo) -> AsyncIterator[Zalo]:
    app = web.Application()
    app.router.add_post("/v4/oa/access_token", zalo.login)
    app.router.add_post("/v3.0/oa/message/cs", zalo.take)
    app.router.add_post("/message/template", zalo.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    zalo.port = runner.addresses[0][1]
    try:
        yield zalo
    finally:
        await runner.cleanup()
