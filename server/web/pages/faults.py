"""The fault register's page and files: which entries are shown, and what a line says. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from server.domain.faults import FaultEntry
from server.domain.units import Organisation
from server.inspecting.faultbook import KeptFault
from server.texts.tongue import N_, Tongue
from server.texts.words import cause_word, state_word
from wire.vocabulary import State

MOST: Final = 300
"""Lines on a page; files hold all."""


class Which(StrEnum):
    """Which entries are wanted."""

    OPEN = "open"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What of the register is wanted; days are of the beginning, both included."""

    which: Which = Which.OPEN
    school: str | None = None
    first: date | None = None
    last: date | None = None

    def takes(self, entry: FaultEntry) -> bool:
        """Tell whether an entry is wanted. A withdrawn one is, where people wrote something."""
        if self.which is Which.OPEN and (entry.ended is not None or is_withdrawn(entry)):
            return False
        if self.school is not None and entry.school != self.school:
            return False
        if self.first is not None and entry.ended is not None and entry.ended < self.first:
            return False
        return self.last is None or entry.since <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultLine:
    """One line: names as of today, ids where there are none any more."""

    id: str
    revision: int
    entry: FaultEntry
    school: str
    camera: str
    days: int
    withdrawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultsPage:
    """The lines that are shown, newest first; ``more``: how many are left out."""

    lines: tuple[FaultLine, ...]
    more: int
    schools: tuple[tuple[str, str], ...]
    wanted: Filter


def is_withdrawn(entry: FaultEntry) -> bool:
    """Tell whether later reports say that it was no fault."""
    return entry.seen is not None and entry.seen.withdrawn


def fault_lines(
    kept: Iterable[KeptFault], wanted: Filter, organisation: Organisation, *, today: date
) -> list[FaultLine]:
    """Return the wanted lines, oldest first."""
    found = [
        _line(one, organisation, today)
        for one in kept
        if wanted.takes(one.entry)
        and not (is_withdrawn(one.entry) and one.entry.written == type(one.entry.written)())
    ]
    return sorted(found, key=lambda x: (x.entry.since, x.school, x.id))


def faults_page(lines: list[FaultLine], wanted: Filter, organisation: Organisation) -> FaultsPage:
    """Return the page."""
    return FaultsPage(
        lines=tuple(reversed(lines[-MOST:])),
        more=max(0, len(lines) - MOST),
        schools=tuple(sorted(((s.id, s.name) for s in organisation.schools), key=lambda s: s[1])),
        wanted=wanted,
    )


def _line(kept: KeptFault, organisation: Organisation, today: date) -> FaultLine:
    entry = kept.entry
    school, camera = organisation.school(entry.school), organisation.camera(entry.camera or "")
    return FaultLine(
        id=kept.record.id,
        revision=kept.record.revision,
        entry=entry,
        school=school.name if school else entry.school,
        camera=camera[1].name if camera else entry.camera or "",
        days=entry.days_open(today),
        withdrawn=is_withdrawn(entry),
    )


HEAD: Final = (
    N_("School"),
    N_("Camera"),
    N_("What is broken"),
    N_("Broken since"),
    N_("Reported on"),
    N_("Reported to"),
    N_("Repaired on"),
    N_("Repaired by"),
    N_("Days open"),
    N_("Warranty until"),
    N_("Cost, VND"),
    N_("Contractor"),
    N_("Note"),
    N_("Entered by"),
)


def what_of(tongue: Tongue, entry: FaultEntry) -> str:
    """Return what is broken: what people wrote first, else what the system saw."""
    if entry.written.what or entry.seen is None:
        return entry.written.what
    known: Mapping[str, State] = {state.value: state for state in State}
    state = known.get(entry.seen.state)
    word = state_word(tongue, state) if state else entry.seen.state
    cause = cause_word(tongue, entry.seen.cause)
    return f"{word}: {cause}" if cause else word


def cells(tongue: Tongue, line: FaultLine) -> list[str | int | date | None]:
    """Return a line's cells under ``HEAD``."""
    entry, told = line.entry, line.entry.written
    note = told.note
    if line.withdrawn:
        note = f"{tongue.text('later reports say that it was no fault')}. {note}".strip()
    return [
        line.school,
        line.camera,
        what_of(tongue, entry),
        entry.since,
        told.reported,
        told.reported_to,
        entry.ended,
        told.repaired_by,
        line.days,
        told.warranty_until,
        told.cost,
        told.contractor,
        note,
        tongue.text("the system") if entry.seen else tongue.text("by hand"),
    ]
