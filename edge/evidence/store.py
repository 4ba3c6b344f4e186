"""The rules of what is kept: how much, how long, and who gives way."""

import contextlib
import logging
from operator import attrgetter
from pathlib import Path
from typing import Final

from edge.evidence.folder import (
    FOLDER,
    GOOD,
    SIDES,
    Kept,
    camera_folders,
    good_in,
    leavings_in,
    scan,
    unlink,
)
from edge.files import write_whole
from wire.messages import Evidence

log = logging.getLogger(__name__)

_DAY_MS: Final = 86_400_000


class EvidenceStore:
    """The pieces in one folder. Use it from one thread."""

    def __init__(self, folder: Path, *, max_bytes: int, keep_days: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        self._keep_ms = keep_days * _DAY_MS
        self._failing = False
        self._kept = scan(folder)

    def sweep(self) -> None:
        """Clear away what a crash left half written. For the agent alone, before it keeps any."""
        for folder in camera_folders(self._folder):
            for path in leavings_in(folder):
                unlink(path)

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
            self._removefiles_in(evidence)
            return False
        self._failing = False
        pieces = self._kept.setdefault(evidence.camera, [])
        pieces[:] = [piece for piece in pieces if piece.evidence.id != evidence.id]
        pieces.append(Kept(evidence, len(after) + len(before or b"")))
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

    def keep_good(self, camera: str, utc_ms: int, jpeg: bytes) -> None:
        """Keep a picture that showed nothing wrong, in the place of the one before."""
        if not self.is_on:
            return
        path = self._camera_folder(camera) / f"{utc_ms}{GOOD}"
        try:
            write_whole(path, jpeg)
        except OSError as error:
            self._note_failure(error)
            return
        for old in good_in(path.parent):
            if old != path:
                unlink(old)

    def good(self, camera: str) -> tuple[int, bytes] | None:
        """Return the last good picture and its UTC in ms; None if there is none."""
        for path in reversed(good_in(self._camera_folder(camera))):
            with contextlib.suppress(OSError):
                return int(path.name.removesuffix(GOOD)), path.read_bytes()
        return None

    def trim_good(self, now_utc_ms: int) -> None:
        """Delete good pictures that are too old, or all where none are to be kept."""
        for path in (p for folder in camera_folders(self._folder) for p in good_in(folder)):
            age_ms = now_utc_ms - int(path.name.removesuffix(GOOD))
            if not self.is_on or age_ms > self._keep_ms:
                unlink(path)

    def _remove_oldest(self, camera: str) -> None:
        pieces = self._kept[camera]
        self._removefiles_in(pieces.pop(0).evidence)
        if not pieces:
            del self._kept[camera]

    def _removefiles_in(self, evidence: Evidence) -> None:
        for side in reversed(SIDES):  # without its ``after`` a piece is none
            unlink(self._path(evidence, side))

    def _note_failure(self, error: OSError) -> None:
        """Say it once, not at each of many changes."""
        if not self._failing:
            log.error("evidence can't be kept in %s: %s", self._folder, error.strerror or error)
        self._failing = True

    def _bytes_of(self, camera: str) -> int:
        return sum(piece.bytes for piece in self._kept[camera])

    def _path(self, evidence: Evidence, side: str) -> Path:
        return self._camera_folder(evidence.camera) / f"{evidence.id}.{side}.jpg"

    def _camera_folder(self, camera: str) -> Path:
        return self._folder / f"{FOLDER}{camera}"


def _by_time(kept: Kept) -> int:
    return kept.evidence.after_utc_ms
