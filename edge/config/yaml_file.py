"""A YAML file as plain values, with the mistakes that YAML itself lets pass refused.

A key given twice silently loses the first in PyYAML; a technician who copies a camera's block and
forgets to rename a key would never learn of it. Anchors that multiply ("billion laughs") are
bounded by refusing aliases altogether: a school's file needs none.
"""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any, Final

import yaml

from edge.config.values import ConfigError

_UNUSABLE: Final = re.compile("[\\x00\\ud800-\\udfff]")  # NUL, and halves of characters
_MAX_BYTES: Final = 4 * 1024 * 1024


class _Refused(Exception):  # noqa: N818 (never leaves this module)
    def __init__(self, mark: yaml.Mark | None, why: str) -> None:
        super().__init__(why)
        self.mark = mark
        self.why = why


class _StrictLoader(yaml.SafeLoader):
    """Safe YAML without repeated keys, aliases, keys that are not text, or text that is none."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise _Refused(self.get_mark(), "aliases (*name) are not used here")
        return super().compose_node(parent, index)

    def construct_scalar(self, node: Any) -> str:
        """Refuse what neither a file name nor a message can hold."""
        text: str = super().construct_scalar(node)
        if broken := _UNUSABLE.search(text):
            raise _Refused(node.start_mark, f"{broken[0]!a} can stand in no text")
        return text

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:  # noqa: FBT001, FBT002 (PyYAML's signature)
        seen: set[str] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str):
                raise _Refused(key_node.start_mark, f"the key {key!r} is not text")
            if key in seen:
                raise _Refused(key_node.start_mark, f"the key {key!r} is given twice")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)


def read_yaml(path: Path) -> Any:
    """Return the file's content. Raises ``ConfigError``."""
    text = _read_text(path)
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506 (a subclass of SafeLoader)
    except _Refused as error:
        raise ConfigError(path, _place(error.mark), error.why) from error
    except yaml.MarkedYAMLError as error:
        why = " ".join(part for part in (error.problem, error.context) if part)
        raise ConfigError(path, _place(error.problem_mark), f"not valid YAML: {why}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise ConfigError(path, "", f"not valid YAML: {error}") from error


def _read_text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError(path, "", f"cannot be read: {error.strerror or error}") from error
    if len(content) > _MAX_BYTES:
        raise ConfigError(path, "", f"is larger than {_MAX_BYTES // 1024 // 1024} MiB")
    try:
        return content.decode("utf-8-sig")  # Notepad writes a byte order mark
    except UnicodeDecodeError as error:
        raise ConfigError(path, f"byte {error.start}", "is not UTF-8 text") from error


def _place(mark: yaml.Mark | None) -> str:
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
