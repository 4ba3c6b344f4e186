"""Pages that the file has before it needs them, for the time when others have filled the disk.

Acknowledgements and watermarks need a little room to be written, too. Without it a full disk would
end all reports, and nothing that the centre has taken could be deleted to make room again. So the
file grows ahead of need, and the log keeps its length: no other program can take either. When the
disk is full the log is moved into the file, which need not grow for it, and begins anew; from then
on only what fits into the file's own pages is appended. Once others have made room, it grows again.
"""

import contextlib
import shutil
import sqlite3
from pathlib import Path
from typing import Final

BYTES: Final = 2 * 1024 * 1024
_TIMES: Final = 3
"""To grow takes the log's room and the file's; begun without both, it could not be ended."""
_PAGE_BYTES: Final = 4096
_LOG_PAGES: Final = 1000
_LOG_PAGES_TIGHT: Final = 64
"""After how many pages the log is moved into the file; the first is SQLite's own figure."""


class Reserve:
    """Keeps from half of ``size`` bytes to all of them free within the file; 0: never any.

    ``is_tight`` says that the disk had no room for that.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.size = size
        self.is_tight = False
        self._is_new = True  # the log is, too, and gets its length by the first growth
        self._folder = folder

    def keep(self, connection: sqlite3.Connection) -> None:
        """Let the file grow if it is time; outside of a transaction."""
        if not self.size:
            return
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        is_due = self._is_new or self.is_tight or free * _PAGE_BYTES < self.size // 2
        if is_due and shutil.disk_usage(self._folder).free > _TIMES * self.size:
            self._is_new = False
            self._grow(connection)
        elif is_due and not self.is_tight:
            self.tighten(connection)

    def tighten(self, connection: sqlite3.Connection) -> None:
        """Make do with what the file has, and begin the log anew."""
        self.is_tight = True
        with contextlib.suppress(sqlite3.OperationalError):  # then the log stays as it is
            connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES_TIGHT}")
            connection.execute("PRAGMA wal_checkpoint(RESTART)")

    def _grow(self, connection: sqlite3.Connection) -> None:
        try:
            sql = "INSERT OR REPLACE INTO reserve VALUES (1, zeroblob(?))"
            connection.execute(sql, (self.size,))
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
            self.is_tight = False
        except sqlite3.OperationalError:
            self.tighten(connection)
        with contextlib.suppress(sqlite3.OperationalError):  # a row that stays is replaced
            connection.execute("DELETE FROM reserve")
