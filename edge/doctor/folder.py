"""The agent's files: who may read the secrets, may the data folder be written, is there room."""

import os
import shutil
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.clock import Clock
from edge.doctor.check import Check, Topic, failed, good, skipped, warning
from edge.spool.file import FILE_NAME
from edge.spool.standing import Standing

RESERVE_MB: Final = 200
"""Left for the operating system, logs and updates beside what the agent may use."""
_SCARCE_MB: Final = 50
_SLOW_SYNC_MS: Final = 250
_MB: Final = 1 << 20
_OTHERS: Final = 0o077


# ---------------------------------------------------------------- secrets


def look_at_secrets(config: Path, *, has_literal_password: bool) -> Check:
    """Tell whether other users can read passwords that stand in the configuration itself.

    An open secrets file is refused by the configuration's reader, so it is a mistake found there.
    """
    if os.name != "posix":
        return skipped(Topic.SECRETS, "secrets.unchecked", file=config)
    mode = config.stat().st_mode
    return grade_secrets(config, mode, has_literal_password=has_literal_password)


def grade_secrets(config: Path, mode: int, *, has_literal_password: bool) -> Check:
    """Grade a configuration file's permission bits."""
    if has_literal_password and mode & _OTHERS:
        return warning(Topic.SECRETS, "secrets.literal", file=config)
    return good(Topic.SECRETS, "secrets.ok")


# ---------------------------------------------------------------- the data folder


def look_at_folder(folder: Path, clock: Clock) -> Check:
    """Write a file where the agent will, sync it, and take it away again."""
    existing = _existing(folder)
    try:
        began_ms = clock.ms()
        with tempfile.TemporaryFile(dir=existing, prefix=".doctor-") as file:
            file.write(b"\0" * 4096)
            file.flush()
            os.fsync(file.fileno())
        return grade_sync(folder, clock.ms() - began_ms)
    except OSError as error:
        why = error.strerror or str(error)
        return failed(Topic.FOLDER, "folder.refused", folder=existing, why=why)


def grade_sync(folder: Path, sync_ms: int) -> Check:
    """Grade how long a synced write took: a gate event is answered after one."""
    if sync_ms > _SLOW_SYNC_MS:
        return warning(Topic.FOLDER, "folder.slow", folder=folder, sync_ms=sync_ms)
    return good(Topic.FOLDER, "folder.ok", folder=folder, sync_ms=sync_ms)


def look_at_disk(folder: Path, needed_bytes: int) -> Check:
    """Compare the room on the disk with what the agent may come to use."""
    try:
        free = shutil.disk_usage(_existing(folder)).free
    except OSError as error:
        why = error.strerror or str(error)
        return failed(Topic.FOLDER, "folder.refused", folder=folder, why=why)
    return grade_disk(free, needed_bytes)


def grade_disk(free_bytes: int, needed_bytes: int) -> Check:
    """Grade free room against what the spool (and the evidence) may grow by."""
    free_mb, needed_mb = free_bytes // _MB, needed_bytes // _MB + RESERVE_MB
    if free_mb < _SCARCE_MB:
        return failed(Topic.DISK, "disk.full", free_mb=free_mb, needed_mb=needed_mb)
    if free_mb < needed_mb:
        return warning(Topic.DISK, "disk.tight", free_mb=free_mb, needed_mb=needed_mb)
    return good(Topic.DISK, "disk.ok", free_mb=free_mb, needed_mb=needed_mb)


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that exists: the agent makes the rest."""
    folder = folder.absolute()
    while not _exists(folder) and folder != folder.parent:
        folder = folder.parent
    return folder


def _exists(path: Path) -> bool:
    """Tell whether it is there; what we may not look at counts as there."""
    try:
        return path.exists()
    except OSError:
        return True


# ---------------------------------------------------------------- the spool


@dataclass(frozen=True, slots=True, kw_only=True)
class SpoolSeen:
    """What a spool's file told.

    Attributes:
        running: Whether an agent holds it now; then nothing else is known of it.
        exists: Whether there is one at all.
        readable: Whether this user may open it.
        id: What the newest boot's is called on the wire, or None.
        owner: The agent whose it is, or None.
        waiting: Items that the centre has not got yet.
        used_bytes: The file's size.
        trouble: Why it can't be read, or empty.
    """

    running: bool = False
    exists: bool = False
    readable: bool = True
    id: str | None = None
    owner: str | None = None
    waiting: int = 0
    used_bytes: int = 0
    trouble: str = ""


def look_at_spool(folder: Path) -> SpoolSeen:
    """Read the spool for a moment; a running agent keeps it locked, which is how one is noticed."""
    path = folder / FILE_NAME
    if not _exists(path):
        return SpoolSeen()
    try:
        used_bytes = path.stat().st_size
    except OSError:
        return SpoolSeen(exists=True, readable=False)
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as opened:
            opened.execute("PRAGMA busy_timeout = 0")
            meta = dict(opened.execute("SELECT key, value FROM meta"))
            (waiting,) = opened.execute("SELECT coalesce(sum(items), 0) FROM spools").fetchone()
            newest = "SELECT id FROM spools ORDER BY number DESC LIMIT 1"
            (spool,) = opened.execute(newest).fetchone() or (None,)
    except sqlite3.Error as error:
        match getattr(error, "sqlite_errorname", "").split("_")[:2]:
            case ["SQLITE", "BUSY"]:
                return SpoolSeen(running=True, exists=True, used_bytes=used_bytes)
            case ["SQLITE", "CANTOPEN" | "READONLY" | "PERM" | "AUTH"]:
                return SpoolSeen(exists=True, used_bytes=used_bytes, readable=False)
            case _:
                return SpoolSeen(exists=True, used_bytes=used_bytes, trouble=str(error))
    return SpoolSeen(
        exists=True,
        id=spool,
        owner=meta.get("agent"),
        waiting=int(waiting),
        used_bytes=used_bytes,
    )


def grade_spool(seen: SpoolSeen, agent: str, told: Standing | None = None) -> Check:
    """Grade what was read of the spool, or what the running agent ``told`` of it."""
    if seen.running:
        return _grade_running(told)
    if not seen.readable:
        return warning(Topic.AGENT, "agent.unreadable")
    if seen.trouble:
        return warning(Topic.AGENT, "agent.broken_spool", why=seen.trouble)
    if seen.owner not in {None, agent}:
        return failed(Topic.AGENT, "agent.foreign_spool", owner=seen.owner, agent=agent)
    if not seen.exists:
        return good(Topic.AGENT, "agent.first")
    return good(Topic.AGENT, "agent.stopped", waiting=seen.waiting)


def _grade_running(told: Standing | None) -> Check:
    if told is None:
        return good(Topic.AGENT, "agent.running")
    waiting, count = told.waiting, told.set_aside
    if count:
        return warning(Topic.AGENT, "agent.set_aside", waiting=waiting, count=count)
    return good(Topic.AGENT, "agent.sending", waiting=waiting)
