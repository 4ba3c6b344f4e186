"""Opening a YAML file: composed into nodes with their lines, and refused if a key stands twice.

PyYAML's own loading is not used: it keeps the last of two equal keys, forgets lines, and turns an
unquoted ``16:30`` into the number 990. Anchors and aliases work; merge keys (``<<``) don't.

The pure Python parser is used, at 350 kB a second (8 s for a city of 45,000 cameras): libyaml's is
four times as fast and ends the process on a file of 100,000 open brackets.
"""

from pathlib import Path
from typing import Final

import yaml

from server.config.document import TAG, Field, dotted, line_of
from server.config.errors import ConfigError

MAX_BYTES: Final = 16 * 2**20


def read(path: Path | str, schema: str) -> Field:
    """Read a file as one mapping of the given ``schema``. Raises ``ConfigError``."""
    file = Path(path)
    return parse(read_text(file), schema, file=file)


def parse(text: str, schema: str, *, file: Path) -> Field:
    """Read a text as one mapping of the given ``schema``; errors name it ``file``."""
    node = _compose(file, text)
    root = Field(file, "", node, line_of(node))
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(file, "", f"a mapping is expected, found {root.found()}")
    _refuse_repeats(root, set())
    said = dict(root.entries()).get("schema")
    if said is None:
        raise ConfigError(file, "schema", f"missing; this file should begin with schema: {schema}")
    if said.node.value != schema:
        raise said.error(f"'{schema}' is expected, found {said.found()}")
    return root


def read_text(file: Path) -> str:
    """Return a file's text. Raises ``ConfigError`` where it is none, or too large."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ConfigError(file, "", f"larger than {MAX_BYTES // 2**20} MiB")
        return file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise ConfigError(file, "", f"not UTF-8 text (byte {exc.start})") from exc
    except OSError as exc:
        raise ConfigError(file, "", f"cannot be read: {exc.strerror}") from exc


def _compose(file: Path, text: str) -> yaml.Node:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        why = f"{exc.context}, {exc.problem}" if exc.context else exc.problem
        line = mark.line + 1 if mark else None
        raise ConfigError(file, "", f"not valid YAML: {why}", line=line) from exc
    except yaml.reader.ReaderError as exc:
        line = text.count("\n", 0, exc.position) + 1
        raise ConfigError(file, "", f"not valid YAML: {exc.reason}", line=line) from exc
    except RecursionError as exc:
        raise ConfigError(file, "", "nested too deeply") from exc
    if node is None:
        raise ConfigError(file, "", "the file is empty")
    return node


def _refuse_repeats(field: Field, seen: set[int]) -> None:
    """Refuse keys that stand twice in one mapping, and keys that are no plain words."""
    if id(field.node) in seen:  # an alias; it may even hold itself
        return
    seen.add(id(field.node))
    if isinstance(field.node, yaml.SequenceNode):
        for item in field.items():
            _refuse_repeats(item, seen)
    if isinstance(field.node, yaml.MappingNode):
        _refuse_bad_names(field)
        for _, value in field.entries():
            _refuse_repeats(value, seen)


def _refuse_bad_names(field: Field) -> None:
    first: dict[str, int] = {}
    for name, _ in field.node.value:
        line = line_of(name)
        if not isinstance(name, yaml.ScalarNode):
            raise ConfigError(field.file, field.key, "a key must be a word", line=line)
        key = dotted(field.key, name.value)
        if name.tag == f"{TAG}merge":
            raise ConfigError(field.file, key, "merge keys are not understood here", line=line)
        if name.tag != f"{TAG}str":
            what = Field(field.file, key, name, line).found()
            raise ConfigError(field.file, key, f"a key must be a word, found {what}", line=line)
        if name.value in first:
            why = f"stands twice, first in line {first[name.value]}"
            raise ConfigError(field.file, key, why, line=line)
        first[name.value] = line
