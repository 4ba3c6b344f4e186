"""Passwords, session tokens and the brake on guessing.

A password is kept as Argon2id (``server.storage.passwords``). A session is an opaque 256-bit token
of which only the SHA-256 is stored: whoever reads the database can't take a session over. The brake
counts failures per account and per address and makes the next try wait longer and longer; it holds
no timer, only the moment from which a try is allowed again.
"""

import asyncio
import hashlib
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from server.storage.passwords import verify_password

SESSION_LIFE: Final = timedelta(hours=12)
FREE_TRIES: Final = 4
FREE_TRIES_OF_ADDRESS: Final = 20
"""A whole school may sit behind one address, and a mistyped password is no attack."""
ADDRESS: Final = "from:"
LONGEST_WAIT_S: Final = 300
LONGEST_PASSWORD: Final = 1024
_AT_ONCE: Final = 4
_KEPT: Final = 10_000


def new_token() -> str:
    """Return a fresh session token: 256 random bits in URL-safe text."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


class Passwords:
    """Argon2id in threads, a few at once, so that a storm of logins can't fill the memory."""

    def __init__(self) -> None:
        self._slots = asyncio.Semaphore(_AT_ONCE)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Tell whether the password fits; an unknown user (None) takes just as long."""
        if len(password) > LONGEST_PASSWORD:
            return False
        async with self._slots:
            return await asyncio.to_thread(verify_password, stored, password)


@dataclass(slots=True)
class _Tries:
    failures: int
    allowed_at: datetime


@dataclass(slots=True)
class Brake:
    """Failures per key: an account or an address. After the free tries the wait doubles."""

    _tries: dict[str, _Tries] = field(default_factory=dict)

    def wait_s(self, keys: tuple[str, ...], now: datetime) -> int:
        """Return how many seconds the next try must wait, 0 for none."""
        found = [self._tries[key].allowed_at for key in keys if key in self._tries]
        left = max((at - now).total_seconds() for at in found) if found else 0.0
        return max(0, -int(-left // 1))

    def failed(self, keys: tuple[str, ...], now: datetime) -> None:
        """Count a failure against each key."""
        for key in keys:
            tries = self._tries.pop(key, _Tries(0, now))
            tries.failures += 1
            free = FREE_TRIES_OF_ADDRESS if key.startswith(ADDRESS) else FREE_TRIES
            over = tries.failures - free
            wait = min(LONGEST_WAIT_S, 2**over) if over > 0 else 0
            tries.allowed_at = now + timedelta(seconds=wait)
            self._tries[key] = tries  # the newest stands last
        while len(self._tries) > _KEPT:
            self._tries.pop(next(iter(self._tries)))

    def passed(self, keys: tuple[str, ...]) -> None:
        """Forget the failures of each key."""
        for key in keys:
            self._tries.pop(key, None)
