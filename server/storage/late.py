"""Which closed days a commit may have changed. Pure: the commit writes ``late_day`` from it."""

from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Final, NamedTuple

from server.domain.calendar import local_date, local_day
from server.storage.times import moment_of, ms_of

LOOK_BACK: Final = timedelta(days=400)
"""Older days are not looked at again: a clock that says 1970 must not mark twenty thousand."""

_EPOCH: Final = date(1970, 1, 1)


class Touched(NamedTuple):
    """A span on the UTC axis, in milliseconds, in which a commit may have changed a timeline."""

    agent: str
    start_ms: int
    end_ms: int


def late_days(touched: Iterable[Touched], received_ms: int) -> Counter[tuple[str, int]]:
    """Count by (agent, day number) how often local days before that of ``received_ms`` changed.

    Spans that touch only the present day cost one comparison and give nothing.
    """
    found: Counter[tuple[str, int]] = Counter()
    first_ms, midnight_ms = _bounds(received_ms)
    for span in touched:
        if span.start_ms >= midnight_ms:
            continue
        start_ms, end_ms = max(span.start_ms, first_ms), min(span.end_ms, midnight_ms)
        if start_ms <= end_ms and span.end_ms >= first_ms:
            first, last = _number_at(start_ms), _number_at(max(start_ms, end_ms - 1))
            found.update((span.agent, day) for day in range(first, last + 1))
    return found


def midnight_ms_before(received_ms: int) -> int:
    """Return the local midnight at which the day of a moment began."""
    return _bounds(received_ms)[1]


def number_of(day: date) -> int:
    """Return a local date as it is stored: whole days since 1970-01-01."""
    return (day - _EPOCH).days


def day_of(number: int) -> date:
    """Return the local date of ``number_of``."""
    return _EPOCH + timedelta(days=number)


def _number_at(ms: int) -> int:
    return number_of(local_date(moment_of(ms)))


def _bounds(received_ms: int) -> tuple[int, int]:
    """Return the first moment that is looked at, and the local midnight before the receipt."""
    today = local_date(moment_of(received_ms))
    return _midnight_ms(today - LOOK_BACK), _midnight_ms(today)


@lru_cache(maxsize=16)
def _midnight_ms(day: date) -> int:
    return ms_of(local_day(day).start)
