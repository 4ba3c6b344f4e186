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
        to: Addresses in the channel (mail addresses, chats, telephone numbers), in place of its
            own; none: that.
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


class UnusableChannelError(Exception):
    """What the configuration says of a channel can never work; the text holds no secret."""


def short(text: str, longest: int) -> str:
    """Return a text cut to ``longest`` characters, with a sign that it was."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


class Transport(Protocol):
    """One way out."""

    async def send(self, message: Message) -> str:
        """Send; return what the other side said. Raises ``RetryError`` or ``GiveUpError``."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
