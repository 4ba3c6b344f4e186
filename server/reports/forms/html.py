"""A document as HTML: what the PDF is made of. Pure; the style sheet is ``paper.css``."""

from base64 import b64encode
from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from server.reports.document import (
    Annex,
    Block,
    Chart,
    Column,
    Document,
    Heading,
    Item,
    Kind,
    Paragraph,
    Picture,
    Signature,
    Table,
    Value,
    annex_name,
    clean,
    parts_of,
)
from server.reports.forms.chart_svg import svg
from server.reports.forms.lines import addressed, enclosed, ended, picture_mm
from server.reports.wording import cell, long_day, number

MOST_ROWS: Final = 400
"""A PDF is laid out at some forty rows a second; nobody reads fifteen thousand of them on paper."""

_SHORT: Final = 12
"""A table of so many rows is not torn apart."""
_CELLS: Final = {Kind.TEXT: "", Kind.DAY: ' class="c"'}


class _Writer:
    """Writes blocks; counts tables and charts over the whole paper."""

    def __init__(self) -> None:
        self._tables = 0
        self._charts = 0
        self._pictures = 0

    def blocks(self, blocks: Sequence[Block], *, in_annex: bool = False) -> Iterator[str]:
        """Yield the HTML of blocks; items that follow each other are one list."""
        listing = False
        for block in blocks:
            if isinstance(block, Item) is not listing:
                listing = not listing
                yield "<ul>" if listing else "</ul>"
            yield self._block(block, in_annex=in_annex)
        if listing:
            yield "</ul>"

    def _block(self, block: Block, *, in_annex: bool) -> str:
        match block:
            case Heading():
                tag = f"h{block.level + 1}"
                own = f"<{tag}>{_text(block.text)}</{tag}>"
                return paragraph("part", block.text) if in_annex else own
            case Paragraph():
                return paragraph("body", block.text)
            case Item():
                return f"<li>- {_text(block.text)}</li>"
            case Table():
                return self._table(block)
            case Picture():
                return self._picture(block)
            case Chart():
                self._charts += 1
                title = f"Biểu đồ {self._charts}. {block.title}"
                return f"<figure><figcaption>{_text(title)}</figcaption>{svg(block)}</figure>"

    def _picture(self, picture: Picture) -> str:
        self._pictures += 1
        wide, tall = picture_mm(picture)
        data = b64encode(picture.jpeg).decode()
        return (
            f'<figure><img src="data:image/jpeg;base64,{data}" alt="{escape(clean(picture.title))}"'
            f' style="width: {wide}mm; height: {tall}mm">'
            f"<figcaption>{_text(f'Ảnh {self._pictures}. {picture.title}')}</figcaption></figure>"
        )

    def _table(self, table: Table) -> str:
        if not table.rows:
            return paragraph("body", f"{table.title}: {table.empty[:1].lower()}{table.empty[1:]}")
        self._tables += 1
        total = sum(c.weight for c in table.columns)
        widths = "".join(
            f'<col style="width:{100 * c.weight / total:.2f}%">' for c in table.columns
        )
        head = "".join(f"<th>{_text(c.title)}</th>" for c in table.columns)
        shown, left = _printed(table)
        rows = [_row(row, table.columns) for row in shown]
        short = ' class="short"' if len(rows) <= _SHORT else ""
        if table.sums:
            rows[-1] = rows[-1].replace("<tr>", '<tr class="sums">', 1)
        rest = f"Còn {number(left)} dòng nữa, xem tệp DOCX hoặc XLSX của báo cáo." if left else ""
        return (
            f"<table{short}><caption>{_text(f'Bảng {self._tables}. {table.title}')}</caption>"
            f"<colgroup>{widths}</colgroup><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(rows)}</tbody></table>{paragraph('body', rest) if rest else ''}"
        )


