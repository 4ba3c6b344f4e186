"""XLSX: the text on the first sheet, then a sheet for every table and every chart.

Text is written as text, whatever it begins with: a school named ``=HYPERLINK(...)`` stays a name.
A range has two columns, so that it can be reckoned with. Written row by row, so thousands of
schools need no more memory than one.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import xlsxwriter

from server.reports.document import (
    Block,
    Chart,
    Column,
    Document,
    Heading,
    Item,
    Kind,
    Paragraph,
    Picture,
    Share,
    Table,
    Value,
    annex_name,
    clean,
)
from server.reports.forms.lines import COLOURS, ended, thirds
from server.reports.forms.packing import midnight, repacked
from server.reports.wording import long_day

_HOUR_S: Final = 3600
_SHEET_NAME: Final = 31
_FORBIDDEN: Final = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_FORMATS: Final[dict[Kind, dict[str, object]]] = {
    Kind.TEXT: {"text_wrap": True},
    Kind.NUMBER: {"num_format": "#,##0"},
    Kind.SHARE: {"num_format": "0.0%"},
    Kind.DAY: {"num_format": "dd/mm/yyyy", "align": "center"},
    Kind.HOURS: {"num_format": "#,##0.0"},
    Kind.MONEY: {"num_format": "#,##0"},
}
_WIDTHS: Final = {Kind.NUMBER: 9, Kind.SHARE: 12, Kind.DAY: 12, Kind.HOURS: 12, Kind.MONEY: 16}
_LETTERS: Final = 6.0
"""Characters of text to one unit of a column's weight."""


