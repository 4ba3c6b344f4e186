"""How papers write numbers, shares, days and spans: Vietnamese, and nothing else.

Decimal comma, thousands dot, no space before the percent sign; a day and the months 1 and 2 are
written with two digits (Decree 30/2020/ND-CP). A share that is not known for sure is a range, with
the width of what is not known beside it.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final

from server.reports.document import Column, Kind, Share, Value

DASH: Final = "–"
TO: Final = "\N{WORD JOINER}–\N{WORD JOINER}"
"""An en dash that no line breaks at."""
_HOUR_S: Final = 3600
_SWAP: Final = str.maketrans(",.", ".,")
_TWO_DIGIT_DAYS: Final = 9
_TWO_DIGIT_MONTHS: Final = 2


def number(value: float, decimals: int = 0) -> str:
    """Return ``1.234,5``."""
    return f"{value:,.{decimals}f}".translate(_SWAP)


def _tenths(share: float) -> int:
    """Return tenths of a percent; only a whole is 1000, only nothing is 0."""
    tenths = round(share * 1000)
    return min(999, max(1, tenths)) if 0 < share < 1 else tenths


def percent(share: float) -> str:
    """Return ``96,4%`` for 0.964."""
    return f"{number(_tenths(share) / 10, 1)}%"


def share(value: Share) -> str:
    """Return ``96,4% đến 98,1%``, or one number where both ends read the same."""
    low, high = percent(float(value.low)), percent(float(value.high))
    return low if low == high else f"{low} đến {high}"


def dashed(value: Share) -> str:
    """Return ``96,4–98,1%``, as tables and charts have it; no line breaks in it."""
    low, high = percent(float(value.low)), percent(float(value.high))
    return low if low == high else f"{low.removesuffix('%')}{TO}{high}"


def told_share(value: Share | None) -> str:
    """Return ``96,4% đến 98,1% (1,7% chưa rõ)``; None: nothing was to be counted."""
    if value is None:
        return "không có thời gian phải tính"
    text = share(value)
    if " đến " not in text:
        return text
    wide = _tenths(float(value.high)) - _tenths(float(value.low))
    return f"{text} ({number(wide / 10, 1)}% chưa rõ)"


def day(value: date) -> str:
    """Return ``05/09/2026``."""
    return value.strftime("%d/%m/%Y")


def long_day(value: date) -> str:
    """Return ``ngày 05 tháng 9 năm 2026``."""
    days = f"{value.day:02}" if value.day <= _TWO_DIGIT_DAYS else f"{value.day}"
    months = f"{value.month:02}" if value.month <= _TWO_DIGIT_MONTHS else f"{value.month}"
    return f"ngày {days} tháng {months} năm {value.year}"


def hours(seconds: int) -> str:
    """Return ``12,5 giờ``; under six minutes the minutes, under one ``dưới 1 phút``."""
    if seconds >= _HOUR_S // 10 or not seconds:
        return f"{number(seconds / _HOUR_S, 1)} giờ"
    return f"{seconds // 60} phút" if seconds >= 60 else "dưới 1 phút"  # noqa: PLR2004 (a minute)


def asked_percent(value: float) -> str:
    """Return ``95%`` or ``97,5%``, as a plan has it."""
    return f"{number(value, 0 if value == int(value) else 1)}%"


def opened(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def money(dong: int) -> str:
    """Return ``12.500.000 đồng``."""
    return f"{number(dong)} đồng"


def listed(words: Sequence[str]) -> str:
    """Return ``a, b và c``."""
    if len(words) < 2:  # noqa: PLR2004 (nothing to join)
        return "".join(words)
    return f"{', '.join(words[:-1])} và {words[-1]}"


def cell(value: Value, column: Column) -> str:
    """Return a cell as a paper writes it."""
    match value:
        case None:
            return DASH
        case Share():
            return dashed(value)
        case date():
            return day(value)
        case int():
            return _figure(value, column.kind)
        case str():
            return value


def _figure(value: int, kind: Kind) -> str:
    if kind is Kind.HOURS:
        return number(value / _HOUR_S, 1)
    return number(value)
