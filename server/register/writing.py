"""Tables become files: one XLSX, or a CSV for each sheet."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

import xlsxwriter

from server.register.exporting import Table
from server.texts.formulas import guarded

_BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
_CREATED: Final = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Equal registers give equal files."""
_WIDEST: Final = 48


def workbook(tables: Iterable[Table]) -> bytes:
    """Return an XLSX file with one sheet a table; every cell is text, none is a formula."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": _CREATED})
    title = book.add_format({"bold": True, "bg_color": "#E8ECF1", "bottom": 1})
    text = book.add_format({"num_format": "@"})
    for table in tables:
        sheet = book.add_worksheet(table.sheet.title)
        titles = [column.title for column in table.sheet.columns]
        for number, line in enumerate((titles, *table.lines)):
            for column, cell in enumerate(line):
                sheet.write_string(number, column, cell, title if number == 0 else text)
        for column, width in enumerate(_widths([titles, *table.lines])):
            sheet.set_column(column, column, width, text)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(table.lines)), len(titles) - 1)
    book.close()
    return file.getvalue()


def csv_files(tables: Iterable[Table]) -> dict[str, bytes]:
    """Return a CSV file for each table by its name: semicolons, UTF-8 with a byte order mark."""
    return {f"{table.sheet.stem}.csv": _csv(table) for table in tables}


def _csv(table: Table) -> bytes:
    file = io.StringIO()
    lines = csv.writer(file, delimiter=";", lineterminator="\r\n")
    lines.writerow([column.title for column in table.sheet.columns])
    lines.writerows([guarded(cell) for cell in line] for line in table.lines)
    return f"{_BOM}{file.getvalue()}".encode()


def _widths(lines: Sequence[Sequence[str]]) -> list[int]:
    return [min(_WIDEST, max(map(len, column)) + 2) for column in zip(*lines, strict=True)]
