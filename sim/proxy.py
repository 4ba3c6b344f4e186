"""A TCP proxy between one agent and the broker, to cut the line and to mend it.

Cut means cut: connections are aborted and new ones refused, as when a school's network is down.
"""

import asyncio
import contextlib
from typing import Final

_CHUNK: Final = 1 << 16


class Proxy:
    """Forwards ``127.0.0.1:port`` to ``target_port`` while it is not cut."""

    def __init__(self, port: int, target_port: int, *, host: str = "127.0.0.1") -> None:
        self.port = port
        self._host = host
        self._target_port = target_port
        self._server: asyncio.Server | None = None
        self._lines: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        """Listen. Raises ``OSError`` if the port is taken."""
        if self._server is None:
            self._server = await asyncio.start_server(self._serve, self._host, self.port)

    def cut(self) -> None:
        """Abort what is connected and refuse what comes."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for line in tuple(self._lines):
            line.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(self._host, self._target_port)
        except OSError:  # the broker is down: hang up, the agent tries again
            writer.transport.abort()
            return
        pair = {writer, far_writer}
        self._lines |= pair
        try:
            await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))
        finally:
            self._lines -= pair


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until either side ends, then end both directions."""
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    writer.transport.abort()
