"""What an agent remembers of its questions, through restarts: one small private file.

* Logins that were refused, and when: they are not tried again before the pause is over. A login is
  noted *before* it is tried and crossed out when it was accepted, so that a service manager which
  restarts a crashing agent every few seconds can't lock a camera either.
* The oldest recording that a recorder ever told of (see ``grade``).

A login is known by a keyed hash; the key is made with the file. A file that can't be read is begun
anew: what is lost is one try per login, and a day until "short" can be told again.
"""

import hmac
import logging
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import msgspec

from edge.files import write_whole
from edge.onvif.answers import Login, Shape

FILE: Final = "asked.json"
_MOST: Final = 4096
_log: Final = logging.getLogger(__name__)


class _Kept(Shape, frozen=True):
    key: str
    refused: dict[str, int] = msgspec.field(default_factory=dict)
    began: dict[str, int] = msgspec.field(default_factory=dict)


class Memory:
    """The file in ``folder``, read once and written whole after each change."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE
        self._kept = self._read()

    def may_try(self, url: str, login: Login, *, now: datetime, pause_s: float) -> bool:
        """Tell whether a login at ``url``'s host is not one that was refused lately."""
        at = self._kept.refused.get(self._mark(url, login))
        if at is None:
            return True
        return not 0 <= _ms(now) - at < pause_s * 1000

    def trying(self, logins: Sequence[tuple[str, Login]], *, now: datetime) -> None:
        """Note logins that are about to be tried, as if they had been refused."""
        for url, login in logins:
            self._kept.refused[self._mark(url, login)] = _ms(now)
        if logins:
            self._write()

    def accepted(self, logins: Sequence[tuple[str, Login]]) -> None:
        """Cross logins out: they were not refused."""
        for url, login in logins:
            self._kept.refused.pop(self._mark(url, login), None)
        if logins:
            self._write()

    def began(self, recording: str, oldest_ms: int) -> int:
        """Return the oldest beginning ever told of a recording, ``oldest_ms`` among them.

        By the centre's clock, in ms since 1970.
        """
        known = self._kept.began.get(recording)
        if known is not None and known <= oldest_ms:
            return known
        self._kept.began[recording] = oldest_ms
        self._write()
        return oldest_ms

    def _mark(self, url: str, login: Login) -> str:
        host = urlsplit(url).netloc.lower()
        text = f"{host}\0{login.user}\0{login.password}"
        made = hmac.digest(bytes.fromhex(self._kept.key), text.encode(errors="replace"), "sha256")
        return made.hex()[:32]

    def _read(self) -> _Kept:
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
            bytes.fromhex(kept.key)
        except FileNotFoundError:
            return _new()
        except (OSError, msgspec.DecodeError, ValueError) as error:
            _log.warning("%s can't be read and is begun anew: %s", self._path, error)
            return _new()
        return kept

    def _write(self) -> None:
        for part in (self._kept.refused, self._kept.began):
            while len(part) > _MOST:
                part.pop(next(iter(part)))
        try:
            write_whole(self._path, msgspec.json.encode(self._kept))
        except OSError as error:
            _log.warning("%s can't be written: %s", self._path, error)


def _new() -> _Kept:
    return _Kept(key=secrets.token_hex(32))


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)
