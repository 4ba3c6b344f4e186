"""RTSP messages and interleaved frames out of a byte stream, and back (RFC 2326 §4, §10.12).

Sans-I/O and for both ends: the watcher reads responses and frames, the simulator reads requests.
Memory is bounded: a header has at most 16 KiB, a body 64 KiB, a frame 64 KiB by its format, so a
reader that drains ``next_event`` after each ``feed`` never holds more than that and its last chunk.
What is not RTSP is noticed from its first bytes, since an ``HTTP/`` or ``SSH-`` greeting tells a
technician that the port is wrong.

Text is UTF-8 with ``surrogateescape``: a realm in an old code page survives the round trip into a
digest. While a stream runs, ``rtp.StreamCounter`` walks the frames itself; this class makes an
object per frame and is for the handshake.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

MAX_HEADER: Final = 16 * 1024
MAX_BODY: Final = 64 * 1024
FRAME_MARK: Final = 0x24  # "$"
FRAME_HEADER: Final = 4

_STATUS_LINE: Final = re.compile(r"RTSP/\d\.\d +(\d{3})(?: +(.*))?$")
_REQUEST_LINE: Final = re.compile(r"([A-Z_]{1,32}) +(\S+) +RTSP/\d\.\d$")
_HEAD_END: Final = re.compile(rb"\r?\n(?:\r?\n|(?=\$[\x00-\x1f]))")  # or a frame begins
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FOREIGN: Final = (
    (b"HTTP/", "an HTTP server"),
    (b"<", "a web server"),
    (b"SSH-", "an SSH server"),
    (b"\x15\x03", "a TLS server (try rtsps://)"),
    (b"\x16\x03", "a TLS client"),
)
_SHOWN: Final = 40


class FramingError(Exception):
    """The bytes are not RTSP, or break its limits; nothing more can be read from this stream."""


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


class Framer:
    """Bytes in, messages out. After a ``FramingError`` it stays broken."""

    __slots__ = ("_buffer", "_error", "_pending")

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._pending: tuple[Request | Response, int] | None = None
        self._error: FramingError | None = None

    def feed(self, data: bytes | bytearray | memoryview) -> None:
        """Take ``data``; drain ``next_event`` before the next call to keep memory bounded."""
        self._buffer += data

    def next_event(self) -> Message | None:
        """Return the next whole message, or None while it is incomplete; raise ``FramingError``."""
        if self._error is not None:
            raise self._error
        try:
            return self._next()
        except FramingError as error:
            self._error = error
            self._buffer.clear()
            raise

    def end_head(self) -> bool:
        """Take a response's head as whole if its last line is: the blank one will not come.

        Return whether there was one.
        """
        begun = self._pending is None and self._buffer.startswith(b"RTSP/")
        if not begun or not self._buffer.endswith(b"\n"):
            return False
        self._buffer += b"\r\n"
        return True

    def take_frame_start(self, limit: int) -> int:
        """Forget the beginning of an incomplete frame of up to ``limit`` bytes; return its size.

        For a reader that walks frames itself and still has those bytes.
        """
        size = len(self._buffer)
        if self._pending is not None or not 0 < size <= limit or self._buffer[0] != FRAME_MARK:
            return 0
        self._buffer.clear()
        return size

    @property
    def in_message(self) -> bool:
        """Whether a text message has begun and is not complete yet."""
        return self._pending is not None or bool(self._buffer)

    def _next(self) -> Message | None:
        if self._pending is None:
            self._skip_blank_lines()
            if not self._buffer:
                return None
            if self._buffer[0] == FRAME_MARK:
                return self._frame()
            self._pending = self._head()
        return self._body() if self._pending else None

    def _skip_blank_lines(self) -> None:
        blank = len(self._buffer) - len(self._buffer.lstrip(b"\r\n"))
        del self._buffer[:blank]

    def _frame(self) -> Interleaved | None:
        buffer = self._buffer
        if len(buffer) < FRAME_HEADER:
            return None
        end = FRAME_HEADER + (buffer[2] << 8 | buffer[3])
        if len(buffer) < end:
            return None
        frame = Interleaved(buffer[1], bytes(buffer[FRAME_HEADER:end]))
        del buffer[:end]
        return frame

    def _head(self) -> tuple[Request | Response, int] | None:
        _refuse_foreign(self._buffer)
        match = _HEAD_END.search(self._buffer[:MAX_HEADER])
        if match is None:
            self._refuse_bad_start()
            return None
        lines = _lines(self._buffer[: match.start()])
        del self._buffer[: match.end()]
        headers = Headers(_fields(lines[1:]))
        return _start(lines[0], headers), _content_length(headers)

    def _refuse_bad_start(self) -> None:
        """Raise if what is there can't become a head: look at the first line as soon as it ends."""
        if len(self._buffer) >= MAX_HEADER:
            raise FramingError(f"an RTSP header over {MAX_HEADER} bytes")
        line, newline, _ = self._buffer.partition(b"\n")
        if newline:
            _start(_lines(line)[0], Headers())

    def _body(self) -> Request | Response | None:
        assert self._pending is not None
        message, length = self._pending
        if len(self._buffer) < length:
            return None
        body = bytes(self._buffer[:length])
        del self._buffer[:length]
        self._pending = None
        if isinstance(message, Request):
            return Request(message.method, message.uri, message.headers, body)
        return Response(message.status, message.reason, message.headers, body)


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


def _lines(raw: bytes | bytearray) -> list[str]:
    """Split a head; a bare CR is a blank (RFC 9112 §2.2), so what we echo holds no line break."""
    return _decode(raw).replace("\r\n", "\n").replace("\r", " ").split("\n")


def _start(line: str, headers: Headers) -> Request | Response:
    line = line.rstrip()
    if status := _STATUS_LINE.match(line):
        return Response(int(status[1]), status[2] or "", headers)
    if request := _REQUEST_LINE.match(line):
        return Request(request[1], request[2], headers)
    raise FramingError(f"not RTSP: {shown(line)}")


def _fields(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield names and values; a line that starts with a blank continues the one before it."""
    name, value = "", ""
    for line in lines:
        if line[:1] in {" ", "\t"} and name:
            value = f"{value} {line.strip()}".strip()
            continue
        if name:
            yield name, value
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        if not colon or not _NAME.fullmatch(name):
            raise FramingError(f"a malformed RTSP header line: {shown(line)}")
    if name:
        yield name, value


def _content_length(headers: Headers) -> int:
    text = headers.get("Content-Length") or "0"
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MAX_BODY))):
        raise FramingError(f"a malformed or huge Content-Length: {shown(text)}")
    if int(text) > MAX_BODY:
        raise FramingError(f"an RTSP body of {int(text)} bytes; {MAX_BODY} at most")
    return int(text)


def _refuse_foreign(buffer: bytearray) -> None:
    for prefix, name in _FOREIGN:
        if buffer.startswith(prefix):
            raise FramingError(f"{name} answers here, not RTSP")
    first = buffer[:1]
    if not (first.isalpha() and first.isascii() and first.isupper()):
        raise FramingError(f"not RTSP: {shown(_decode(buffer[:_SHOWN]))}")


def shown(text: str) -> str:
    """Return ``text`` safe for a log line: printable ASCII, quoted, short."""
    return ascii(text[:_SHOWN])


def _decode(raw: bytes | bytearray) -> str:
    return raw.decode(errors="surrogateescape")
