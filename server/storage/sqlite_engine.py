"""The engine for SQLite: how its connections are opened, told and asked.

aiosqlite has a thread for each connection, and each call is a walk there and back, which costs more
than most of our queries. Its cursor walks to be made, to execute, to fetch and to be closed;
``_Cursor`` walks to execute and to fetch. The connection that was used last is used next, so that
quiet days need one thread and one page cache.
"""

import sqlite3
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any, Self

import aiosqlite
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from server.storage.commit_sqlite import BUSY_S, PRAGMAS
from server.storage.errors import UnusableError


class _Cursor:
    """What SQLAlchemy asks of a driver's cursor, with nothing on the thread before ``execute``."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection
        self._cursor: aiosqlite.Cursor | None = None

    async def __aenter__(self) -> Self:
        return self

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> Self:
        self._cursor = await self._connection.execute(sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Self:
        self._cursor = await self._connection.executemany(sql, parameters)
        return self

    async def fetchall(self) -> Iterable[Any]:
        return () if self._cursor is None else await self._cursor.fetchall()

    async def close(self) -> None:
        """Do nothing: all rows are fetched, so the statement has ended by itself."""

    @property
    def description(self) -> Any:
        return None if self._cursor is None else self._cursor.description

    @property
    def rowcount(self) -> int:
        return -1 if self._cursor is None else self._cursor.rowcount

    @property
    def lastrowid(self) -> int | None:
        return None if self._cursor is None else self._cursor.lastrowid


def sqlite_engine(url: URL) -> AsyncEngine:
    """Make the engine for ``sqlite:///path``. Raises ``UnusableError``."""
    path = url.database
    if not path or path == ":memory:":
        raise UnusableError("the database must be a file: nothing in memory survives a restart")
    if not Path(path).parent.is_dir():
        raise UnusableError(f"can't open the database file {path}: its folder does not exist")
    _open_once(path)
    engine = create_async_engine(
        url.set(drivername="sqlite+aiosqlite"),
        connect_args={"timeout": BUSY_S},
        pool_use_lifo=True,
    )
    event.listen(engine.sync_engine, "connect", _prepare)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def _open_once(path: str) -> None:
    """Raise ``UnusableError`` for a file that can't be opened.

    aiosqlite would leave a thread behind that may speak to a loop which is closed by then: a
    traceback on the console of whoever has mistyped a path.
    """
    try:
        sqlite3.connect(path).close()
    except sqlite3.Error as error:
        raise UnusableError(f"can't open the database file {path}: {error}") from error


def _prepare(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; see _begin
    driver = connection.driver_connection
    driver.cursor = partial(_Cursor, driver)
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")
