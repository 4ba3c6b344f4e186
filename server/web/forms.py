"""What browsers and programs send, checked before use. Pure; raises ``BadInputError``."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import parse_qsl

from server.texts.tongue import N_

Chosen = TypeVar("Chosen", bound=StrEnum)

_LONGEST: Final = 200
ID_PATTERN: Final = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""What an id may be; routes ask for the same."""
_ID: Final = re.compile(ID_PATTERN)
_LEAST_YEAR: Final = 2000
_MOST_YEAR: Final = 2200
_YEARS: Final = N_("must lie between the years %(least)s and %(most)s")
_MOST_FIELDS: Final = 40
_NUL: Final = "\x00"


class BadInputError(ValueError):
    """A value that makes no sense: ``field`` and ``why`` are for its sender."""

    def __init__(self, field: str, why: str, **values: object) -> None:
        super().__init__(f"{field}: {why % values if values else why}")
        self.field = field
        self.why = why
        self.values = values


def text(values: Mapping[str, object], field: str, *, longest: int = _LONGEST) -> str:
    """Return a text without surrounding space; empty where there is none."""
    value = values.get(field, "")
    if not isinstance(value, str) or len(value) > longest or _NUL in value:
        raise BadInputError(
            field, N_("must be a text of at most %(most)s characters"), most=longest
        )
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadInputError(field, N_("must be valid UTF-8")) from None
    return value.strip()


def fields(body: bytes, content_type: str, *, most: int = _MOST_FIELDS) -> dict[str, str]:
    """Return the fields of a posted form; the last of a name counts. No body is an empty form.

    Raises ``BadInputError`` for what is no form, or has more than ``most`` fields.
    """
    if not body:
        return {}
    if content_type != "application/x-www-form-urlencoded":
        raise BadInputError("body", N_("must be a form"))
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=most))
    except ValueError:
        raise BadInputError("body", N_("must be a form")) from None


def identifier(values: Mapping[str, object], field: str) -> str | None:
    """Return an id, or None where it is missing or empty."""
    value = text(values, field)
    if not value:
        return None
    if not _ID.fullmatch(value):
        raise BadInputError(field, N_("must be an id: letters, digits, dots and dashes"))
    return value


def day(values: Mapping[str, object], field: str) -> date | None:
    """Return a day written YYYY-MM-DD, or None where it is missing."""
    value = text(values, field)
    if not value:
        return None
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise BadInputError(field, N_("must be a day, YYYY-MM-DD")) from None
    in_our_time(field, found)
    return found


def moment(values: Mapping[str, object], field: str) -> datetime | None:
    """Return a moment written in RFC 3339 with its offset, cut to the second, as UTC; or None."""
    value = text(values, field).replace(" ", "+")  # a plus sign that was not escaped
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise BadInputError(field, N_("must be a moment, like 2026-11-24T02:42:10Z")) from None
    if found.tzinfo is None:
        raise BadInputError(field, N_("must say its offset from UTC, like Z or +07:00"))
    in_our_time(field, found)
    return found.astimezone(UTC).replace(microsecond=0)


def in_our_time(field: str, found: date) -> None:
    """Refuse a day or a moment with which no time zone could reckon."""
    if not _LEAST_YEAR <= found.year < _MOST_YEAR:
        raise BadInputError(field, _YEARS, least=_LEAST_YEAR, most=_MOST_YEAR)


def number(values: Mapping[str, object], field: str, *, default: int, least: int, most: int) -> int:
    """Return a whole number within bounds."""
    value = text(values, field)
    if not value:
        return default
    if not re.fullmatch(r"-?[0-9]{1,15}", value) or not least <= int(value) <= most:
        raise BadInputError(
            field, N_("must be a whole number from %(least)s to %(most)s"), least=least, most=most
        )
    return int(value)


def choice(
    values: Mapping[str, object], field: str, kind: type[Chosen], *, default: Chosen
) -> Chosen:
    """Return one of an enum's words."""
    value = text(values, field)
    if not value:
        return default
    try:
        return kind(value)
    except ValueError:
        raise BadInputError(field, N_("must be one of: %(words)s"), words=", ".join(kind)) from None


def local_path(value: str) -> str:
    """Return a path of our own site to go on to; anything else becomes the overview."""
    if (
        not value.startswith("/")
        or value.startswith(("//", "/\\"))
        or re.search(r"[\x00-\x1f\\]", value)
    ):
        return "/"
    return value


def position(value: str) -> tuple[datetime, str] | None:
    """Return the place in the gate log that ``before`` names: ``moment~id``; None if empty."""
    if not value:
        return None
    at, _, event = value.partition("~")
    found = _precise(at)
    if found is None or not _ID.fullmatch(event):
        raise BadInputError("before", N_("must be a position that this server gave"))
    return found, event


def position_text(at: datetime, event: str) -> str:
    """Return the text that ``position`` reads."""
    return f"{at.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S.%f')}~{event}"


def _precise(value: str) -> datetime | None:
    try:
        return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f").replace(tzinfo=UTC)
    except ValueError:
        return None
