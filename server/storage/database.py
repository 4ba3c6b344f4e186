"""The engine beneath the store: opening, transactions, and errors sorted.

SQLite: WAL, ``synchronous=FULL`` (a commit that was acknowledged to an agent is deleted there, so
it must survive a power cut; NORMAL may lose the last commits), a busy timeout, foreign keys on.
One writer at a time, by a lock here and ``BEGIN IMMEDIATE`` against other processes (the command
line). Readers see a snapshot and never wait for the writer.

PostgreSQL: asyncpg, ``synchronous_commit`` as the server has it (on by default), and one
transaction-long advisory lock per agent where reports of one agent are merged.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, Final, NamedTuple, TypeVar, cast

import asyncpg
from sqlalchemy import event, exc, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.schema import Table

from server.storage.commit_postgresql import PostgresqlCommitter
from server.storage.commit_sqlite import SqliteCommitter
from server.storage.errors import PoisonError, StoreError, UnavailableError, UnusableError
from server.storage.migrate import migrate
from server.storage.sqlite_engine import sqlite_engine
from server.storage.statements import Steps, T

Name = TypeVar("Name", str, int)

_AT_ONCE: Final = 500  # names in one query; databases limit the number of parameters
_LIBPQ: Final = {"sslmode": "ssl", "target_session_attrs": "target_session_attrs"}
"""Options that an address may carry, in libpq's words, and asyncpg's names for them."""

_POSTGRESQL_TIMEOUTS_S: Final = {"timeout": 5, "command_timeout": 60}
_STOPPED_IN_TRANSACTION: Final = {"idle_in_transaction_session_timeout": "30s"}
"""A process that is stopped in the midst of writing must not hold up the other servers."""
_PING_S: Final = 5.0
_IDLE_IN_TRANSACTION_S: Final = 10
_ALONE_S: Final = 30
"""What a statement of ours outside the pool may take; a full commit's take a tenth of a second."""
_NEVER_WILL: Final = ("22", "23")  # SQLSTATE classes: data exception, constraint violation


class Database:
    """Holds the engine; the store's parts are built on its two kinds of transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = asyncio.Lock()
        self.is_postgresql = engine.dialect.name == "postgresql"
        self._committer = (
            PostgresqlCommitter(self.connect_postgresql)
            if self.is_postgresql
            else SqliteCommitter(str(engine.url.database))
        )

    async def close(self) -> None:
        """Close every connection."""
        await self._committer.close()
        await self._engine.dispose()

    async def run(self, begin: Callable[[], Steps[T]]) -> T:
        """Run the steps that ``begin`` makes in one transaction. Raises ``StoreError``s."""
        async with self._one_writer():
            return await self._committer.run(begin)

    async def connect_postgresql(self) -> Any:
        """Open an ``asyncpg.Connection`` outside the pool. Raises what asyncpg raises.

        PostgreSQL ends its transaction if this process is stopped in the midst of one, so that
        the locks in it don't stop the other servers too.
        """
        _, options = self._engine.dialect.create_connect_args(self._engine.url)
        timeouts = {**_POSTGRESQL_TIMEOUTS_S, "command_timeout": _ALONE_S}
        settings = {
            "idle_in_transaction_session_timeout": f"{_IDLE_IN_TRANSACTION_S}s",
            "statement_timeout": f"{_ALONE_S}s",  # a COPY that is never ended is no idleness
        }
        return await asyncpg.connect(**options, **timeouts, server_settings=settings)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One read transaction. Raises ``StoreError``s."""
        together = _together.get()
        try:
            if together is not None and together.of == (self, asyncio.current_task()):
                yield together.connection
            else:
                async with self._engine.connect() as connection:
                    yield connection
        except (exc.SQLAlchemyError, OSError, OverflowError) as error:
            raise sorted_error(error) from error

    @asynccontextmanager
    async def reading_together(self) -> AsyncIterator[None]:
        """Make all that this task reads one transaction. Raises ``StoreError``s.

        For who asks many small things often: most of what each costs is the way to it and back.
        What is written meanwhile is not seen on SQLite.
        """
        async with self.reading() as connection:
            token = _together.set(_Together((self, asyncio.current_task()), connection))
            try:
                yield
            finally:
                _together.reset(token)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """One write transaction, committed at the end. Raises ``StoreError``s."""
        try:
            async with self._one_writer(), self._engine.connect() as plain:
                connection = await plain.execution_options(immediate=True)
                async with connection.begin():
                    yield connection
        except (exc.SQLAlchemyError, OSError, OverflowError) as error:
            raise sorted_error(error) from error

    @asynccontextmanager
    async def _one_writer(self) -> AsyncIterator[None]:
        if self.is_postgresql:
            yield
            return
        async with self._writer:
            yield

    def upsert(self, table: Table) -> Any:
        """Return the dialect's INSERT, the one with ``on_conflict_*``."""
        return postgresql.insert(table) if self.is_postgresql else sqlite.insert(table)


