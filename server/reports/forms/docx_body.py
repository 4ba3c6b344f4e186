"""A document as WordprocessingML: strings alone, so that a table of thousands of rows is quick.

Every paragraph has a style and nothing else: what a writer changes in the style changes the paper.
Widths are twips (1/20 pt). Charts and pictures are referred to as ``rIdChart{n}`` and
``rIdPicture{n}`` from 1; the package brings them.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape

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
    parts_of,
)
from server.reports.forms.docx_drawing import drawing, photograph
from server.reports.forms.lines import addressed, enclosed, ended
from server.reports.wording import cell, long_day

MM: Final = 1440 / 25.4
TEXT_WIDTH: Final = round(160 * MM)
WIDE_WIDTH: Final = round(247 * MM)
_LEFT: Final = round(62 * MM)
_LOOK: Final = (
    '<w:tblLook w:val="0620" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0"'
    ' w:noHBand="1" w:noVBand="1"/>'
)
_CELL_STYLES: Final = {Kind.TEXT: "OChu", Kind.DAY: "OGiua"}


@dataclass(slots=True)
class _Counts:
    """Numbers of captions so far."""

    tables: int = 0
    charts: list[Chart] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


def body(document: Document) -> tuple[str, list[Chart], list[Picture]]:
    """Return what stands in ``w:body``, its charts and its pictures in order."""
    counts = _Counts()
    parts = [_letterhead(document), *_opening(document)]
    *blocks, end = document.blocks
    parts.extend(_block(one, counts, TEXT_WIDTH, in_annex=False) for one in blocks)
    if isinstance(end, Paragraph):  # the signature must not stand alone on a page
        parts.append(paragraph("CauKet", end.text))
    else:
        parts.append(_block(end, counts, TEXT_WIDTH, in_annex=False))
    parts.append(_closing(document))
    annexes = document.annexes
    if not annexes:
        return "".join(parts) + _section(wide=False), counts.charts, counts.pictures
    parts.append(_section_break(wide=False))
    for index, annex in enumerate(annexes):
        parts.extend(_annex(annex, annex_name(index, len(annexes)), document, counts))
        last = index == len(annexes) - 1
        parts.append(_section(wide=annex.wide) if last else _section_break(wide=annex.wide))
    return "".join(parts), counts.charts, counts.pictures


def paragraph(style: str, text: str) -> str:
    """Return a paragraph; a line feed breaks the line, blanks are marked."""
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{_runs(text)}</w:p>'


def _runs(text: str) -> str:
    return "".join(_run(piece, blank) for piece, blank in parts_of(text))


def _run(text: str, blank: bool) -> str:  # noqa: FBT001 (a pair of parts_of)
    lines = "<w:br/>".join(
        f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n")
    )
    style = '<w:rPr><w:rStyle w:val="ChoDien"/></w:rPr>' if blank else ""
    return f"<w:r>{style}{lines}</w:r>"


# ------------------------------------------------------------- the ends of a paper
def _letterhead(document: Document) -> str:
    head = document.letterhead
    left = [paragraph("CoQuanChuQuan", head.superior)] if head.superior else []
    left += [
        paragraph("CoQuanBanHanh", head.issuer),
        paragraph("KeCoQuan", ""),
        paragraph("SoKyHieu", f"Số: {head.number}"),
    ]
    right = [
        paragraph("QuocHieu", "Cộng hòa xã hội chủ nghĩa Việt Nam"),
        paragraph("TieuNgu", "Độc lập - Tự do - Hạnh phúc"),
        paragraph("NgayThang", f"{head.place}, {long_day(head.day)}"),
    ]
    return _frame([(_LEFT, "".join(left)), (TEXT_WIDTH - _LEFT, "".join(right))])


def _opening(document: Document) -> Iterator[str]:
    yield paragraph("Title", document.name)
    yield paragraph("Subtitle", document.about)
    yield paragraph("KeTrichYeu", "")
    if document.to:
        yield paragraph("KinhGui", addressed(document.to))
    for base, end in ended(document.bases):
        yield paragraph("CanCu", f"Căn cứ {base}{end}")


def _closing(document: Document) -> str:
    if not document.signatures:
        return ""
    columns = []
    if document.copies:
        lines = [paragraph("NoiNhan", "Nơi nhận:")]
        lines += [paragraph("NoiNhanMuc", f"- {c}{end}") for c, end in ended(document.copies)]
        columns.append("".join(lines))
    columns += [_signature(one) for one in document.signatures]
    share = TEXT_WIDTH // len(columns)
    return paragraph("KhoangTrong", "") + _frame([(share, column) for column in columns])


def _signature(one: Signature) -> str:
    lines = [paragraph("ChucVu", line) for line in (one.on_behalf, one.post) if line]
    return "".join([*lines, paragraph("ChoKy", ""), paragraph("HoTen", one.name)])


def _frame(cells: Iterable[tuple[int, str]]) -> str:
    """Return a table of one row that shows no lines."""
    cells = list(cells)
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width, _ in cells)
    row = "".join(
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{inner}</w:tc>'
        for width, inner in cells
    )
    total = sum(width for width, _ in cells)
    return (
        f'<w:tbl><w:tblPr><w:tblStyle w:val="KhungTrang"/><w:tblW w:w="{total}" w:type="dxa"/>'
        f'<w:tblLayout w:type="fixed"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{row}</w:tr></w:tbl>"
    )


def _annex(annex: Annex, name: str, document: Document, counts: _Counts) -> Iterator[str]:
    yield paragraph("PhuLuc", name)
    yield paragraph("TenPhuLuc", annex.title)
    yield paragraph("KemTheo", enclosed(document))
    yield paragraph("KeTrichYeuNgang" if annex.wide else "KeTrichYeu", "")
    width = WIDE_WIDTH if annex.wide else TEXT_WIDTH
    for block in annex.blocks:
        yield _block(block, counts, width, in_annex=True)


# ---------------------------------------------------------------------- its text
def _block(block: Block, counts: _Counts, width: int, *, in_annex: bool) -> str:
    match block:
        case Heading():
            style = "MucPhuLuc" if in_annex else f"Heading{block.level}"
            return paragraph(style, block.text)
        case Paragraph():
            return paragraph("BodyText", block.text)
        case Item():
            return paragraph("ListBullet", block.text)
        case Table():
            return _table(block, counts, width)
        case Chart():
            counts.charts.append(block)
            number = len(counts.charts)
            return _caption("Biểu đồ", number, block.title) + drawing(block, number)
        case Picture():
            counts.pictures.append(block)
            number = len(counts.pictures)
            return photograph(block, number) + _caption("Ảnh", number, block.title)


def _caption(word: str, number: int, title: str) -> str:
    field_ = (
        f'<w:fldSimple w:instr=" SEQ {word.replace(" ", "_")} \\* ARABIC ">'
        f"<w:r><w:t>{number}</w:t></w:r></w:fldSimple>"
    )
    style = '<w:pPr><w:pStyle w:val="Caption"/></w:pPr>'
    return f"<w:p>{style}{_run(f'{word} ', False)}{field_}{_runs(f'. {title}')}</w:p>"


def _table(table: Table, counts: _Counts, width: int) -> str:
    if not table.rows:
        return paragraph("BodyText", f"{table.title}: {table.empty[:1].lower()}{table.empty[1:]}")
    counts.tables += 1
    weights = [c.weight for c in table.columns]
    widths = [width * w // sum(weights) for w in weights]
    head = "".join(
        _cell(w, "DauCot", column.title) for w, column in zip(widths, table.columns, strict=True)
    )
    last = len(table.rows) - 1 if table.sums else -1
    rows = "".join(
        _row(row, table.columns, widths, bold=index == last) for index, row in enumerate(table.rows)
    )
    grid = "".join(f'<w:gridCol w:w="{w}"/>' for w in widths)
    return (
        _caption("Bảng", counts.tables, table.title)
        + f'<w:tbl><w:tblPr><w:tblStyle w:val="BangSoLieu"/><w:tblW w:w="{sum(widths)}"'
        f' w:type="dxa"/><w:tblLayout w:type="fixed"/>{_LOOK}</w:tblPr>'
        f"<w:tblGrid>{grid}</w:tblGrid>"
        f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{head}</w:tr>{rows}</w:tbl>"
        + paragraph("Normal", "")
    )


def _row(
    row: Sequence[Value], columns: Sequence[Column], widths: Sequence[int], *, bold: bool
) -> str:
    end = "Tong" if bold else ""
    cells = "".join(
        _cell(width, _style(value, column) + end, cell(value, column))
        for value, column, width in zip(row, columns, widths, strict=True)
    )
    return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{cells}</w:tr>"


def _style(value: Value, column: Column) -> str:
    if isinstance(value, str) and column.kind is not Kind.TEXT:
        return "OGiua"
    return _CELL_STYLES.get(column.kind, "OSo")


def _cell(width: int, style: str, text: str) -> str:
    return (
        f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/></w:tcPr>{paragraph(style, text)}</w:tc>'
    )


# ------------------------------------------------------------------------- pages
def _section(*, wide: bool) -> str:
    """Return the properties of a section: A4, the margins of the decree, number from page 2."""
    width, height = round(210 * MM), round(297 * MM)
    size = (
        f'<w:pgSz w:w="{height}" w:h="{width}" w:orient="landscape"/>'
        if wide
        else f'<w:pgSz w:w="{width}" w:h="{height}"/>'
    )
    edge, left, head = round(20 * MM), round(30 * MM), round(10 * MM)
    return (
        '<w:sectPr><w:headerReference w:type="default" r:id="rIdNumber"/>'
        f'<w:type w:val="nextPage"/>{size}<w:pgMar w:top="{edge}" w:right="{edge}"'
        f' w:bottom="{edge}" w:left="{left}" w:header="{head}" w:footer="{head}" w:gutter="0"/>'
        '<w:pgNumType w:start="1"/><w:titlePg/></w:sectPr>'
    )


def _section_break(*, wide: bool) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="NgatPhan"/>{_section(wide=wide)}</w:pPr></w:p>'
