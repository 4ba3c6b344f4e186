"""One connection: what it may send at once, and when it is over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final

from amqtt.adapters import StreamReaderAdapter, StreamWriterAdapter
from amqtt.mqtt.constants import QOS_2
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler
from amqtt.mqtt.publish import PublishPacket

from wire.codec import MAX_BYTES
from wire.topics import UPWARD, Topic, topic

log = logging.getLogger(__name__)

Take = Callable[[Topic, bytes, Callable[[], None]], Awaitable[None]]
"""Takes a message, as soon as there is room, and what to call when it has been dealt with."""

_MAX_PACKET: Final = MAX_BYTES + 1024
_LENGTH: Final = 2  # bytes of a text's length: read once or twice in a packet
_UNSETTLED: Final = 20
"""Messages of one connection that may be under way to the database; agents have four or eight."""
_UNREAD_BYTES: Final = 256 * 1024
"""What may wait for an agent that does not read."""
_PUBACK: Final = b"\x40\x02"


class BoundedReader(StreamReaderAdapter):  # type: ignore[misc] # amqtt is untyped
    """Refuses to read a packet that is too large (the connection ends), and waits for room."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        super().__init__(reader)
        self.room: Callable[[], Awaitable[Any]] | None = None

    async def read(self, n: int = -1) -> bytes:
        """Read up to ``n`` bytes. Raises ``ConnectionAbortedError``."""
        if n > _MAX_PACKET:
            raise ConnectionAbortedError(f"a packet of {n} bytes is over {_MAX_PACKET}")
        read = bytes(await super().read(n))
        if n == _LENGTH and self.room is not None:
            await self.room()
        return read


class BoundedWriter(StreamWriterAdapter):  # type: ignore[misc] # amqtt is untyped
    """Drops what is sent at QoS 0 to an agent that does not read."""

    def send(self, packet: bytes) -> None:
        """Write a whole packet, or drop it; never waits."""
        if self._writer.transport.get_write_buffer_size() > _UNREAD_BYTES:
            log.debug("dropped a message to %s, which does not read", self.get_peer_info())
        else:
            self.write(packet)


class Handler(BrokerProtocolHandler):  # type: ignore[misc] # amqtt is untyped
    """An agent's connection.

    Its messages go straight to the centre and are acknowledged when that has taken them: amqtt
    would queue them twice over and wake four tasks for each. While one waits for room, or many are
    on their way, nothing more is read. Silence of one and a half times the keep-alive is the end.
    """

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._may_send: dict[str, Topic] = {}
        self._take: Take | None = None
        self._waiting = 0
        self._unsettled = 0
        self._room = asyncio.Event()
        self._room.set()

    def let_in(self, agent: str, take: Take) -> Callable[[], Awaitable[Any]]:
        """Know whose connection it is; return what to wait for before more is read."""
        self._may_send = {topic(agent, leaf): Topic(agent, leaf) for leaf in UPWARD}
        self._take = take
        return self._room.wait

    async def handle_publish(self, packet: PublishPacket) -> None:
        """Hand a message over and acknowledge it; drop what its agent may not send.

        At QoS 2, which no agent uses, the connection ends.
        """
        if packet.qos == QOS_2:
            self.handle_read_timeout()
            return
        about = self._may_send.get(packet.topic_name)
        if about is not None and self._take is not None:
            self._count(waiting=1)
            try:
                await self._take(about, packet.data, self._settled)
                self._unsettled += 1  # it may have been settled by now
            finally:
                self._count(waiting=-1)
        if packet.qos and self.writer is not None:
            with suppress(ConnectionError):  # the reading end will notice
                self.writer.write(_PUBACK + packet.packet_id.to_bytes(2, "big"))
                await self.writer.drain()

    def handle_read_timeout(self) -> None:
        """End the connection; called when its keep-alive has passed."""
        waiter = self._disconnect_waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)  # as if it had closed: its last will is due

    def _settled(self) -> None:
        self._count(unsettled=-1)

    def _count(self, *, waiting: int = 0, unsettled: int = 0) -> None:
        self._waiting += waiting
        self._unsettled += unsettled
        if self._waiting or self._unsettled >= _UNSETTLED:
            self._room.clear()
        else:
            self._room.set()
