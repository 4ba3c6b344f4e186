"""``${NAME}`` in secret values: from a file of ``NAME=value`` lines, then from the environment."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

from server.config.document import Field
from server.config.errors import ConfigError
from server.config.secret import Secret

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_USE: Final = re.compile(r"\$\{([^}]*)\}")


class Vault:
    """Where ``${NAME}`` is looked up. Never prints its values."""

    __slots__ = ("_environ", "_file", "_values")

    def __init__(self, environ: Mapping[str, str], file: Path | None = None) -> None:
        self._environ = environ
        self._file = file
        self._values = {} if file is None else _read(file)

    def secret(self, field: Field, *, url: bool = False) -> Secret:
        """Return a field's text with each ``${NAME}`` filled in.

        ``url``: percent-encode what is filled into a part of it, so that a password may hold any
        character.
        """
        text = field.text(secret=True)
        in_part = url and _USE.fullmatch(text) is None
        encode: Callable[[str], str] = (lambda v: quote(v, safe="")) if in_part else str
        return Secret(_USE.sub(lambda m: encode(self._find(m.group(1), field)), text))

    def _find(self, name: str, field: Field) -> str:
        if not _NAME.fullmatch(name):
            raise field.error("${...} must hold a name of letters, digits and _")
        value = self._values.get(name, self._environ.get(name))
        if value is None:
            places = f"neither in {self._file} nor" if self._file else "not"
            raise field.error(f"${{{name}}} is {places} in the environment")
        return value


def _read(file: Path) -> dict[str, str]:
    """Read ``NAME=value`` lines; blank lines and lines that begin with # are passed over."""
    try:
        lines = file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "not UTF-8 text"
        raise ConfigError(file, "", f"cannot be read: {why}") from exc
    values: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not _NAME.fullmatch(name.strip()):
            raise ConfigError(file, "", "NAME=value is expected", line=number)
        if name.strip() in values:
            raise ConfigError(file, name.strip(), "stands twice", line=number)
        values[name.strip()] = value
    return values
