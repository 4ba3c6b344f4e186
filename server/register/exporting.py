"""The register as rows of sheets: as of a day, or with its whole history. Pure.

Reading an export back changes nothing; the whole history, read into an empty register, is the
register again.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from server.domain.dated import EVER, OPEN, Dated, Story
from server.domain.flaws import What
from server.domain.register import Register
from server.register.cells import EVER_WORD, Words, write_day
from server.register.sheets import PERSONAL, SHEETS, Sheet


class Table(NamedTuple):
    """A sheet and its lines, each with one cell per column."""

    sheet: Sheet
    lines: Sequence[Sequence[str]]


def exported(register: Register, *, words: Words, day: date | None, personal: bool) -> list[Table]:
    """Return every sheet: what holds on ``day``, one line a thing; None: all that ever held.

    Without ``personal`` those of personal data are left out.
    """
    return [
        Table(sheet, list(_lines_of(register, sheet, words, day)))
        for sheet in SHEETS
        if personal or sheet.what not in PERSONAL
    ]


def template() -> list[Table]:
    """Return every sheet with its headings only."""
    return [Table(sheet, []) for sheet in SHEETS]


class _Told(NamedTuple):
    school: str | None
    story: Story[Any]
    merged_into: str | None = None


def _things(register: Register, what: What) -> Iterator[_Told]:
    match what:
        case What.UNIT:
            for unit in register.units.values():
                yield _Told(None, unit.story, unit.merged_into)
        case What.SCHOOL:
            for school in register.schools.values():
                yield _Told(None, school.headers, school.merged_into)
        case _:
            for school in register.schools.values():
                parts: Mapping[What, Sequence[Story[Any]]] = {
                    What.ZONE: school.zones,
                    What.GATE: school.gates,
                    What.AGENT: school.agents,
                    What.CAMERA: school.cameras,
                    What.CONTACT: school.contacts,
                }
                for story in parts[what]:
                    yield _Told(school.id, story)


def _lines_of(
    register: Register, sheet: Sheet, words: Words, day: date | None
) -> Iterator[list[str]]:
    for told in _things(register, sheet.what):
        for piece in told.story:
            if day is None or piece.holds(day):
                cells = _days(told, piece, whole=day is None) | {
                    "school": told.school or "",
                    "merged_into": told.merged_into or "",
                    "id": piece.value.id,
                }
                yield [
                    cells[c.key] if c.key in cells else words.write(c.key, piece.value)
                    for c in sheet.columns
                ]


def _days(told: _Told, piece: Dated[Any], *, whole: bool) -> dict[str, str]:
    """Return the days of a line. As of one day a thing's end is told, a mere change's is not."""
    first = (EVER_WORD if whole else "") if piece.first == EVER else write_day(piece.first)
    ends = piece.last < OPEN and (whole or piece is told.story[-1])
    return {"from": first, "to": write_day(piece.last) if ends else ""}
