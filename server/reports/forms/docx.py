"""DOCX: Decree 30's layout as styles, headings that count themselves, native charts.

python-docx keeps the package; styles and numbering are ours (``styles.xml``, ``numbering.xml``), so
a writer finds Vietnamese style names and nothing that the paper does not use.
"""

import io
from pathlib import Path
from typing import Any, Final

import docx
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import parse_xml
from docx.oxml.xmlchemy import BaseOxmlElement

from server.reports.document import Chart, Document, Picture, clean
from server.reports.forms.docx_body import body
from server.reports.forms.docx_chart import TO_CHART, chart_part
from server.reports.forms.packing import midnight, repacked

_HERE: Final = Path(__file__).resolve().parent
_TO_HEADER: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/header"
_TO_PICTURE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"
_SPACES: Final = " ".join(
    f'xmlns:{prefix}="http://schemas.openxmlformats.org/{path}"'
    for prefix, path in {
        "w": "wordprocessingml/2006/main",
        "r": "officeDocument/2006/relationships",
        "wp": "drawingml/2006/wordprocessingDrawing",
        "a": "drawingml/2006/main",
        "c": "drawingml/2006/chart",
        "pic": "drawingml/2006/picture",
    }.items()
)
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BODY: Final = "word/document.xml"
_PAGE: Final = (
    f'<w:hdr {_SPACES}><w:p><w:pPr><w:pStyle w:val="Header"/></w:pPr>'
    '<w:fldSimple w:instr=" PAGE "><w:r><w:t>2</w:t></w:r></w:fldSimple></w:p></w:hdr>'
)


def write(document: Document) -> bytes:
    """Return the document as a DOCX file."""
    package = docx.Document()
    _replace(package.styles.element, _resource("styles.xml"))
    _replace(package.part.numbering_part.element, _resource("numbering.xml"))
    text, charts, pictures = body(document)
    _number_pages(package)
    _bring_charts(package, charts)
    _bring_pictures(package, pictures)
    _describe(package, document)
    file = io.BytesIO()
    package.save(file)
    # The text goes into the archive as it is: a tree of thousands of rows is slow and large.
    whole = f"{_HEAD}<w:document {_SPACES}><w:body>{text}</w:body></w:document>"
    return repacked(file.getvalue(), {_BODY: whole.encode()})


def _resource(name: str) -> BaseOxmlElement:
    return parse_xml((_HERE / name).read_bytes())


def _replace(element: Any, new: Any) -> None:
    """Put the children of ``new`` in place of an element's own."""
    for child in list(element):
        element.remove(child)
    for child in list(new):
        element.append(child)


def _number_pages(package: Any) -> None:
    header, relation = package.part.add_header_part()
    _replace(header.element, parse_xml(_PAGE))
    package.part.rels.pop(relation)
    package.part.load_rel(_TO_HEADER, header, "rIdNumber")


def _bring_charts(package: Any, charts: list[Chart]) -> None:
    for number, chart in enumerate(charts, 1):
        part = chart_part(chart, number, package.part.package)
        package.part.load_rel(TO_CHART, part, f"rIdChart{number}")


def _bring_pictures(package: Any, pictures: list[Picture]) -> None:
    for number, picture in enumerate(pictures, 1):
        name = PackURI(f"/word/media/image{number}.jpg")
        part = Part(name, "image/jpeg", picture.jpeg, package.part.package)
        package.part.load_rel(_TO_PICTURE, part, f"rIdPicture{number}")


def _describe(package: Any, document: Document) -> None:
    """Fill in what the file says of itself; its dates are the paper's day."""
    told, head = package.core_properties, document.letterhead
    at = midnight(head.day).replace(tzinfo=None)
    told.title = clean(f"{document.name}: {document.about}")[:255]
    told.author = told.last_modified_by = clean(" ".join(head.issuer.split()))[:255]
    told.created = told.modified = at
    told.language, told.revision = "vi-VN", 1
    told.comments = told.keywords = told.subject = told.category = ""
    thumbnails = [i for i, rel in package.part.package.rels.items() if "thumbnail" in rel.reltype]
    for relation in thumbnails:
        package.part.package.rels.pop(relation)
