"""Office files as zip archives that say nothing of the moment at which they were packed."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from typing import Final

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def repacked(data: bytes, instead: Mapping[str, bytes] | None = None) -> bytes:
    """Return the same archive, its entries dated alike, in the order in which they came.

    ``instead``: what takes the place of some entries.
    """
    replaced = instead or {}
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 0
            new.writestr(entry, replaced[name] if name in replaced else old.read(name))
    return packed.getvalue()


def midnight(day: date) -> datetime:
    """Return the moment that stands for a paper's day in its properties (UTC, whole seconds)."""
    return datetime.combine(day, time(), tzinfo=UTC)
