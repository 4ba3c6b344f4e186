"""One SOAP question over HTTP: bounded, no redirects, no password.

What needs a password goes through the ONVIF library (``camera``); these are the questions that a
camera answers anybody, and the one that shows how it wants to be logged in to.
"""

from typing import Final

import aiohttp

from edge.onvif.markup import MAX_BYTES, MarkupError, Node, parse
from edge.onvif.probe import clean

DEVICE: Final = "http://www.onvif.org/ver10/device/wsdl"
_TYPE: Final = "application/soap+xml; charset=utf-8"
_UNAUTHORIZED: Final = 401
_ENVELOPE: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope"><s:Body>'
    '<{name} xmlns="{namespace}"/></s:Body></s:Envelope>'
)


class AskError(Exception):
    """There is no answer; the text says what came instead, without secrets."""


class SilentError(AskError):
    """Nobody answers there, or not in time."""


class Refused(AskError):  # noqa: N818 (it is what the camera did)
    """It wants a login; ``digest`` tells whether it offered HTTP Digest for that."""

    def __init__(self, why: str, *, digest: bool = False) -> None:
        super().__init__(why)
        self.digest = digest


async def ask(
    session: aiohttp.ClientSession, url: str, name: str, *, namespace: str = DEVICE
) -> Node:
    """Ask for the operation ``name``; return the answer. Raises ``AskError``, ``Refused``."""
    content = _ENVELOPE.format(name=name, namespace=namespace).encode()
    headers = {"Content-Type": f'{_TYPE}; action="{namespace}/{name}"'}
    status, offered, body = await post(session, url, content, headers)
    try:
        answer = parse(body)
    except MarkupError as error:
        if status == _UNAUTHORIZED:
            raise Refused("it wants a login", digest="digest" in offered.lower()) from error
        raise AskError(f"HTTP {status}, and no SOAP in it") from error
    if answer.find(f"{name}Response") is not None:
        return answer
    if status == _UNAUTHORIZED or _is_refusal(answer):
        raise Refused("it wants a login", digest="digest" in offered.lower())
    raise AskError(fault(answer) or f"HTTP {status} without an answer")


async def post(
    session: aiohttp.ClientSession, url: str, content: bytes, headers: dict[str, str]
) -> tuple[int, str, bytes]:
    """Return status, what ``WWW-Authenticate`` offers, and the body. Raises ``AskError``."""
    try:
        async with session.post(
            url, data=content, headers=headers, allow_redirects=False
        ) as response:
            offered = ", ".join(response.headers.getall("WWW-Authenticate", []))
            return response.status, offered, await bounded(response)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise unanswered(error) from error


async def bounded(response: aiohttp.ClientResponse) -> bytes:
    """Return a body of sane length. Raises ``AskError``."""
    body = b""
    async for part in response.content.iter_chunked(64 * 1024):
        body += part
        if len(body) > MAX_BYTES:
            raise AskError(f"an answer of over {MAX_BYTES // 1024} KiB")
    return body


def fault(answer: Node) -> str | None:
    """Return what a SOAP fault says, fit to be shown."""
    found = answer.find("Fault")
    if found is None:
        return None
    words = (
        found.said("Reason", "Text"),
        found.said("faultstring"),
        found.said("Subcode", "Value"),
    )
    return clean(next((word for word in words if word), "a fault without a reason"))


def unanswered(error: BaseException) -> AskError:
    """Return what went wrong on the way, in a few words that hold no address or secret."""
    match error:
        case TimeoutError():
            return SilentError("no answer in time")
        case aiohttp.ClientConnectorError() | ConnectionError():
            return SilentError("no connection")
        case aiohttp.ServerDisconnectedError():
            return AskError("it hung up")
        case _:
            return AskError(f"no sound answer ({type(error).__name__})")


def _is_refusal(answer: Node) -> bool:
    found = answer.find("Fault")
    if found is None:
        return False
    said = " ".join(node.text for node in found.every("Value"))
    said += " ".join(node.text for node in found.every("Text")) + (found.said("faultstring") or "")
    said = said.lower()
    return any(word in said for word in ("notauthorized", "not authorized", "failedauthentication"))
