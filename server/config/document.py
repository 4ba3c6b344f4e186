"""YAML read with its line numbers: a tree of ``Field`` that is asked for typed values.

PyYAML's own loading is not used: it keeps the last of two equal keys, forgets lines, and turns an
unquoted ``16:30`` into the number 990. Here a file is composed into nodes, equal keys are refused
anywhere, and every value is asked for by type; whatever does not fit raises a ``ConfigError`` with
file, dotted key and line. Anchors and aliases work; merge keys (``<<``) don't.

The pure Python parser is used, at 350 kB a second (8 s for a city of 45,000 cameras): libyaml's is
four times as fast and ends the process on a file of 100,000 open brackets.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

import yaml

from server.config.errors import ConfigError
from wire.topics import is_id

_TAG: Final = "tag:yaml.org,2002:"
MAX_BYTES: Final = 16 * 2**20
UNSET: Final = "unset"
Choice = TypeVar("Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Field:
    """One value of a file, with its dotted key and the line, counted from 1, of that key."""

    file: Path
    key: str
    node: yaml.Node
    line: int

    @property
    def kind(self) -> str:
        """YAML's name of its type: str, int, float, bool, null, timestamp, seq, map."""
        return str(self.node.tag).removeprefix(_TAG)

    @property
    def is_null(self) -> bool:
        """Whether nothing stands there."""
        return self.kind == "null"

    @property
    def is_unset(self) -> bool:
        """Whether the plan leaves it open: the word ``unset``."""
        return self.kind == "str" and self.node.value == UNSET

    def error(self, why: str) -> ConfigError:
        """Make the error of this field."""
        return ConfigError(self.file, self.key, why, line=self.line)

    def mapping(self, *known: str) -> "Record":
        """Return a mapping whose keys are all among ``known``."""
        fields = dict(self.entries())
        for name, value in fields.items():
            if name not in known:
                raise value.error(f"unknown key; {suggestion(name, known, 'known here')}")
        return Record(self, fields)

    def entries(self) -> Iterator[tuple[str, "Field"]]:
        """Yield the names and values of a mapping with free names, in the file's order."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.error(f"a mapping is expected, found {self.found()}")
        for name, value in self.node.value:
            key = _dotted(self.key, str(name.value))
            yield str(name.value), Field(self.file, key, value, _line_of(name))

    def items(self) -> list["Field"]:
        """Return the items of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"a list is expected, found {self.found()}")
        return [
            Field(self.file, f"{self.key}[{i}]", item, _line_of(item))
            for i, item in enumerate(self.node.value)
        ]

    def text(self, *, secret: bool = False) -> str:
        """Return text that is not empty, in Unicode's NFC. ``secret`` keeps it out of errors."""
        if self.kind != "str":
            found = "" if secret else f", found {self.found()}"
            raise self.error(f"text is expected{found}{self._quoting()}")
        value = self.node.value if secret else unicodedata.normalize("NFC", self.node.value)
        if not value.strip():
            raise self.error("text is expected, found none")
        if not secret and any(unicodedata.category(c) == "Cc" for c in value):
            raise self.error("control characters are not allowed here")
        return str(value)

    def identifier(self) -> str:
        """Return a name of the wire's alphabet."""
        value = self.text()
        if not is_id(value):
            raise self.error(
                f"'{value}' is not a valid id: small letters a-z, digits, - and _, at most 64,"
                " the first and the last a letter or digit"
            )
        return value

    def integer(self, low: int, high: int) -> int:
        """Return a whole number from ``low`` to ``high``."""
        value = self.node.value
        if self.kind != "int" or not value.lstrip("+-").isdecimal():
            raise self.error(f"a whole number is expected, found {self.found()}")
        return int(self._within(int(value), low, high))

    def number(self, low: float, high: float) -> float:
        """Return a number from ``low`` to ``high``."""
        try:
            value = float(self.node.value) if self.kind in {"int", "float"} else None
        except ValueError:  # 16:30, .inf, 0x10
            value = None
        if value is None:
            raise self.error(f"a number is expected, found {self.found()}")
        return self._within(value, low, high)

    def _within(self, value: float, low: float, high: float) -> float:
        if not low <= value <= high:
            raise self.error(f"{value:g} is not between {low:g} and {high:g}")
        return value

    def boolean(self) -> bool:
        """Return true or false."""
        if self.kind != "bool" or self.node.value.lower() not in {"true", "false"}:
            raise self.error(f"true or false is expected, found {self.found()}")
        return bool(self.node.value.lower() == "true")

    def choice(self, words: type[Choice]) -> Choice:
        """Return one of an enum's words."""
        return words(self.one_of([w.value for w in words]))

    def one_of(self, words: Iterable[str], what: str = "one of") -> str:
        """Return one of ``words``."""
        value = self.text()
        known = list(words)
        if value not in known:
            raise self.error(f"unknown word '{value}'; {suggestion(value, known, what)}")
        return value

    def date(self) -> date:
        """Return a day, written YYYY-MM-DD, with or without quotes."""
        if self.kind in {"str", "timestamp"}:
            try:
                return date.fromisoformat(self.node.value)
            except ValueError:
                pass
        raise self.error(f"a day (YYYY-MM-DD) is expected, found {self.found()}")

    def found(self) -> str:
        """Say what stands there, for an error."""
        value = str(self.node.value)
        if self.kind in {"int", "float"}:
            base_60 = f"{value} (a number in base 60 in YAML)"
            return base_60 if ":" in value else f"the number {value}"
        phrases = {
            "null": "nothing",
            "map": "a mapping",
            "seq": "a list",
            "str": f"the text '{value}'",
            "bool": f"{value} (a truth value in YAML)",
        }
        return phrases.get(self.kind, value)

    def _quoting(self) -> str:
        """Tell to quote a scalar that YAML takes for something else."""
        if self.kind in {"bool", "int", "float", "timestamp"}:
            return "; put it in quotes"
        return ""


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping whose keys are known. ``null`` counts as absent."""

    field: Field
    fields: dict[str, Field]

    def need(self, name: str) -> Field:
        """Return the value of a key that must be there."""
        value = self.get(name)
        if value is None:
            there = self.fields.get(name)
            line = there.line if there else self.field.line
            raise ConfigError(self.field.file, _dotted(self.field.key, name), "missing", line=line)
        return value

    def get(self, name: str) -> Field | None:
        """Return the value of a key, or None where it is absent or null."""
        value = self.fields.get(name)
        return None if value is None or value.is_null else value

    def items(self, name: str) -> list[Field]:
        """Return the items of a list that may be absent."""
        value = self.get(name)
        return [] if value is None else value.items()

    def set(self, name: str) -> Field | None:
        """Return a value of a plan, or None where the plan leaves it open or does not name it.

        A bare ``null`` is refused there: whether somebody forgot the figure or nobody set it must
        be told apart.
        """
        value = self.fields.get(name)
        if value is None or value.is_unset:
            return None
        if value.is_null:
            raise value.error("nothing stands here; write the value, or 'unset'")
        return value


def suggestion(word: str, known: Iterable[str], what: str) -> str:
    """Return the near miss if there is one, else all that is known."""
    words = list(known)
    close = get_close_matches(word, words, n=1)
    return f"did you mean '{close[0]}'?" if close else f"{what}: {', '.join(words) or 'none'}"


def read(path: Path | str, schema: str) -> Field:
    """Read a file as one mapping of the given ``schema``. Raises ``ConfigError``."""
    file = Path(path)
    node = _compose(file, _read_text(file))
    root = Field(file, "", node, _line_of(node))
    if not isinstance(node, yaml.MappingNode):
        raise ConfigError(file, "", f"a mapping is expected, found {root.found()}")
    _refuse_repeats(root, set())
    said = dict(root.entries()).get("schema")
    if said is None:
        raise ConfigError(file, "schema", f"missing; this file should begin with schema: {schema}")
    if said.node.value != schema:
        raise said.error(f"'{schema}' is expected, found {said.found()}")
    return root


def _read_text(file: Path) -> str:
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
        line = _line_of(name)
        if not isinstance(name, yaml.ScalarNode):
            raise ConfigError(field.file, field.key, "a key must be a word", line=line)
        key = _dotted(field.key, name.value)
        if name.tag == f"{_TAG}merge":
            raise ConfigError(field.file, key, "merge keys are not understood here", line=line)
        if name.tag != f"{_TAG}str":
            what = Field(field.file, key, name, line).found()
            raise ConfigError(field.file, key, f"a key must be a word, found {what}", line=line)
        if name.value in first:
            why = f"stands twice, first in line {first[name.value]}"
            raise ConfigError(field.file, key, why, line=line)
        first[name.value] = line


def _dotted(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


def _line_of(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
