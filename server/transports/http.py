"""POSTs for the transports that speak HTTP: one connection pool, short times, no redirects.

Redirects are not followed: a body, its signature and its tokens go nowhere else. An error's own
text may hold the address, and the address may hold a token, so only the error's type is told.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp

from server.transports.message import GiveUpError, RetryError

_TIMEOUT_S: Final = 10.0
_LONGEST_WAIT_S: Final = 3600.0
_LARGEST_ANSWER: Final = 64 * 1024
_TRY_AGAIN: Final = frozenset({408, 425, 429})
_SERVERS_FAULT: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side said: its status, its ``Retry-After``, and its body if that is JSON."""

    status: int
    retry_after: str | None
    said: Any

    @property
    def taken(self) -> bool:
        """Whether it says that all is well."""
        return 200 <= self.status < 300  # noqa: PLR2004 (HTTP's own numbers)

    @property
    def temporary(self) -> bool:
        """Whether the same may be taken later."""
        return self.status in _TRY_AGAIN or self.status >= _SERVERS_FAULT


class Poster:
    """Posts; its connections are made when they are first needed."""

    def __init__(self, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._http: aiohttp.ClientSession | None = None

    async def post(self, url: str, *, data: bytes, headers: Mapping[str, str]) -> Answer:
        """Post once. Raises ``RetryError`` if there is no answer, ``GiveUpError`` for a bad URL."""
        try:
            async with self._session().post(
                url, data=data, headers=headers, allow_redirects=False
            ) as response:
                body = await _body(response)
                return Answer(response.status, response.headers.get("Retry-After"), json_of(body))
        except aiohttp.InvalidURL as error:
            raise GiveUpError("the address can't be used") from error
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            raise RetryError(f"no answer: {type(error).__name__}") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            timeout = aiohttp.ClientTimeout(total=self._timeout_s)
            self._http = aiohttp.ClientSession(timeout=timeout)
        return self._http


async def _body(response: aiohttp.ClientResponse) -> bytes:
    """Return an answer's body as far as it is of use; whoever says more is not listened to."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > _LARGEST_ANSWER:
            break
    return bytes(body)


def json_bytes(value: Mapping[str, Any]) -> bytes:
    """Return JSON as it is sent."""
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True).encode()


def json_of(body: bytes) -> Any:
    """Return what a body says; None if it is no JSON, or nested beyond reading."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def whole_number(said: Any, *keys: str) -> int | None:
    """Return a number deep in an answer's JSON; None if there is none."""
    for key in keys:
        said = said.get(key) if isinstance(said, dict) else None
    try:
        return None if said is None or isinstance(said, bool) else int(said)
    except (TypeError, ValueError, OverflowError):
        return None


def asked_wait_s(value: str | int | None, now: datetime) -> float | None:
    """Return the seconds that somebody asks for (a number, or a date of HTTP), at most an hour."""
    if value is None:
        return None
    if isinstance(value, int):
        return float(min(max(value, 0.0), _LONGEST_WAIT_S))
    if value.strip().isascii() and value.strip().isdigit():
        return min(float(value.strip()[:9]), _LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return min(max((at - now).total_seconds(), 0.0), _LONGEST_WAIT_S)
