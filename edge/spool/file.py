"""The spool's file: opened, looked through, mended when broken."""

import contextlib
import logging
import sqlite3
from pathlib import Path
from typing import Final

import msgspec

from edge.spool.packing import FILE_ERRORS, Damage, is_uuid, unseal
from edge.spool.salvage import LOST, salvage
from edge.spool.schema import VERSION, agent_sum, bring_up
from wire.messages import BootStory

log = logging.getLogger(__name__)

FILE_NAME: Final = "spool.sqlite3"
_LOG_BYTES: Final = 4 * 1024 * 1024
_INCREMENTAL: Final = 2
_SURROUNDINGS: Final = (
    "SQLITE_BUSY",
    "SQLITE_CANTOPEN",
    "SQLITE_FULL",
    "SQLITE_IOERR",
    "SQLITE_LOCKED",
    "SQLITE_NOMEM",
    "SQLITE_PERM",
    "SQLITE_READONLY",
)
"""Errors that say nothing of the file: the disk, another process, our rights."""
_MAGIC: Final = b"SQLite format 3\0"
_PAGE_BYTES: Final = b"\x10\x00"
_JOURNALS: Final = {b"\x01\x01", b"\x02\x02"}
_KEPT_ASIDE: Final = 3


class SpoolError(Exception):
    """The spool can't be used; the text says what to do about it."""


def open_file(folder: Path, *, agent: str, is_broken: bool = False) -> sqlite3.Connection:
    """Open or begin the spool of ``agent``; mend it if it is, or is said to be, broken.

    Raises ``SpoolError``.
    """
    path = folder / FILE_NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _finish_mending(path)
        connection = _open_or_mend(path, agent, is_broken=is_broken)
        try:
            _claim(connection, path, agent)
        except BaseException:
            connection.close()
            raise
    except OSError as error:
        raise SpoolError(f"cannot write in {folder}: {error.strerror or error}") from error
    except FILE_ERRORS as error:
        raise SpoolError(_why(folder, error)) from error
    return connection


def _why(folder: Path, error: Exception) -> str:
    match getattr(error, "sqlite_errorname", ""):
        case "SQLITE_BUSY":
            return f"another agent is running with {folder}"
        case "SQLITE_CANTOPEN" | "SQLITE_READONLY" | "SQLITE_READONLY_DIRECTORY":
            return f"cannot write in {folder}: {error}"
        case _:
            return f"the spool in {folder} cannot be used: {error}"


def _open_or_mend(path: Path, agent: str, *, is_broken: bool) -> sqlite3.Connection:
    why = "its content"
    if not is_broken:
        try:
            return _open(path)
        except FILE_ERRORS as error:
            name = getattr(error, "sqlite_errorname", "")
            if name == "SQLITE_BUSY" or (name.startswith(_SURROUNDINGS) and _is_sound(path)):
                raise
            why = str(error)
    _mend(path, agent, why)
    return _open(path)


def _is_sound(path: Path) -> bool:
    """Tell whether a file begins as we began it (SQLite is vague about others)."""
    if not path.exists() or not path.stat().st_size:
        return True
    with path.open("rb") as file:
        header = file.read(20)
    return header[:16] == _MAGIC and header[16:18] == _PAGE_BYTES and header[18:20] in _JOURNALS


def _open(path: Path) -> sqlite3.Connection:
    log_path = path.with_name(f"{path.name}-wal")
    was_cut = log_path.exists() and log_path.stat().st_size > 0
    connection = sqlite3.connect(path, timeout=1, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection, was_cut=was_cut)
        _look_at_names(connection)
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
    connection.execute("PRAGMA secure_delete = OFF")  # else what is deleted is written once more
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("BEGIN IMMEDIATE")
    if was_cut:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            raise Damage(found)
    bring_up(connection)
    connection.execute("COMMIT")
    (vacuum,) = connection.execute("PRAGMA auto_vacuum").fetchone()
    if vacuum != _INCREMENTAL:  # version 1's file could only grow
        with contextlib.suppress(sqlite3.OperationalError):  # no room for it: another time
            connection.execute("VACUUM")


