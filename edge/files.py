"""Small private files, written whole or not at all."""

import contextlib
import os
import uuid
from pathlib import Path
from typing import Final

_OWNER_ONLY: Final = 0o600
_OWNERS_FOLDER: Final = 0o700
_NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
"""Without ``O_BINARY`` Windows would put a carriage return before each byte that is a line feed."""


def write_whole(path: Path, content: bytes, *, mode: int = _OWNER_ONLY) -> None:
    """Put ``content`` in the place of ``path``; its folder is made if need be.

    A reader, and whoever comes after a power cut, finds the old file or the new one. Raises
    ``OSError``; then the old one stands and nothing else is left behind.
    """
    path.parent.mkdir(mode=_OWNERS_FOLDER, parents=True, exist_ok=True)
    draft = path.with_name(f".{uuid.uuid4().hex}.tmp")
    try:
        with open(os.open(draft, _NEW, mode), "wb") as file:  # noqa: PTH123 (the mode from the first byte on)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def is_draft(name: str) -> bool:
    """Tell whether a file of this name was left by a ``write_whole`` that never ended."""
    return name.startswith(".") and name.endswith(".tmp")
