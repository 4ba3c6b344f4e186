"""Values of a YAML file, asked for by type: a tree of ``Field``.

Whatever does not fit raises a ``ConfigError`` with file, dotted key and line.
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

TAG: Final = "tag:yaml.org,2002:"
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
        return str(self.node.tag).removeprefix(TAG)

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
            key = dotted(self.key, str(name.value))
            yield str(name.value), Field(self.file, key, value, line_of(name))

    def items(self) -> list["Field"]:
        """Return the items of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.error(f"a list is expected, found {self.found()}")
        return [
            Field(self.file, f"{self.key}[{i}]", item, line_of(item))
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
            raise ConfigError(self.field.file, dotted(self.field.key, name), "missing", line=line)
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


def dotted(key: str, name: str) -> str:
    """Return the key of a value inside the value at ``key``."""
    return f"{key}.{name}" if key else name


def line_of(node: yaml.Node) -> int:
    """Return where a node begins, counted from 1."""
    return int(node.start_mark.line) + 1
