"""What one server changed, told to the others: LISTEN and NOTIFY, on PostgreSQL only.

News are hints: they say that something changed, never what, and may be lost. After a lost
connection ``EVERYTHING`` is told, so that nobody waits for what was missed.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final

from server.changes import EVERYTHING
from server.storage.database import Database
from server.storage.duty import LOST
from server.storage.errors import UnavailableError

log = logging.getLogger(__name__)

_CHANNEL: Final = "vonggac_news"
_ROOM: Final = 7000  # bytes; PostgreSQL takes 7,999
_AGAIN_S: Final = 2.0


class News(Database):
    """The store's part for news among servers; both ways are one connection, ``hear``'s."""

    _own = secrets.token_hex(8)
    _line: Any = None

    async def tell(self, topics: Collection[str]) -> None:
        """Tell the other servers. Raises ``UnavailableError`` while ``hear`` has no connection."""
        if self._line is None:
            raise UnavailableError("no connection for news")
        try:
            for payload in _payloads(self._own, sorted(topics)):
                await self._line.execute("SELECT pg_notify($1, $2)", _CHANNEL, payload)
        except LOST as error:
            raise UnavailableError(str(error) or type(error).__name__) from error

    async def hear(self, take: Callable[[str], None]) -> None:
        """Give ``take`` what other servers tell, for ever."""
        while True:
            try:
                await self._hear(take)
            except LOST as error:
                log.info("no news from other servers: %s", error or type(error).__name__)
            await asyncio.sleep(_AGAIN_S)
            take(EVERYTHING)

    async def _hear(self, take: Callable[[str], None]) -> None:
        def on_news(_connection: object, _pid: int, _channel: str, payload: object) -> None:
            teller, *topics = str(payload).split()
            if teller != self._own:
                for topic in topics:
                    take(topic)

        lost = asyncio.Event()
        connection: Any = await self.connect_postgresql()
        connection.add_termination_listener(lambda _: lost.set())
        try:
            await connection.add_listener(_CHANNEL, on_news)
            self._line = connection
            await lost.wait()
        finally:
            self._line = None
            connection.terminate()


def _payloads(teller: str, topics: list[str]) -> Iterator[str]:
    """Pack topics into as few payloads as their size allows."""
    line = teller
    for topic in topics:
        if len(line) + len(topic) >= _ROOM:
            yield line
            line = teller
        line += f" {topic}"
    yield line
