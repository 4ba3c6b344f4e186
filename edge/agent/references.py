"""What the judges have learned of their cameras, kept over restarts.

One file per camera, ``references/camera-<id>.ref``: a mark, a checksum, the judge's own bytes. It
is written every ten minutes if it has changed, when the agent stops, and after "this is the new
view". A file that can't be read costs what was learned, nothing more. Files of cameras that are no
longer configured are removed at the start.
"""

import asyncio
import logging
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar, runtime_checkable

from edge.files import write_whole

log = logging.getLogger(__name__)

EVERY_S: Final = 600.0
_MARK: Final = b"VGR1"
_HEAD: Final = len(_MARK) + 4
_MOST_BYTES: Final = 4 * 1024 * 1024
J = TypeVar("J")


@runtime_checkable
class Remembering(Protocol):
    """What has something to remember; ``edge.picture.judge.Judge`` is one."""

    def memory(self) -> bytes:
        """Return all that was learned."""
        ...


class References:
    """The folder of what was learned."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._judges: dict[str, Remembering] = {}
        self._saved: dict[str, bytes] = {}

    def prune(self, cameras: set[str]) -> None:
        """Remove what was learned of cameras that are not among ``cameras``."""
        wanted = {self._path(camera).name for camera in cameras}
        try:
            for path in self._folder.iterdir():
                if path.name not in wanted:
                    path.unlink()
        except FileNotFoundError:
            pass
        except OSError as error:
            log.warning("%s can't be cleared: %s", self._folder, error)

    def restore(self, camera: str, make: Callable[[bytes | None], J]) -> J:
        """Return the judge of ``camera``, made of what it had learned if that can be read."""
        learned = self._read(camera)
        try:
            judge = make(learned)
        except ValueError as error:
            log.warning("what was learned of %s can't be used and is begun anew: %s", camera, error)
            learned, judge = None, make(None)
        if isinstance(judge, Remembering):
            self._judges[camera] = judge
        if learned is not None:
            self._saved[camera] = learned
        return judge

    async def save_all(self) -> None:
        """Write down what has changed."""
        for camera in tuple(self._judges):
            await self.save(camera)

    async def save(self, camera: str) -> None:
        """Write down what was learned of one camera, if it has changed; say so if that fails."""
        judge = self._judges.get(camera)
        learned = judge.memory() if judge else None
        if learned is None or learned == self._saved.get(camera):
            return
        content = _MARK + zlib.crc32(learned).to_bytes(4, "big") + learned
        try:
            await asyncio.to_thread(write_whole, self._path(camera), content)
        except OSError as error:
            log.warning("what was learned of %s can't be kept: %s", camera, error.strerror or error)
        else:
            self._saved[camera] = learned

    def _read(self, camera: str) -> bytes | None:
        path = self._path(camera)
        try:
            with path.open("rb") as file:
                return _checked(file.read(_MOST_BYTES))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("what was learned of %s can't be read and is begun anew: %s", camera, error)
            return None

    def _path(self, camera: str) -> Path:
        return self._folder / f"camera-{camera}.ref"


def _checked(content: bytes) -> bytes:
    learned = content[_HEAD:]
    if content[:_HEAD] != _MARK + zlib.crc32(learned).to_bytes(4, "big"):
        raise ValueError("it is damaged")
    return learned
