"""One connection: what it sends goes straight to the centre, and when it is over.

amqtt reads a message in eight steps, wakes four tasks for it and puts it into two queues. Here the
packets that publish are taken out on the way to amqtt, which sees to everything else: one loop for
each connection reads a message, waits until the centre has taken it, acknowledges it, and only then
reads on.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler

from server.broker.streams import PacketReader, PacketWriter
from wire.topics import UPWARD, Topic, topic

Take = Callable[[Topic, bytes, Callable[[], None]], Awaitable[None]]
"""Takes a message, as soon as there is room, and what to call when it has been dealt with."""

_UNSETTLED: Final = 20
"""Messages of one connection that may be under way to the database; agents have four or eight."""
_PUBACK: Final = b"\x40\x02"
_QOS_1: Final = 1


class Handler(BrokerProtocolHandler):  # type: ignore[misc] # amqtt is untyped
    """An agent's connection, as amqtt wants it. Messages are read after ``let_in``."""

    _take: Take
    _answer: Callable[[bytes], None]

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._may_send: dict[bytes, Topic] = {}
        self._unsettled = 0
        self._room = asyncio.Event()
        self._room.set()

    def let_in(
        self, agent: str, take: Take, reader: PacketReader, writer: PacketWriter, *, silent_s: float
    ) -> None:
        """Know whose connection it is, and read on; so much silence is its end."""
        self._may_send = {topic(agent, leaf).encode(): Topic(agent, leaf) for leaf in UPWARD}
        self._take = take
        self._answer = writer.send
        reader.begin(self._publish, silent_s=silent_s, silent=self.end)

    def end(self) -> None:
        """End the connection as if it had closed: its last will is due."""
        waiter = self._disconnect_waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    async def handle_publish(self, _packet: object) -> None:
        """End a connection that has hidden a message within another packet."""
        self.end()

    async def _publish(self, head: int, body: bytes) -> None:
        """Hand a message over and acknowledge it; drop what its agent may not send.

        Raises ``ConnectionAbortedError`` for what can't be read, and for QoS 2, which no agent
        uses.
        """
        qos = head >> 1 & 3
        end = 2 + int.from_bytes(body[:2], "big")
        start = end + 2 if qos else end
        if qos > _QOS_1 or len(body) < start:
            raise ConnectionAbortedError(f"not a message at QoS 0 or 1: {body[:40]!r}")
        about = self._may_send.get(body[2:end])
        if about is None:
            await asyncio.sleep(0)  # others get their turn, whatever somebody may send
        else:
            await self._room.wait()
            await self._take(about, body[start:], self._settled)
            self._count(1)  # it may have been settled by now
        if qos:
            self._answer(_PUBACK + body[end:start])

    def _settled(self) -> None:
        self._count(-1)

    def _count(self, more: int) -> None:
        self._unsettled += more
        if self._unsettled < _UNSETTLED:
            self._room.set()
        else:
            self._room.clear()
