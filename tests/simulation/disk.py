"""Disks that fail as disks do, under SQLite's real files.

A process that is killed leaves its files as they are. A power cut leaves what was synced, and of
what was on its way any part: sectors of the WAL's new frames, or, once those are safe, sectors of
the database file that a checkpoint was writing. So the files are read before and after one batch of
transactions, and the disk that is found afterwards is a mixture of both. With ``synchronous`` under
FULL nothing that was written since the last checkpoint need be there: SQLite says so itself.

A failing disk raises ``SQLITE_IOERR``, a full one really is: ``PRAGMA max_page_count``.
"""

import random
import shutil
import sqlite3
from pathlib import Path
from typing import Any, Final

Image = dict[str, bytes]
"""A folder's files by name."""

_SECTOR: Final = 512
_WAL_HEADER: Final = 32
_FULL: Final = 2


class Disk:
    """A folder that can be put back to any image of itself; each life has files of its own."""

    def __init__(self, root: Path, name: str) -> None:
        self._root, self._name, self._life = root, name, 0
        self.folder = self._make()

    def _make(self) -> Path:
        folder = self._root / f"{self._name}.{self._life}"
        folder.mkdir()
        return folder

    def image(self) -> Image:
        """Return every file as the operating system has it."""
        return {
            path.name: path.read_bytes()
            for path in sorted(self.folder.iterdir())
            if path.is_file() and not path.name.endswith("-shm")
        }

    def put(self, image: Image) -> None:
        """Begin a new life with these files; whoever had the old ones open keeps the old ones."""
        old = self.folder
        self._life += 1
        self.folder = self._make()
        for name, content in image.items():
            (self.folder / name).write_bytes(content)
        shutil.rmtree(old)


def torn(before: Image, after: Image, name: str, rng: random.Random) -> Image:
    """Return what a power cut leaves of the step from ``before`` to ``after``."""
    wal = f"{name}-wal"
    found = dict(after)
    old_wal, new_wal = before.get(wal, b""), after.get(wal, b"")
    old_file, new_file = before.get(name, b""), after.get(name, b"")
    if old_wal == new_wal:
        return found
    if old_file != new_file and rng.random() < 0.5:
        if len(new_wal) >= len(old_wal) and new_wal[:_WAL_HEADER] == old_wal[:_WAL_HEADER]:
            found[name] = _mixed(old_file, new_file, rng)
        return found
    found[name] = old_file
    found[wal] = _torn_wal(old_wal, new_wal, rng)
    return found


def _torn_wal(old: bytes, new: bytes, rng: random.Random) -> bytes:
    """Mix two WALs; the header of a restarted one is on the disk before anything behind it."""
    if old[:_WAL_HEADER] != new[:_WAL_HEADER] and rng.random() < 0.3:
        return new[:_WAL_HEADER] + old[_WAL_HEADER:]
    head = new[:_WAL_HEADER]
    if rng.random() < 0.5:  # a clean cut at any byte
        start = _first_difference(old, new)
        cut = rng.randint(start, len(new))
        return new[:cut] + old[cut:]
    return head + _mixed(old, new, rng)[_WAL_HEADER:]


def _first_difference(old: bytes, new: bytes) -> int:
    """Return the first place (to within a sector) where they differ."""
    place = 0
    while place < min(len(old), len(new)) and old[place : place + 64] == new[place : place + 64]:
        place += 64
    return min(place, len(new))


def _mixed(old: bytes, new: bytes, rng: random.Random) -> bytes:
    """Return the new content with a random part of its changed sectors still old."""
    share = rng.random()
    out = bytearray(new)
    for at in range(0, len(new), _SECTOR):
        end = at + _SECTOR
        if new[at:end] != old[at:end] and rng.random() < share:
            out[at:end] = old[at:end].ljust(len(new[at:end]), b"\0")
    return bytes(out)


class Failing:
    """A connection whose disk fails: every statement raises, but those that end a transaction."""

    def __init__(self, real: sqlite3.Connection) -> None:
        self.real = real

    def _check(self, sql: str) -> None:
        if not sql.startswith(("ROLLBACK", "RELEASE")):
            error = sqlite3.OperationalError("disk I/O error")
            error.sqlite_errorname = "SQLITE_IOERR"
            error.sqlite_errorcode = 10
            raise error

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """As the real one."""
        self._check(sql)
        return self.real.execute(sql, *values)

    def executemany(self, sql: str, *values: Any) -> sqlite3.Cursor:
        """As the real one."""
        self._check(sql)
        return self.real.executemany(sql, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def is_durable(connection: sqlite3.Connection) -> bool:
    """Tell whether a commit that returned survives a power cut."""
    (level,) = connection.execute("PRAGMA synchronous").fetchone()
    return bool(level >= _FULL)