class _Together(NamedTuple):
    """A connection that everything shares which ``of``, a database and a task, reads."""

    of: tuple[Database, "asyncio.Task[Any] | None"]
    connection: AsyncConnection


_together: ContextVar[_Together | None] = ContextVar("together", default=None)


async def many(connection: AsyncConnection, statement: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Execute ``statement`` once per row (one prepared statement), or not at all for no rows."""
    if rows:
        await connection.execute(statement, list(rows))


async def insert_id(connection: AsyncConnection, table: Table, row: dict[str, Any]) -> int:
    """Insert one row and return its number."""
    result = await connection.execute(insert(table).values(row))
    return int(cast("tuple[int]", result.inserted_primary_key)[0])


def in_batches(names: list[Name]) -> Iterator[list[Name]]:
    """Part names or numbers into as many as one query may ask for."""
    for start in range(0, len(names), _AT_ONCE):
        yield names[start : start + _AT_ONCE]


def sorted_error(error: Exception) -> StoreError:
    """Return the error that says what to do next."""
    text = " ".join(str(getattr(error, "orig", None) or error).split())[:300]
    text = text or type(error).__name__
    if isinstance(error, OverflowError | exc.DataError | exc.IntegrityError):
        return PoisonError(text)
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None) or "")
    if state[:2] in _NEVER_WILL:
        return PoisonError(text)
    return UnavailableError(text)


async def open_engine(url: str) -> AsyncEngine:
    """Open and migrate. Raises ``UnusableError`` or ``UnavailableError``."""
    try:
        parsed = make_url(url)
    except exc.ArgumentError as error:
        raise UnusableError(
            "the database address can't be read; want sqlite:///path or postgresql://user@host/name"
        ) from error
    match parsed.get_backend_name():
        case "sqlite":
            engine = sqlite_engine(parsed)
        case "postgresql":
            engine = _postgresql(parsed)
        case other:
            raise UnusableError(
                f"no such kind of database here: {other!r}; want sqlite or postgresql"
            )
    try:
        await migrate(engine)
    except BaseException as error:
        await engine.dispose()
        if isinstance(error, exc.SQLAlchemyError | OSError | OverflowError):
            raise _opening_error(parsed, error) from error
        raise
    return engine


def _opening_error(url: URL, error: Exception) -> StoreError:
    orig = getattr(error, "orig", None) or error
    text = " ".join(str(orig).split())[:300] or type(orig).__name__
    if url.get_backend_name() == "sqlite":
        return UnusableError(f"can't open the database file {url.database}: {text}")
    where = url.render_as_string(hide_password=True)
    if isinstance(orig, OSError | TimeoutError):
        return UnavailableError(f"PostgreSQL is not reachable at {where}: {text}")
    return UnusableError(f"PostgreSQL refused {where}: {text}")


def _postgresql(url: URL) -> AsyncEngine:
    query = {_LIBPQ.get(name, name): value for name, value in url.query.items()}
    unknown = query.keys() - _LIBPQ.values()
    if unknown:
        known = ", ".join(sorted(_LIBPQ))
        raise UnusableError(
            f"the database address has an unknown option {min(unknown)!r}; known: {known}"
        )
    engine = create_async_engine(
        url.set(drivername="postgresql+asyncpg", query=query),
        pool_size=10,
        pool_timeout=10,
        connect_args={**_POSTGRESQL_TIMEOUTS_S, "server_settings": _STOPPED_IN_TRANSACTION},
    )
    event.listen(engine.sync_engine, "checkout", _ping)
    dialect = engine.sync_engine.dialect
    dialect.do_close = dialect.do_terminate  # type: ignore[method-assign]  # says goodbye, 2 s at most
    return engine


def _ping(connection: Any, _record: object, _proxy: object) -> None:
    """Look whether a connection of the pool still lives; if not, none of its age is believed.

    SQLAlchemy's own ping waits as long as any statement may, for one connection after the other:
    a firewall that had forgotten us all cost ten minutes.
    """
    try:
        connection.run_async(_answers)
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise exc.InvalidatePoolError from error


async def _answers(connection: Any) -> None:
    async with asyncio.timeout(_PING_S):
        await connection.fetchrow(";")
