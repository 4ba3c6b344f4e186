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
from server.storage.duty import LOST, what
from server.storage.errors import UnavailableError

log = logging.getLogger(__name__)

_CHANNEL: Final = "vonggac_news"
_ROOM: Final = 7000  # bytes; PostgreSQL takes 7,999
_AGAIN_S: Final = 2.0
_ANSWER_S: Final = 5.0
_LOOK_EVERY_S: Final = 10.0


class News(Database):
    """The store's part for news among servers; both ways are one connection, ``hear``'s."""

    _own = secrets.token_hex(8)
    _line: "_Line | None" = None

    async def tell(self, topics: Collection[str]) -> None:
        """Tell the other servers. Raises ``UnavailableError`` while ``hear`` has no connection."""
        if self._line is None:
            raise UnavailableError("no connection for news")
        try:
            for payload in _payloads(self._own, sorted(topics)):
                await self._line.ask("SELECT pg_notify($1, $2)", _CHANNEL, payload)
        except LOST as error:
            raise UnavailableError(what(error)) from error

    async def hear(self, take: Callable[[str], None]) -> None:
        """Give ``take`` what other servers tell, for ever."""
        while True:
            try:
                await self._hear(take)
            except LOST as error:
                log.info("no news from other servers: %s", what(error))
            await asyncio.sleep(_AGAIN_S)
            take(EVERYTHING)

    async def _hear(self, take: Callable[[str], None]) -> None:
        def on_news(_connection: object, _pid: int, _channel: str, payload: object) -> None:
            teller, *topics = str(payload).split()
            if teller != self._own:
                for topic in topics:
                    take(topic)

        connection = await self.connect_postgresql()
        try:
            await connection.add_listener(_CHANNEL, on_news)
            self._line = _Line(connection)
            await self._line.watch()
        finally:
            self._line = None
            connection.terminate()


class _Line:
    """The connection for news: one question at a time, and nobody waits long for an answer."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._turn = asyncio.Lock()

    async def ask(self, query: str, *values: str) -> None:
        """Have a query done. Raises ``LOST``; the connection is ended then."""
        async with self._turn:
            try:
                async with asyncio.timeout(_ANSWER_S):
                    await self._connection.execute(query, *values)
            except LOST:
                self._connection.terminate()
                raise

    async def watch(self) -> None:
        """Return when the connection has ended; raise ``LOST`` when nobody answers on it.

        Who only listens would never learn that the other side is gone.
        """
        lost = asyncio.Event()
        self._connection.add_termination_listener(lambda _: lost.set())
        while not lost.is_set():
            try:
                await asyncio.wait_for(lost.wait(), _LOOK_EVERY_S)
            except TimeoutError:
                await self.ask("SELECT 1")


def _payloads(teller: str, topics: list[str]) -> Iterator[str]:
    """Pack topics into as few payloads as their size allows."""
    line = teller
    for topic in topics:
        if len(line) + len(topic) >= _ROOM:
            yield line
            line = teller
        line += f" {topic}"
    yield line
