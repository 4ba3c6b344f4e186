"""Secrets that never print, and text with secrets taken out.

A camera's password enters through a configuration file, a prompt or a URL, and leaves only inside
an ``Authorization`` header. In between it is a ``Secret``: whoever logs, formats, pickles or
serialises one gets stars or an error. ``reveal`` is the one way out and easy to search for.
"""

import hmac
from collections.abc import Iterable
from typing import Final, NoReturn
from urllib.parse import quote

STARS: Final = "***"


class Secret:
    """A text that shows itself to ``reveal`` alone."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; call it where it is used, and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({STARS!r})"

    def __str__(self) -> str:
        return STARS

    def __format__(self, spec: str) -> str:
        return format(STARS, spec)

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(_octets(self._text), _octets(other._text))

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not written down")


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """Return ``text`` with every secret, as it is or percent-encoded, replaced by stars.

    Longer secrets go first, so that one which holds another leaves nothing behind.
    """
    plain = {secret.reveal() for secret in secrets if secret}
    spellings = plain | {quote(word, safe="", errors="surrogateescape") for word in plain}
    for word in sorted(spellings, key=len, reverse=True):
        text = text.replace(word, STARS)
    return text


def _octets(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
