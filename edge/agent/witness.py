"""Keeps pictures from before and after each change of what a camera's picture is judged to be.

The last few pictures of each camera stay in memory as JPEGs, because a verdict is dated back: a
move is sure at the third picture or later, and the picture from before is older than its beginning.
Judges are careful, so the very last pictures before a change may show it already (a recovery is
believed at the second good one): those are passed over where there are older ones.
The disk has a thread of its own here: a slow one delays evidence, never the watch.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final, TypeVar

from edge.clock import Clock
from edge.evidence import SIDES, EvidenceStore, piece
from edge.picture.judge import Finding
from edge.picture.picture import Picture
from edge.picture.stills import jpeg_of
from wire.messages import Evidence
from wire.vocabulary import Cause

log = logging.getLogger(__name__)
T = TypeVar("T")

RECENT: Final = 10
PASSED_OVER: Final = 2
MOST_AN_HOUR: Final = 20
_HOUR_MS: Final = 3_600_000
_MOST_WAITING: Final = 100


@dataclass(frozen=True, slots=True)
class View:
    """One picture as it was shown: ``Clock.ms``, UTC, JPEG, and what was held of it."""

    at_ms: int
    utc_ms: int
    jpeg: bytes
    cause: Cause | None


class CameraWitness:
    """What is remembered of one camera; pure."""

    def __init__(self, good: View | None = None) -> None:
        self._recent: deque[View] = deque([good] if good else [], maxlen=RECENT)
        self._changes_ms: deque[int] = deque(maxlen=MOST_AN_HOUR)
        self._cause: Cause | None = None

    def step(self, view: View, finding: Finding) -> tuple[View | None, View] | None:
        """Take the next picture; return before and after if it is a change that is to be kept."""
        before = self._before(finding.began_ms)
        changed, self._cause = view.cause is not self._cause, view.cause
        self._recent.append(view)
        if not changed or self._is_restless(view.at_ms):
            return None
        self._changes_ms.append(view.at_ms)
        return before, view

    def good(self) -> View | None:
        """Return the newest picture that surely shows nothing wrong; None in trouble."""
        calm = [view for view in self._recent if view.cause is None]
        return calm[-1 - PASSED_OVER] if self._cause is None and len(calm) > PASSED_OVER else None

    def _before(self, began_ms: int) -> View | None:
        """Return a picture of what was held until the change began."""
        older = [v for v in self._recent if v.at_ms < began_ms and v.cause is self._cause]
        if not older:
            return None
        return older[-1 - PASSED_OVER] if len(older) > PASSED_OVER else older[0]

    def _is_restless(self, now_ms: int) -> bool:
        """Tell whether so much has changed of late that one more change tells nothing."""
        changes = self._changes_ms
        return len(changes) == MOST_AN_HOUR and now_ms - changes[0] < _HOUR_MS


class Witness:
    """The agent's keeper of evidence. ``open`` first; ``close`` waits for what is under way."""

    def __init__(
        self, open_store: Callable[[], EvidenceStore], *, clock: Clock, utc_ms: Callable[[], int]
    ) -> None:
        self._open_store = open_store
        self._clock = clock
        self._utc_ms = utc_ms
        self._cameras: dict[str, CameraWitness] = {}
        self._disk = ThreadPoolExecutor(max_workers=1, thread_name_prefix="evidence")
        self._store: EvidenceStore | None = None
        self._waiting = 0

    async def open(self, cameras: Collection[str]) -> None:
        """Look at what is kept from before of these cameras."""

        def prepare() -> tuple[EvidenceStore, dict[str, CameraWitness]]:
            store = self._open_store()
            store.sweep()
            store.trim(self._utc_ms())
            store.trim_good(self._utc_ms())
            return store, {
                camera: CameraWitness(self._good_of(store, camera)) for camera in cameras
            }

        self._store, self._cameras = await self._on_disk(prepare)

    async def keep_house(self) -> None:
        """Delete what has become too old; write down the last good pictures."""
        if (store := self._store) is None:
            return
        good = {camera: view for camera, w in self._cameras.items() if (view := w.good())}

        def tidy() -> None:
            for camera, view in good.items():
                store.keep_good(camera, view.utc_ms, view.jpeg)
            store.trim(self._utc_ms())
            store.trim_good(self._utc_ms())

        await self._on_disk(tidy)

    def _good_of(self, store: EvidenceStore, camera: str) -> View | None:
        """Return the good picture of a former run, dated on this run's clock."""
        if (kept := store.good(camera)) is None:
            return None
        utc_ms, jpeg = kept
        at_ms = self._clock.ms() - max(1, self._utc_ms() - utc_ms)
        return View(at_ms, utc_ms, jpeg, None)

    def close(self) -> None:
        """Write what waits, end the thread."""
        self._disk.shutdown(wait=True)

    def on_picture(self, camera: str, picture: Picture, finding: Finding, at_ms: int) -> None:
        """Take a judged picture; ``at_ms`` is on ``Clock.ms``."""
        store = self._store
        if store is None or not store.is_on:
            return
        utc_ms = self._utc_ms() - (self._clock.ms() - at_ms)
        view = View(at_ms, utc_ms, jpeg_of(picture), finding.cause)
        known = self._cameras.setdefault(camera, CameraWitness())
        if (change := known.step(view, finding)) is None:
            return
        before, after = change
        evidence = piece(
            camera,
            cause=finding.cause,
            after_utc_ms=after.utc_ms,
            before_utc_ms=before.utc_ms if before else None,
        )
        self._submit(store, evidence, before.jpeg if before else None, after.jpeg)

    async def pieces(self, camera: str | None) -> tuple[Evidence, ...]:
        """Return what is kept, the newest first."""
        store = self._store
        return () if store is None else await self._on_disk(lambda: store.pieces(camera))

    async def picture(self, camera: str, piece_id: str, side: str) -> bytes | None:
        """Return one JPEG, or None if it isn't kept."""
        store = self._store
        if store is None or side not in SIDES:
            return None

        def read() -> bytes | None:
            found = store.find(camera, piece_id)
            return store.picture(found, side) if found else None

        return await self._on_disk(read)

    def _submit(
        self, store: EvidenceStore, evidence: Evidence, before: bytes | None, after: bytes
    ) -> None:
        if self._waiting >= _MOST_WAITING:
            log.warning("evidence of %s is dropped: the disk does not keep up", evidence.camera)
            return
        self._waiting += 1

        def keep() -> None:
            try:
                store.keep(evidence, before=before, after=after)
            except Exception:
                log.exception("evidence of %s is lost", evidence.camera)
            finally:
                self._waiting -= 1

        self._disk.submit(keep)

    async def _on_disk(self, act: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._disk, act)
