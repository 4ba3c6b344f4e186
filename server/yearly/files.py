"""What a file that a school hands in really is, by its content and never by its name. Pure.

Taken are PDF, DOCX, XLSX, JPEG and PNG. An office file may hold no macro, no embedded program and
no more unpacked than a paper needs; one that a password locks can be read by nobody and is refused.
A JPEG is kept as it is: it is somebody's paper, not a picture of a camera.
"""

import zipfile
from enum import StrEnum
from io import BytesIO
from typing import Final

_PDF: Final = "application/pdf"
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_DOCX: Final = f"{_OFFICE}wordprocessingml.document"
_XLSX: Final = f"{_OFFICE}spreadsheetml.sheet"
ENDINGS: Final = {
    _PDF: ".pdf",
    _DOCX: ".docx",
    _XLSX: ".xlsx",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
"""What is taken, and how a name of such a file ends."""
_HEADS: Final = {
    b"%PDF-": _PDF,
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
}
_MAIN: Final = {"word/document.xml": _DOCX, "xl/workbook.xml": _XLSX}
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_TYPES: Final = "[Content_Types].xml"
_PROGRAMS: Final = ("vbaproject", "/activex/", "vbadata", "/macrosheets/", ".exe", ".js")
_MOST_ENTRIES: Final = 4000
_MOST_UNPACKED: Final = 300 * 2**20
_MOST_TYPES: Final = 2**20
_LONGEST_NAME: Final = 120


class Refusal(StrEnum):
    """Why a file is not taken."""

    EMPTY = "empty"
    UNKNOWN = "unknown"
    MACROS = "macros"
    LOCKED = "locked"
    BROKEN = "broken"
    TOO_LARGE = "too_large"


class FileError(ValueError):
    """A file that is not taken, and why."""

    def __init__(self, why: Refusal) -> None:
        super().__init__(why.value)
        self.why = why


def media_of(data: bytes) -> str:
    """Return the media type of a file. Raises ``FileError`` for all that is not taken."""
    if not data:
        raise FileError(Refusal.EMPTY)
    if data.startswith(_OLE):
        raise FileError(Refusal.LOCKED)  # an office file of before 2007, or one with a password
    if data.startswith(b"PK"):
        return _office(data)
    for head, media in _HEADS.items():
        if data.startswith(head):
            return media
    raise FileError(Refusal.UNKNOWN)


def named(name: str, media: str) -> str:
    """Return a file's name without folders and control characters, with the right ending."""
    plain = "".join(c for c in name.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    ending = ENDINGS[media]
    stem = plain[: -len(ending)] if plain.lower().endswith(ending) else plain
    if media == "image/jpeg" and plain.lower().endswith(".jpeg"):
        stem = plain[: -len(".jpeg")]
    return f"{stem.strip(' .')[:_LONGEST_NAME] or 'tai-lieu'}{ending}"


def _office(data: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as book:
            return _kind_of(book)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise FileError(Refusal.BROKEN) from error


def _kind_of(book: zipfile.ZipFile) -> str:
    entries = book.infolist()
    names = [entry.filename.lower() for entry in entries]
    if len(entries) > _MOST_ENTRIES or sum(e.file_size for e in entries) > _MOST_UNPACKED:
        raise FileError(Refusal.TOO_LARGE)
    if any(program in name for name in names for program in _PROGRAMS):
        raise FileError(Refusal.MACROS)
    found = next((media for main, media in _MAIN.items() if main in names), None)
    if found is None or _TYPES.lower() not in names:
        raise FileError(Refusal.UNKNOWN)
    with book.open(entries[names.index(_TYPES.lower())]) as file:
        types = file.read(_MOST_TYPES)
    if b"macroenabled" in types.lower():
        raise FileError(Refusal.MACROS)
    return found
