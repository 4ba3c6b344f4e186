"""A chart as native DrawingML, with its figures in a small workbook inside: "Edit data" works."""

import io
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

import xlsxwriter
from docx.opc.packuri import PackURI
from docx.opc.part import Part

from server.reports.document import Chart, clean
from server.reports.forms.lines import COLOURS, thirds
from server.reports.forms.packing import repacked

_ANY_DAY: Final = datetime(2000, 1, 1)  # noqa: DTZ001 (Excel knows no zones)
_CHART: Final = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_BOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_TO_BOOK: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/package"
TO_CHART: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/chart"


def chart_part(chart: Chart, number: int, package: object) -> Part:
    """Return a chart as a part that a document can refer to."""
    book = Part(
        PackURI(f"/word/embeddings/chart{number}.xlsx"),
        _BOOK,
        _workbook(chart),
        package,  # type: ignore[arg-type]
    )
    part = Part(
        PackURI(f"/word/charts/chart{number}.xml"),
        _CHART,
        _xml(chart).encode(),
        package,  # type: ignore[arg-type]
    )
    part.load_rel(_TO_BOOK, book, "rId1")
    return part


def _workbook(chart: Chart) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        book.set_properties({"created": _ANY_DAY})
        sheet = book.add_worksheet("Số liệu")
        for row, bar in enumerate(chart.bars, 1):
            sheet.write_string(row, 0, clean(bar.label))
        for column, (name, values) in enumerate(zip(chart.parts, thirds(chart), strict=True), 1):
            sheet.write_string(0, column, name)
            sheet.write_column(1, column, values)
    return repacked(file.getvalue())


def _xml(chart: Chart) -> str:
    series = "".join(
        _series(index, name, values, chart)
        for index, (name, values) in enumerate(zip(chart.parts, thirds(chart), strict=True))
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        '<c:chartSpace xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart"'
        ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<c:date1904 val="0"/><c:lang val="vi-VN"/><c:roundedCorners val="0"/>'
        '<c:chart><c:autoTitleDeleted val="1"/><c:plotArea><c:layout/>'
        '<c:barChart><c:barDir val="bar"/><c:grouping val="percentStacked"/>'
        f'<c:varyColors val="0"/>{series}<c:gapWidth val="45"/><c:overlap val="100"/>'
        '<c:axId val="111"/><c:axId val="112"/></c:barChart>'
        '<c:catAx><c:axId val="111"/><c:scaling><c:orientation val="maxMin"/></c:scaling>'
        '<c:delete val="0"/><c:axPos val="l"/><c:numFmt formatCode="General" sourceLinked="0"/>'
        '<c:majorTickMark val="none"/><c:minorTickMark val="none"/><c:tickLblPos val="low"/>'
        '<c:crossAx val="112"/><c:crosses val="autoZero"/></c:catAx>'
        '<c:valAx><c:axId val="112"/><c:scaling><c:max val="1"/><c:min val="0"/></c:scaling>'
        '<c:delete val="0"/><c:axPos val="b"/><c:majorGridlines><c:spPr><a:ln w="6350">'
        '<a:solidFill><a:srgbClr val="D3DAE3"/></a:solidFill></a:ln></c:spPr></c:majorGridlines>'
        '<c:numFmt formatCode="0%" sourceLinked="0"/><c:majorTickMark val="none"/>'
        '<c:minorTickMark val="none"/><c:tickLblPos val="nextTo"/><c:crossAx val="111"/>'
        '<c:crosses val="max"/></c:valAx></c:plotArea>'
        '<c:legend><c:legendPos val="b"/><c:overlay val="0"/></c:legend>'
        '<c:plotVisOnly val="1"/></c:chart>'
        '<c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz="1000"><a:latin typeface="Times New Roman"/>'
        '</a:defRPr></a:pPr><a:endParaRPr lang="vi-VN"/></a:p></c:txPr>'
        '<c:externalData r:id="rId1"><c:autoUpdate val="0"/></c:externalData></c:chartSpace>'
    )


def _series(index: int, name: str, values: list[float], chart: Chart) -> str:
    column, last = "BCD"[index], len(values) + 1
    labels = "".join(
        f'<c:pt idx="{i}"><c:v>{escape(clean(bar.label))}</c:v></c:pt>'
        for i, bar in enumerate(chart.bars)
    )
    points = "".join(f'<c:pt idx="{i}"><c:v>{v}</c:v></c:pt>' for i, v in enumerate(values))
    sheet = "'Số liệu'"
    return (
        f'<c:ser><c:idx val="{index}"/><c:order val="{index}"/><c:tx><c:strRef>'
        f'<c:f>{sheet}!${column}$1</c:f><c:strCache><c:ptCount val="1"/>'
        f'<c:pt idx="0"><c:v>{escape(clean(name))}</c:v></c:pt></c:strCache></c:strRef></c:tx>'
        f'<c:spPr><a:solidFill><a:srgbClr val="{COLOURS[index]}"/></a:solidFill></c:spPr>'
        f"<c:cat><c:strRef><c:f>{sheet}!$A$2:$A${last}</c:f><c:strCache>"
        f'<c:ptCount val="{len(values)}"/>{labels}</c:strCache></c:strRef></c:cat>'
        f"<c:val><c:numRef><c:f>{sheet}!${column}$2:${column}${last}</c:f><c:numCache>"
        f'<c:formatCode>0.0%</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numCache>'
        "</c:numRef></c:val></c:ser>"
    )
