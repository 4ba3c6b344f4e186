"""What must be done by one server at a time: a lock that goes with the session that holds it.

On PostgreSQL all of a server's duties are session advisory locks on one connection of their own. It
is looked after every time somebody asks ``held``; where nobody asks for six seconds (the process
was stopped, or its machine is gone), PostgreSQL ends the session, and the duty is free. A process
that wakes up later finds its session ended, and knows. On SQLite there is one server.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, Final

import asyncpg

from server.storage.database import Database

log = logging.getLogger(__name__)

_SPACE: Final = 0x64757479  # "duty": keeps these locks apart from others
_IDLE_S: Final = 6
_ANSWER_S: Final = 5.0
LOST: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # the session was ended while this process was stopped
    OSError,
    TimeoutError,
)
"""What a connection of ours may raise when the database is not there, or no longer."""

Connect = Callable[[], Awaitable[Any]]


def what(error: Exception) -> str:
    """Return an error's text, its kind if it has none."""
    return str(error) or type(error).__name__


class Duty:
    """One duty of this server. Ask ``held`` before each act, and often: silence loses it."""

    def __init__(self, session: "_Session | None", name: str) -> None:
        self._session = session
        self._name = name

    async def held(self) -> bool:
        """Take the duty if it is free; tell whether it is this server's now. Never raises."""
        return self._session is None or await self._session.holds(self._name)

    async def release(self) -> None:
        """Leave the duty to another server, until the next ``held``."""
        if self._session is not None:
            await self._session.release(self._name)


class Duties(Database):
    """The store's part for duties."""

    _session: "_Session | None" = None

    def duty(self, name: str) -> Duty:
        """Return a handle to the duty ``name``; nothing is asked of the database yet."""
        if self.is_postgresql and self._session is None:
            self._session = _Session(self.connect_postgresql)
        return Duty(self._session, name)

    async def close(self) -> None:
        """Give all duties up and close every connection."""
        if self._session is not None:
            await self._session.close()
        await super().close()


class _Session:
    """A connection and the locks that it holds; one question at a time."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connection: Any = None
        self._held: set[str] = set()
        self._one = asyncio.Lock()

    async def holds(self, name: str) -> bool:
        async with self._one:
            try:
                return await asyncio.wait_for(self._ask(name), _ANSWER_S)
            except LOST as error:
                log.info("no duty without the database: %s", what(error))
                self._drop()
                return False

    async def release(self, name: str) -> None:
        async with self._one:
            if name not in self._held or self._connection is None:
                return
            query = "SELECT pg_advisory_unlock($1, hashtext($2))"
            try:
                await asyncio.wait_for(self._connection.execute(query, _SPACE, name), _ANSWER_S)
                self._held.discard(name)
            except LOST:
                self._drop()

    async def close(self) -> None:
        async with self._one:
            self._held.clear()  # given up, not lost
            self._drop()

    async def _ask(self, name: str) -> bool:
        if self._connection is None:
            self._connection = await self._connect()
            await self._connection.execute(f"SET idle_session_timeout = '{_IDLE_S}s'")
        if name in self._held:
            await self._connection.execute("SELECT 1")
            return True
        query = "SELECT pg_try_advisory_lock($1, hashtext($2))"
        if await self._connection.fetchval(query, _SPACE, name):
            self._held.add(name)
            log.info("this server has the duty: %s", name)
        return name in self._held

    def _drop(self) -> None:
        if self._held:
            log.warning("this server has lost its duties: %s", ", ".join(sorted(self._held)))
        self._held.clear()
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
