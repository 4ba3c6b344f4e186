"""A device's login: what it counts, and when it locks. Pure; times are seconds of any clock.

All channels of one recorder share one ``Login``, as they do in real ones: tries against any of them
add up, and a lock holds for all.
"""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lockout:
    """When a login locks, and what a locked one answers.

    The defaults are those of QCVN 135:2024/BTTTT for IP cameras: five wrong passwords within 30 s
    lock for five minutes, each try in a lock begins it anew, and nobody is told why.

    Attributes:
        failures: So many wrong passwords ...
        within_s: ... within so many seconds lock the login ...
        lasts_s: ... for so long.
        status: What a locked login answers, also to the right password: 401 or 403.
    """

    failures: int = 5
    within_s: float = 30.0
    lasts_s: float = 300.0
    status: int = 401


class Login:
    """Who gets in.

    Attributes:
        password_tries: Requests that carried a wrong password, or any password during a lock: what
            a camera counts against whoever asks. Requests without a password are not in it, nor are
            those whose nonce was merely stale.
        logins: Connections that showed the right password and were let in.
        locks: How often it has locked.
    """

    def __init__(self, lockout: Lockout | None = None) -> None:
        self.lockout = lockout
        self.password_tries = 0
        self.logins = 0
        self.locks = 0
        self._failures: deque[float] = deque()
        self._locked_until: float | None = None

    def locked(self, now: float) -> bool:
        """Tell whether it is locked."""
        return self._locked_until is not None and now < self._locked_until

    def offered(self, *, right: bool, now: float) -> bool:
        """Take note of a password, right or wrong; tell whether it opens."""
        if self.locked(now):
            self.password_tries += 1
            self._lock(now)
            return False
        if right:
            return True
        self.password_tries += 1
        self._count(now)
        return False

    def unlock(self) -> None:
        """End a lock, and forget the failures that led to it."""
        self._locked_until = None
        self._failures.clear()

    def _count(self, now: float) -> None:
        if self.lockout is None:
            return
        self._failures.append(now)
        while now - self._failures[0] > self.lockout.within_s:
            self._failures.popleft()
        if len(self._failures) >= self.lockout.failures:
            self.locks += 1
            self._lock(now)

    def _lock(self, now: float) -> None:
        assert self.lockout is not None
        self._locked_until = now + self.lockout.lasts_s
        self._failures.clear()
