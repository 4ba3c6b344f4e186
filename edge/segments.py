"""Sightings in, segments out: the state machine of what is said about each camera.

A camera has at most one open segment. A sighting that agrees with it confirms it; one that differs
makes a *candidate*, which becomes the next segment once it has lasted ``confirm_ms`` (by its own
``began_ms``: a freeze that the judge has watched for a minute needs no more). A sighting that
agrees with the open segment forgets the candidate, so a camera that flaps faster than
``confirm_ms`` changes nothing. A candidate that turns into other trouble keeps its beginning: a
camera that is first stalled and then unreachable has not been watching since the stall. Between
trouble and ``up`` a candidate begins anew, so that no trouble is ever counted as watching.

Invariants, per camera: numbers rise; segments follow each other with no gap and no overlap from the
first on; none is empty; what has begun never moves. A change is dated when it began, at the
earliest just after the open segment's start.

While a candidate waits, or when no sighting has come for ``late_after_ms`` (a watcher that hangs),
``holds`` names the camera, so that a watermark doesn't vouch for what nobody is sure of.

Times in are ``Clock.ms``; segments and holds are in milliseconds since the boot's origin.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from edge.sighting import Sighting, Verdict
from wire.messages import Hold, Segment

LATE_AFTER_MS: Final = 15_000
_DETAIL_MAX_CHARS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    verdict: Verdict
    began_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Camera:
    """What is known of one camera: its open segment, what may follow, when it was last seen."""

    open: Segment | None = None
    candidate: _Candidate | None = None
    seen_ms: int


class Builder:
    """Builds one boot's segments.

    ``confirm_ms`` gives a camera's own confirmation time where it differs from the default.
    """

    def __init__(
        self,
        boot: str,
        origin_ms: int,
        *,
        default_confirm_ms: int,
        confirm_ms: Mapping[str, int] | None = None,
        late_after_ms: int = LATE_AFTER_MS,
    ) -> None:
        self._boot = boot
        self._origin_ms = origin_ms
        self._default_confirm_ms = default_confirm_ms
        self._confirm_ms = dict(confirm_ms or {})
        self._late_after_ms = late_after_ms
        self._cameras: dict[str, _Camera] = {}
        self._last_number = 0

    def step(self, sighting: Sighting) -> tuple[Segment, ...]:
        """Take one sighting; return what changed: nothing, or the closed segment and the new one.

        A sighting that is older than the camera's last is ignored.
        """
        at_ms = sighting.at_ms - self._origin_ms
        camera = self._cameras.get(sighting.camera, _Camera(seen_ms=at_ms))
        if at_ms < camera.seen_ms:
            return ()
        camera = replace(camera, seen_ms=at_ms, candidate=self._candidate(camera, sighting))
        changes, camera = self._settle(sighting.camera, camera)
        self._cameras[sighting.camera] = camera
        return changes

    def holds(self, now_ms: int) -> tuple[Hold, ...]:
        """Return the cameras whose open segment is in doubt, each with its last good moment."""
        now_ms -= self._origin_ms
        held = (
            (name, self._last_good_ms(camera, now_ms)) for name, camera in self._cameras.items()
        )
        return tuple(Hold(camera=name, last_good_ms=ms) for name, ms in held if ms is not None)

    def open_segments(self) -> tuple[Segment, ...]:
        """Return every camera's open segment."""
        return tuple(camera.open for camera in self._cameras.values() if camera.open)

    def _candidate(self, camera: _Camera, sighting: Sighting) -> _Candidate | None:
        verdict = sighting.verdict
        if camera.open and camera.open.cause == verdict.cause:
            return None
        began_ms = max(0, min(sighting.began_ms, sighting.at_ms) - self._origin_ms)
        former = camera.candidate
        if former and (former.verdict.cause is None) == (verdict.cause is None):
            began_ms = min(began_ms, former.began_ms)
        return _Candidate(verdict=verdict, began_ms=began_ms)

    def _settle(self, name: str, camera: _Camera) -> tuple[tuple[Segment, ...], _Camera]:
        """Make the candidate the open segment if it has lasted long enough."""
        candidate = camera.candidate
        if candidate is None:
            return (), camera
        start_ms = candidate.began_ms
        if camera.open:
            start_ms = max(start_ms, camera.open.start_ms + 1)
        confirm_ms = self._confirm_ms.get(name, self._default_confirm_ms)
        if start_ms > camera.seen_ms or camera.seen_ms - candidate.began_ms < confirm_ms:
            return (), camera
        opened = self._segment(name, candidate.verdict, start_ms)
        closed = (msgspec.structs.replace(camera.open, end_ms=start_ms),) if camera.open else ()
        return (*closed, opened), replace(camera, open=opened, candidate=None)

    def _segment(self, name: str, verdict: Verdict, start_ms: int) -> Segment:
        self._last_number += 1
        return Segment(
            boot=self._boot,
            number=self._last_number,
            camera=name,
            state=verdict.state,
            cause=verdict.cause,
            start_ms=start_ms,
            detail=verdict.detail[:_DETAIL_MAX_CHARS] if verdict.detail else None,
        )

    def _last_good_ms(self, camera: _Camera, now_ms: int) -> int | None:
        """Return the moment up to which the open segment is sure, or None if it is until now."""
        if camera.open is None:
            return None
        doubts = []
        if camera.candidate:
            doubts.append(max(camera.candidate.began_ms, camera.open.start_ms))
        if now_ms - camera.seen_ms > self._late_after_ms:
            doubts.append(camera.seen_ms)
        return min(doubts, default=None)
