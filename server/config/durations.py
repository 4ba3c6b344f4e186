"""Spans and days of a plan that come back: ``P1Y``, ``P6M``, ``"05-31"``."""

import re
from typing import Final

from server.config.document import Field
from server.domain.duties import DueDay

MONTHS_PER_YEAR: Final = 12
_PERIOD: Final = re.compile(r"P([1-9]\d?)([YM])")
_DUE: Final = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")


def months(field: Field | None) -> int | None:
    """Read a span of whole years or months; None where it is unset."""
    if field is None:
        return None
    match = _PERIOD.fullmatch(field.text())
    if match is None:
        raise field.error(f"a span like P1Y or P6M is expected, found '{field.text()}'")
    return int(match[1]) * (MONTHS_PER_YEAR if match[2] == "Y" else 1)


def due_day(field: Field | None) -> DueDay | None:
    """Read a day of every year, ``"05-31"``, or of one year, ``2027-05-31``."""
    if field is None:
        return None
    match = _DUE.fullmatch(str(field.node.value)) if field.kind in {"str", "timestamp"} else None
    try:
        if match is not None:
            year = int(match[1]) if match[1] else None
            return DueDay(year=year, month=int(match[2]), day=int(match[3]))
    except ValueError:
        pass
    raise field.error(
        'a day of every year like "05-31" (month-day), or of one year like 2027-05-31, is expected,'
        f" found {field.found()}"
    )
