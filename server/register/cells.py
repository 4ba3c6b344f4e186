"""Cells: how the attributes of things are written in a sheet, and read back. Pure."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final

from server.domain.dated import EVER, OPEN
from server.domain.flaws import What
from server.domain.plan import SCHOOL_KINDS
from server.domain.units import LEVELS, Camera, School, Source, Zone
from server.texts.tongue import N_
from wire.topics import is_id

LONGEST_NAME: Final = 200
EVER_WORD: Final = "từ đầu"
"""In the column of first days: since ever."""
OPEN_WORD: Final = "không"
"""In the column of last days: it goes on, whatever was said before."""
FORMULA: Final = "\N{NULL}formula"
"""Stands for a cell that holds a formula."""
_LONGEST_MAIL: Final = 254
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
MAIL: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})+")
"""RFC 5321's Mailbox less quoted names and address literals, which no school has."""
_PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}|0[0-9]{8,10}")
"""E.164, or the domestic form: landlines have 11 digits with the 0, mobiles 10."""
_PHONE_MARKS: Final = str.maketrans("", "", " .-()\N{NO-BREAK SPACE}")
_ZALO: Final = re.compile(r"[0-9]{5,32}")
_PUPILS: Final = re.compile(r"[0-9]{1,5}")
_DATES: Final = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y")


class CellError(ValueError):
    """A cell that can't be read: a msgid, and what to fill in."""

    def __init__(self, text: str, **values: str) -> None:
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What cells may say besides ids: kinds of zones by id, with their Vietnamese names."""

    zone_kinds: Mapping[str, str]

    def read(self, what: What, key: str, cell: str) -> Any:
        """Return the value of a cell. Raises ``CellError``."""
        match what, key:
            case (What.SCHOOL, "kind"):
                return _one_of(cell, SCHOOL_KINDS)
            case (What.ZONE, "kind"):
                return _one_of(cell, self.zone_kinds)
            case (What.CAMERA, "zone"):
                return read_id(cell)
            case (What.SCHOOL, "levels"):
                return tuple(_one_of(part, _LEVEL_NAMES) for part in _parts(cell))
            case _:
                return _READ[key](cell)

    def write(self, key: str, thing: Any) -> str:
        """Return the cell of a thing's attribute; ``read`` gives the value back."""
        value = getattr(thing, key)
        match thing, key:
            case School(), "kind":
                return SCHOOL_KINDS.get(value, value)
            case Zone(), "kind":
                return self.zone_kinds.get(value, value)
            case School(), "levels":
                return ", ".join(SCHOOL_KINDS[level] for level in value)
            case Camera(), "sources":
                return ", ".join(_eye(source, thing.id) for source in value)
            case _:
                return ", ".join(value) if isinstance(value, tuple) else _plain(value)


def _plain(value: str | int | None) -> str:
    return "" if value is None else str(value)


_LEVEL_NAMES: Final = {level: SCHOOL_KINDS[level] for level in LEVELS}


@lru_cache(maxsize=4096)  # a sheet has few different words, many times
def folded(text: str) -> str:
    """Return a text as headings and names are compared: one form, one case, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())


def read_name(cell: str) -> str:
    """Return text of one line that is not empty. Raises ``CellError``."""
    if not cell:
        raise CellError(N_("is missing"))
    if len(cell) > LONGEST_NAME:
        raise CellError(N_("is longer than %(most)s characters"), most=str(LONGEST_NAME))
    if not cell.isprintable():
        raise CellError(N_("holds characters that can't be printed"))
    return cell


def read_id(cell: str) -> str:
    """Return an id of the wire's alphabet. Raises ``CellError``."""
    if not cell:
        raise CellError(N_("is missing"))
    if not is_id(cell):
        raise CellError(
            N_(
                "“%(cell)s” is no code: small letters a-z, digits, - and _, at most 64, the first"
                " and the last a letter or digit"
            ),
            cell=cell[:80],
        )
    return cell


def read_first(cell: str) -> date | None:
    """Return the day from which a row holds; None: the cell says nothing. Raises ``CellError``."""
    return EVER if folded(cell) == EVER_WORD else _read_day(cell)


def read_last(cell: str) -> date | None:
    """Return the last day on which a row holds; None: the cell says nothing."""
    return OPEN if folded(cell) == OPEN_WORD else _read_day(cell)


def write_day(day: date) -> str:
    """Return a day as a cell says it."""
    return day.strftime("%d/%m/%Y")


def _read_day(cell: str) -> date | None:
    if not cell:
        return None
    for form in _DATES:
        try:
            found = datetime.strptime(cell, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
        if date(1900, 1, 1) <= found <= date(2199, 12, 31):
            return found
    raise CellError(N_("“%(cell)s” is no day; write it as 31/12/2026"), cell=cell[:40])


def _read_source(cell: str) -> tuple[str, str | None]:
    agent, colon, camera = cell.partition(":")
    return read_id(agent.strip()), read_id(camera.strip()) if colon else None


def _read_sources(cell: str) -> tuple[tuple[str, str | None], ...]:
    parts = _parts(cell)
    if not parts:
        raise CellError(N_("is missing"))
    return tuple(_read_source(part) for part in parts)


def _read_maybe(cell: str) -> str | None:
    return read_id(cell) if cell else None


def _read_ids(cell: str) -> tuple[str, ...]:
    return tuple(read_id(part) for part in _parts(cell))


def _read_role(cell: str) -> str | None:
    return read_name(cell) if cell else None


def _read_mail(cell: str) -> str | None:
    if cell and (len(cell) > _LONGEST_MAIL or not MAIL.fullmatch(cell)):
        raise CellError(N_("“%(cell)s” is no e-mail address"), cell=cell[:80])
    return cell or None


def _read_phone(cell: str) -> str | None:
    bare = cell.translate(_PHONE_MARKS)
    if cell and not _PHONE.fullmatch(bare):
        raise CellError(
            N_("“%(cell)s” is no phone number: write it as text, 0912345678 or +84912345678"),
            cell=cell[:40],
        )
    return bare or None


def _read_zalo(cell: str) -> str | None:
    if cell and not _ZALO.fullmatch(cell):
        raise CellError(
            N_("“%(cell)s” is no Zalo user id: digits, written as text"), cell=cell[:40]
        )
    return cell or None


def _read_pupils(cell: str) -> int | None:
    if cell and not _PUPILS.fullmatch(cell):
        raise CellError(N_("“%(cell)s” is no number of pupils: digits only"), cell=cell[:40])
    return int(cell) if cell else None


_READ: Final[Mapping[str, Callable[[str], Any]]] = {
    "name": read_name,
    "level": read_name,
    "parent": _read_maybe,
    "unit": read_id,
    "zone": _read_maybe,
    "gates": _read_ids,
    "sources": _read_sources,
    "role": _read_role,
    "mail": _read_mail,
    "phone": _read_phone,
    "zalo": _read_zalo,
    "pupils": _read_pupils,
}


def _parts(cell: str) -> list[str]:
    return [part.strip() for part in cell.replace(";", ",").split(",") if part.strip()]


def _one_of(cell: str, known: Mapping[str, str]) -> str:
    """Return an id for itself or for its name."""
    wanted = folded(cell)
    if not wanted:
        raise CellError(N_("is missing"))
    for name, words in known.items():
        if wanted in {name, folded(words)}:
            return name
    raise CellError(
        N_("“%(cell)s” is not known; there are: %(known)s"),
        cell=cell[:80],
        known=", ".join(known.values()) or "–",
    )


def _eye(source: Source, camera: str) -> str:
    return source.agent if source.camera == camera else f"{source.agent}:{source.camera}"
