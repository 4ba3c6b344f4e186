"""A POST of JSON to one address, signed so that the receiver can tell who it is from, and when.

Headers: ``X-Vonggac-Id`` (stable over repeats), ``X-Vonggac-Timestamp`` (seconds since 1970 UTC, of
this attempt) and, with a secret, ``X-Vonggac-Signature: sha256=HEX``, the HMAC-SHA256 of
``id + "." + timestamp + "." + body``. A receiver compares in constant time, refuses old timestamps
and drops an id that it has had: then nobody can play a message again (``docs/alerts.md`` has one).
"""

import hashlib
import hmac

from server.config import Webhook
from server.transports.http import Answer, Poster, asked_wait_s, json_bytes
from server.transports.message import GiveUpError, Message, RetryError


class WebhookTransport:
    """Posts to one address; a message's own addresses go with it as ``to``."""

    def __init__(self, config: Webhook) -> None:
        self._config = config
        self._http = Poster()

    async def send(self, message: Message) -> str:
        """Post once."""
        body = json_bytes({**message.facts, **({"to": message.to} if message.to else {})})
        secret = self._config.secret.reveal() if self._config.secret else None
        answer = await self._http.post(
            self._config.url.reveal(), data=body, headers=headers(message, body, secret=secret)
        )
        return _judge(answer, message)

    async def close(self) -> None:
        """Close the connections."""
        await self._http.close()


def headers(message: Message, body: bytes, *, secret: str | None) -> dict[str, str]:
    """Return the headers of one post, signed where there is a secret."""
    stamp = str(int(message.at.timestamp()))
    found = {
        "Content-Type": "application/json; charset=utf-8",
        "X-Vonggac-Id": message.id,
        "X-Vonggac-Timestamp": stamp,
    }
    if secret is not None:
        signed = f"{message.id}.{stamp}.".encode() + body
        digest = hmac.new(secret.encode(), signed, hashlib.sha256)
        found["X-Vonggac-Signature"] = f"sha256={digest.hexdigest()}"
    return found


def _judge(answer: Answer, message: Message) -> str:
    told = f"HTTP {answer.status}"
    if answer.taken:
        return told
    if answer.temporary:
        raise RetryError(told, after_s=asked_wait_s(answer.retry_after, message.at))
    raise GiveUpError(told)
