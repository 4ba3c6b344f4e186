"""Sightings in, segments out: the state machine of what is said about each camera.

A camera has at most one open segment. A sighting that agrees with it confirms it; one that differs
makes a *candidate*, which becomes the next segment once it has lasted ``confirm_ms`` (by its own
``began_ms``: a freeze that the judge has watched for a minute needs no more). A sighting that
agrees with the open segment forgets the candidate, so a camera that flaps faster than
``confirm_ms`` changes nothing. A candidate that turns into other trouble keeps its beginning: a
camera that is first stalled and then unreachable has not been watching since the stall. Between
trouble and ``up`` a candidate begins anew, so that no trouble is ever counted as watching.

A camera may be *visited*: its last sighting then says when the next look is due (``next_ms``).
Until then, and ``late_after_ms`` longer, what was seen is carried: a silence is no silence. If the
next look agrees, the open segment holds throughout. If it differs, the open segment ends where it
was last seen and the next one begins with the look that differs: what was between the two, nobody
saw, and nothing is claimed of it.

While a candidate waits, or when no sighting has come for ``late_after_ms`` (a watcher that hangs),
``holds`` names the camera, so that a watermark doesn't vouch for what nobody is sure of. When
sightings come again after such a silence (the PC slept, and its clock counted on), the open segment
is closed where it was last sure and the next one begins no earlier than the new sighting: nobody
looked in between, so nothing is claimed.

Invariants, per camera: numbers rise; segments don't overlap and follow each other with no gap but
such silences and what lies between two visits; none is empty; what has begun never moves. A change
is dated when it began, at the earliest just after the open segment's start.

Times in are ``Clock.ms``; segments and holds are in milliseconds since the boot's origin.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import msgspec

from edge.sighting import Sighting, Verdict
from wire.messages import Hold, Segment

_DETAIL_MAX_CHARS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """One camera's times: how long a change must last, and how long a silence is no silence."""

    confirm_ms: int = 4_000
    late_after_ms: int = 15_000


_DEFAULT: Final = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidate:
    """What may follow: ``sure_ms`` is up to when the open segment is sure, at most ``began_ms``."""

    verdict: Verdict
    began_ms: int
    sure_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Camera:
    """What is known of one camera.

    Attributes:
        open: Its open segment.
        candidate: What may follow.
        seen_ms: When the last sighting was made.
        next_ms: When the next look is due, if nobody looks before.
        floor_ms: Nothing begins before.
    """

    open: Segment | None = None
    candidate: _Candidate | None = None
    seen_ms: int
    next_ms: int | None = None
    floor_ms: int = 0


class Builder:
    """Builds one boot's segments; ``patience`` gives each camera's times."""

    def __init__(
        self, boot: str, origin_ms: int, *, patience: Mapping[str, Patience] | None = None
    ) -> None:
        self._boot = boot
        self._origin_ms = origin_ms
        self._patience = dict(patience or {})
        self._cameras: dict[str, _Camera] = {}
        self._last_number = 0

    def step(self, sighting: Sighting) -> tuple[Segment, ...]:
        """Take one sighting; return what changed: mostly nothing, else what closed and what opened.

        A sighting that is older than the camera's last is ignored.
        """
        name, at_ms = sighting.camera, sighting.at_ms - self._origin_ms
        camera = self._cameras.get(name, _Camera(seen_ms=at_ms))
        if at_ms < camera.seen_ms:
            return ()
        ended, camera = self._after_silence(name, camera, at_ms)
        candidate = self._candidate(camera, sighting)
        next_ms = None if sighting.next_ms is None else sighting.next_ms - self._origin_ms
        camera = replace(camera, seen_ms=at_ms, next_ms=next_ms, candidate=candidate)
        changes, camera = self._settle(name, camera)
        self._cameras[name] = camera
        return (*ended, *changes)

    def holds(self, now_ms: int) -> tuple[Hold, ...]:
        """Return the cameras whose open segment is in doubt, each with its last good moment."""
        now_ms -= self._origin_ms
        held = (
            (name, self._last_good_ms(name, camera, now_ms))
            for name, camera in self._cameras.items()
        )
        return tuple(Hold(camera=name, last_good_ms=ms) for name, ms in held if ms is not None)

    def open_segments(self) -> tuple[Segment, ...]:
        """Return every camera's open segment."""
        return tuple(camera.open for camera in self._cameras.values() if camera.open)

    def _after_silence(
        self, name: str, camera: _Camera, at_ms: int
    ) -> tuple[tuple[Segment, ...], _Camera]:
        """Close what nobody has vouched for since, if the camera was not seen for too long."""
        if not self._is_late(name, camera, at_ms):
            return (), camera
        anew = _Camera(seen_ms=at_ms, floor_ms=at_ms)
        good_ms = self._last_good_ms(name, camera, at_ms)
        if camera.open is None or good_ms is None:
            return (), anew
        end_ms = max(good_ms, camera.open.start_ms + 1)
        return (msgspec.structs.replace(camera.open, end_ms=end_ms),), anew

    def _is_late(self, name: str, camera: _Camera, now_ms: int) -> bool:
        due_ms = max(camera.seen_ms, camera.next_ms or 0)
        return now_ms - due_ms > self._patience_with(name).late_after_ms

    def _patience_with(self, name: str) -> Patience:
        return self._patience.get(name, _DEFAULT)

    def _candidate(self, camera: _Camera, sighting: Sighting) -> _Candidate | None:
        verdict = sighting.verdict
        if camera.open and camera.open.cause == verdict.cause:
            return None
        began_ms = min(sighting.began_ms, sighting.at_ms) - self._origin_ms
        began_ms = max(began_ms, camera.floor_ms)
        sure_ms = began_ms
        if camera.next_ms is not None:  # a visit ended there, and this is the next one
            sure_ms = min(camera.seen_ms, began_ms)
        former = camera.candidate
        if former and (former.verdict.cause is None) == (verdict.cause is None):
            began_ms, sure_ms = min(began_ms, former.began_ms), min(sure_ms, former.sure_ms)
        return _Candidate(verdict=verdict, began_ms=began_ms, sure_ms=sure_ms)

    def _settle(self, name: str, camera: _Camera) -> tuple[tuple[Segment, ...], _Camera]:
        """Make the candidate the open segment if it has lasted long enough."""
        candidate = camera.candidate
        if candidate is None:
            return (), camera
        start_ms = candidate.began_ms
        if camera.open:
            start_ms = max(start_ms, camera.open.start_ms + 1)
        confirm_ms = self._patience_with(name).confirm_ms
        if start_ms > camera.seen_ms or camera.seen_ms - candidate.began_ms < confirm_ms:
            return (), camera
        opened = self._segment(name, candidate.verdict, start_ms)
        closed: tuple[Segment, ...] = ()
        if camera.open:
            end_ms = max(candidate.sure_ms, camera.open.start_ms + 1)
            closed = (msgspec.structs.replace(camera.open, end_ms=end_ms),)
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

    def _last_good_ms(self, name: str, camera: _Camera, now_ms: int) -> int | None:
        """Return the moment up to which the open segment is sure, or None if it is until now."""
        if camera.open is None:
            return None
        doubts = []
        if camera.candidate:
            doubts.append(max(camera.candidate.sure_ms, camera.open.start_ms))
        if self._is_late(name, camera, now_ms):
            doubts.append(camera.seen_ms)
        return min(doubts, default=None)
