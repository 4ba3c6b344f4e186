"""What people type in about days off, announced work and prices, checked. Pure.

Raises ``BadInputError`` with a field and a reason for whoever typed.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Final

from server.domain.calendar import MINUTES_PER_DAY, DayWindow, SchoolHours, local_date, local_moment
from server.domain.register import Register
from server.domain.remedies import Fund, Work
from server.domain.schoolyear import DayOffKind
from server.figuring import DayOffEntry, WorkEntry
from server.figuring.prices import PriceEntry
from server.texts.tongue import N_
from server.web import forms
from server.web.forms import BadInputError

LONGEST: Final = timedelta(days=120)
_REASON: Final = 200
_DEAREST: Final = 10**12
_WINDOW: Final = re.compile(r"(\d{1,2}):(\d{2})\s*[-–]\s*(\d{1,2}):(\d{2})")
_NEEDED: Final = N_("must not be empty")


def day_off(form: Mapping[str, str], register: Register) -> DayOffEntry:
    """Return the days off of a form."""
    first = forms.day(form, "first")
    if first is None:
        raise BadInputError("first", _NEEDED)
    last = forms.day(form, "last") or first
    if last < first:
        raise BadInputError("last", N_("must not lie before the first day"))
    if last - first >= LONGEST:
        raise BadInputError("last", N_("at most %(days)s days at once"), days=LONGEST.days)
    hours = forms.text(form, "hours", longest=100)
    return DayOffEntry(
        first=first,
        last=last,
        reason=_reason(form),
        kind=forms.choice(form, "kind", DayOffKind, default=DayOffKind.LOCAL),
        schools=_schools(form, register),
        windows=windows(hours) if hours else None,
    )


def work(form: Mapping[str, str], register: Register) -> WorkEntry:
    """Return the announced work of a form."""
    start, end = _moment(form, "day", "from"), _moment(form, "until_day", "until")
    if end <= start:
        raise BadInputError("until", N_("must lie after the beginning"))
    if end - start > LONGEST:
        raise BadInputError("until", N_("at most %(days)s days at once"), days=LONGEST.days)
    schools, kind = _schools(form, register), forms.identifier(form, "zone")
    return WorkEntry(
        start=start,
        end=end,
        reason=_reason(form),
        schools=schools,
        zones=None if kind is None else _zones(register, schools, kind, local_date(start)),
    )


def price(form: Mapping[str, str]) -> tuple[Work, PriceEntry]:
    """Return the price of a form and the work that it is for."""
    kind = forms.choice(form, "work", Work, default=Work.INSTALL)
    amount = re.sub(r"[.,\s]", "", forms.text(form, "amount", longest=30))
    if not amount:
        raise BadInputError("amount", _NEEDED)
    source = forms.text(form, "source", longest=_REASON)
    if not source:
        raise BadInputError("source", N_("a price needs its source: a quotation, a price list"))
    entry = PriceEntry(
        amount_vnd=forms.number({"amount": amount}, "amount", default=0, least=1, most=_DEAREST),
        source=source,
        fund=forms.choice(form, "fund", Fund, default=Fund.BUDGET),
        note=forms.text(form, "note", longest=_REASON),
    )
    return kind, entry


def windows(text: str) -> tuple[DayWindow, ...]:
    """Read hours like ``06:30-11:00, 13:30-17:00``."""
    found = []
    for part in text.split(","):
        match = _WINDOW.fullmatch(part.strip())
        if match is None:
            raise BadInputError("hours", N_("must be hours like 06:30-11:00"))
        edges = [int(n) for n in match.groups()]
        found.append(DayWindow(edges[0] * 60 + edges[1], edges[2] * 60 + edges[3]))
    try:
        SchoolHours(days=(0,), windows=tuple(found))  # the same rules
    except ValueError:
        raise BadInputError("hours", N_("must be hours in order, none past 24:00")) from None
    return tuple(found)


def _reason(form: Mapping[str, str]) -> str:
    reason = forms.text(form, "reason", longest=_REASON)
    if not reason:
        raise BadInputError("reason", _NEEDED)
    return reason


def _schools(form: Mapping[str, str], register: Register) -> tuple[str, ...] | None:
    """Return the schools that are meant: one, all of a unit, or all (None)."""
    school, unit = forms.identifier(form, "school"), forms.identifier(form, "unit")
    if school is not None:
        if school not in register.schools:
            raise BadInputError("school", N_("is not known"))
        return (school,)
    if unit is None:
        return None
    if unit not in register.units:
        raise BadInputError("unit", N_("is not known"))
    day = forms.day(form, "first") or forms.day(form, "day")
    if day is None:
        raise BadInputError("first", _NEEDED)
    return tuple(m.school for m in register.memberships(unit, day, day))


def _zones(
    register: Register, schools: tuple[str, ...] | None, kind: str, day: date
) -> tuple[str, ...]:
    """Return the ids of all areas of one kind in the schools that are meant."""
    found = {
        zone.id
        for school in register.on(day).schools
        if schools is None or school.id in schools
        for zone in school.zones
        if zone.kind == kind
    }
    if not found:
        raise BadInputError("zone", N_("there is no such area"))
    return tuple(sorted(found))


def _moment(form: Mapping[str, str], day_field: str, time_field: str) -> datetime:
    """Return a local day and time of day as a moment; the first day stands for a missing last."""
    day = forms.day(form, day_field) or forms.day(form, "day")
    if day is None:
        raise BadInputError(day_field, _NEEDED)
    text = forms.text(form, time_field, longest=5)
    if text == "24:00":
        return local_moment(day, MINUTES_PER_DAY)
    try:
        clock = time.fromisoformat(text.zfill(5))
    except ValueError:
        raise BadInputError(time_field, N_("must be a time of day like 06:30")) from None
    return local_moment(day, clock.hour * 60 + clock.minute)
