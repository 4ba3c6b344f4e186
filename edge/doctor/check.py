"""What an examination finds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from wire.vocabulary import Cause


class Grade(StrEnum):
    """How bad it is. ``skipped``: could not or need not be looked at; it makes nothing worse."""

    GOOD = "good"
    SKIPPED = "skipped"
    WARNING = "warning"
    FAILED = "failed"


class Topic(StrEnum):
    """What a check is about, in the order of a first visit."""

    CONFIG = "config"
    SECRETS = "secrets"
    FOLDER = "folder"
    DISK = "disk"
    AGENT = "agent"
    CLOCK = "clock"
    ZONE = "zone"
    SLEEP = "sleep"
    MACHINE = "machine"
    DECODER = "decoder"
    NETWORK = "network"
    BROKER = "broker"
    CENTRE = "centre"
    GATE = "gate"
    CAMERA = "camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was looked at.

    Attributes:
        topic: What it is about.
        grade: How bad it is.
        code: Names the sentence in ``vi`` and ``en``.
        values: The facts in that sentence; plain numbers, texts and times, never a secret.
        subject: Which one of several (a camera's id, a key of the configuration), or empty.
        cause: Of a camera: what ``edge.advice`` is asked about.
    """

    topic: Topic
    grade: Grade
    code: str
    values: Mapping[str, Any] = field(default_factory=dict)
    subject: str = ""
    cause: Cause | None = None


_SEVERITY: Final = {Grade.GOOD: 0, Grade.SKIPPED: 0, Grade.WARNING: 1, Grade.FAILED: 2}


def exit_code(checks: Iterable[Check]) -> int:
    """Return 0 if all is good, 1 with warnings, 2 if something does not work."""
    return max((_SEVERITY[check.grade] for check in checks), default=0)


def worst(checks: Iterable[Check]) -> Grade:
    """Return the worst grade: good, warning or failed."""
    return (Grade.GOOD, Grade.WARNING, Grade.FAILED)[exit_code(checks)]


def good(topic: Topic, code: str, **values: Any) -> Check:
    """Return a check that found nothing wrong."""
    return Check(topic=topic, grade=Grade.GOOD, code=code, values=values)


def skipped(topic: Topic, code: str, **values: Any) -> Check:
    """Return a check that was not made; the code's sentence says why."""
    return Check(topic=topic, grade=Grade.SKIPPED, code=code, values=values)


def warning(topic: Topic, code: str, **values: Any) -> Check:
    """Return a check of something that works, but not for long or not well."""
    return Check(topic=topic, grade=Grade.WARNING, code=code, values=values)


def failed(topic: Topic, code: str, **values: Any) -> Check:
    """Return a check of something that does not work."""
    return Check(topic=topic, grade=Grade.FAILED, code=code, values=values)
