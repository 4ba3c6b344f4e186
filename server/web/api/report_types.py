"""Reports as programs ask for them and see them."""

from collections.abc import Mapping
from datetime import date, datetime

from server.web.api.camera_types import Answer


class ReportIn(Answer, frozen=True):
    """A report to be made: about a unit or a school, over a school year, a month or some days."""

    kind: str
    unit: str = ""
    school: str = ""
    year: str = ""
    month: str = ""
    first: date | None = None
    last: date | None = None
    forms: tuple[str, ...] = ()
    """docx, pdf, xlsx; none: all."""


class ReportOut(Answer, frozen=True):
    """A report that was made, is being made (``part`` under 1), or could not be (``trouble``).

    ``files``: by form, where it can be fetched. ``versions``: of the plan it was made under.
    """

    id: str
    kind: str
    unit: str | None
    school: str | None
    first: date
    last: date
    by: str
    at: datetime
    part: float
    trouble: str | None
    versions: tuple[str, ...]
    files: Mapping[str, str]


class ReportsOut(Answer, frozen=True):
    """Reports, the newest first."""

    reports: tuple[ReportOut, ...]
