"""What was asked of the example's schools, as a table of its own. Pure.

The centre reads the same from ``plan-1.yaml`` and ``plan-2.yaml`` and from what people typed in
(``ENTRIES``); nothing is shared, so that a mistake on either side shows.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple

from sim.year.dates import clock

YEAR_FIRST: Final = date(2025, 9, 5)
YEAR_LAST: Final = date(2026, 5, 31)
TERM2: Final = date(2026, 1, 19)
"""The first day of the second term and of the plan's second version."""
CONFIRMED: Final = clock(date(2026, 1, 14), 15, 20)

HOLIDAYS: Final = frozenset(
    {
        date(2025, 9, 1),
        date(2025, 9, 2),
        date(2026, 1, 1),
        date(2026, 2, 16),
        date(2026, 2, 17),
        date(2026, 2, 18),
        date(2026, 2, 19),
        date(2026, 2, 20),
        date(2026, 4, 26),
        date(2026, 4, 27),
        date(2026, 4, 30),
        date(2026, 5, 1),
    }
)
"""Public holidays that touch the year, written down by hand."""

TET: Final = (date(2026, 2, 9), date(2026, 2, 22))

Windows = tuple[tuple[int, int], ...]
"""From and to, in minutes since midnight."""


def _hours(*texts: str) -> Windows:
    def minutes(text: str) -> int:
        hours, _, rest = text.partition(":")
        return int(hours) * 60 + int(rest)

    return tuple((minutes(t[:5]), minutes(t[6:])) for t in texts)


class Sessions(NamedTuple):
    """Weekdays (Monday is 0) below ``weekdays``, and the windows on them."""

    weekdays: int
    windows: Windows


_ALL_DAY: Final = Sessions(5, _hours("06:30-17:30"))
_LOWER: Final = Sessions(6, _hours("06:45-11:30"))
_SEVERAL: Final = Sessions(5, _hours("06:45-11:30", "13:30-16:30"))

SESSIONS: Final[tuple[dict[str, Sessions], ...]] = (
    {
        "mam_non": _ALL_DAY,
        "nhom_tre_doc_lap": _ALL_DAY,
        "tieu_hoc": Sessions(5, _hours("07:00-11:00", "13:30-16:30")),
        "thcs": _LOWER,
        "lien_cap": _SEVERAL,
    },
    {
        "mam_non": _ALL_DAY,
        "nhom_tre_doc_lap": _ALL_DAY,
        "tieu_hoc": Sessions(5, _hours("06:45-11:00", "13:30-17:00")),
        "thcs": _LOWER,
        "thpt": Sessions(6, _hours("06:45-11:30", "13:30-17:00")),
        "lien_cap": _SEVERAL,
    },
)
"""By version and kind of school; a kind that is missing is unset."""

_NURSERY1: Final = {"cong_truong": 1, "bep_an": 1}
_NURSERY2: Final = {"cong_truong": 1, "bep_an": 1, "san_choi": 1}
_SCHOOL1: Final = {"cong_truong": 1, "san_truong": 1}
_PRIMARY2: Final = {"cong_truong": 2, "san_truong": 1, "hanh_lang": 1, "bep_an": 1}
_LOWER2: Final = {"cong_truong": 2, "san_truong": 1, "hanh_lang": 1, "nha_xe": 1}

NEEDS: Final[tuple[dict[str, dict[str, int]], ...]] = (
    {
        "mam_non": _NURSERY1,
        "nhom_tre_doc_lap": _NURSERY1,
        "tieu_hoc": _SCHOOL1,
        "thcs": _SCHOOL1,
        "thpt": _SCHOOL1,
        "lien_cap": _SCHOOL1,
    },
    {
        "mam_non": _NURSERY2,
        "nhom_tre_doc_lap": _NURSERY2,
        "tieu_hoc": _PRIMARY2,
        "thcs": _LOWER2,
        "thpt": {"cong_truong": 2, "san_truong": 2},
        "lien_cap": {**_PRIMARY2, **_LOWER2},
    },
)
"""Working cameras that each place of a kind needs; a kind of place that is missing is unset."""

COUNTS: Final = (frozenset[str](), frozenset({"stream.lossy"}))
"""Causes of a poor picture that still count as watched."""
PERCENT: Final = (None, 95)
"""The share of required time that is asked for."""


def version(day: date) -> int:
    """Return the index of the version in force: 0 or 1."""
    return 0 if day < TERM2 else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Off:
    """Days that differ. ``windows`` None: off. ``typed`` is when somebody typed it in."""

    name: str
    first: date
    last: date
    reason: str
    kind: str
    schools: tuple[str, ...]
    windows: Windows | None
    typed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """Announced work on a school, or on one of its places."""

    name: str
    school: str
    zone: str | None
    start: int
    end: int
    reason: str
    typed: int


STORMY: Final = ("mn-huong-sen", "mn-tuoi-tho", "th-tran-phu", "thcs-nguyen-hue", "nt-ong-vang")
STORM: Final = (date(2025, 10, 6), date(2025, 10, 10))

OFFS: Final = (
    Off(
        name="bao-so-11",
        first=STORM[0],
        last=STORM[1],
        reason="Nghỉ học do bão số 11",
        kind="exception",
        schools=STORMY,
        windows=None,
        typed=clock(date(2025, 10, 7), 8, 30),
    ),
    Off(
        name="hoc-bu-1",
        first=date(2025, 10, 18),
        last=date(2025, 10, 18),
        reason="Học bù sau bão",
        kind="local",
        schools=STORMY,
        windows=_hours("07:00-11:00"),
        typed=clock(date(2025, 10, 13), 16),
    ),
    Off(
        name="hoc-bu-2",
        first=date(2025, 10, 25),
        last=date(2025, 10, 25),
        reason="Học bù sau bão",
        kind="local",
        schools=STORMY,
        windows=_hours("07:00-11:00"),
        typed=clock(date(2025, 10, 13), 16, 2),
    ),
    Off(
        name="khao-sat",
        first=date(2025, 12, 12),
        last=date(2025, 12, 12),
        reason="Khảo sát cuối kỳ, học buổi sáng",
        kind="local",
        schools=("lc-minh-khai", "th-le-loi"),
        windows=_hours("07:00-11:00"),
        typed=clock(date(2025, 12, 1), 9),
    ),
)

WORKS: Final = (
    Works(
        name="thay-dau-ghi",
        school="th-tran-phu",
        zone=None,
        start=clock(date(2025, 12, 10), 8),
        end=clock(date(2025, 12, 10), 10, 30),
        reason="Thay đầu ghi",
        typed=clock(date(2025, 12, 8), 14),
    ),
    Works(
        name="keo-cap",
        school="thcs-nguyen-hue",
        zone="cong-chinh",
        start=clock(date(2026, 3, 10), 7),
        end=clock(date(2026, 3, 10), 9, 15, 20),
        reason="Kéo lại cáp cổng chính",
        typed=clock(date(2026, 3, 12), 10),
    ),
    Works(
        name="son-sua",
        school="mn-hoa-mai",
        zone="san-choi",
        start=clock(date(2026, 4, 6), 6),
        end=clock(date(2026, 4, 8), 18),
        reason="Sơn sửa sân chơi",
        typed=clock(date(2026, 4, 3), 10),
    ),
)
