"""Reminders: what each school would be sent and to whom, and what was sent before. Pure."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from server.domain.dated import at
from server.domain.duties_owed import WorkYear
from server.domain.register import Register
from server.domain.units import Contact
from server.texts.tongue import N_
from server.web.pages.schools import plain
from server.yearly.reminding import How, Reminded

SHOWN: Final = 50
"""So many letters are shown; all of them are sent."""
PAST_SHOWN: Final = 100
LOOKS: Final = {How.WAITING: "unk", How.SENT: "up", How.FAILED: "down"}
"""The style sheet's short names."""
HOW: Final = {
    How.WAITING: N_("On its way"),
    How.SENT: N_("Sent"),
    How.FAILED: N_("Not sent"),
}


class Standing(StrEnum):
    """Whether a letter can go to a school; in the order in which they are shown."""

    READY = "ready"
    TODAY = "today"
    NO_ADDRESS = "no_address"


_ORDER: Final = tuple(Standing)


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterView:
    """What one school would be sent. ``to``: personal data, for officers only."""

    letter: Reminded
    school: str
    to: tuple[Contact, ...]
    standing: Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class PastView:
    """One reminder of before.

    ``to``: the contacts' names, ``missed``: of those whom it has not reached; for officers only.
    """

    one: Reminded
    school: str
    to: tuple[str, ...]
    missed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RemindersPage:
    """Everything on the page. ``seen`` tells whether what is sent is what was shown."""

    year: WorkYear
    letters: tuple[LetterView, ...]
    past: tuple[PastView, ...]
    seen: str

    @property
    def ready(self) -> list[Reminded]:
        """What would be sent."""
        return [view.letter for view in self.letters if view.standing is Standing.READY]

    def count(self, standing: str) -> int:
        """Return of how many schools it stands so."""
        return sum(1 for view in self.letters if view.standing == standing)


def reminders_page(
    made: Sequence[tuple[Reminded, tuple[Contact, ...]]],
    past: Iterable[Reminded],
    register: Register,
    year: WorkYear,
    today: date,
) -> RemindersPage:
    """Return the page of the letters that would be sent and of those of before."""
    rows = sorted(past, key=lambda one: (one.day, one.school), reverse=True)
    own = [one for one in rows if one.year == year.id]
    had = {one.school for one in rows if one.day == today}
    views = [
        LetterView(
            letter=letter,
            school=register.school_name(letter.school),
            to=to,
            standing=_standing(letter, had),
        )
        for letter, to in made
    ]
    views.sort(key=lambda view: (_ORDER.index(view.standing), plain(view.school)))
    return RemindersPage(
        year=year,
        letters=tuple(views),
        past=tuple(_past(one, register) for one in own[:PAST_SHOWN]),
        seen=_digest(views),
    )


def _standing(letter: Reminded, had: Iterable[str]) -> Standing:
    if letter.school in had:
        return Standing.TODAY
    return Standing.READY if letter.contacts else Standing.NO_ADDRESS


def _past(one: Reminded, register: Register) -> PastView:
    """Return a reminder of before, with its contacts as they were called on that day."""
    school = at(register.school(one.school), one.day)
    names: Mapping[str, str] = {} if school is None else {c.id: c.name for c in school.contacts}
    return PastView(
        one=one,
        school=register.school_name(one.school),
        to=tuple(names.get(contact, contact) for contact in one.contacts),
        missed=tuple(names.get(c, c) for c in one.contacts if c not in one.reached),
    )


def _digest(views: Iterable[LetterView]) -> str:
    told = [
        (view.letter.school, [(c.id, c.mail) for c in view.to], view.letter.text)
        for view in views
        if view.standing is Standing.READY
    ]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()
