"""What the lockout guard knows, on the disk: which logins were refused, and when. A shell.

One small JSON file in the agent's folder, for its owner alone. It names devices and times; a
credential is a *mark*: two octets of a keyed hash. Of a list of a million passwords fifteen have
the same mark, so the file gives none away, also not to who holds its key; and a changed password is
taken for the refused one once in 65,536 times, and then only until the pause is over.

Times are kept in UTC, because ``Clock.ms`` begins anew when the machine does. A clock that was set
back meanwhile makes the pause longer, but never longer than one pause from the start.
"""

import asyncio
import hmac
import logging
import secrets
from pathlib import Path
from typing import Final

import msgspec

from edge.clock import Clock
from edge.files import write_whole
from edge.rtsp.url import Credentials
from edge.watcher.guard import WINDOW_MS
from edge.watcher.snapshot import Refusal, Snapshot, Tried

log = logging.getLogger(__name__)

FILE: Final = "logins.json"
SCHEMA: Final = "vonggac.logins/1"
_MAX_BYTES: Final = 1024 * 1024
_MAX_ENTRIES: Final = 2000
_KEY_OCTETS: Final = 16
_MARK_OCTETS: Final = 2
_KEEP_MS: Final = 24 * 3600 * 1000  # no pause is longer (``auth_retry_s``)


class _Entry(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One line: a refusal if it has a mark, else a try that has not been answered."""

    device: str
    utc_ms: int
    mark: str = ""
    channel: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True):
    schema: str
    key: bytes
    entries: list[_Entry]


class LoginBook:
    """The file, and the key of the marks. ``path`` None keeps nothing."""

    def __init__(self, path: Path | None, clock: Clock) -> None:
        self._path = path
        self._clock = clock
        self._writing = asyncio.Lock()
        file = self._read()
        self._key = file.key if file else secrets.token_bytes(_KEY_OCTETS)
        self.restored = self._kept = self._snapshot(file.entries if file else [])

    def mark(self, device: str, credentials: Credentials) -> str:
        """Return what stands for a device's credentials."""
        text = f"{device}\0{credentials.user}\0{credentials.password.reveal()}"
        octets = text.encode(errors="surrogateescape")
        return hmac.digest(self._key, octets, "sha256")[:_MARK_OCTETS].hex()

    async def keep(self, snapshot: Snapshot, *, at_least: bool = False) -> None:
        """Write ``snapshot`` down, if it is news. A disk that refuses is logged.

        ``at_least``: it is none if the file says as much already: of a host that is tried in vain
        each few seconds it need not be written each time.
        """
        if self._path is None:
            return
        async with self._writing:
            if snapshot == self._kept or (at_least and covers(self._kept, snapshot)):
                return
            try:
                await asyncio.to_thread(write_whole, self._path, self._content(snapshot))
                self._kept = snapshot
            except OSError as error:
                log.warning("which logins were refused could not be kept: %s", error)

    def _read(self) -> _File | None:
        if self._path is None:
            return None
        try:
            with self._path.open("rb") as opened:
                content = opened.read(_MAX_BYTES)
            file = msgspec.json.decode(content, type=_File)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.DecodeError) as error:
            log.warning("which logins were refused can't be read, so each is tried anew: %s", error)
            return None
        return file if file.schema == SCHEMA and len(file.key) == _KEY_OCTETS else None

    def _utc_ms(self) -> int:
        return int(self._clock.now().timestamp() * 1000)

    def _snapshot(self, entries: list[_Entry]) -> Snapshot:
        """Return what the file said, on ``Clock.ms``."""
        utc_ms, now_ms = self._utc_ms(), self._clock.ms()
        refusals, tried = [], []
        for one in entries[-_MAX_ENTRIES:]:
            at_ms = now_ms - max(utc_ms - one.utc_ms, 0)
            if one.mark:
                refusals.append(
                    Refusal(device=one.device, mark=one.mark, channel=one.channel, at_ms=at_ms)
                )
            else:
                tried.append(Tried(device=one.device, at_ms=at_ms))
        return Snapshot(refusals=tuple(refusals), tried=tuple(tried))

    def _content(self, snapshot: Snapshot) -> bytes:
        now_ms = self._clock.ms()
        ahead_ms = self._utc_ms() - now_ms
        entries = [
            _Entry(device=r.device, utc_ms=r.at_ms + ahead_ms, mark=r.mark, channel=r.channel)
            for r in snapshot.refusals
            if now_ms - r.at_ms < _KEEP_MS
        ]
        entries += [
            _Entry(device=t.device, utc_ms=t.at_ms + ahead_ms)
            for t in snapshot.tried
            if now_ms - t.at_ms < WINDOW_MS
        ]
        newest = sorted(entries, key=lambda one: one.utc_ms)[-_MAX_ENTRIES:]
        return msgspec.json.encode(_File(schema=SCHEMA, key=self._key, entries=newest))


def covers(kept: Snapshot, snapshot: Snapshot) -> bool:
    """Tell whether ``kept`` says at least what ``snapshot`` says.

    A kept try stands for one that is up to half a minute later: it counts for half a minute still.
    """
    if kept.refusals != snapshot.refusals:
        return False
    free = list(kept.tried)
    for tried in snapshot.tried:
        like = [
            one
            for one in free
            if one.device == tried.device and 0 <= tried.at_ms - one.at_ms <= WINDOW_MS // 2
        ]
        if not like:
            return False
        free.remove(like[-1])
    return True