def _look_at_names(connection: sqlite3.Connection) -> None:
    """Raise ``Damage`` where a spool or boot is not called what it was, or seems to be empty."""
    connection.execute("SELECT key, value FROM meta").fetchall()
    for boot, sealed in connection.execute("SELECT id, story FROM boots").fetchall():
        story = unseal(sealed)
        if story is None or msgspec.json.decode(story, type=BootStory).id != boot:
            raise Damage(f"the boot {boot} is damaged")
    spools = connection.execute("SELECT number, id, items FROM spools NOT INDEXED").fetchall()
    for number, spool, items in spools:
        by_name = connection.execute("SELECT number FROM spools WHERE id = ?", (spool,)).fetchone()
        first = connection.execute("SELECT 1 FROM items WHERE spool = ? LIMIT 1", (number,))
        if not is_uuid(spool) or by_name != (number,) or bool(items) != bool(first.fetchone()):
            raise Damage(f"the spool {spool} is damaged")


def _claim(connection: sqlite3.Connection, path: Path, agent: str) -> None:
    """Write down whose spool this is, or raise ``SpoolError`` for another's."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > VERSION:
        raise SpoolError(f"{path} was made by a newer version of this program")
    owner = _owner(dict(connection.execute("SELECT key, value FROM meta").fetchall()))
    if owner is None:
        rows = [("agent", agent), ("agent_sum", agent_sum(agent))]
        connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", rows)
    elif owner != agent:
        raise SpoolError(
            f"{path} belongs to the agent {owner}, not to {agent}; give each its folder"
        )


def _owner(meta: dict[str, str]) -> str | None:
    """Return whose file it is; None where that is unknown or damaged."""
    owner = str(meta.get("agent"))
    return owner if meta.get("agent_sum") == agent_sum(owner) else None


# ---------------------------------------------------------------- mending


def _mend(path: Path, agent: str, why: str) -> None:
    """Put a new file with all that can be read in the place of a broken one, which is kept."""
    draft = _draft(path)
    _forget_draft(draft)
    with contextlib.closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        connection.execute("BEGIN IMMEDIATE")
        bring_up(connection)
        found, lost = salvage(connection, path)
        owner = _owner(found.meta) or agent
        (saved,) = connection.execute("SELECT count(*) FROM items").fetchone()
        rows = [("agent", owner), ("agent_sum", agent_sum(owner))]
        rows += [(LOST, str(lost))] if lost else []
        connection.executemany("INSERT INTO meta VALUES (?, ?)", rows)
        connection.execute("COMMIT")
    aside = _move_aside(path)
    draft.rename(path)
    log.error(
        "the spool was broken (%s): moved to %s; %d items were saved, %d are known to be lost",
        why,
        aside,
        saved,
        lost,
    )


def _draft(path: Path) -> Path:
    return path.with_name(f"{path.name}.mending")


def _finish_mending(path: Path) -> None:
    """Go on where a crash ended a mending: the draft is whole once the broken file is gone."""
    draft = _draft(path)
    if not draft.exists():
        return
    if path.exists():
        _forget_draft(draft)
    else:
        draft.rename(path)


def _forget_draft(draft: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        draft.with_name(draft.name + suffix).unlink(missing_ok=True)


def _move_aside(path: Path) -> Path:
    """Rename the file and what SQLite wrote beside it; return the new name.

    A disk that keeps breaking files must not be filled with them: only the last few are kept.
    """
    before = sorted(int(str(each).rpartition("-")[2]) for each in _asides(path))
    number = before[-1] + 1 if before else 1
    for suffix in ("", "-wal", "-shm"):
        here, there = f"{path.name}{suffix}", f"{path.name}.broken-{number}{suffix}"
        with contextlib.suppress(FileNotFoundError):
            path.with_name(here).rename(path.with_name(there))
        for old in before[: 1 - _KEPT_ASIDE]:
            path.with_name(f"{path.name}.broken-{old}{suffix}").unlink(missing_ok=True)
    return path.with_name(f"{path.name}.broken-{number}")


def _asides(path: Path) -> list[Path]:
    found = path.parent.glob(f"{path.name}.broken-*")
    return [each for each in found if each.name.rpartition("-")[2].isdigit()]
