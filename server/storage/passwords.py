"""People's passwords: Argon2id. Agents' generated secrets need no slow hash (``accounts``).

Parameters are the library's defaults, RFC 9106's low-memory profile (64 MiB, t=3, p=4). Hashing
takes tens of milliseconds of CPU: call it in a thread from a loop.
"""

import functools

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the encoded Argon2id hash of ``password``."""
    return _hasher.hash(password)


def verify_password(encoded: str | None, password: str) -> bool:
    """Tell whether ``password`` fits; no user (``encoded`` None) takes as long and is False."""
    try:
        _hasher.verify(encoded or _nobody(), password)
    except (VerificationError, InvalidHashError):
        return False
    return encoded is not None


@functools.cache
def _nobody() -> str:
    return _hasher.hash("nobody's password")
