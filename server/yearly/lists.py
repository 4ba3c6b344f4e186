"""Owed papers of many schools side by side: what stands, what is late, what is to be read. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from server.domain.duties import DocumentDuty
from server.domain.duties_owed import HandedIn, Owed, Status, WorkYear, late_days, owed, status
from server.domain.units import School
from server.yearly.book import Kept, PaperKey, paper_id

SOON: Final = timedelta(days=30)
"""A paper whose day comes within so long is named as coming up; shown only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One owed paper of one school. ``revision`` 0: nothing was handed in yet."""

    school: School
    year: str
    owed: Owed
    handed: HandedIn | None
    revision: int
    status: Status
    late_days: int

    @property
    def id(self) -> str:
        """The id of its record."""
        return paper_id(self.school.id, self.owed.duty.id, self.year, self.owed.number)

    @property
    def is_late(self) -> bool:
        """Whether it is missing although its day is over."""
        return self.late_days > 0 and self.status in {Status.OVERDUE, Status.RETURNED}


def lines(
    schools: Iterable[School],
    duties: Sequence[DocumentDuty],
    year: WorkYear,
    kept: Mapping[PaperKey, Kept[HandedIn]],
    *,
    today: date,
) -> Iterator[Line]:
    """Yield every paper that these schools owe in a year."""
    of_kind: dict[str, tuple[Owed, ...]] = {}
    for school in schools:
        if school.kind not in of_kind:
            of_kind[school.kind] = tuple(owed(duties, school.kind, year))
        for one in of_kind[school.kind]:
            found = kept.get((school.id, one.duty.id, one.number))
            handed = found.value if found else None
            yield Line(
                school=school,
                year=year.id,
                owed=one,
                handed=handed,
                revision=found.revision if found else 0,
                status=status(one, handed, today),
                late_days=late_days(one, handed, today),
            )


def late(found: Iterable[Line]) -> list[Line]:
    """Return what is late, the longest first."""
    return sorted((x for x in found if x.is_late), key=lambda x: (-x.late_days, x.school.name))


def coming_up(found: Iterable[Line], today: date) -> list[Line]:
    """Return what is owed and due soon, the nearest first."""
    near = [
        (line.owed.due, line)
        for line in found
        if line.owed.due is not None
        and line.status in {Status.OWED, Status.RETURNED}
        and today <= line.owed.due <= today + SOON
    ]
    return [line for _, line in sorted(near, key=lambda pair: (pair[0], pair[1].school.name))]
