"""The kinds of papers: one module each, a pure function from ``Facts`` to a ``Document``.

``KINDS`` is the table: the name by which commands and addresses call it, what it is about, and what
writes it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from server.reports.document import Document
from server.reports.facts import Facts
from server.reports.kinds import (
    department,
    fault_register,
    five_years,
    month,
    office_year,
    school_year,
)

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of paper.

    Attributes:
        vi: Its name, in Vietnamese; ``en``: in English.
        write: Writes it.
        of_school: Whether one school may be asked for; ``of_unit``: whether a unit may.
        years: How many school years it is about; 0: any days, as a rule a month.
    """

    vi: str
    en: str
    write: Callable[[Facts], Document]
    of_school: bool = True
    of_unit: bool = True
    years: int = 0


KINDS: Final[dict[str, Kind]] = {
    "so-ket-truong": Kind(
        vi="Sơ kết năm học của trường",
        en="A school's yearly review",
        write=school_year.write,
        of_unit=False,
        years=1,
    ),
    "so-ket-don-vi": Kind(
        vi="Sơ kết năm học của đơn vị",
        en="The unit's yearly review",
        write=office_year.write,
        of_school=False,
        years=1,
    ),
    "bao-cao-so": Kind(
        vi="Báo cáo gửi Sở Giáo dục và Đào tạo",
        en="Report to the department",
        write=department.write,
        of_school=False,
        years=1,
    ),
    "tong-ket": Kind(
        vi="Tổng kết 5 năm",
        en="Five-year summary",
        write=five_years.write,
        of_school=False,
        years=5,
    ),
    "thang": Kind(
        vi="Báo cáo tháng: độ phủ và tỷ lệ hoạt động",
        en="Monthly uptime and coverage",
        write=month.write,
    ),
    "so-hu-hong": Kind(vi="Sổ theo dõi hư hỏng", en="Fault register", write=fault_register.write),
}
"""By name."""
