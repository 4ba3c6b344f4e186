"""The fault register as CSV and XLSX; no cell of it is a formula."""

import io
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Final

import xlsxwriter

from server.texts.tongue import Tongue
from server.web.csvfile import BOM, line
from server.web.pages.faults import HEAD, FaultLine, cells

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WIDTHS: Final = (30, 18, 34, 12, 12, 22, 12, 22, 8, 12, 14, 22, 36, 12)
_OPTIONS: Final = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}


def csv_text(tongue: Tongue, lines: Iterable[FaultLine]) -> str:
    """Return the register for a spreadsheet that opens CSV."""
    head = line([tongue.text(title) for title in HEAD])
    return BOM + head + "".join(line(_texts(tongue, cells(tongue, one))) for one in lines)


def xlsx_bytes(tongue: Tongue, lines: Iterable[FaultLine]) -> bytes:
    """Return the register as a workbook of one sheet."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, _OPTIONS)
    sheet = book.add_worksheet(tongue.text("Fault register")[:31])
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"})
    money = book.add_format({"num_format": "#,##0", "valign": "top"})
    text = book.add_format({"text_wrap": True, "valign": "top"})
    for column, (title, width) in enumerate(zip(HEAD, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, tongue.text(title), bold)
    for row, one in enumerate(lines, 1):
        for column, value in enumerate(cells(tongue, one)):
            match value:
                case None:
                    continue
                case date():
                    sheet.write_datetime(row, column, value, day)
                case int():
                    sheet.write_number(row, column, value, money)
                case str():
                    sheet.write_string(row, column, value, text)
    sheet.freeze_panes(1, 0)
    book.close()
    return file.getvalue()


def _texts(tongue: Tongue, values: Sequence[str | int | date | None]) -> list[str]:
    return [
        tongue.day(value, year=True)
        if isinstance(value, date)
        else ""
        if value is None
        else str(value)
        for value in values
    ]
