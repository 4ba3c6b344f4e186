"""Drives a commit's steps on a plain ``sqlite3`` connection: no thread, no waiting, no engine.

The store calls it on a thread of its own; a simulation calls it inline.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from server.storage.boots import SpoolKey
from server.storage.commit import commit_steps
from server.storage.commit_rows import SourceKey
from server.storage.errors import PoisonError, StoreError, UnavailableError
from server.storage.rows import Intake, Progress
from server.storage.statements import Fetch, Lock, Put, Rows, Run, Statement, Steps, T

BUSY_S: Final = 10.0
PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "wal_autocheckpoint=8000",  # pages, 32 MB: twice the rows per second of the usual 1,000
)
"""What every connection is told."""

_WRITERS: Final = ("cache_size=-65536",)  # KiB: gate events' keys are random, so their pages, too


def connect(path: str) -> sqlite3.Connection:
    """Open a database file as commits need it. Raises ``sqlite3.Error``.

    Any thread may use the connection, one at a time.
    """
    connection = sqlite3.connect(
        path, timeout=BUSY_S, isolation_level=None, check_same_thread=False
    )
    for pragma in (*PRAGMAS, *_WRITERS):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def commit_sqlite(
    connection: sqlite3.Connection,
    intakes: Sequence[Intake],
    *,
    known_sources: dict[SourceKey, int],
    now_ms: int = 0,
) -> dict[SpoolKey, Progress]:
    """Commit reports; return how far each (agent, spool) is committed now.

    ``connection`` is in autocommit mode (``isolation_level`` None). ``known_sources`` remembers
    numbers between commits to one database and is added to. Raises ``PoisonError`` or
    ``UnavailableError``; nothing was committed then, but for a disk that fails at the very end.
    """
    if not intakes:
        return {}
    committed = run_sqlite(connection, commit_steps(intakes, known_sources, now_ms=now_ms))
    known_sources.update(committed.sources)
    return committed.progress


def run_sqlite(connection: sqlite3.Connection, steps: Steps[T]) -> T:
    """Run steps in one transaction. Raises ``PoisonError`` or ``UnavailableError``."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        try:
            result = _drive(connection, steps)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk may have ended it already
                connection.execute("ROLLBACK")
            raise
    except (sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
        raise sorted_sqlite(error) from error
    return result


class SqliteCommitter:
    """A thread and a connection for commits; the connection is opened again after a failure."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="commit")
        self._ended = False
        self._connection: sqlite3.Connection | None = None

    async def run(self, begin: Callable[[], Steps[T]]) -> T:
        """Run the steps in one transaction. Raises ``PoisonError`` or ``UnavailableError``."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._run, begin)

    async def close(self) -> None:
        """End the thread, after what it is doing; a second time changes nothing."""
        if self._ended:
            return
        self._ended = True
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown()

    def _run(self, begin: Callable[[], Steps[T]]) -> T:
        try:
            if self._connection is None:
                self._connection = connect(self._path)
            return run_sqlite(self._connection, begin())
        except sqlite3.Error as error:
            raise sorted_sqlite(error) from error
        except UnavailableError:
            self._disconnect()
            raise

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def sorted_sqlite(error: Exception) -> StoreError:
    """Return the error that says what to do next."""
    text = " ".join(str(error).split())[:300]
    never = (
        OverflowError,
        UnicodeEncodeError,
        sqlite3.IntegrityError,
        sqlite3.DataError,
        sqlite3.InterfaceError,
    )
    return PoisonError(text) if isinstance(error, never) else UnavailableError(text)


def _drive(connection: sqlite3.Connection, steps: Steps[T]) -> T:
    rows: Rows = ()
    send = steps.send
    try:
        statement = next(steps)
        while True:
            rows = _execute(connection, statement)
            statement = send(rows)
    except StopIteration as stop:
        result: T = stop.value
        return result


def _execute(connection: sqlite3.Connection, statement: Statement) -> Rows:
    match statement:
        case Fetch(query, keys):
            return [row for key in keys for row in connection.execute(query.once, key)]
        case Put(into, rows):
            connection.executemany(into.once, rows)
        case Run(text):
            connection.execute(text)
        case Lock():  # BEGIN IMMEDIATE is it
            pass
    return ()
