"""Charts and pictures as they stand in a DOCX's text: boxes that refer to parts of the package."""

from typing import Final
from xml.sax.saxutils import quoteattr

from server.reports.document import Chart, Picture, clean
from server.reports.forms.lines import picture_mm

_EMU_PER_MM: Final = 36_000
_WIDE_MM: Final = 150
_FRAME_MM: Final = 26
_BAR_MM: Final = 8
"""A chart grows with its bars, so that they keep their thickness."""


def drawing(chart: Chart, number: int) -> str:
    """Return the paragraph that shows a chart."""
    wide, tall = _WIDE_MM * _EMU_PER_MM, (_FRAME_MM + _BAR_MM * len(chart.bars)) * _EMU_PER_MM
    told = quoteattr(clean(chart.title))
    return (
        '<w:p><w:pPr><w:pStyle w:val="BieuDo"/></w:pPr><w:r><w:drawing>'
        '<wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{tall}"/>'
        f'<wp:docPr id="{number}" name="Biểu đồ {number}" descr={told}/><wp:cNvGraphicFramePr/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/chart">'
        f'<c:chart r:id="rIdChart{number}"/></a:graphicData></a:graphic></wp:inline></w:drawing>'
        "</w:r></w:p>"
    )


def photograph(picture: Picture, number: int) -> str:
    """Return the paragraph that shows a picture."""
    wide, tall = (round(mm * _EMU_PER_MM) for mm in picture_mm(picture))
    told, name = quoteattr(clean(picture.title)), f"Ảnh {number}"
    return (
        '<w:p><w:pPr><w:pStyle w:val="Anh"/></w:pPr><w:r><w:drawing>'
        '<wp:inline distT="0" distB="0" distL="0" distR="0">'
        f'<wp:extent cx="{wide}" cy="{tall}"/>'
        f'<wp:docPr id="{1000 + number}" name="{name}" descr={told}/><wp:cNvGraphicFramePr/>'
        '<a:graphic><a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture">'
        f'<pic:pic><pic:nvPicPr><pic:cNvPr id="{number}" name="{name}"/><pic:cNvPicPr/>'
        f'</pic:nvPicPr><pic:blipFill><a:blip r:embed="rIdPicture{number}"/>'
        "<a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr><a:xfrm>"
        f'<a:off x="0" y="0"/><a:ext cx="{wide}" cy="{tall}"/></a:xfrm>'
        '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom></pic:spPr></pic:pic>'
        "</a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
