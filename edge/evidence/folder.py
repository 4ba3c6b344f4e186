"""What things are called on the disk, and what lies there."""

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.files import is_draft
from wire.messages import Evidence
from wire.topics import is_id

log = logging.getLogger(__name__)

SIDES: Final = ("before", "after")
BEFORE, AFTER = (f".{side}.jpg" for side in SIDES)
GOOD: Final = ".good.jpg"
FOLDER: Final = "camera-"
"""Windows knows files that can't be named ``con`` or ``aux``, which are ids of cameras to us."""
_ENDED: Final = "end"
_PIECE: Final = re.compile(r"(?P<after>\d{1,14})_(?P<cause>[a-z_.]{1,40})_(?P<before>\d{1,14})")


@dataclass(frozen=True, slots=True)
class Kept:
    """A piece that is on the disk, and how much room it takes."""

    evidence: Evidence
    bytes: int


def piece(
    camera: str, *, cause: str | None, after_utc_ms: int, before_utc_ms: int | None
) -> Evidence:
    """Return what is said of a piece, its name included."""
    return Evidence(
        id=f"{after_utc_ms}_{cause or _ENDED}_{before_utc_ms or 0}",
        camera=camera,
        after_utc_ms=after_utc_ms,
        cause=cause,
        before_utc_ms=before_utc_ms,
    )


def scan(folder: Path) -> dict[str, list[Kept]]:
    """Return what lies in the folder, by camera, the oldest first."""
    found: dict[str, list[Kept]] = {}
    for path in camera_folders(folder):
        camera = path.name.removeprefix(FOLDER)
        if is_id(camera) and (pieces := _scan_camera(camera, path)):
            found[camera] = pieces
    return found


def _scan_camera(camera: str, folder: Path) -> list[Kept]:
    sizes = {path.name: size_of(path) for path in files_in(folder)}
    afters = [name.removesuffix(AFTER) for name in sizes if name.endswith(AFTER)]
    pieces = [
        Kept(evidence, sizes[name + AFTER] + sizes.get(name + BEFORE, 0))
        for name in afters
        if (evidence := _named(camera, name)) is not None
    ]
    return sorted(pieces, key=lambda kept: kept.evidence.after_utc_ms)


def camera_folders(folder: Path) -> list[Path]:
    """Return the cameras' folders."""
    return [path for path in _entries(folder) if path.name.startswith(FOLDER) and path.is_dir()]


def files_in(folder: Path) -> list[Path]:
    """Return a folder's plain files, sorted; what vanishes meanwhile may be among them."""
    return [path for path in _entries(folder) if path.is_file() and not path.is_symlink()]


def size_of(path: Path) -> int:
    """Return a file's size; 0 if it is gone: an agent deletes while others list."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def leavings_in(folder: Path) -> list[Path]:
    """Return drafts, and pictures from before a change that has no picture from after."""
    files = files_in(folder)
    names = {path.name for path in files}
    return [path for path in files if is_draft(path.name) or _is_half(path.name, names)]


def _is_half(name: str, names: set[str]) -> bool:
    return name.endswith(BEFORE) and name.removesuffix(BEFORE) + AFTER not in names


def good_in(folder: Path) -> list[Path]:
    """Return a camera's good pictures, the oldest first: one, or two after a crash."""
    found = [p for p in files_in(folder) if re.fullmatch(r"\d{1,14}\.good\.jpg", p.name)]
    return sorted(found, key=lambda path: int(path.name.removesuffix(GOOD)))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []  # not made yet
    except OSError as error:
        log.warning("evidence in %s can't be read: %s", folder, error.strerror or error)
        return []


def unlink(path: Path) -> None:
    """Delete a file; say so if that fails."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("%s can't be deleted: %s", path, error.strerror or error)


def _named(camera: str, name: str) -> Evidence | None:
    match = _PIECE.fullmatch(name)
    if match is None:
        return None
    cause = None if match["cause"] == _ENDED else match["cause"]
    before = int(match["before"]) or None
    return piece(camera, cause=cause, after_utc_ms=int(match["after"]), before_utc_ms=before)
