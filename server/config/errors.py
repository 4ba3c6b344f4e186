"""The one error of configuration: it names file, key, line and why."""

from pathlib import Path


class ConfigError(Exception):
    """A configuration that cannot be used.

    Attributes:
        file: The file, as it was named.
        key: Dotted path of the key, ``schools[0].cameras[2].zone``; empty for the whole file.
        why: What is wrong and what would be right. Never holds a secret.
        line: Counted from 1, where known.
    """

    def __init__(self, file: Path | str, key: str, why: str, *, line: int | None = None) -> None:
        self.file = Path(file)
        self.key = key
        self.why = why
        self.line = line
        place = f"{file}:{line}" if line else f"{file}"
        super().__init__(f"{place}: {key}: {why}" if key else f"{place}: {why}")
