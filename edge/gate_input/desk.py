"""Takes events: reads them, keeps them in the spool, and only then answers."""

import hmac
import logging
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final

import msgspec
from aiohttp import web
from msgspec import Meta

from edge.clock import Clock
from edge.gate_input.problems import Problem
from edge.gate_input.shiftbook import ShiftBook
from edge.redact import Secret
from edge.spool import Saved, Spool, SpoolError, SpoolFull
from wire.messages import GateEvent, Id, Text, Uuid, Word

log = logging.getLogger(__name__)

_MS: Final = 1000
_LATEST_UTC_MS: Final = (
    10**14
)  # the wire's limit (the year 5138): beyond it, a report is unreadable
_NOT_KEPT: Final = (
    "máy tại cổng hết chỗ lưu, sự kiện chưa được lưu; hãy gửi lại sau"
    " (no room: {why}; the event was not kept, send it again later)"
)
_FIELD: Final = re.compile(r"`\$\.?(?P<path>.*?)`|field `(?P<name>.*?)`")


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


_decoder: Final = msgspec.json.Decoder(_Posted)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the handlers work with. ``shifts``: told of every shift event that was kept."""

    spool: Spool
    clock: Clock
    token: Secret
    on_saved: Callable[[], None]
    shifts: ShiftBook | None = None

    async def take(self, request: web.Request) -> web.Response:
        """Answer one post."""
        self._check_token(request)
        event = _event(_read(await body_of(request)), self.clock.now())
        return _answer(event, await self.keep(event))

    async def keep(self, event: GateEvent) -> Saved:
        """Return once an event is on the disk. Raises ``Problem`` (507, 503)."""
        try:
            saved = await self.spool.append_event(event)
        except SpoolFull as error:
            raise Problem(507, "spool_full", _NOT_KEPT.format(why=error)) from error
        except SpoolError as error:
            log.exception("a gate event could not be kept")
            raise Problem(503, "spool_failed", "the event could not be kept") from error
        self.on_saved()
        if self.shifts is not None:
            await self.shifts.note(event, self.clock.now())
        return saved

    def _check_token(self, request: web.Request) -> None:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        known = self.token.reveal().encode()
        is_same = hmac.compare_digest(given.strip().encode(errors="surrogateescape"), known)
        if scheme.lower() != "bearer" or not is_same:
            raise Problem(401, "unauthorized", "send the header Authorization: Bearer TOKEN")


async def body_of(request: web.Request) -> bytes:
    """Return a request's body. Raises ``Problem`` (413)."""
    try:
        return await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise Problem(
            413, "too_large", f"a body has at most {request.client_max_size} bytes"
        ) from error


def _read(body: bytes) -> _Posted:
    posted = _decode(body)
    for field, value in msgspec.structs.asdict(posted).items():
        if isinstance(value, str) and "\0" in value:  # no database can be relied on to keep it
            raise Problem(422, "invalid", "holds a NUL character", field)
    return posted


def _decode(body: bytes) -> _Posted:
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        raise Problem(422, "invalid", str(error), _field(str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "not_json", "the body is not a JSON object") from error


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


def _bad_time() -> Problem:
    message = "must be a time as in 2026-11-22T06:48:00+07:00, with its offset"
    return Problem(422, "invalid", message, "occurred_at")


def _answer(event: GateEvent, saved: Saved) -> web.Response:
    saved_at = datetime.fromtimestamp(saved.accepted_utc_ms / _MS, UTC).isoformat()
    body = {"id": event.id, "seq": saved.seq, "saved_at": saved_at.replace("+00:00", "Z")}
    return web.json_response(body, status=201 if saved.is_new else 200)
