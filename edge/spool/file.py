"""The spool's file: opened, checked, put aside when broken."""

import contextlib
import logging
import sqlite3
from pathlib import Path
from typing import Final

from edge.spool.schema import VERSION, bring_up

log = logging.getLogger(__name__)

FILE_NAME: Final = "spool.sqlite3"
_LOG_BYTES: Final = 4 * 1024 * 1024
_INCREMENTAL: Final = 2


class SpoolError(Exception):
    """The spool can't be used; the text says what to do about it."""


def open_file(folder: Path, *, agent: str) -> sqlite3.Connection:
    """Open or begin the spool of ``agent``. Raises ``SpoolError``."""
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        connection = _open_or_begin_anew(path)
    except OSError as error:
        raise SpoolError(f"cannot write in {folder}: {error.strerror or error}") from error
    except sqlite3.Error as error:
        raise SpoolError(_why(folder, error)) from error
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        connection.close()
        raise SpoolError(f"{path} was made by a newer version of this program")
    owner = _meta(connection, "agent") or _claim(connection, agent)
    if owner != agent:
        connection.close()
        raise SpoolError(
            f"{path} belongs to the agent {owner}, not to {agent}; give each its folder"
        )
    return connection


def _why(folder: Path, error: sqlite3.Error) -> str:
    match getattr(error, "sqlite_errorname", ""):
        case "SQLITE_BUSY":
            return f"another agent is running with {folder}"
        case "SQLITE_CANTOPEN" | "SQLITE_READONLY" | "SQLITE_READONLY_DIRECTORY":
            return f"cannot write in {folder}: {error}"
        case _:
            return f"the spool in {folder} cannot be used: {error}"


def _open_or_begin_anew(path: Path) -> sqlite3.Connection:
    try:
        return _open(path)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorname not in {"SQLITE_NOTADB", "SQLITE_CORRUPT", "SQLITE_ERROR"}:
            raise
        aside = _move_aside(path)
        log.warning("the spool was broken (%s): moved to %s, a new one is begun", error, aside)
        return _open(path)


def _open(path: Path) -> sqlite3.Connection:
    log_path = path.with_name(f"{path.name}-wal")
    was_cut = log_path.exists() and log_path.stat().st_size > 0
    connection = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, was_cut=was_cut)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, *, was_cut: bool) -> None:
    """Set the file up; look through all of it if the last run did not close it (``was_cut``)."""
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # of a new file; see below
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA journal_size_limit = {_LOG_BYTES}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("BEGIN IMMEDIATE")
    if was_cut:
        _look_through(connection)
    bring_up(connection)
    connection.execute("COMMIT")
    (vacuum,) = connection.execute("PRAGMA auto_vacuum").fetchone()
    if vacuum != _INCREMENTAL:  # version 1's file could only grow
        with contextlib.suppress(sqlite3.OperationalError):  # no room for it: another time
            connection.execute("VACUUM")


def _look_through(connection: sqlite3.Connection) -> None:
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorname = "SQLITE_CORRUPT"
        raise error


def _move_aside(path: Path) -> Path:
    """Rename the file and what SQLite wrote beside it; return the new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    path.rename(aside)
    for suffix in ("-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    return aside


def _meta(connection: sqlite3.Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else None


def _claim(connection: sqlite3.Connection, agent: str) -> str:
    """Write down whose spool this is."""
    connection.execute("INSERT INTO meta (key, value) VALUES ('agent', ?)", (agent,))
    return agent
