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
from collections.abc import Iterator
from typing import Final

from edge.rtsp.messages import (
    FRAME_HEADER,
    FRAME_MARK,
    Headers,
    Interleaved,
    Message,
    Request,
    Response,
    encode,
    shown,
)

__all__ = [
    "FRAME_HEADER",
    "FRAME_MARK",
    "MAX_BODY",
    "MAX_HEADER",
    "Framer",
    "FramingError",
    "Headers",
    "Interleaved",
    "Message",
    "Request",
    "Response",
    "encode",
    "shown",
]

MAX_HEADER: Final = 16 * 1024
MAX_BODY: Final = 64 * 1024

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
_QUOTED: Final = 64


class FramingError(Exception):
    """The bytes are not RTSP, or break its limits; nothing more can be read from this stream."""


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
    """Yield names and values; a line that starts with a blank continues the one before it.

    A line that is text but no header is left out, as careless cameras have it.
    """
    name, value = "", ""
    for line in lines:
        if line[:1] in {" ", "\t"} and name:
            value = f"{value} {line.strip()}".strip()
            continue
        if name:
            yield name, value
        name, colon, value = line.partition(":")
        name, value = name.strip(), value.strip()
        if colon and _NAME.fullmatch(name):
            continue
        if not line.isprintable():
            raise FramingError(f"a malformed RTSP header line: {shown(line)}")
        name = ""
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
        raise FramingError(f"not RTSP: {shown(_decode(buffer[:_QUOTED]))}")


def _decode(raw: bytes | bytearray) -> str:
    return raw.decode(errors="surrogateescape")
