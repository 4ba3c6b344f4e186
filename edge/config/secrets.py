"""``${NAME}``: values that stand in a secrets file or the environment, not in the configuration.

The secrets file has ``NAME=value`` lines; a value is taken as it stands (no quotes, no escapes), so
that a password may hold any character but a line break. The file wins over the environment, because
it is the one that can be kept from other users.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge.config.values import ConfigError

_VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OTHERS: Final = 0o077


def read_secrets(path: Path) -> dict[str, str]:
    """Return a secrets file's values. Raises ``ConfigError``, never with a value in it."""
    try:
        mode = path.stat().st_mode
        lines = path.read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise ConfigError(path, "", f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(path, f"byte {error.start}", "is not UTF-8 text") from error
    if os.name == "posix" and mode & _OTHERS:
        raise ConfigError(path, "", "other users can read it; run: chmod 600 " + str(path))
    return _parse(path, lines)


def _parse(path: Path, lines: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, equals, value = line.partition("=")
        name = name.strip()
        if not equals or not _NAME.fullmatch(name):
            raise ConfigError(path, f"line {number}", "is not NAME=value")
        if name in values:
            raise ConfigError(path, f"line {number}", f"{name} is given twice")
        values[name] = value
    return values


def fill(path: Path, key: str, content: Any, values: Mapping[str, str]) -> Any:
    """Return ``content`` with every ``${NAME}`` in its texts filled in.

    Camera addresses are left as they are: ``CameraUrl`` fills them in after it has split them, so
    that a password may hold ``@`` and ``/``. Raises ``ConfigError`` for a name that is not set.
    """
    match content:
        case str():
            return fill_text(path, key, content, values)
        case dict():
            return {
                k: fill(path, f"{key}.{k}" if key else k, v, values) for k, v in content.items()
            }
        case list():
            return [fill(path, f"{key}[{i}]", v, values) for i, v in enumerate(content)]
        case _:
            return content


def fill_text(path: Path, key: str, text: str, values: Mapping[str, str]) -> str:
    """Return one text with its names filled in. Raises ``ConfigError``."""
    if re.fullmatch(r"cameras\[\d+\]\.(?:sub_)?url", key):
        return text

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            why = f"${{{name}}} is in neither the secrets file nor the environment"
            raise ConfigError(path, key, why)
        return values[name]

    return _VARIABLE.sub(value, text)
