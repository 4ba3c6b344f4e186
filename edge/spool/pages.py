"""The records in an SQLite file, read page by page without trusting its trees. Pure.

For a file that SQLite itself gives up on: each leaf page stands for itself, so one bad page costs
its own records and no others'. Pages come from the file and from its log. Records that were deleted
may turn up again; whoever asks must be able to tell true from damaged and not mind repeats.

Format: https://www.sqlite.org/fileformat2.html, sections 1.5, 1.6, 2.1 and 4.1. Pages have
``PAGE_BYTES``, the default, which this program never changes.
"""

import mmap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

PAGE_BYTES: Final = 4096
Content: TypeAlias = bytes | mmap.mmap
Value: TypeAlias = int | float | str | bytes | None

_FILE_HEADER: Final = 100
_LOG_HEADER: Final = 32
_FRAME_HEADER: Final = 24
_SALT: Final = slice(16, 24)
_FRAME_SALT: Final = slice(8, 16)
_TABLE_LEAF: Final = 0x0D
_INDEX_LEAF: Final = 0x0A
_INDEX_INTERIOR: Final = 0x02
_LEAST_LOCAL: Final = (PAGE_BYTES - 12) * 32 // 255 - 23
_MOST_LOCAL: Final = {
    _TABLE_LEAF: PAGE_BYTES - 35,
    _INDEX_LEAF: (PAGE_BYTES - 12) * 64 // 255 - 23,
    _INDEX_INTERIOR: (PAGE_BYTES - 12) * 64 // 255 - 23,
}
_INT_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}
_CONSTANTS: Final[dict[int, Value]] = {0: None, 8: 0, 9: 1}
_VARINT_BYTES: Final = 9
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a table or an index.

    ``rowid`` is 0 where it has none; ``is_current`` if its page is what SQLite would read.
    """

    rowid: int
    values: tuple[Value, ...]
    is_current: bool


def records(main: Content, log: Content) -> Iterator[Record]:
    """Yield every record that can be read: of the file's pages, then of its log's, in order."""
    pages: list[tuple[int, Content, int]] = [
        (at // PAGE_BYTES + 1, main, at) for at in range(0, len(main), PAGE_BYTES)
    ]
    pages += [(number, log, at) for number, at in _frames(log)]
    source = {number: (content, at) for number, content, at in pages}
    for number, content, at in pages:
        is_current = source[number][1] == at and source[number][0] is content
        for rowid, values in _page(content[at : at + PAGE_BYTES], number, source):
            yield Record(rowid, values, is_current)


_Source: TypeAlias = Mapping[int, tuple[Content, int]]
_Row: TypeAlias = tuple[int, tuple[Value, ...]]


def _frames(log: Content) -> Iterator[tuple[int, int]]:
    """Yield page numbers and places of the pages that belong to the log's present round."""
    frame = _FRAME_HEADER + PAGE_BYTES
    for at in range(_LOG_HEADER, len(log) - frame + 1, frame):
        header = log[at : at + _FRAME_HEADER]
        if header[_FRAME_SALT] == log[_SALT]:
            yield int.from_bytes(header[:4], "big"), at + _FRAME_HEADER


def _page(page: bytes, number: int, source: _Source) -> Iterator[_Row]:
    begin = _FILE_HEADER if number == 1 else 0
    kind = page[begin] if len(page) == PAGE_BYTES else 0
    if kind not in _MOST_LOCAL:
        return
    pointers = begin + (12 if kind == _INDEX_INTERIOR else 8)
    count = int.from_bytes(page[begin + 3 : begin + 5], "big")
    for place in range(pointers, min(pointers + 2 * count, PAGE_BYTES - 1), 2):
        at = int.from_bytes(page[place : place + 2], "big")
        try:
            yield _cell(page, at, kind, source)
        except (IndexError, ValueError, KeyError):  # of a damaged page
            continue


def _cell(page: bytes, at: int, kind: int, source: _Source) -> _Row:
    rowid = 0
    if kind == _INDEX_INTERIOR:
        at += 4
    size, at = _varint(page, at)
    if kind == _TABLE_LEAF:
        rowid, at = _varint(page, at)
    if size > _MOST_BYTES:
        raise ValueError("no record of ours is so large")
    local = _local(size, _MOST_LOCAL[kind])
    payload = page[at : at + local]
    if local < size:
        payload += _overflow(page[at + local : at + local + 4], size - local, source)
    return rowid, tuple(_values(payload))


def _local(size: int, most: int) -> int:
    """Return how many bytes of a record stand in its page; the rest is on overflow pages."""
    if size <= most:
        return size
    found = _LEAST_LOCAL + (size - _LEAST_LOCAL) % (PAGE_BYTES - 4)
    return found if found <= most else _LEAST_LOCAL


def _overflow(pointer: bytes, size: int, source: _Source) -> bytes:
    found = b""
    while len(found) < size:
        content, at = source[int.from_bytes(pointer, "big")]
        page = content[at : at + PAGE_BYTES]
        if len(page) < PAGE_BYTES:
            raise ValueError("a page that was cut")
        pointer, found = page[:4], found + page[4:]
    return found[:size]


def _values(payload: bytes) -> Iterator[Value]:
    end, at = _varint(payload, 0)
    body = end
    while at < end:
        code, at = _varint(payload, at)
        value, size = _value(payload, body, code)
        yield value
        body += size
    if body != len(payload):
        raise ValueError("not a record")


def _value(payload: bytes, at: int, code: int) -> tuple[Value, int]:
    if code in _CONSTANTS:
        return _CONSTANTS[code], 0
    if code in _INT_BYTES:
        size = _INT_BYTES[code]
        return int.from_bytes(payload[at : at + size], "big", signed=True), size
    if code < 12:  # noqa: PLR2004 (a float or a reserved code: no table of ours has any)
        raise ValueError("not a record of ours")
    size = (code - 12) // 2
    content = payload[at : at + size]
    return (content.decode() if code % 2 else content), size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for used in range(_VARINT_BYTES - 1):
        byte = content[at + used]
        value = value << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004 (the last byte has no high bit)
            return value, at + used + 1
    return value << 8 | content[at + _VARINT_BYTES - 1], at + _VARINT_BYTES
