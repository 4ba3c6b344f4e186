"""What is asked of cameras, and what comes back: the words between us and ``edge.onvif.ask``.

They travel as JSON through a pipe, a line each, so a password stands in them as plain text and
never leaves that pipe.
"""

from typing import Final

import msgspec

CLOCK: Final = "clock"
DETAILS: Final = "details"
RECORDINGS: Final = "recordings"


class Shape(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Base: frozen, by keyword, defaults left out."""


class Login(Shape, frozen=True):
    """Who we say we are. ``password`` is plain: it goes through a pipe and is never shown."""

    user: str
    password: str

    def __repr__(self) -> str:
        return "Login(***)"


class RecorderAsk(Shape, frozen=True):
    """Where a camera's recordings are, and which of them are its."""

    via: str
    url: str
    channel: str | None = None
    login: Login | None = None


class Target(Shape, frozen=True):
    """What a camera is known by, wherever its address goes; empty is not known."""

    endpoint: str = ""
    mac: str = ""
    serial: str = ""


class Ask(Shape, frozen=True):
    """One camera's questions.

    ``url`` is its device service. ``wants`` are words above. ``login`` is used for ``details``.
    """

    key: str
    url: str
    wants: tuple[str, ...]
    login: Login | None = None
    recorder: RecorderAsk | None = None


class ClockAnswer(Shape, frozen=True):
    """See ``reading.Offset``."""

    utc_ms: int
    error_ms: int
    local_ms: int | None = None


class StreamAnswer(Shape, frozen=True):
    """One profile's stream, without credentials. Width and height in px, 0 where not told.

    ``source`` tells the eyes of one device apart: a recorder's channels, a double camera's lenses.
    """

    profile: str
    url: str
    source: str = ""
    codec: str = ""
    width: int = 0
    height: int = 0
    fps: float = 0


class DetailsAnswer(Shape, frozen=True):
    """What a camera says that it is; empty is not told."""

    brand: str = ""
    model: str = ""
    firmware: str = ""
    serial: str = ""
    mac: str = ""
    endpoint: str = ""
    streams: tuple[StreamAnswer, ...] = ()


class RecordingAnswer(Shape, frozen=True):
    """What a recorder told, by its asker's clock; None is what it did not tell."""

    oldest_utc_ms: int | None = None
    newest_utc_ms: int | None = None
    gaps: int | None = None
    disk: str | None = None
    told: bool = True


class Answer(Shape, frozen=True):
    """What came of an ``Ask``.

    ``refused`` holds the wants whose login was refused: not to be tried again. ``failed`` says, by
    want, why there is no answer.
    """

    key: str
    clock: ClockAnswer | None = None
    details: DetailsAnswer | None = None
    recording: RecordingAnswer | None = None
    refused: tuple[str, ...] = ()
    failed: dict[str, str] = msgspec.field(default_factory=dict)
