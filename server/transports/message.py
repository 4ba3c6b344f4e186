"""What every transport takes and how it fails, sorted by what the caller does next."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a message: its name, its media type, and what is in it."""

    name: str
    media: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A notification ready to leave.

    Attributes:
        id: Stable over repeats: who receives it twice can tell.
        subject: One short line that says everything.
        text: The whole, lines of plain text; its first line is the subject.
        facts: The same for machines (JSON values).
        at: When this attempt is made.
        files: What goes with it, for transports that can carry files.
        to: Mail addresses in place of the configured ones; none: those.
    """

    id: str
    subject: str
    text: str
    facts: Mapping[str, Any]
    at: datetime
    files: tuple[Attachment, ...] = ()
    to: tuple[str, ...] = ()


class RetryError(Exception):
    """It did not leave; try again, not before ``after_s`` seconds if that is set."""

    def __init__(self, why: str, *, after_s: float | None = None) -> None:
        super().__init__(why)
        self.after_s = after_s


class GiveUpError(Exception):
    """It will never leave like this (a refused address, a missing page): don't repeat it."""


class Transport(Protocol):
    """One way out."""

    async def send(self, message: Message) -> str:
        """Send; return what the other side said. Raises ``RetryError`` or ``GiveUpError``."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
