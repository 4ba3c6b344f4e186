"""Setting one open value in a plan's text, with its source, and leaving every other letter. Pure.

The text is composed into nodes that know where they stand; only the word ``unset`` of the value and
the ``source`` beside it are written anew, so comments, order and layout of the file stay. A source
that other values beside it rest on is never replaced.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

from server.config import ConfigError, parse_plan
from server.planning.paper import PlanningError, Refusal

UNSET: Final = "unset"
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_TEXTS: Final = frozenset({"document_no", "issued_by", "confirmed_by", "name", "due"})
"""What is text whatever it looks like: written in quotes."""
_LISTED_BY: Final = ("id", "year")
_VALUE: Final = "value"
_SOURCE: Final = "source"
_DEEPEST: Final = 8
_MOST_NODES: Final = 20_000
_WORDS: Final = frozenset(
    {"id", "vi", "by", "to", "per", "year", "applies_if", "measured_over", "unknown_counts_as"}
)
"""What needs no source."""


Found = tuple[str, yaml.MappingNode, yaml.Node]


def settable(text: str) -> frozenset[str]:
    """Return the keys of all values that stand in a text as ``unset``, as ``planfacts`` has them.

    A text that is no YAML has none.
    """
    root = _compose(text)
    return frozenset() if root is None else frozenset(key for key, _, _ in _open(root))


def with_value(
    text: str, key: str, value: str, *, source: str | None = None, note: str = ""
) -> str:
    """Return the text with ``key`` set, its ``source`` beside it if one is given.

    Raises ``PlanningError``: ``NOT_OPEN`` where no such word stands, ``UNREADABLE`` where the text
    has a mistake afterwards, with the mistake.
    """
    root = _compose(text)
    found = None if root is None else next((o for o in _open(root) if o[0] == key), None)
    if found is None:
        raise PlanningError(Refusal.NOT_OPEN)
    _, beside, node = found
    edits = [(node.start_mark.index, node.end_mark.index, _scalar(key, value))]
    if source is not None:
        edits += _source_edit(beside, node, source, note)
    for start, end, words in sorted(edits, reverse=True):
        text = text[:start] + words + text[end:]
    try:
        parse_plan(text, file=Path("plan.yaml"))
    except ConfigError as mistake:
        raise PlanningError(Refusal.UNREADABLE, mistake) from mistake
    return text


def _compose(text: str) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return None


def _open(root: yaml.Node) -> Iterator[Found]:
    """Yield each ``unset``: its key, the mapping that holds it, and its node.

    An alias may hold itself, or a million of others: no deeper than a plan goes, and no more nodes
    than a plan has.
    """
    waiting: list[tuple[yaml.Node, str, int]] = [(root, "", 0)]
    left = _MOST_NODES
    while waiting and left:
        node, key, depth = waiting.pop()
        left -= 1
        for name, value in _inside(node):
            inner = f"{key}.{name}" if key else name
            if isinstance(value, yaml.ScalarNode):
                if value.value == UNSET and isinstance(node, yaml.MappingNode):
                    yield inner.removesuffix(f".{_VALUE}"), node, value
            elif depth < _DEEPEST:
                waiting.append((value, inner, depth + 1))


def _inside(node: yaml.Node) -> list[tuple[str, yaml.Node]]:
    if isinstance(node, yaml.SequenceNode):
        return [(_name_of(item), item) for item in node.value]
    if isinstance(node, yaml.MappingNode):
        return [(str(name.value), value) for name, value in node.value]
    return []


def _name_of(item: yaml.Node) -> str:
    """Return by what an item of a list is known: its id or its year."""
    if isinstance(item, yaml.MappingNode):
        for name, value in item.value:
            if name.value in _LISTED_BY:
                return str(value.value)
    return "?"


def _scalar(key: str, value: str) -> str:
    plain = _PLAIN.fullmatch(value) and key.rpartition(".")[2] not in _TEXTS
    return value if plain else json.dumps(value, ensure_ascii=False)


def _source_edit(
    beside: yaml.MappingNode, value: yaml.Node, source: str, note: str
) -> list[tuple[int, int, str]]:
    """Return what is to be written for the source: in place of the one there, or after the value.

    Raises ``PlanningError`` where the one there is another's, too.
    """
    said = f", note: {json.dumps(note, ensure_ascii=False)}" if note else ""
    words = f"{{id: {json.dumps(source)}{said}}}"
    there = next((node for name, node in beside.value if name.value == _SOURCE), None)
    if there is None:
        end = value.end_mark.index
        column = beside.value[0][0].start_mark.column
        lead = ", " if beside.flow_style else f"\n{' ' * column}"
        return [(end, end, f"{lead}{_SOURCE}: {words}")]
    if _names(there, source) and not note:
        return []
    if any(_is_value(name, node) and node is not value for name, node in beside.value):
        raise PlanningError(Refusal.SHARED_SOURCE)
    return [(there.start_mark.index, there.end_mark.index, words)]


def _names(there: yaml.Node, source: str) -> bool:
    pairs = there.value if isinstance(there, yaml.MappingNode) else []
    return any(name.value == "id" and node.value == source for name, node in pairs)


def _is_value(name: yaml.Node, node: yaml.Node) -> bool:
    """Tell whether a value rests on the source beside it."""
    if not isinstance(node, yaml.ScalarNode):
        return isinstance(node, yaml.SequenceNode)
    return name.value not in _WORDS and node.value != UNSET
