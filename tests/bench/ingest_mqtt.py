"""An agent's MQTT 3.1.1 connection, as small as it can be: hundreds of them fit one process.

Clean session, QoS 1 upwards, a retained presence with its last will, acks and commands subscribed:
what ``edge.uplink.link`` does with paho, without its thread per agent.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

from wire.codec import VERSION, encode
from wire.messages import Status
from wire.topics import Leaf, topic

KEEP_ALIVE_S: Final = 60
_CONNACK, _PUBLISH, _SUBACK = 2, 3, 9
_PING: Final = b"\xc0\x00"
_FLAGS: Final = 0b1110_1110  # user, password, will retained with QoS 1, clean session


class RefusedError(Exception):
    """The broker does not let this agent in."""


class Connection(asyncio.Protocol):
    """``connect`` returns once acks are subscribed; ``on_message`` is given each payload."""

    def __init__(self, agent: str, on_message: Callable[[Leaf, bytes], None]) -> None:
        self.lost = False
        self._agent = agent
        self._on_message = on_message
        self._buffer = bytearray()
        self._last_id = 0
        self._transport: asyncio.Transport | None = None
        self._connected: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._subscribed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._topics = {leaf: topic(agent, leaf).encode() for leaf in Leaf}

    @classmethod
    async def connect(
        cls, port: int, agent: str, password: str, on_message: Callable[[Leaf, bytes], None]
    ) -> "Connection":
        """Connect, subscribe, tell that it is there. Raises ``RefusedError`` or ``OSError``."""
        _, self = await asyncio.get_running_loop().create_connection(
            lambda: cls(agent, on_message), "127.0.0.1", port
        )
        self._write(_connect(agent, password, self._topics[Leaf.STATUS]))
        if code := await asyncio.wait_for(self._connected, 60):
            raise RefusedError(f"{agent}: CONNACK {code}")
        wanted = b"".join(_text(self._topics[leaf]) + b"\x01" for leaf in (Leaf.ACK, Leaf.COMMAND))
        self._write(_packet(0x82, self._next_id() + wanted))
        await asyncio.wait_for(self._subscribed, 60)
        self.publish(Leaf.STATUS, _status(online=True), retain=True)
        return self

    def publish(self, leaf: Leaf, payload: bytes, *, retain: bool = False) -> None:
        """Send with QoS 1; its PUBACK means nothing to anybody."""
        head = _text(self._topics[leaf]) + self._next_id()
        self._write(_packet(0x33 if retain else 0x32, head + payload))

    def ping(self) -> None:
        """Show the broker that it is still there."""
        self._write(_PING)

    def close(self) -> None:
        """Go without a farewell."""
        if self._transport is not None:
            self._transport.abort()

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(1 << 24)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Wake whoever waits."""
        self.lost = True
        for waiter in (self._connected, self._subscribed):
            if not waiter.done():
                waiter.set_exception(RefusedError(f"{self._agent}: connection lost: {exc}"))
                with contextlib.suppress(RefusedError):
                    waiter.result()  # seen, also where nobody awaits it

    def data_received(self, data: bytes) -> None:
        """Take whole packets out of what has come."""
        self._buffer += data
        while (found := _split(self._buffer)) is not None:
            kind, start, end = found
            self._take(kind, bytes(self._buffer[start:end]))
            del self._buffer[:end]

    def _take(self, head: int, body: bytes) -> None:
        if head >> 4 == _PUBLISH:
            size = int.from_bytes(body[:2], "big")
            rest = body[2 + size :]
            if head & 0b0110:
                self._write(_packet(0x40, rest[:2]))
                rest = rest[2:]
            self._on_message(Leaf(body[2 : 2 + size].rpartition(b"/")[2].decode()), rest)
        elif head >> 4 == _CONNACK and not self._connected.done():
            self._connected.set_result(body[1])
        elif head >> 4 == _SUBACK and not self._subscribed.done():
            self._subscribed.set_result(body[-1])

    def _write(self, data: bytes) -> None:
        if self._transport is not None and not self.lost:
            self._transport.write(data)

    def _next_id(self) -> bytes:
        self._last_id = self._last_id % 0xFFFF + 1
        return self._last_id.to_bytes(2, "big")


def _status(*, online: bool) -> bytes:
    return encode(Status(v=VERSION, online=online, version="1.4.0"))


def _connect(agent: str, password: str, status: bytes) -> bytes:
    fields = (f"vg-{agent}".encode(), status, _status(online=False), agent.encode())
    head = _text(b"MQTT") + bytes((4, _FLAGS)) + KEEP_ALIVE_S.to_bytes(2, "big")
    return _packet(0x10, head + b"".join(map(_text, (*fields, password.encode()))))


def _text(data: bytes) -> bytes:
    return len(data).to_bytes(2, "big") + data


def _packet(head: int, body: bytes) -> bytes:
    size, length = len(body), bytearray()
    while True:
        size, digit = divmod(size, 128)
        length.append(digit | (0x80 if size else 0))
        if not size:
            return bytes((head,)) + bytes(length) + body


def _split(buffer: bytearray) -> tuple[int, int, int] | None:
    """Return the first packet's head and where its body starts and ends; None if it isn't whole."""
    size, at = 0, 1
    while at < len(buffer):
        size |= (buffer[at] & 0x7F) << 7 * (at - 1)
        at += 1
        if not buffer[at - 1] & 0x80:
            return (buffer[0], at, at + size) if len(buffer) >= at + size else None
    return None
