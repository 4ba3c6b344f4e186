"""Files of sheets become rows: XLSX and CSV, bounded, without macros and formulas.

Whatever is wrong with a file as a whole is a ``SheetError`` with one reason; what is wrong with a
cell is told with its row. No cell is ever computed.
"""

import csv
import io
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import PurePath
from typing import Any, Final

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from server.register.cells import FORMULA, folded, write_day
from server.register.entries import Row
from server.register.sheets import SHEETS, Sheet
from server.texts.formulas import unguarded
from server.texts.tongue import N_

LARGEST_BYTES: Final = 10 * 2**20
MOST_ROWS: Final = 200_000
"""Of one file: a city's 45,000 cameras are 100,000 rows with all that belongs to them."""
_UNPACKED: Final = 200 * 2**20
_PARTS: Final = 500
_COLUMNS: Final = 40
_INEXACT: Final = 10**15
"""Spreadsheets keep 15 digits of a number: of a longer code the last ones are no longer there."""
_DAMAGE: Final = (
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What zipfile and openpyxl raise over broken files, as found by breaking them at random."""


class SheetError(Exception):
    """A file that can't be used: a msgid, and what to fill in."""

    def __init__(self, text: str, **values: str) -> None:
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values


def rows_of(data: bytes, name: str) -> list[Row]:
    """Read a file by its content; ``name`` is told with its rows. Raises ``SheetError``."""
    if len(data) > LARGEST_BYTES:
        raise SheetError(N_("The file is larger than %(most)s MiB."), most=str(LARGEST_BYTES >> 20))
    if data.startswith(b"PK\x03\x04"):
        return list(_bounded(_workbook_rows(data)))
    if data.startswith((b"\xd0\xcf\x11\xe0", b"%PDF")) or b"\x00" in data[:4096]:
        raise SheetError(
            N_("This is no XLSX and no CSV in UTF-8. Old .xls files: save them as .xlsx first.")
        )
    return list(_bounded(_csv_rows(data, PurePath(name).name)))


def _bounded(rows: Iterable[Row]) -> Iterator[Row]:
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            raise SheetError(N_("The file has more than %(most)s rows."), most=f"{MOST_ROWS}")
        yield row


# -------------------------------------------------------------------------------- XLSX


def _workbook_rows(data: bytes) -> Iterator[Row]:
    _refuse_tricks(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
    except _DAMAGE as error:
        raise SheetError(N_("The XLSX file is damaged.")) from error
    found = False
    try:
        for sheet in book.worksheets:
            lines = (_texts(line) for line in sheet.iter_rows(max_col=_COLUMNS))
            head = next(lines, [])
            if _sheet_of(head) is None:
                continue  # notes, instructions, charts
            found = True
            yield from _table(head, enumerate(lines, 2), str(sheet.title))
    except _DAMAGE as error:
        raise SheetError(N_("The XLSX file is damaged.")) from error
    finally:
        book.close()
    if not found:
        raise SheetError(N_("No sheet has the headings of the template."))


def _refuse_tricks(data: bytes) -> None:
    """Refuse what a sheet of names and codes never needs: macros, bombs, entities."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > _PARTS or sum(part.file_size for part in parts) > _UNPACKED:
                raise SheetError(N_("The XLSX file unpacks to too much."))
            if any(part.flag_bits & 1 for part in parts):
                raise SheetError(N_("The file is protected by a password."))
            names = {part.filename.lower() for part in parts}
            if any("vba" in n or "macro" in n or "/activex/" in n for n in names):
                raise SheetError(N_("The file holds macros: save it as .xlsx without them."))
            for part in parts:
                with archive.open(part) as content:
                    _refuse_entities(part.filename, content)
    except _DAMAGE as error:
        raise SheetError(N_("The XLSX file is damaged.")) from error


def _refuse_entities(name: str, content: Any) -> None:
    """Read a part through, no further than it claims to be long."""
    text = name.lower().endswith((".xml", ".rels", ".vml"))
    left, tail = _UNPACKED, b""
    while chunk := content.read(1 << 16):
        left -= len(chunk)
        if left < 0:
            raise SheetError(N_("The XLSX file unpacks to too much."))
        seen = tail + chunk
        if text and (b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or seen[:2] in _UTF_16):
            raise SheetError(N_("The XLSX file is damaged."))
        if text and b"macroEnabled" in seen:
            raise SheetError(N_("The file holds macros: save it as .xlsx without them."))
        tail = chunk[-16:]


_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff", b"<\x00", b"\x00<")


def _texts(cells: Sequence[Any]) -> list[str]:
    return [_text(cell) for cell in cells]


def _text(cell: Any) -> str:
    """Return a cell as text; formulas and their errors as ``FORMULA``."""
    if cell.data_type in {"f", "e"}:
        return FORMULA
    match cell.value:
        case None:
            return ""
        case date() as day:  # a moment is one, too
            return write_day(day)
        case int() | float() as number if abs(number) >= _INEXACT:
            return f"{number:.14e}"  # digits are lost already: no reader takes this for a code
        case float() as number if number.is_integer():
            return str(int(number))
        case value:
            return str(value)


# --------------------------------------------------------------------------------- CSV


def _csv_rows(data: bytes, name: str) -> Iterator[Row]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SheetError(
            N_("The CSV file is not UTF-8 (byte %(at)s): save it as “CSV UTF-8”."),
            at=str(error.start),
        ) from error
    hint = text.startswith("sep=")
    if hint:  # Excel's own first line
        text = text.partition("\n")[2]
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        head = next(lines, [])
        if _sheet_of(head) is None:
            raise SheetError(N_("The first line does not have the headings of the template."))
        rest = ((lines.line_num + hint, [unguarded(cell) for cell in line]) for line in lines)
        yield from _table(head, rest, name)
    except csv.Error as error:
        number = str(lines.line_num)
        raise SheetError(N_("The CSV file is damaged in line %(line)s."), line=number) from error


def _delimiter(text: str) -> str:
    """Return what parts the cells of the first line."""
    head = text.partition("\n")[0]
    return max(";,\t", key=head.count)


# ------------------------------------------------------------------------------- tables


def _sheet_of(head: Sequence[str]) -> Sheet | None:
    """Return the sheet whose columns a line of headings names best; None: no code of anything."""
    told = {folded(title) for title in head}

    def hits(sheet: Sheet) -> int:
        return len(told & {folded(column.title) for column in sheet.columns})

    best = max(SHEETS, key=hits)
    own = folded(best.column("id").title)
    return best if own in told and folded(best.column("name").title) in told else None


def _table(
    head: Sequence[str], lines: Iterable[tuple[int, Sequence[str]]], place: str
) -> Iterator[Row]:
    sheet = _sheet_of(head)
    assert sheet is not None
    keys = _keys(sheet, head, place)
    for number, cells in lines:
        told = {
            key: _clean(cell)
            for key, cell in zip(keys, [*cells, *[""] * len(keys)], strict=False)
            if key is not None
        }
        if any(told.values()):
            yield Row(sheet.what, place, number, told)


def _keys(sheet: Sheet, head: Sequence[str], place: str) -> list[str | None]:
    known: Mapping[str, str] = {folded(column.title): column.key for column in sheet.columns}
    keys: list[str | None] = []
    for title in head:
        key = known.get(folded(title))
        if key is None and title.strip():
            raise SheetError(
                N_("%(place)s: there is no column “%(title)s”; there are: %(known)s"),
                place=place,
                title=title[:60],
                known=", ".join(column.title for column in sheet.columns),
            )
        if key is not None and key in keys:
            raise SheetError(
                N_("%(place)s: the column “%(title)s” stands twice"), place=place, title=title[:60]
            )
        keys.append(key)
    missing = [c.title for c in sheet.columns if c.needed and c.key not in keys]
    if missing:
        raise SheetError(
            N_("%(place)s: the column “%(title)s” is missing"), place=place, title=missing[0]
        )
    return keys


def _clean(cell: str) -> str:
    return unicodedata.normalize("NFC", cell).strip()
