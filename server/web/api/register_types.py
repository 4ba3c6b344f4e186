"""The register's import and a school's contacts as programs see them."""

from datetime import date

from server.web.api.camera_types import Answer


class ImportChange(Answer, frozen=True):
    """What a row changes: the column's heading and its cell, before and after."""

    column: str
    before: str
    after: str


class ImportRow(Answer, frozen=True):
    """A row that changes something or is wrong; ``first``: from when it holds."""

    place: str
    row: int
    id: str
    outcome: str
    first: date | None
    changes: tuple[ImportChange, ...] = ()
    troubles: tuple[str, ...] = ()


class ImportOut(Answer, frozen=True):
    """An import: tried, and ``written`` if that was asked for and nothing was wrong.

    ``elsewhere``: what would no longer fit, of things that no row names.
    """

    written: bool
    new: int
    changed: int
    same: int
    wrong: int
    rows: tuple[ImportRow, ...]
    elsewhere: tuple[str, ...] = ()


class ContactOut(Answer, frozen=True):
    """A person whom a school named to be written to or called."""

    id: str
    name: str
    role: str | None
    mail: str | None
    phone: str | None
    zalo: str | None


class ContactsOut(Answer, frozen=True):
    """Whom to write to at a school on a day. ``pupils`` None: nobody said how many it has."""

    school: str
    day: date
    pupils: int | None
    contacts: tuple[ContactOut, ...] = ()
