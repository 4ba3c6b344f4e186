"""PDF, by WeasyPrint from the paper's HTML, with our own fonts: alike on every machine."""

import hashlib
import io
from pathlib import Path
from typing import Final

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from server.reports.document import Document
from server.reports.forms.html import page

_HERE: Final = Path(__file__).resolve().parent
_FONTS: Final = _HERE.parent / "fonts"


def write(document: Document) -> bytes:
    """Return the document as a PDF file."""
    text = page(document, (_HERE / "paper.css").read_text(encoding="utf-8"))
    identifier = hashlib.sha256(text.encode()).digest()[:16]
    file = io.BytesIO()
    HTML(string=text, base_url=_FONTS.parent.as_uri() + "/").write_pdf(
        file, font_config=FontConfiguration(), pdf_identifier=identifier, pdf_tags=True
    )
    return file.getvalue()
