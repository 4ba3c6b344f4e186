"""Where gate readers and the guard's page leave their events: HTTP on loopback.

``POST /v1/gate-events`` with ``Authorization: Bearer TOKEN`` and a JSON object; 201 only after the
event is on the disk. A caller that gives its own ``id`` may repeat itself after a lost answer: the
repeat gets 200 and the first's number. 507 says that there is no room now. ``GET /v1/health``
answers anybody.

Errors are ``{"error": {"code", "message", "field"?}}``; nothing that a caller sends stops the
service or appears in a log.
"""

import hmac
import logging
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Final

import msgspec
from aiohttp import web
from msgspec import Meta

from edge.clock import Clock
from edge.config.values import GateInputConfig
from edge.redact import Secret
from edge.spool import Saved, Spool, SpoolError, SpoolFull
from wire.messages import GateEvent, Id, Text, Uuid, Word

log = logging.getLogger(__name__)

MAX_BODY: Final = 16 * 1024
_MS: Final = 1000
_SHUTDOWN_S: Final = 1.0
_LATEST_UTC_MS: Final = (
    10**14
)  # the wire's limit (the year 5138): beyond it, a report is unreadable
_NOT_KEPT: Final = (
    "máy tại cổng hết chỗ lưu, sự kiện chưa được lưu; hãy gửi lại sau"
    " (no room: {why}; the event was not kept, send it again later)"
)
_FIELD: Final = re.compile(r"`\$\.?(?P<path>.*?)`|field `(?P<name>.*?)`")


class GateInputError(Exception):
    """The address can't be listened on; the text says which and why."""


class _Posted(msgspec.Struct, forbid_unknown_fields=True):
    """The body of a post."""

    gate: Id
    kind: Annotated[Word, Meta(min_length=1)]
    occurred_at: str | None = None
    direction: Word | None = None
    subject: Word | None = None
    reader: Word | None = None
    note: Text | None = None
    id: Uuid | None = None


class _Problem(Exception):  # noqa: N818 (an answer, not a failure of ours)
    """What the caller is told."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        error = {"code": code, "message": message} | ({"field": field} if field else {})
        self.body = {"error": error}


_decoder: Final = msgspec.json.Decoder(_Posted)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What the handlers work with."""

    spool: Spool
    clock: Clock
    token: Secret
    on_saved: Callable[[], None]

    async def take(self, request: web.Request) -> web.Response:
        """Answer one post."""
        self._check_token(request)
        event = _event(_read(await _body(request)), self.clock.now())
        try:
            saved = await self.spool.append_event(event)
        except SpoolFull as error:
            raise _Problem(507, "spool_full", _NOT_KEPT.format(why=error)) from error
        except SpoolError as error:
            log.exception("a gate event could not be kept")
            raise _Problem(503, "spool_failed", "the event could not be kept") from error
        self.on_saved()
        return _answer(event, saved)

    def _check_token(self, request: web.Request) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        known = self.token.reveal().encode()
        is_same = hmac.compare_digest(given.strip().encode(errors="surrogateescape"), known)
        if scheme.lower() != "bearer" or not is_same:
            raise _Problem(401, "unauthorized", "send the header Authorization: Bearer TOKEN")


class GateInput:
    """The listening service: ``start`` it, ``close`` it. ``port`` is the one that was taken."""

    def __init__(
        self,
        config: GateInputConfig,
        *,
        spool: Spool,
        clock: Clock,
        on_saved: Callable[[], None] = lambda: None,
    ) -> None:
        self._config = config
        desk = _Desk(spool, clock, config.token, on_saved)
        self._runner = web.AppRunner(
            make_app(desk.take), access_log=None, shutdown_timeout=_SHUTDOWN_S
        )

    async def start(self) -> None:
        """Listen. Raises ``GateInputError``."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._config.host, self._config.port)
        try:
            await site.start()
        except OSError as error:
            await self._runner.cleanup()
            where = f"{self._config.host}:{self._config.port}"
            raise GateInputError(
                f"gate_input cannot listen on {where}: {error.strerror}"
            ) from error

    @property
    def port(self) -> int:
        """The port that is listened on."""
        return int(self._runner.addresses[0][1])

    async def close(self) -> None:
        """Answer who is being answered, then stop."""
        await self._runner.cleanup()


def make_app(take: Callable[[web.Request], Any]) -> web.Application:
    """Return the service around the handler of a post."""
    app = web.Application(client_max_size=MAX_BODY, middlewares=[_problems_as_json])
    app.router.add_post("/v1/gate-events", take)
    app.router.add_get("/v1/health", _health)
    return app


async def _health(_request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


@web.middleware
async def _problems_as_json(request: web.Request, handler: Any) -> web.StreamResponse:
    try:
        response: web.StreamResponse = await handler(request)
    except _Problem as problem:
        return web.json_response(problem.body, status=problem.status)
    except web.HTTPException as error:
        code = (error.reason or "error").lower().replace(" ", "_")
        body = {"error": {"code": code, "message": error.reason}}
        headers = {k: v for k, v in error.headers.items() if k == "Allow"}
        return web.json_response(body, status=error.status, headers=headers)
    return response


async def _body(request: web.Request) -> bytes:
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise _Problem(413, "too_large", f"a body has at most {MAX_BODY} bytes") from error


def _read(body: bytes) -> _Posted:
    posted = _decode(body)
    for field, value in msgspec.structs.asdict(posted).items():
        if isinstance(value, str) and "\0" in value:  # no database can be relied on to keep it
            raise _Problem(422, "invalid", "holds a NUL character", field)
    return posted


def _decode(body: bytes) -> _Posted:
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise _Problem(422, "invalid", str(error), _field(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _Problem(400, "not_json", "the body is not a JSON object") from error


def _field(text: str) -> str | None:
    """Return the field that a sentence of msgspec names."""
    named = [match["path"] or match["name"] for match in _FIELD.finditer(text)]
    return named[-1] if named else None


def _event(posted: _Posted, now: datetime) -> GateEvent:
    accepted_utc_ms = int(now.timestamp() * _MS)
    return GateEvent(
        id=posted.id or str(uuid.uuid4()),
        gate=posted.gate,
        kind=posted.kind,
        occurred_utc_ms=_occurred(posted.occurred_at, accepted_utc_ms),
        accepted_utc_ms=accepted_utc_ms,
        direction=posted.direction,
        subject=posted.subject,
        reader=posted.reader,
        note=posted.note,
    )


def _occurred(text: str | None, accepted_utc_ms: int) -> int:
    if text is None:
        return accepted_utc_ms
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _bad_time() from error
    if moment.tzinfo is None:
        raise _bad_time()
    utc_ms = int(moment.timestamp() * _MS)
    if not 0 <= utc_ms <= _LATEST_UTC_MS:
        raise _bad_time()
    return utc_ms


def _bad_time() -> _Problem:
    message = "must be a time as in 2026-11-22T06:48:00+07:00, with its offset"
    return _Problem(422, "invalid", message, "occurred_at")


def _answer(event: GateEvent, saved: Saved) -> web.Response:
    saved_at = datetime.fromtimestamp(saved.accepted_utc_ms / _MS, UTC).isoformat()
    body = {"id": event.id, "seq": saved.seq, "saved_at": saved_at.replace("+00:00", "Z")}
    return web.json_response(body, status=201 if saved.is_new else 200)
