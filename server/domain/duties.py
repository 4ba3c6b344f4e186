"""What a plan asks of people rather than of cameras: papers by their day, guards, training."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from server.domain.citation import Citation, Stated


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDay:
    """By when something is due: a day of every year, or of the one year that is named.

    29 February is the 28th in years without it. Raises ``ValueError`` for no day of any year.
    """

    month: int
    day: int
    year: int | None = None

    def __post_init__(self) -> None:
        """Refuse days that no year has."""
        date(self.year or 2000, self.month, self.day)

    def within(self, first: date, last: date) -> Iterator[date]:
        """Yield when it is due from ``first`` to ``last``, both included."""
        for year in range(first.year, last.year + 1) if self.year is None else (self.year,):
            due = date(year, self.month, min(self.day, monthrange(year, self.month)[1]))
            if first <= due <= last:
                yield due


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentDuty:
    """A paper that somebody owes somebody.

    Attributes:
        by, to: Who writes it and who receives it: ``truong``, ``don_vi_quan_ly``, ``so_gddt`` ...
        every_months: How often; None is unset.
        due: By when; None is unset: never late.
        applies_to: Kinds of school that owe it; None: all.
    """

    id: str
    vi: str
    by: str
    to: str
    every_months: int | None = None
    due: DueDay | None = None
    applies_to: tuple[str, ...] | None = None
    source: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """How many guards a school needs, and how they are trained. None is unset everywhere.

    Attributes:
        per_gate: At each gate in each shift.
        per_shift: At a school in each shift, whatever its gates.
        per_pupils: Pupils whom one guard may look after at most.
        source: Who sets these three.
        training_every_months: How often a guard is trained.
        certificate_required: Whether training must end with a certificate.
        certificate_months: For how long one is good.
        training_source: Who sets the last three.
    """

    per_gate: int | None = None
    per_shift: int | None = None
    per_pupils: int | None = None
    source: Citation | None = None
    training_every_months: int | None = None
    certificate_required: bool | None = None
    certificate_months: int | None = None
    training_source: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how many days things are kept: recordings of cameras, and each kind of gate log."""

    recordings: Stated[int] = field(default_factory=Stated)
    access_log: Mapping[str, Stated[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeWords:
    """What the levels of the organisation are called, and which one manages which schools."""

    tree: tuple[str, ...] = ()
    unit_label: str | None = None
    managed_by_level: Mapping[str, str] = field(default_factory=dict)
    source: Citation | None = None
