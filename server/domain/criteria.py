"""Sets of criteria by which schools are judged once a year, and further items to be shown.

Which set holds is the authority's choice; there is no silent default. A set may leave kinds of
schools out ("không áp dụng"): they are neither met nor not met.
"""

from dataclasses import dataclass
from enum import StrEnum

from server.domain.citation import Citation


class EvidenceKind(StrEnum):
    """What may stand behind a criterion: what the system knows itself, or a paper."""

    COVERAGE = "coverage"
    UPTIME = "uptime"
    PICTURE = "picture"
    INCIDENTS = "incidents"
    INSPECTIONS = "inspections"
    GUARDS = "guards"
    TRAINING = "training"
    GATE_LOG = "gate_log"
    DOCUMENTS = "documents"
    PAPER = "paper"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One criterion. ``applies_to``: kinds of school; None: all that its set applies to."""

    id: str
    vi: str
    evidence: tuple[EvidenceKind, ...] = ()
    applies_to: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CriteriaSet:
    """A set of criteria out of one document.

    Attributes:
        warn: What whoever chooses it should know.
        selectable: Whether it may be the active one.
        not_applicable_to: Kinds of school that the document leaves out.
    """

    id: str
    vi: str
    source: Citation | None = None
    warn: str | None = None
    selectable: bool = True
    not_applicable_to: tuple[str, ...] = ()
    criteria: tuple[Criterion, ...] = ()

    def applies_to(self, school_kind: str) -> bool:
        """Tell whether the set holds for a kind of school."""
        return school_kind not in self.not_applicable_to

    def of(self, school_kind: str) -> tuple[Criterion, ...]:
        """Return the criteria for a kind of school; none where the set leaves it out."""
        if not self.applies_to(school_kind):
            return ()
        return tuple(
            c for c in self.criteria if c.applies_to is None or school_kind in c.applies_to
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplianceItem:
    """Something to be shown with yes or no beside the criteria.

    Attributes:
        vi: Its name; None: the product knows the id (``conformity_qcvn135`` ...).
        required: None is unset.
        per: Of what it is asked: ``camera``, ``unit`` or ``school``.
        applies_if: When, in the document's words.
        evidence: What shows it, in words of the file.
    """

    id: str
    vi: str | None = None
    required: bool | None = None
    per: str = "school"
    applies_if: str | None = None
    evidence: tuple[str, ...] = ()
    note: str | None = None
    source: Citation | None = None
