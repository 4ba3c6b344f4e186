"""Pictures from before and after a change of what a camera's picture was judged to be, on the disk.

Each piece is one or two small JPEGs, ``<folder>/camera-<id>/<piece>.after.jpg`` and
``.before.jpg``; the piece's name says all that is known of it:
``<after>_<cause or end>_<before or 0>``, times as milliseconds of UTC. So there is no index that
could disagree with the files. The picture from before is written first: a piece counts once its
``after`` is there.

Who deletes: ``keep`` and ``trim``, first what is older than ``keep_days``, then, over
``max_bytes``, the oldest piece of the camera that holds the most, so that one restless camera
never pushes another's out. A disk that is full or broken costs evidence, never the watch.

One thread at a time may use an ``EvidenceStore``.
"""

import logging
import re
import stat
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from typing import Final

from edge.files import is_draft, write_whole
from wire.messages import Evidence
from wire.topics import is_id

log = logging.getLogger(__name__)

SIDES: Final = ("before", "after")
_BEFORE, _AFTER = (f".{side}.jpg" for side in SIDES)
_DAY_MS: Final = 86_400_000
_ENDED: Final = "end"
_FOLDER: Final = "camera-"
"""Windows knows files that can't be named ``con`` or ``aux``, which are ids of cameras to us."""
_PIECE: Final = re.compile(r"(?P<after>\d{1,14})_(?P<cause>[a-z_.]{1,40})_(?P<before>\d{1,14})")


@dataclass(slots=True)
class _Kept:
    evidence: Evidence
    bytes: int


class EvidenceStore:
    """The pieces in one folder. Use it from one thread."""

    def __init__(self, folder: Path, *, max_bytes: int, keep_days: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._keep_ms = keep_days * _DAY_MS
        self._failing = False
        self._kept = _scan(folder)

    def sweep(self) -> None:
        """Clear away what a crash left half written. For the agent alone, before it keeps any."""
        for folder in _folders(self._folder):
            names = {path.name for path in _files(folder)}
            befores = {name for name in names if name.endswith(_BEFORE)}
            halves = {n for n in befores if n.removesuffix(_BEFORE) + _AFTER not in names}
            for name in names:
                if is_draft(name) or name in halves:
                    _unlink(folder / name)

    @property
    def is_on(self) -> bool:
        """Whether anything is kept at all."""
        return self._max_bytes > 0 and self._keep_ms > 0

    @property
    def used_bytes(self) -> int:
        """How much is kept."""
        return sum(piece.bytes for pieces in self._kept.values() for piece in pieces)

    def keep(self, evidence: Evidence, *, before: bytes | None, after: bytes) -> bool:
        """Write a piece, then make room; tell whether it is on the disk."""
        if not self.is_on:
            return False
        try:
            if before is not None:
                write_whole(self._path(evidence, "before"), before)
            write_whole(self._path(evidence, "after"), after)
        except OSError as error:
            self._note_failure(error)
            self._remove_files(evidence)
            return False
        self._failing = False
        pieces = self._kept.setdefault(evidence.camera, [])
        pieces[:] = [piece for piece in pieces if piece.evidence.id != evidence.id]
        pieces.append(_Kept(evidence, len(after) + len(before or b"")))
        pieces.sort(key=_by_time)
        self.trim(evidence.after_utc_ms)
        return True

    def trim(self, now_utc_ms: int) -> None:
        """Delete what is too old, and the oldest of whoever holds most while it is too much."""
        for camera in tuple(self._kept):
            pieces = self._kept[camera]
            while pieces and now_utc_ms - pieces[0].evidence.after_utc_ms > self._keep_ms:
                self._remove_oldest(camera)
        while self._kept and (self.used_bytes > self._max_bytes or not self.is_on):
            self._remove_oldest(max(self._kept, key=self._bytes_of))

    def pieces(self, camera: str | None = None) -> tuple[Evidence, ...]:
        """Return what is kept, of one camera or of all, the newest first."""
        chosen = self._kept if camera is None else {camera: self._kept.get(camera, [])}
        found = [piece.evidence for pieces in chosen.values() for piece in pieces]
        return tuple(sorted(found, key=attrgetter("after_utc_ms", "id"), reverse=True))

    def find(self, camera: str, piece_id: str) -> Evidence | None:
        """Return one piece; None if it isn't kept (any more)."""
        pieces = self._kept.get(camera, [])
        return next((p.evidence for p in pieces if p.evidence.id == piece_id), None)

    def picture(self, evidence: Evidence, side: str) -> bytes | None:
        """Return the JPEG of one side; None if there is none."""
        try:
            return self._path(evidence, side).read_bytes() or None
        except OSError:
            return None

    def _remove_oldest(self, camera: str) -> None:
        pieces = self._kept[camera]
        self._remove_files(pieces.pop(0).evidence)
        if not pieces:
            del self._kept[camera]

    def _remove_files(self, evidence: Evidence) -> None:
        for side in reversed(SIDES):  # without its ``after`` a piece is none
            _unlink(self._path(evidence, side))

    def _note_failure(self, error: OSError) -> None:
        """Say it once, not at each of many changes."""
        if not self._failing:
            log.error("evidence can't be kept in %s: %s", self._folder, error.strerror or error)
        self._failing = True

    def _bytes_of(self, camera: str) -> int:
        return sum(piece.bytes for piece in self._kept[camera])

    def _path(self, evidence: Evidence, side: str) -> Path:
        return self._folder / f"{_FOLDER}{evidence.camera}" / f"{evidence.id}.{side}.jpg"


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


def _by_time(kept: _Kept) -> int:
    return kept.evidence.after_utc_ms


def _scan(folder: Path) -> dict[str, list[_Kept]]:
    """Return what lies in the folder, by camera, the oldest first."""
    found: dict[str, list[_Kept]] = {}
    for path in _folders(folder):
        camera = path.name.removeprefix(_FOLDER)
        if is_id(camera) and (pieces := _scan_camera(camera, path)):
            found[camera] = pieces
    return found


def _scan_camera(camera: str, folder: Path) -> list[_Kept]:
    sizes = {path.name: path.lstat().st_size for path in _files(folder)}
    afters = [name.removesuffix(_AFTER) for name in sizes if name.endswith(_AFTER)]
    pieces = [
        _Kept(evidence, sizes[name + _AFTER] + sizes.get(name + _BEFORE, 0))
        for name in afters
        if (evidence := _named(camera, name)) is not None
    ]
    return sorted(pieces, key=_by_time)


def _folders(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if path.name.startswith(_FOLDER) and path.is_dir()]


def _files(folder: Path) -> list[Path]:
    return [path for path in _entries(folder) if stat.S_ISREG(path.lstat().st_mode)]


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []  # not made yet
    except OSError as error:
        log.warning("evidence in %s can't be read: %s", folder, error.strerror or error)
        return []


def _unlink(path: Path) -> None:
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
