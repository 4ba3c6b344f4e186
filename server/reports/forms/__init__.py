"""The forms that a document can take: one module each, all called the same way.

``FORMS`` is the table. A form's library is loaded when it is first used: a server that makes no
report needs none of them.
"""

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from server.reports.document import Document

_OFFICE: Final = "application/vnd.openxmlformats-officedocument"


class FormError(Exception):
    """This machine can't write such files; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file: the module that writes it, and its media type."""

    module: str
    media: str

    def write(self, document: Document) -> bytes:
        """Return a document as a file of this kind. Raises ``FormError``."""
        try:
            module: Any = import_module(f"server.reports.forms.{self.module}")
        except OSError as error:  # WeasyPrint looks for Pango when it is loaded
            raise FormError(f"{self.module.upper()} can't be written here: {error}") from error
        data: bytes = module.write(document)
        return data


FORMS: Final[dict[str, Form]] = {
    "docx": Form("docx", f"{_OFFICE}.wordprocessingml.document"),
    "pdf": Form("pdf", "application/pdf"),
    "xlsx": Form("xlsx", f"{_OFFICE}.spreadsheetml.sheet"),
}
"""By the file's extension."""
