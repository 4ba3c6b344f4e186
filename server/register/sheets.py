"""The sheets of an import or export: their titles and columns. Pure.

Every sheet begins with a line of headings, in Vietnamese. The order of columns is free; a column
that is absent says nothing, an empty cell says "none".
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from server.domain.flaws import What


class Column(NamedTuple):
    """A column: the key that stands for it here, and its heading. ``needed``: in every sheet."""

    key: str
    title: str
    needed: bool = True


class Sheet(NamedTuple):
    """A sheet: what its rows are, its title and the stem of its CSV file."""

    what: What
    title: str
    stem: str
    columns: tuple[Column, ...]

    def column(self, key: str) -> Column:
        """Return a column by its key."""
        return next(c for c in self.columns if c.key == key)


_SCHOOL: Final = Column("school", "Mã trường")
_DAYS: Final = (Column("from", "Từ ngày", needed=False), Column("to", "Đến ngày", needed=False))
_MERGED: Final = Column("merged_into", "Sáp nhập vào", needed=False)

SHEETS: Final = (
    Sheet(
        What.UNIT,
        "Đơn vị",
        "don-vi",
        (
            Column("id", "Mã đơn vị"),
            Column("name", "Tên đơn vị"),
            Column("level", "Cấp"),
            Column("parent", "Mã đơn vị cấp trên"),
            *_DAYS,
            _MERGED,
        ),
    ),
    Sheet(
        What.SCHOOL,
        "Trường",
        "truong",
        (
            Column("id", "Mã trường"),
            Column("name", "Tên trường"),
            Column("kind", "Loại trường"),
            Column("levels", "Các cấp học", needed=False),
            Column("unit", "Mã đơn vị"),
            Column("pupils", "Số học sinh", needed=False),
            *_DAYS,
            _MERGED,
        ),
    ),
    Sheet(
        What.ZONE,
        "Khu vực",
        "khu-vuc",
        (
            _SCHOOL,
            Column("id", "Mã khu vực"),
            Column("name", "Tên khu vực"),
            Column("kind", "Loại khu vực"),
            *_DAYS,
        ),
    ),
    Sheet(
        What.GATE,
        "Cổng",
        "cong",
        (
            _SCHOOL,
            Column("id", "Mã cổng"),
            Column("name", "Tên cổng"),
            Column("zone", "Mã khu vực"),
            *_DAYS,
        ),
    ),
    Sheet(
        What.AGENT,
        "Máy trực cổng",
        "may-truc-cong",
        (
            _SCHOOL,
            Column("id", "Mã máy trực cổng"),
            Column("name", "Tên máy trực cổng"),
            Column("gates", "Mã các cổng"),
            *_DAYS,
        ),
    ),
    Sheet(
        What.CAMERA,
        "Camera",
        "camera",
        (
            _SCHOOL,
            Column("id", "Mã camera"),
            Column("name", "Tên camera"),
            Column("zone", "Mã khu vực"),
            Column("sources", "Mã máy trực cổng"),
            *_DAYS,
        ),
    ),
    Sheet(
        What.CONTACT,
        "Đầu mối liên hệ",
        "lien-he",
        (
            _SCHOOL,
            Column("id", "Mã liên hệ"),
            Column("name", "Họ và tên"),
            Column("role", "Chức vụ", needed=False),
            Column("mail", "Thư điện tử", needed=False),
            Column("phone", "Điện thoại", needed=False),
            Column("zalo", "Mã người dùng Zalo", needed=False),
            *_DAYS,
        ),
    ),
)
PERSONAL: Final = frozenset({What.CONTACT})
"""Sheets of personal data: exported for officers only."""
SHEET_OF: Final[Mapping[What, Sheet]] = {sheet.what: sheet for sheet in SHEETS}
