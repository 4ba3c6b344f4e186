"""Bytes to packets and back, with bounds on both."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter

from wire.codec import MAX_BYTES

log = logging.getLogger(__name__)

OnPublish = Callable[[int, bytes], Awaitable[None]]
"""Takes a message's first byte and what comes after its length."""

_MAX_PACKET: Final = MAX_BYTES + 1024
_MAX_LENGTH: Final = 4  # bytes of a length
_MORE: Final = 0x80  # in a length: another byte follows
_PUBLISH: Final = 3
_PUBLISH_QOS_0: Final = bytes((_PUBLISH << 4,))
_GATHER_S: Final = 0.005
_UNREAD_BYTES: Final = 256 * 1024
"""What may wait for an agent that does not read."""


class PacketReader(StreamReaderAdapter):  # type: ignore[misc] # amqtt is untyped
    """Reads whole packets; amqtt gets the bytes of all but those that publish.

    The next packet is read when the last has been dealt with. A packet that is too large and a
    message before ``begin`` are the end: ``ConnectionAbortedError``.
    """

    def __init__(self, reader: asyncio.StreamReader) -> None:
        super().__init__(reader)
        self._on_publish: OnPublish | None = None
        self._rest = b""  # of the packet that amqtt is reading
        self._silent_s = 0.0
        self._silent: Callable[[], None] = lambda: None
        self._waiting_since: float | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def begin(self, on_publish: OnPublish, *, silent_s: float, silent: Callable[[], None]) -> None:
        """Take messages from now on; ``silent`` is called when so long nothing has come."""
        self._on_publish = on_publish
        self._silent_s, self._silent = silent_s, silent
        self._alarm = asyncio.get_running_loop().call_later(silent_s, self._look)

    def end(self) -> None:
        """Listen for silence no more."""
        if self._alarm is not None:
            self._alarm.cancel()

    async def read(self, n: int = -1) -> bytes:
        """Return ``n`` bytes of a packet that does not publish. Raises ``IncompleteReadError``."""
        if n == 0:
            return b""
        if not self._rest:
            self._rest = await self._next()
        piece, self._rest = self._rest[:n], self._rest[n:]
        if len(piece) < n:
            raise asyncio.IncompleteReadError(piece, n)
        return piece

    async def _next(self) -> bytes:
        """Return the next packet that does not publish; pass on those that do."""
        loop = asyncio.get_running_loop()
        while True:
            self._waiting_since = loop.time()
            head, body = await self._packet()
            self._waiting_since = None
            if head[0] >> 4 != _PUBLISH:
                return head + body
            if self._on_publish is None:
                raise ConnectionAbortedError("a message before CONNECT")
            await self._on_publish(head[0], body)

    async def _packet(self) -> tuple[bytes, bytes]:
        """Return a packet's first byte with its length, and the rest."""
        reader: asyncio.StreamReader = self._reader
        head = await reader.readexactly(2)
        size, digits = head[1] & 0x7F, 1
        while head[-1] & _MORE:
            head += await reader.readexactly(1)
            size |= (head[-1] & 0x7F) << 7 * digits
            digits += 1
            if digits > _MAX_LENGTH:
                raise ConnectionAbortedError("a length that never ends")
        if size > _MAX_PACKET:
            raise ConnectionAbortedError(f"a packet of {size} bytes is over {_MAX_PACKET}")
        return head, await reader.readexactly(size)

    def _look(self) -> None:
        """See how long nothing has come; while nobody reads, that means nothing."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        since = now if self._waiting_since is None else self._waiting_since
        if now - since >= self._silent_s:
            self._silent()
        else:
            self._alarm = loop.call_at(since + self._silent_s, self._look)


class PacketWriter(StreamWriterAdapter):  # type: ignore[misc] # amqtt is untyped
    """Sends what comes within some milliseconds at once: a system call costs more than a packet."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        super().__init__(writer)
        self._gathered: list[bytes] = []

    def send(self, packet: bytes) -> None:
        """Send a whole packet soon; drop it if the other end does not read. Never waits."""
        if self._writer.transport.get_write_buffer_size() > _UNREAD_BYTES:
            log.debug("dropped a packet to %s, which does not read", self.get_peer_info())
            return
        self._gathered.append(packet)
        if len(self._gathered) == 1:
            asyncio.get_running_loop().call_later(_GATHER_S, self._flush)

    def write(self, data: bytes) -> None:
        """Send bytes at once, after what was gathered."""
        self._flush()
        super().write(data)

    async def close(self) -> None:
        """Send what was gathered, and close."""
        self._flush()
        await super().close()

    def _flush(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered:
            super().write(b"".join(gathered))


def publish_packet(topic: str, payload: bytes) -> bytes:
    """Return the packet that publishes a message at QoS 0."""
    name = topic.encode()
    size, length = 2 + len(name) + len(payload), bytearray()
    while size >= _MORE:
        length.append(size & 0x7F | _MORE)
        size >>= 7
    length.append(size)
    return b"".join((_PUBLISH_QOS_0, length, len(name).to_bytes(2, "big"), name, payload))
