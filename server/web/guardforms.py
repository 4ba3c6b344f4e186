"""What people type in about guards, checked. Pure; raises ``BadInputError``."""

import re
from collections.abc import Collection, Mapping
from datetime import date, time
from typing import Final

from server.domain.calendar import MINUTES_PER_DAY
from server.domain.guards import Post, Rostered, Training
from server.domain.units import School
from server.guards.book import Guard
from server.texts.tongue import N_
from server.web import forms
from server.web.forms import BadInputError

_NEEDED: Final = N_("must not be empty")
_UNKNOWN: Final = N_("is not known")
_LONGEST: Final = 80
_WEEK: Final = 7
_PHONE: Final = re.compile(r"[0-9+ .()-]{0,20}")
_CODE: Final = re.compile(r"[\w.-]{1,32}")


def guard(form: Mapping[str, str], school: School, codes: Collection[str], today: date) -> Guard:
    """Return a guard. ``codes``: those that are taken at this school, also by who has left."""
    code = _needed(form, "code")
    if not _CODE.fullmatch(code):
        raise BadInputError("code", N_("must be letters, digits, dots and dashes"))
    if code in codes:
        raise BadInputError("code", N_("is another guard's already"))
    phone = forms.text(form, "phone", longest=20)
    if not _PHONE.fullmatch(phone):
        raise BadInputError("phone", N_("must be a phone number"))
    return Guard(
        school=school.id,
        code=code,
        name=_needed(form, "name"),
        phone=phone,
        since=forms.day(form, "first") or today,
    )


def post(form: Mapping[str, str], school: School, today: date) -> Post:
    """Return a post. A shift that ends at or before its beginning ends on the next day."""
    gate = forms.identifier(form, "gate")
    if gate not in {g.id for g in school.gates}:
        raise BadInputError("gate", _UNKNOWN)
    start, end = _minutes(form, "start"), _minutes(form, "end")
    days = tuple(day for day in range(_WEEK) if f"d{day}" in form)
    if not days:
        raise BadInputError("days", _NEEDED)
    return Post(
        school=school.id,
        gate=gate or "",
        name=_needed(form, "name"),
        days=days,
        start_min=start,
        end_min=end if end > start else end + MINUTES_PER_DAY,
        school_days="school_days" in form,
        first=forms.day(form, "first") or today,
        last=_last(form, forms.day(form, "first") or today),
    )


def rostered(
    form: Mapping[str, str], school: School, posts: Collection[str], guards: Collection[str]
) -> Rostered:
    """Return an entry of the roster."""
    first = _day(form, "first")
    return Rostered(
        school=school.id,
        post=_one_of(form, "post", posts),
        guard=_one_of(form, "guard", guards),
        first=first,
        last=_last(form, first),
    )


def training(form: Mapping[str, str], school: School, guards: Collection[str]) -> Training:
    """Return a training."""
    day, until = _day(form, "day"), forms.day(form, "valid_until")
    if until is not None and until < day:
        raise BadInputError("valid_until", N_("must not lie before the first day"))
    return Training(
        school=school.id,
        guard=_one_of(form, "guard", guards),
        day=day,
        certificate=forms.text(form, "certificate", longest=_LONGEST),
        valid_until=until,
    )


def _needed(form: Mapping[str, str], field: str) -> str:
    found = forms.text(form, field, longest=_LONGEST)
    if not found:
        raise BadInputError(field, _NEEDED)
    return found


def _day(form: Mapping[str, str], field: str) -> date:
    found = forms.day(form, field)
    if found is None:
        raise BadInputError(field, _NEEDED)
    return found


def _last(form: Mapping[str, str], first: date) -> date | None:
    last = forms.day(form, "last")
    if last is not None and last < first:
        raise BadInputError("last", N_("must not lie before the first day"))
    return last


def _one_of(form: Mapping[str, str], field: str, known: Collection[str]) -> str:
    found = forms.text(form, field)
    if found not in known:
        raise BadInputError(field, _UNKNOWN)
    return found


def _minutes(form: Mapping[str, str], field: str) -> int:
    try:
        clock = time.fromisoformat(forms.text(form, field, longest=5).zfill(5))
    except ValueError:
        raise BadInputError(field, N_("must be a time of day like 06:30")) from None
    return clock.hour * 60 + clock.minute
