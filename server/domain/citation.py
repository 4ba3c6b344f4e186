"""Who says so: what stands behind every number and every day that an authority sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Force(StrEnum):
    """Whether a document is in force, as whoever typed it in knows."""

    YES = "yes"
    NO = "no"
    CHECK = "check"


class Standing(StrEnum):
    """What a document is worth on one day."""

    IN_FORCE = "in_force"
    NOT_YET = "not_yet"
    ENDED = "ended"
    TO_CHECK = "to_check"


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a number comes from: one entry of the plan file's ``sources``, maybe with a note.

    Attributes:
        replaced_by: The id of the source that stands in its place.
        since: Its first day in force; None: not said.
        until: The first day on which it is no longer in force; None: not said.
        seen: How much of the document was read: true, partial, summary, false; None: not said.
        certainty: How sure it is that it says so: high, medium, low; None: not said.
    """

    id: str
    kind: str
    ref: str
    note: str | None = None
    in_force: Force = Force.YES
    replaced_by: str | None = None
    since: date | None = None
    until: date | None = None
    seen: str | None = None
    certainty: str | None = None

    def standing(self, day: date) -> Standing:
        """Return what it is worth on a day."""
        if self.since is not None and day < self.since:
            return Standing.NOT_YET
        if self.until is not None and day >= self.until:
            return Standing.ENDED
        if self.in_force is Force.NO and self.until is None:
            return Standing.ENDED
        return Standing.TO_CHECK if self.in_force is Force.CHECK else Standing.IN_FORCE


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated(Generic[Value]):
    """One value of a plan: what it says (None is unset), who says so, and a hint beside it.

    ``advice`` and ``why`` are shown and never scored.
    """

    value: Value | None = None
    source: Citation | None = None
    advice: Value | None = None
    why: str | None = None


Cited = Sequence[tuple[str, Citation]]
"""Keys of a plan's file, and who is named there."""