def write(document: Document) -> bytes:
    """Return the document as an XLSX file."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"constant_memory": True}) as book:
        _describe(book, document)
        looks = _Looks.of(book)
        _told(book.add_worksheet("Thông tin"), looks, document)
        names = _Names()
        for block in _figures(document):
            if isinstance(block, Table):
                _table(book.add_worksheet(names.of(block.sheet or "Bảng")), looks, block)
            else:
                _chart(book, names.of("Biểu đồ"), looks, block)
    return repacked(file.getvalue())


@dataclass(frozen=True, slots=True)
class _Looks:
    """The formats of one workbook."""

    title: Any
    part: Any
    text: Any
    head: Any
    cells: dict[tuple[Kind, bool], Any]

    @classmethod
    def of(cls, book: Any) -> "_Looks":
        font: dict[str, object] = {"font_name": "Times New Roman", "font_size": 12, "valign": "top"}
        head: dict[str, object] = {
            "bold": True,
            "text_wrap": True,
            "border": 1,
            "bg_color": "#E9EDF2",
        }
        return cls(
            title=book.add_format(font | {"bold": True, "font_size": 14, "text_wrap": True}),
            part=book.add_format(font | {"bold": True}),
            text=book.add_format(font | {"text_wrap": True}),
            head=book.add_format(
                font | head | {"align": "center", "valign": "vcenter", "text_wrap": True}
            ),
            cells={
                (kind, bold): book.add_format(font | look | {"border": 1, "bold": bold})
                for kind, look in _FORMATS.items()
                for bold in (False, True)
            },
        )


class _Names:
    """Names of sheets: Vietnamese, without what Excel forbids, none twice."""

    def __init__(self) -> None:
        self._taken: set[str] = {"thông tin"}

    def of(self, wanted: str) -> str:
        """Return a name that is free."""
        plain, count = clean(wanted).translate(_FORBIDDEN).strip()[:_SHEET_NAME], 1
        name = plain
        while name.casefold() in self._taken:
            count += 1
            name = f"{plain[: _SHEET_NAME - 4]} {count}"
        self._taken.add(name.casefold())
        return name


def _describe(book: Any, document: Document) -> None:
    head = document.letterhead
    issuer = clean(" ".join(head.issuer.split()))
    at = midnight(head.day).replace(tzinfo=None)
    title = clean(f"{document.name}: {document.about}")[:255]
    book.set_properties({"title": title, "author": issuer, "created": at})


def _figures(document: Document) -> Iterator[Table | Chart]:
    parts = [document.blocks, *(annex.blocks for annex in document.annexes)]
    for block in (block for blocks in parts for block in blocks):
        if isinstance(block, Chart) or (isinstance(block, Table) and block.rows):
            yield block


def _told(sheet: Any, looks: _Looks, document: Document) -> None:
    """Write the text, line by line."""
    sheet.set_column(0, 0, 110)
    sheet.hide_gridlines(2)
    for row, (text, look) in enumerate(_lines(document)):
        sheet.write_string(row, 0, clean(text), getattr(looks, look))


def _lines(document: Document) -> Iterator[tuple[str, str]]:
    head = document.letterhead
    yield " ".join(head.issuer.split()), "part"
    yield f"Số: {head.number}. {head.place}, {long_day(head.day)}", "text"
    yield f"{document.name.upper()}: {' '.join(document.about.split())}", "title"
    for base, end in ended(document.bases):
        yield f"Căn cứ {base}{end}", "text"
    yield from _texts(document.blocks)
    for index, annex in enumerate(document.annexes):
        yield f"{annex_name(index, len(document.annexes))}. {annex.title}", "part"
        yield from _texts(annex.blocks)


def _texts(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    for block in blocks:
        match block:
            case Heading(text=text):
                yield text, "part"
            case Paragraph(text=text):
                yield text, "text"
            case Item(text=text):
                yield f"- {text}", "text"
            case Table(title=title, rows=(), empty=empty):
                yield f"{title}: {empty}", "text"
            case Table() | Chart() | Picture():
                pass


def _table(sheet: Any, looks: _Looks, table: Table) -> None:
    columns = list(_columns(table.columns))
    for index, (column, width) in enumerate(columns):
        sheet.set_column(index, index, width)
        sheet.write_string(0, index, clean(column.title), looks.head)
    sheet.freeze_panes(1, 0)
    sheet.repeat_rows(0)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    last = len(table.rows) if table.sums else 0
    for row, values in enumerate(table.rows, 1):
        cells = (v for pair in zip(values, table.columns, strict=True) for v in _values(*pair))
        for index, (value, (column, _)) in enumerate(zip(cells, columns, strict=True)):
            _write(sheet, row, index, value, looks.cells[column.kind, row == last])
    sheet.autofilter(0, 0, len(table.rows) - int(table.sums), len(columns) - 1)


def _columns(columns: Sequence[Column]) -> Iterator[tuple[Column, float]]:
    """Yield the columns with their widths in characters; a range takes two."""
    for column in columns:
        width = _WIDTHS.get(column.kind, _LETTERS * column.weight)
        if column.kind is Kind.SHARE:
            yield replace(column, title=f"{column.title} (thấp nhất)"), width
            yield replace(column, title=f"{column.title} (cao nhất)"), width
        else:
            yield column, width


def _values(value: Value, column: Column) -> Iterator[str | float | date | None]:
    if isinstance(value, Share):
        yield from (float(value.low), float(value.high))
    elif column.kind is Kind.SHARE:
        yield from (value, value)
    elif isinstance(value, int) and column.kind is Kind.HOURS:
        yield value / _HOUR_S
    else:
        yield value


def _write(sheet: Any, row: int, column: int, value: str | float | date | None, look: Any) -> None:
    match value:
        case None:
            sheet.write_blank(row, column, None, look)
        case str():
            sheet.write_string(row, column, clean(value), look)
        case date():
            sheet.write_datetime(row, column, midnight(value).replace(tzinfo=None), look)
        case _:
            sheet.write_number(row, column, value, look)


def _chart(book: Any, name: str, looks: _Looks, chart: Chart) -> None:
    """Write a chart's figures on a sheet of its own, and the chart beside them."""
    sheet = book.add_worksheet(name)
    sheet.set_column(0, 0, 40)
    sheet.set_column(1, 3, 14)
    for column, title in enumerate(("", *chart.parts)):
        sheet.write_string(0, column, clean(title), looks.head)
    rows = zip(chart.bars, *thirds(chart), strict=True)
    for row, (bar, *values) in enumerate(rows, 1):
        sheet.write_string(row, 0, clean(bar.label), looks.cells[Kind.TEXT, False])
        for column, value in enumerate(values, 1):
            sheet.write_number(row, column, value, looks.cells[Kind.SHARE, False])
    drawn = book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    last = len(chart.bars)
    for column, colour in enumerate(COLOURS, 1):
        drawn.add_series(
            {
                "name": [name, 0, column],
                "categories": [name, 1, 0, last, 0],
                "values": [name, 1, column, last, column],
                "fill": {"color": f"#{colour}"},
                "gap": 45,
            }
        )
    drawn.set_title({"name": clean(chart.title), "name_font": {"size": 12}})
    drawn.set_y_axis({"reverse": True})
    drawn.set_x_axis({"num_format": "0%"})
    drawn.set_legend({"position": "bottom"})
    drawn.set_size({"width": 760, "height": 120 + 26 * last})
    sheet.insert_chart(1, 5, drawn)
