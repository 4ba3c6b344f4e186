"""A paper before it has a form: letterhead, text, tables, charts, annexes. Frozen values.

What a paper consists of is Decree 30/2020/ND-CP's, Appendix I; how it looks is the forms'
business. Headings carry no numbers: ``I.``, ``1.``, ``a)`` are counted by the form, so that a
writer who moves a part in the word processor gets it counted again. A *blank*, ``[…]`` or
``[…what…]``, is what the software cannot know; every form marks it.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final

BLANK: Final = "[…]"
"""What the writer fills in."""

UNSET: Final = "Chưa quy định"
"""What the plan does not say."""

_BLANK: Final = re.compile(r"(\[…[^\]]*\])")
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Kind(StrEnum):
    """What a column holds; says how it is aligned and written."""

    TEXT = "text"
    NUMBER = "number"
    SHARE = "share"
    DAY = "day"
    HOURS = "hours"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Share:
    """A part of a whole as a range from 0 to 1; equal ends are one number."""

    low: Fraction
    high: Fraction


Value = str | int | Share | date | None
"""A cell: hours are seconds, money is VND; None is written as a dash."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. ``weight``: its width against the other columns'."""

    title: str
    kind: Kind = Kind.TEXT
    weight: int = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under headings.

    Attributes:
        title: What stands above it (and names its sheet in the XLSX, where ``sheet`` is given).
        sums: The last row sums up the others.
        sheet: The name of its own sheet in the XLSX; None: it stays in the text.
        empty: What is said instead of a table without rows.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Value, ...], ...]
    sums: bool = False
    sheet: str | None = None
    empty: str = "Không có."

    def __post_init__(self) -> None:
        """Refuse a row that has not as many cells as there are columns."""
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"a row of {self.title!r} has not {len(self.columns)} cells")


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart: sure and possible parts of a whole."""

    label: str
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Horizontal bars of 100 % each, in three parts: sure, not known, not.

    ``parts`` names the three, in this order.
    """

    title: str
    bars: tuple[Bar, ...]
    parts: tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A photograph with its caption: a JPEG, and its size in pixels (above zero)."""

    title: str
    jpeg: bytes
    width_px: int
    height_px: int


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (``I.``), 2 (``1.``) or 3 (``a)``), without its number."""

    text: str
    level: int = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a list, written with a dash in front as official papers do."""

    text: str


Block = Heading | Paragraph | Item | Table | Chart | Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who issues the paper, under which number, where and when.

    ``superior``: the body above the issuer; None: none is named. ``number``: what follows ``Số:``.
    """

    superior: str | None
    issuer: str
    number: str
    place: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One who signs: in whose name or place (``TM. ỦY BAN NHÂN DÂN``), the post, the name."""

    on_behalf: str | None = None
    post: str
    name: str = BLANK


@dataclass(frozen=True, slots=True, kw_only=True)
class Annex:
    """An annex, on pages of its own; ``wide`` lies across."""

    title: str
    blocks: tuple[Block, ...]
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One paper.

    Attributes:
        name: What kind of paper it is, e.g. ``BÁO CÁO``.
        about: What it is about, under its name.
        to: Whom it is addressed to (``Kính gửi``); empty for a paper that goes to nobody above.
        bases: What it rests on (``Căn cứ``), one each, without the closing mark.
        copies: Who gets one (``Nơi nhận``), without dashes and closing marks.
        signatures: One, or two side by side (minutes of two parties).
    """

    letterhead: Letterhead
    name: str
    about: str
    to: tuple[str, ...] = ()
    bases: tuple[str, ...] = ()
    blocks: tuple[Block, ...]
    copies: tuple[str, ...] = ()
    signatures: tuple[Signature, ...] = ()
    annexes: tuple[Annex, ...] = ()


def clean(text: str) -> str:
    """Return text in NFC without characters that no XML may hold."""
    return _UNFIT.sub("", unicodedata.normalize("NFC", text))


def parts_of(text: str) -> list[tuple[str, bool]]:
    """Return cleaned text cut at its blanks: pieces, and whether each is a blank."""
    pieces = _BLANK.split(clean(text))
    return [(piece, bool(_BLANK.fullmatch(piece))) for piece in pieces if piece]


def annex_name(index: int, count: int) -> str:
    """Return ``Phụ lục II``; an annex that is alone has no number."""
    return "Phụ lục" if count == 1 else f"Phụ lục {roman(index + 1)}"


def roman(number: int) -> str:
    """Return a number from 1 to 3999 in Roman numerals."""
    text = ""
    for value, sign in _ROMAN:
        count, number = divmod(number, value)
        text += sign * count
    return text


_ROMAN: Final = tuple(
    zip(
        (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
        ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
        strict=True,
    )
)
