"""The forms that a document can take: one module each, all called the same way.

``FORMS`` is the table.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from server.reports.document import Document
from server.reports.forms import docx, pdf, xlsx

__all__ = ["FORMS", "Form"]

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file: its media type, and what writes a document as one."""

    media: str
    write: Callable[[Document], bytes]


FORMS: Final[dict[str, Form]] = {
    "docx": Form(f"{_OFFICE}.wordprocessingml.document", docx.write),
    "pdf": Form("application/pdf", pdf.write),
    "xlsx": Form(f"{_OFFICE}.spreadsheetml.sheet", xlsx.write),
}
"""By the file's extension."""
