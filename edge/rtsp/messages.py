"""RTSP messages as values, and how they are written (RFC 2326 §4, §10.12). Pure.

Text is UTF-8 with ``surrogateescape``: a realm in an old code page survives the round trip into a
digest.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

FRAME_MARK: Final = 0x24  # "$"
FRAME_HEADER: Final = 4
_SHOWN: Final = 40


class Headers:
    """An ordered, case-insensitive multi-map."""

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)

    def get(self, name: str) -> str | None:
        """Return the first value of ``name``, or None."""
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> list[str]:
        """Return every value of ``name``, in order."""
        wanted = name.lower()
        return [value for key, value in self._pairs if key.lower() == wanted]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Headers):
            return NotImplemented
        return self._folded() == other._folded()

    def __hash__(self) -> int:
        return hash(self._folded())

    def __repr__(self) -> str:
        # Authorization is a credential (Basic holds the password itself).
        shown = [(k, "***" if k.lower() == "authorization" else v) for k, v in self._pairs]
        return f"Headers({shown!r})"

    def _folded(self) -> tuple[tuple[str, str], ...]:
        return tuple((key.lower(), value) for key, value in self._pairs)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asks."""

    method: str
    uri: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answers."""

    status: int
    reason: str
    headers: Headers = field(default_factory=Headers)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Interleaved:
    """One RTP or RTCP packet inside the RTSP connection."""

    channel: int
    payload: bytes


Message = Request | Response | Interleaved


def encode(message: Message) -> bytes:
    """Return the bytes of ``message``; ``Content-Length`` is added where there is a body.

    Raises ``ValueError`` for a line break in a name, value, URI or reason: no header injection.
    """
    if isinstance(message, Interleaved):
        size = len(message.payload)
        if size >= 1 << 16:
            raise ValueError(f"an interleaved frame of {size} bytes; 65535 at most")
        return bytes((FRAME_MARK, message.channel, size >> 8, size & 0xFF)) + message.payload
    lines = [_start_line(message), *(f"{name}: {value}" for name, value in message.headers)]
    if message.body and message.headers.get("Content-Length") is None:
        lines.append(f"Content-Length: {len(message.body)}")
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError("a line break inside an RTSP header")
    head = "\r\n".join([*lines, "", ""])
    return head.encode(errors="surrogateescape") + message.body


def _start_line(message: Request | Response) -> str:
    if isinstance(message, Request):
        return f"{message.method} {message.uri} RTSP/1.0"
    return f"RTSP/1.0 {message.status} {message.reason}"


def shown(text: str) -> str:
    """Return ``text`` safe for a log line: printable ASCII, quoted, short."""
    return ascii(text[:_SHOWN])