def page(document: Document, style: str) -> str:
    """Return the whole paper as one HTML page with its style sheet inside."""
    writer = _Writer()
    head = document.letterhead
    parts = [_letterhead(document), *_opening(document), *writer.blocks(document.blocks)]
    annexes = [
        f'<section class="annex" style="page: annex{i}">'
        f"{''.join(_annex(writer, annex, annex_name(i, len(document.annexes)), document))}"
        "</section>"
        for i, annex in enumerate(document.annexes)
    ]
    parts += [_closing(document), *annexes]
    return (
        '<!doctype html><html lang="vi"><head><meta charset="utf-8">'
        f"<title>{escape(clean(f'{document.name}: {document.about}'))}</title>"
        f'<meta name="author" content="{escape(clean(" ".join(head.issuer.split())))}">'
        f'<meta name="dcterms.created" content="{head.day}">'
        f"<style>{style}{_pages(document.annexes)}</style></head><body>{''.join(parts)}</body></html>"
    )


def _pages(annexes: Sequence[Annex]) -> str:
    """Return the style of each annex's pages: its own size, no number on the first."""
    return "".join(
        f"@page annex{i} {{ size: A4{' landscape' if annex.wide else ''} }}"
        f"@page :nth(1 of annex{i}) {{ counter-reset: page 1; @top-center {{ content: none }} }}"
        for i, annex in enumerate(annexes)
    )


def paragraph(kind: str, text: str) -> str:
    """Return a paragraph of one of the style sheet's classes."""
    return f'<p class="{kind}">{_text(text)}</p>'


def _text(text: str) -> str:
    return "".join(
        f'<span class="blank">{escape(piece)}</span>' if blank else escape(piece)
        for piece, blank in parts_of(text)
    )


def _letterhead(document: Document) -> str:
    head = document.letterhead
    superior = paragraph("superior", head.superior) if head.superior else ""
    return (
        f'<div class="head"><div>{superior}{paragraph("issuer", head.issuer)}'
        f'<div class="rule"></div>{paragraph("number", f"Số: {head.number}")}</div>'
        f"<div>{paragraph('nation', 'Cộng hòa xã hội chủ nghĩa Việt Nam')}"
        f"{paragraph('motto', 'Độc lập - Tự do - Hạnh phúc')}"
        f"{paragraph('day', f'{head.place}, {long_day(head.day)}')}</div></div>"
    )


def _opening(document: Document) -> Iterator[str]:
    yield f"<h1>{_text(document.name)}</h1>"
    yield paragraph("about", document.about)
    yield '<div class="rule long"></div>'
    if document.to:
        yield paragraph("to" if len(document.to) == 1 else "to many", addressed(document.to))
    for base, end in ended(document.bases):
        yield paragraph("base", f"Căn cứ {base}{end}")


def _closing(document: Document) -> str:
    if not document.signatures:
        return ""
    copies = ""
    if document.copies:
        lines = "".join(f"<p>- {_text(c)}{end}</p>" for c, end in ended(document.copies))
        copies = f'<div class="copies"><b>Nơi nhận:</b>{lines}</div>'
    return f'<div class="end">{copies}{"".join(map(_signature, document.signatures))}</div>'


def _signature(one: Signature) -> str:
    posts = "".join(paragraph("post", line) for line in (one.on_behalf, one.post) if line)
    return f"<div>{posts}{paragraph('name', one.name)}</div>"


def _annex(writer: _Writer, annex: Annex, name: str, document: Document) -> Iterator[str]:
    yield f"<h2>{name}</h2>"
    yield paragraph("title", annex.title)
    yield paragraph("with", enclosed(document))
    yield '<div class="rule long"></div>'
    yield from writer.blocks(annex.blocks, in_annex=True)


def _printed(table: Table) -> tuple[Sequence[tuple[Value, ...]], int]:
    """Return the rows that are printed, and how many are left out."""
    left = len(table.rows) - MOST_ROWS
    if left <= 0:
        return table.rows, 0
    if table.sums:
        return (*table.rows[: MOST_ROWS - 1], table.rows[-1]), left
    return table.rows[:MOST_ROWS], left


def _row(row: Sequence[Value], columns: Sequence[Column]) -> str:
    cells = "".join(
        f"<td{_class(value, column)}>{_text(cell(value, column))}</td>"
        for value, column in zip(row, columns, strict=True)
    )
    return f"<tr>{cells}</tr>"


def _class(value: Value, column: Column) -> str:
    if isinstance(value, str) and column.kind is not Kind.TEXT:
        return ' class="c"'
    return _CELLS.get(column.kind, ' class="n"')
