"""Drives a commit's steps over asyncpg, on a connection of its own.

Few rows come as arrays, many through ``COPY`` into a temporary table: that costs two round trips
more and half the time per row. Rows of a batch are merged in one statement either way.

Several servers may commit at once: each takes its agents' advisory locks in one order, so that they
wait for each other and never in a circle. What PostgreSQL calls off nevertheless is tried again.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import asyncpg

from server.storage.commit_rows import GATE_EVENT, SEGMENT
from server.storage.errors import PoisonError, StoreError, UnavailableError
from server.storage.statements import Fetch, Into, Lock, Put, Rows, Run, Statement, Steps, T

_COPIED: Final = (SEGMENT, GATE_EVENT)
_COPY_FROM: Final = 250  # rows
_GOODBYE_S: Final = 3.0
_BEGIN_S: Final = 10.0
"""BEGIN waits for no lock and no disk: not to be answered means that nobody is there any more."""

_ATTEMPTS: Final = 5
_CALLED_OFF: Final = ("40001", "40P01", "55P03")  # serialization, deadlock, lock not available
_NEVER_WILL: Final = ("22", "23")  # SQLSTATE classes: data exception, constraint violation
_LOCK: Final = "SELECT pg_advisory_xact_lock(n) FROM unnest($1::bigint[]) n"

_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    OverflowError,
    UnicodeEncodeError,
)

Connect = Callable[[], Awaitable[Any]]
"""Opens an ``asyncpg.Connection``."""


class PostgresqlCommitter:
    """One connection for commits, opened when it is needed and again after it was lost."""

    def __init__(self, connect: Connect) -> None:
        self._connect = connect
        self._connection: Any = None
        self._turn = asyncio.Lock()

    async def run(self, begin: Callable[[], Steps[T]]) -> T:
        """Run the steps that ``begin`` makes in one transaction; make them anew to try again.

        Raises ``PoisonError`` or ``UnavailableError``.
        """
        async with self._turn:
            for _ in range(_ATTEMPTS):
                try:
                    return await self._attempt(begin())
                except _CalledOffError as error:
                    last = error
            raise UnavailableError(str(last)) from last

    async def close(self) -> None:
        """Close the connection; a commit that is under way fails."""
        if self._connection is not None and not self._turn.locked():
            with contextlib.suppress(*_ERRORS):
                await self._connection.close(timeout=_GOODBYE_S)
        self._drop()

    async def _attempt(self, steps: Steps[T]) -> T:
        try:
            connection = await self._ready()
            async with asyncio.timeout(_BEGIN_S) as beginning, connection.transaction():
                beginning.reschedule(None)
                return await self._drive_or_drop(connection, steps)
        except _ERRORS as error:
            kind = _sorted(error)
            if isinstance(kind, UnavailableError):
                self._drop()
            raise kind from error
        except asyncio.CancelledError:
            self._drop()  # whatever it was doing
            raise

    async def _ready(self) -> Any:
        if self._connection is None or self._connection.is_closed():
            connection = await self._connect()
            for into in _COPIED:
                await connection.execute(_temporary(into))
            self._connection = connection
        return self._connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _drive_or_drop(self, connection: Any, steps: Steps[T]) -> T:
        """Where nobody answers there is no ROLLBACK: it would wait as long again."""
        try:
            return await self._drive(connection, steps)
        except TimeoutError:
            self._drop()
            raise

    async def _drive(self, connection: Any, steps: Steps[T]) -> T:
        try:
            statement = next(steps)
            while True:
                statement = steps.send(await self._execute(connection, statement))
        except StopIteration as stop:
            result: T = stop.value
            return result

    async def _execute(self, connection: Any, statement: Statement) -> Rows:
        match statement:
            case Lock(agents):
                await connection.execute(_LOCK, sorted({_lock_number(a) for a in agents}))
            case Fetch(query, keys):
                found: Rows = await connection.fetch(query.for_arrays, *_columns(keys))
                return found
            case Put(Into() as into, rows) if into in _COPIED and len(rows) >= _COPY_FROM:
                await connection.copy_records_to_table(
                    _temporary_name(into), records=rows, columns=into.columns
                )
                await connection.execute(into.reading(_temporary_name(into)))
            case Put(into, rows):
                await connection.fetch(into.for_arrays, *_columns(rows))
            case Run(text):
                await connection.execute(text)
        return ()


class _CalledOffError(StoreError):
    """PostgreSQL rolled a transaction back for the sake of others: it may work now."""


def _sorted(error: Exception) -> StoreError:
    text = " ".join(str(error).split())[:300]
    state = str(getattr(error, "sqlstate", None) or "")
    if state in _CALLED_OFF:
        return _CalledOffError(text)
    never = (asyncpg.exceptions.DataError, asyncpg.DataError, OverflowError, UnicodeEncodeError)
    if isinstance(error, never) or state[:2] in _NEVER_WILL:
        return PoisonError(text)
    return UnavailableError(text or type(error).__name__)


def _lock_number(agent: str) -> int:
    digest = hashlib.blake2b(agent.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True))


def _temporary_name(into: Into) -> str:
    return f"new_{into.table.name}"


def _temporary(into: Into) -> str:
    """Return what makes the table that rows are copied into: as the real one, without indexes."""
    columns = ", ".join(into.columns)
    rows = f"SELECT {columns} FROM {into.table.name} LIMIT 0"  # noqa: S608 (our own words)
    return f"CREATE TEMP TABLE {_temporary_name(into)} ON COMMIT DELETE ROWS AS {rows}"
