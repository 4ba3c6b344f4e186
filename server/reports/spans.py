"""Which days a report is about, and what they are called. Pure."""

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date
from typing import Final

from server.domain.planbook import PlanBook
from server.domain.schoolyear import SchoolYear
from server.reports.facts import Span
from server.reports.wording import day
from server.texts.tongue import N_

_YEAR: Final = re.compile(r"(\d{4})-(\d{4})")
_MONTH: Final = re.compile(r"(\d{4})-(\d{2})")
_FIVE: Final = 5


class AskError(ValueError):
    """It can't be made like this: a msgid and its values, for the person who asked."""

    def __init__(self, msgid: str, **values: object) -> None:
        super().__init__(msgid % values if values else msgid)
        self.msgid = msgid
        self.values = values


def school_year(plans: PlanBook, wanted: str) -> Span:
    """Return a school year as the plan's newest version that knows it has it."""
    found = _known(plans).get(wanted)
    if found is None:
        raise AskError(
            N_(
                "No version of the plan says when the school year %(year)s begins and ends: name"
                " the days themselves, from when to when."
            ),
            year=wanted,
        )
    return _span(found)


def five_years(plans: PlanBook, last: str) -> tuple[Span, tuple[Span, ...], tuple[str, ...]]:
    """Return five school years that end with ``last``; those that plans know; the other ones."""
    match = _YEAR.fullmatch(last)
    if match is None:
        raise AskError(N_("%(text)s is no school year, like 2026-2027."), text=last)
    end = int(match[1])
    known = _known(plans)
    names = [f"{year}-{year + 1}" for year in range(end - _FIVE + 1, end + 1)]
    spans = tuple(_span(known[name]) for name in names if name in known)
    if not spans:
        raise AskError(
            N_("No version of the plan knows any of the five school years up to %(year)s."),
            year=last,
        )
    whole = Span(
        name=f"giai đoạn {end - _FIVE + 1}-{end + 1}", first=spans[0].first, last=spans[-1].last
    )
    return whole, spans, tuple(name for name in names if name not in known)


def month(wanted: str) -> Span:
    """Return a month that is named as ``2026-10``."""
    match = _MONTH.fullmatch(wanted)
    if match is None or not 1 <= int(match[2]) <= 12:  # noqa: PLR2004 (months)
        raise AskError(N_("%(text)s is no month, like 2026-10."), text=wanted)
    year, number = int(match[1]), int(match[2])
    return Span(
        name=f"tháng {number} năm {year}",
        first=date(year, number, 1),
        last=date(year, number, monthrange(year, number)[1]),
    )


def days(first: date, last: date) -> Span:
    """Return the days from ``first`` to ``last``, both included."""
    if last < first:
        raise AskError(N_("The last day lies before the first one."))
    return Span(name=f"từ ngày {day(first)} đến ngày {day(last)}", first=first, last=last)


def known_years(plans: PlanBook) -> tuple[str, ...]:
    """Return the names of all school years that plans know, the newest first."""
    known = _known(plans)
    return tuple(sorted(known, key=lambda name: known[name].first, reverse=True))


def _known(plans: PlanBook) -> dict[str, SchoolYear]:
    return {year.id: year for year in _all_years(plans)}


def _all_years(plans: PlanBook) -> Iterator[SchoolYear]:
    """Yield the years of all versions, those of the newest version last."""
    for version in sorted(plans.versions, key=lambda v: (v.first, v.confirmed_at, v.id)):
        yield from version.plan.calendar.known_years


def _span(year: SchoolYear) -> Span:
    return Span(
        name=f"năm học {year.id}",
        first=year.first,
        last=year.last,
        weeks=year.weeks,
        year=year.id,
    )
