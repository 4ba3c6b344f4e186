"""One version of the plan on its way: draft, submitted, confirmed or withdrawn. Pure.

Two people make a version: whoever has typed in any part of it can't confirm it. A text that has
mistakes may be kept as a draft, and goes no further.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final

from server.config import ConfigError, parse_plan
from server.domain.plan import Plan

LARGEST_BYTES: Final = 512 * 1024
"""Of one text: a hundred times what a province's plan needs."""


class PaperState(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"


class Refusal(StrEnum):
    """Why something may not be done to a version."""

    NOT_THERE = "not_there"
    TOO_LARGE = "too_large"
    FIXED = "fixed"
    NOT_SUBMITTED = "not_submitted"
    SAME_PERSON = "same_person"
    UNREADABLE = "unreadable"
    VERSION_TAKEN = "version_taken"
    NOT_OPEN = "not_open"
    SHARED_SOURCE = "shared_source"


class PlanningError(Exception):
    """What was asked for is not allowed; ``mistake`` says where the text is wrong, if it is."""

    def __init__(self, why: Refusal, mistake: ConfigError | None = None) -> None:
        super().__init__(str(mistake) if mistake else why.value)
        self.why = why
        self.mistake = mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a record of a version holds.

    Attributes:
        text: The plan's file, word for word.
        name: What it is called in messages: the file's name, or that of the draft.
        typed_by: Everybody who wrote in it, in order. A file's name stands for whoever wrote that.
        confirmed_by: The second person; None: not confirmed, or taken from the server's own file
            into an empty book.
    """

    text: str
    name: str
    state: PaperState = PaperState.DRAFT
    typed_by: tuple[str, ...] = ()
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """A version with its record's id and revision, and who wrote that revision when."""

    id: str
    revision: int
    by: str
    at: datetime
    paper: Paper


def digest(text: str) -> str:
    """Return what tells two texts apart."""
    return sha256(text.encode()).hexdigest()


def parsed(paper: Paper) -> Plan | ConfigError:
    """Return the plan that a version says, or its mistake."""
    return _parsed(paper.text, paper.name)


@lru_cache(maxsize=64)  # a long plan takes a tenth of a second to read, and is read often
def _parsed(text: str, name: str) -> Plan | ConfigError:
    try:
        return parse_plan(text, file=Path(name))
    except ConfigError as mistake:
        return mistake.with_traceback(None)


def read(paper: Paper) -> Plan:
    """Return the plan that a version says. Raises ``PlanningError`` for one with a mistake."""
    found = parsed(paper)
    if isinstance(found, ConfigError):
        raise PlanningError(Refusal.UNREADABLE, found)
    return found


def typed(paper: Paper, text: str, *, by: str) -> Paper:
    """Return the version with another text; one that was submitted is a draft again."""
    _must_be_open(paper)
    if len(text.encode()) > LARGEST_BYTES:
        raise PlanningError(Refusal.TOO_LARGE)
    typists = paper.typed_by if by in paper.typed_by else (*paper.typed_by, by)
    return replace(paper, text=text, typed_by=typists, state=PaperState.DRAFT)


def submitted(paper: Paper) -> Paper:
    """Return the version, ready for its second person."""
    _must_be_open(paper)
    read(paper)
    return replace(paper, state=PaperState.SUBMITTED)


def confirmed(paper: Paper, *, by: str, at: datetime) -> Paper:
    """Return the version as the second person confirms it."""
    _must_be_open(paper)
    if paper.state is not PaperState.SUBMITTED:
        raise PlanningError(Refusal.NOT_SUBMITTED)
    if by in paper.typed_by:
        raise PlanningError(Refusal.SAME_PERSON)
    read(paper)
    return replace(paper, state=PaperState.CONFIRMED, confirmed_by=by, confirmed_at=at)


def withdrawn(paper: Paper) -> Paper:
    """Return the version as one that nobody wants any more."""
    _must_be_open(paper)
    return replace(paper, state=PaperState.WITHDRAWN)


def _must_be_open(paper: Paper) -> None:
    if paper.state in {PaperState.CONFIRMED, PaperState.WITHDRAWN}:
        raise PlanningError(Refusal.FIXED)
