"""Lists as XLSX: one sheet, typed cells, nothing that a spreadsheet would run. Pure."""

import io
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Final

import xlsxwriter

Cell = str | int | float | date | None
_CREATED: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Equal lists give equal files."""
_WIDEST: Final = 60


def workbook(name: str, titles: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """Return a file with one sheet; None is an empty cell, a date a day."""
    file, found = io.BytesIO(), list(rows)
    book = xlsxwriter.Workbook(file, {"in_memory": True})
    book.set_properties({"created": _CREATED})
    head = book.add_format({"bold": True, "bg_color": "#E8ECF1", "bottom": 1, "text_wrap": True})
    day = book.add_format({"num_format": "dd/mm/yyyy", "align": "left"})
    sheet = book.add_worksheet(name[:31])
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, head)
        cells = [row[column] for row in found]
        sheet.set_column(column, column, min(_WIDEST, max(map(_width, [title, *cells])) + 2))
        for number, cell in enumerate(cells, start=1):
            match cell:
                case str():
                    sheet.write_string(number, column, cell)
                case date():
                    sheet.write_datetime(number, column, datetime(*cell.timetuple()[:3]), day)  # noqa: DTZ001 (a sheet's day has no zone)
                case int() | float():
                    sheet.write_number(number, column, cell)
                case None:
                    pass
    sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()


def _width(cell: Cell) -> int:
    return len("31/12/2026") if isinstance(cell, date) else len(str(cell or ""))
