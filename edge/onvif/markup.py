"""XML from strangers: local names only, no document types, no entities, bounded. Pure.

Cameras use prefixes that they never declared and encodings that they never speak, so namespaces are
dropped and a document that is no UTF-8 is read with what can't be read replaced. A document type
(the way to "billion laughs" and to files of ours) is refused.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

MAX_BYTES: Final = 512 * 1024
_MAX_DEPTH: Final = 64
_MAX_NODES: Final = 20_000


class MarkupError(ValueError):
    """Not XML, or more of it than is sane."""


@dataclass(slots=True)
class Node:
    """One element: its local name, its own text, and what stands in it."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    text: str = ""
    children: list["Node"] = field(default_factory=list)

    def every(self, name: str) -> Iterator["Node"]:
        """Yield all descendants of that local name, in document order."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.every(name)

    def find(self, *path: str) -> "Node | None":
        """Return the first descendant of the first name, of that the first of the second ..."""
        at: Node | None = self
        for name in path:
            at = next(at.every(name), None) if at else None
        return at

    def said(self, *path: str) -> str | None:
        """Return the text found there, trimmed; None if it is missing or empty."""
        found = self.find(*path)
        return (found.text.strip() or None) if found else None


class _Builder:
    def __init__(self) -> None:
        self.root = Node("")
        self._open = [self.root]
        self._count = 0

    def parse(self, data: bytes, encoding: str | None) -> Node:
        parser = expat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = self._refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(data, True)
        return self.root.children[0]

    def _refuse(self, *_: object) -> None:
        raise MarkupError("a document type is not read")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) > _MAX_DEPTH or self._count > _MAX_NODES:
            raise MarkupError("too deep or too long")
        node = Node(_local(name), {_local(key): value for key, value in attributes.items()})
        self._open[-1].children.append(node)
        self._open.append(node)

    def _end(self, _: str) -> None:
        self._open.pop()

    def _text(self, text: str) -> None:
        self._open[-1].text += text


def parse(data: bytes) -> Node:
    """Return the root element. Raises ``MarkupError``."""
    if len(data) > MAX_BYTES:
        raise MarkupError(f"over {MAX_BYTES // 1024} KiB")
    try:
        return _Builder().parse(data, None)
    except (expat.ExpatError, LookupError, ValueError) as error:
        if isinstance(error, MarkupError):
            raise
        return _again(data)


def _again(data: bytes) -> Node:
    """Read what claims an encoding that it isn't in, or that nobody knows.

    Some firmwares send empty lines first, and the zero that ends a text in C at last.
    """
    repaired = data.strip(b"\x00 \t\r\n").decode("utf-8", "replace").encode()
    try:
        return _Builder().parse(repaired, "utf-8")
    except expat.ExpatError as error:
        raise MarkupError(f"not XML: {error}") from error


def escape(text: str) -> str:
    """Return ``text`` as it may stand in an element or attribute."""
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(char, entity)
    return text


def _local(name: str) -> str:
    return name.rpartition(":")[2]
