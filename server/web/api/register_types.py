"""The register's import as programs see it."""

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
