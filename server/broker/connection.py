"""One connection: what it may send at once, and when it is over."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from amqtt.adapters import StreamReaderAdapter
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler

from wire.codec import MAX_BYTES

_MAX_PACKET: Final = MAX_BYTES + 1024
_LENGTH: Final = 2  # bytes of a text's length: read once or twice in a packet


class BoundedReader(StreamReaderAdapter):  # type: ignore[misc] # amqtt is untyped
    """Refuses to read a packet that is too large (the connection ends), and waits for room."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        super().__init__(reader)
        self.room: Callable[[], Awaitable[None]] | None = None

    async def read(self, n: int = -1) -> bytes:
        """Read up to ``n`` bytes. Raises ``ConnectionAbortedError``."""
        if n > _MAX_PACKET:
            raise ConnectionAbortedError(f"a packet of {n} bytes is over {_MAX_PACKET}")
        read = bytes(await super().read(n))
        if n == _LENGTH and self.room is not None:
            await self.room()
        return read


class Handler(BrokerProtocolHandler):  # type: ignore[misc] # amqtt is untyped
    """Ends a connection that has been silent for one and a half times its keep-alive."""

    def handle_read_timeout(self) -> None:
        """End the connection; called when its keep-alive has passed."""
        waiter = self._disconnect_waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)  # as if it had closed: its last will is due
