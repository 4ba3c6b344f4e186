"""How a thing stands in the file: its JSON behind a checksum of its own.

SQLite checks its log but not its pages, so a bit that flips in one would be believed. A body whose
checksum is wrong is not: it is counted as lost. The checksum covers the item's number too.
"""

import re
import sqlite3
import zlib
from typing import Final, TypeAlias

import msgspec

from wire.messages import Gap, GateEvent, Item, Segment

Thing: TypeAlias = Segment | GateEvent | Gap

SEGMENT: Final = 1
GATE_EVENT: Final = 2
GAP: Final = 3
WORDS: Final = {SEGMENT: "segment", GATE_EVENT: "gate_event", GAP: "gap"}
"""The kinds as the file has them, and their names on the wire."""

_TYPES: Final[dict[int, type[Thing]]] = {SEGMENT: Segment, GATE_EVENT: GateEvent, GAP: Gap}
_KINDS: Final = {type_: kind for kind, type_ in _TYPES.items()}
_SUM_BYTES: Final = 4
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Damage(sqlite3.DatabaseError):
    """The file's content contradicts itself."""


FILE_ERRORS: Final = (sqlite3.Error, UnicodeDecodeError)
"""What work on a file may raise; the second where SQLite's own message quotes damaged text."""


def is_damage(error: Exception) -> bool:
    """Tell whether an error speaks of the file's content, not of what is around it."""
    name = getattr(error, "sqlite_errorname", "")
    is_text = not name and "Could not decode" in str(error)
    is_named = name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))
    return isinstance(error, Damage | UnicodeDecodeError) or is_named or is_text


def is_uuid(name: object) -> bool:
    """Tell whether what a file has for a name may go on the wire as that of a boot or spool."""
    return isinstance(name, str) and _UUID.fullmatch(name) is not None


def kind_of(thing: Thing) -> int:
    """Return the number that stands for what ``thing`` is."""
    return _KINDS[type(thing)]


def seal(message: msgspec.Struct, *place: int) -> bytes:
    """Return the bytes to keep; ``place`` are the numbers under which they will be found."""
    body = msgspec.json.encode(message)
    return _sum(body, place) + body


def unseal(blob: bytes | None, *place: int) -> bytes | None:
    """Return the JSON that was sealed at this place; None if there is none or it is damaged."""
    if not isinstance(blob, bytes):
        return None
    found, body = blob[:_SUM_BYTES], blob[_SUM_BYTES:]
    return body if found == _sum(body, place) else None


def item(seq: int, kind: int, body: bytes) -> Item:
    """Return a spool item as it goes on the wire."""
    match thing(kind, body):
        case Segment() as segment:
            return Item(seq=seq, segment=segment)
        case GateEvent() as event:
            return Item(seq=seq, gate_event=event)
        case Gap() as gap:
            return Item(seq=seq, gap=gap)


def thing(kind: int, body: bytes) -> Thing:
    """Return what was packed."""
    return msgspec.json.decode(body, type=_TYPES[kind])


def _sum(body: bytes, place: tuple[int, ...]) -> bytes:
    return zlib.crc32(body, zlib.crc32(repr(place).encode())).to_bytes(_SUM_BYTES, "big")
