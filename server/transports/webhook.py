"""A POST of JSON to one address, signed so that the receiver can tell who it is from.

Headers: ``X-Vonggac-Id`` (stable over repeats), ``X-Vonggac-Timestamp`` (seconds since 1970 UTC)
and, with a secret, ``X-Vonggac-Signature: sha256=HEX``, the HMAC-SHA256 of
``timestamp + "." + body``. A receiver compares in constant time, refuses old timestamps and drops
an id that it has had. Redirects are not followed: the body and its signature go nowhere else.
"""

import asyncio
import hashlib
import hmac
import json
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from server.config import Webhook
from server.transports.message import GiveUpError, Message, RetryError

_TIMEOUT_S: Final = 10.0
_LONGEST_WAIT_S: Final = 3600.0
_TRY_AGAIN: Final = frozenset({408, 425, 429})


class WebhookTransport:
    """Posts to one address."""

    def __init__(self, config: Webhook) -> None:
        self._config = config
        self._http: aiohttp.ClientSession | None = None

    async def send(self, message: Message) -> str:
        """Post once."""
        body = json.dumps(dict(message.facts), ensure_ascii=False, sort_keys=True).encode()
        secret = self._config.secret.reveal() if self._config.secret else None
        try:
            async with self._session().post(
                self._config.url.reveal(),
                data=body,
                headers=headers(message, body, secret=secret),
                allow_redirects=False,
            ) as response:
                return _judge(response, message)
        except aiohttp.InvalidURL as error:
            raise GiveUpError("the webhook's address can't be used") from error
        except (aiohttp.ClientError, TimeoutError, asyncio.IncompleteReadError, OSError) as error:
            # The error's own text may hold the address, and the address may hold a token.
            raise RetryError(f"no answer: {type(error).__name__}") from error

    async def close(self) -> None:
        """Close the connections."""
        if self._http is not None:
            await self._http.close()

    def _session(self) -> aiohttp.ClientSession:
        if self._http is None:
            timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
            self._http = aiohttp.ClientSession(timeout=timeout)
        return self._http


def headers(message: Message, body: bytes, *, secret: str | None) -> dict[str, str]:
    """Return the headers of one post, signed where there is a secret."""
    stamp = str(int(message.at.timestamp()))
    found = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Vonggac-Id": message.id,
        "X-Vonggac-Timestamp": stamp,
    }
    if secret is not None:
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
        found["X-Vonggac-Signature"] = f"sha256={digest.hexdigest()}"
    return found


def _judge(response: aiohttp.ClientResponse, message: Message) -> str:
    status = response.status
    if 200 <= status < 300:  # noqa: PLR2004 (HTTP: taken)
        return f"HTTP {status}"
    if status in _TRY_AGAIN or status >= 500:  # noqa: PLR2004 (HTTP: the other side's fault)
        raise RetryError(
            f"HTTP {status}", after_s=retry_after(response.headers.get("Retry-After"), message)
        )
    raise GiveUpError(f"HTTP {status}")


def retry_after(value: str | None, message: Message) -> float | None:
    """Return the seconds that ``Retry-After`` asks for (a number or a date), at most an hour."""
    if value is None:
        return None
    if value.strip().isascii() and value.strip().isdigit():
        return min(float(value.strip()[:9]), _LONGEST_WAIT_S)
    try:
        at = parsedate_to_datetime(value)
    except ValueError:
        return None
    if at.tzinfo is None:
        return None
    return min(max((at - message.at).total_seconds(), 0.0), _LONGEST_WAIT_S)
