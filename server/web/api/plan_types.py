"""The plan as programs see it: line by line, in words and with its sources."""

from datetime import date, datetime

from server.web.api.camera_types import Answer


class PlanLine(Answer, frozen=True):
    """One line. ``value``: in words, None where the plan leaves it open; never scored then."""

    key: str
    label: str
    value: str | None
    source: str | None


class PlanWarningOut(Answer, frozen=True):
    """Something that somebody should look at."""

    kind: str
    text: str
    keys: tuple[str, ...]


class PlanOut(Answer, frozen=True):
    """One version. ``unset``: the keys of what the managing unit should still set."""

    id: str
    version: str
    title: str
    effective_from: date | None
    effective_to: date | None
    typed_by: tuple[str, ...]
    confirmed_by: str | None
    warnings: tuple[PlanWarningOut, ...]
    unset: tuple[str, ...]
    lines: tuple[PlanLine, ...]


class PlanVersionOut(Answer, frozen=True):
    """A version's record. ``state``: draft, submitted, confirmed or withdrawn."""

    id: str
    state: str
    typed_by: tuple[str, ...]
    confirmed_by: str | None
    changed_at: datetime


class PlanVersionsOut(Answer, frozen=True):
    """All versions, the newest first."""

    versions: tuple[PlanVersionOut, ...]


class PlanText(Answer, frozen=True):
    """A plan's file to be checked; nothing is kept."""

    text: str


class PlanMistake(Answer, frozen=True):
    """Where a text is wrong and why."""

    line: int | None
    key: str
    why: str


class PlanChecked(Answer, frozen=True):
    """What a check found: the first mistake, or the plan."""

    ok: bool
    mistake: PlanMistake | None = None
    plan: PlanOut | None = None
