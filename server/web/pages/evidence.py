"""Pictures from before and after changes, and who did what with a camera. Pure.

The pictures themselves never pass through here: a page names their addresses, and the browser asks
for each, which is answered by the gate PC alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from server.domain.units import Source
from server.storage.rows import Deed
from wire.messages import Evidence
from wire.vocabulary import Cause, Verb

MOST_SHOWN: Final = 60
MOST_DEEDS: Final = 8
NEW_VIEW_FOR: Final = frozenset({Cause.PICTURE_MOVED, Cause.PICTURE_COVERED, Cause.PICTURE_BLURRED})
"""Where "this is the new view" may be the truth; black or frozen is no view."""
_TOGETHER: Final = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One change of which pictures are kept at a gate PC; ``cause`` None: trouble ended."""

    agent: str
    id: str
    cause: str | None
    after_at: datetime
    before_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeedLine:
    """Deeds of one person and kind that lie together."""

    person: str
    action: str
    first_at: datetime
    last_at: datetime
    count: int
    outcome: str | None


def pieces(found: Iterable[tuple[Source, Sequence[Evidence]]]) -> tuple[Piece, ...]:
    """Return what the gate PCs keep of one camera, the newest first."""
    kept = [
        Piece(
            agent=source.agent,
            id=one.id,
            cause=one.cause,
            after_at=_moment(one.after_utc_ms),
            before_at=_moment(one.before_utc_ms) if one.before_utc_ms else None,
        )
        for source, evidence in found
        for one in evidence
        if one.camera == source.camera
    ]
    return tuple(sorted(kept, key=lambda piece: piece.after_at, reverse=True))[:MOST_SHOWN]


def deed_lines(deeds: Iterable[Deed]) -> tuple[DeedLine, ...]:
    """Fold deeds (newest first): one line for pictures that a person saw within ten minutes."""
    lines: list[DeedLine] = []
    for deed in deeds:
        last = lines[-1] if lines else None
        if last is not None and _goes_with(last, deed):
            lines[-1] = _line(deed, last)
        elif len(lines) < MOST_DEEDS:
            lines.append(_line(deed, None))
        else:
            break
    return tuple(lines)


def _goes_with(line: DeedLine, deed: Deed) -> bool:
    return (
        deed.action == Verb.EVIDENCE_PICTURE == line.action
        and deed.person == line.person
        and line.first_at - deed.at <= _TOGETHER
    )


def _line(deed: Deed, later: DeedLine | None) -> DeedLine:
    return DeedLine(
        person=deed.person,
        action=deed.action,
        first_at=deed.at,
        last_at=later.last_at if later else deed.at,
        count=1 + (later.count if later else 0),
        outcome="done" if later and later.outcome == "done" else deed.outcome,
    )


def _moment(utc_ms: int) -> datetime:
    return datetime.fromtimestamp(utc_ms / 1000, UTC)
