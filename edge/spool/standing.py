"""What the running agent tells of its spool in a small file beside it: the spool itself is locked.

For ``vonggac-edge doctor``; written anew each minute, so an old one means nothing.
"""

from pathlib import Path
from typing import Final

import msgspec

from edge.files import write_whole

FILE_NAME: Final = "standing.json"
_FRESH_MS: Final = 5 * 60_000


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """How many items wait for the centre, and how many it did not take; when that was."""

    at_utc_ms: int
    waiting: int
    set_aside: int


def tell_standing(folder: Path, standing: Standing) -> None:
    """Write it. Raises ``OSError``."""
    write_whole(folder / FILE_NAME, msgspec.json.encode(standing))


def look_at_standing(folder: Path, now_utc_ms: int) -> Standing | None:
    """Return what was told within the last minutes, if anything was."""
    try:
        found = msgspec.json.decode((folder / FILE_NAME).read_bytes(), type=Standing)
    except (OSError, msgspec.MsgspecError):
        return None
    return found if abs(now_utc_ms - found.at_utc_ms) < _FRESH_MS else None
