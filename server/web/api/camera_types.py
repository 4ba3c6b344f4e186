"""The API's types around one camera: measurements, requests, pictures of changes."""

from datetime import datetime
from typing import Literal

import msgspec


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every answer."""


class RecordingOut(Answer, frozen=True):
    """What the recorder answered of a camera's recordings; null is what it did not tell."""

    asked_at: datetime
    oldest: datetime | None
    newest: datetime | None
    gaps: int | None
    disk: str | None


class FactsOut(Answer, frozen=True):
    """What was last measured of a camera; ``loss`` is a share.

    ``unchecked`` names causes that can't be told of it now. ``clock_offset_ms`` is its own clock
    minus the gate PC's. ``unseen_s`` is the longest time between two looks at a camera that is
    visited, or shares its recorder's sessions.
    """

    at: datetime
    codec: str | None
    width: int | None
    height: int | None
    fps: float | None
    kbit_s: float | None
    loss: float | None
    jitter_ms: float | None
    unchecked: tuple[str, ...]
    clock_offset_ms: int | None
    recording: RecordingOut | None
    unseen_s: int | None


class CommandIn(Answer, frozen=True):
    """What to ask for: ``look`` again now, or ``new_view``: what it shows is how it should be."""

    verb: Literal["look", "new_view"]


class CommandOut(Answer, frozen=True):
    """What came of a command that was obeyed; ``deed`` is its number in the audit."""

    deed: int
    outcome: str
    message: str


class PieceOut(Answer, frozen=True):
    """A change of which pictures are kept at a gate PC; ``cause`` null: trouble ended.

    ``before`` and ``after`` are addresses of JPEGs, fetched from the gate PC when they are asked
    for; each fetch is noted with the reader's name.
    """

    agent: str
    id: str
    cause: str | None
    at: datetime
    before_at: datetime | None
    before: str | None
    after: str


class EvidenceOut(Answer, frozen=True):
    """What the gate PCs keep of one camera, the newest first."""

    camera: str
    pieces: tuple[PieceOut, ...]
