"""The state machine itself: one boot's numbers, and the turn into the next boot."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import msgspec

from edge.segments.camera import (
    Camera,
    Candidate,
    Patience,
    Turn,
    amended,
    closed,
    detail_of,
    earliest_end_ms,
    early_part,
    tail_sure_ms,
    turned,
)
from edge.sighting import Sighting, Verdict
from wire.messages import Hold, Segment

_DEFAULT: Final = Patience()
_FRESH_MS: Final = 3_000
"""A camera that is watched without a break is looked at every second or so."""


class Builder:
    """Builds one boot's segments; ``patience`` gives each camera's times."""

    def __init__(
        self, boot: str, origin_ms: int, *, patience: Mapping[str, Patience] | None = None
    ) -> None:
        self._boot = boot
        self._origin_ms = origin_ms
        self._patience = dict(patience or {})
        self._cameras: dict[str, Camera] = {}
        self._last_number = 0
        self._turn = Turn()

    def step(self, sighting: Sighting) -> tuple[Segment, ...]:
        """Take one sighting; return what changed: mostly nothing, else what closed and what opened.

        A sighting that is older than the camera's last is ignored.
        """
        name, at_ms = sighting.camera, sighting.at_ms - self._origin_ms
        camera = self._cameras.get(name, Camera(seen_ms=at_ms))
        if at_ms < camera.seen_ms:
            return ()
        ended, camera = self._after_silence(name, camera, at_ms)
        candidate = self._candidate(camera, sighting)
        next_ms = None if sighting.next_ms is None else sighting.next_ms - self._origin_ms
        camera = replace(camera, seen_ms=at_ms, next_ms=next_ms, candidate=candidate)
        changes, camera = self._settle(name, camera)
        self._cameras[name] = camera
        return (*ended, *changes)

    def turn_over(self, boot: str, origin_ms: int, *, at_ms: int) -> tuple[Segment, ...]:
        """Go over into another boot at ``at_ms``; return what ended, then what begins there.

        The former boot's last watermark, as of ``at_ms``, needs ``former_holds``, now and later.
        """
        now_ms = at_ms - self._origin_ms
        ended: list[Segment] = []
        for name, camera in self._cameras.items():
            silent, _ = self._after_silence(name, camera, now_ms)
            self._cameras[name] = camera.unseen() if silent else camera
            ended += silent
        shift_ms = origin_ms - self._origin_ms
        at_ms -= origin_ms
        self._turn = Turn(
            boot=self._boot, at_ms=at_ms, shift_ms=shift_ms, last_number=self._last_number
        )
        self._boot, self._origin_ms, self._last_number = boot, origin_ms, 0
        self._cameras = {name: self._turned(each) for name, each in self._cameras.items()}
        return (*ended, *self.open_segments())

    def seen_until_ms(self, now_ms: int) -> int:
        """Return up to when a watermark may vouch: no further than the last looks.

        What happened since then nobody has seen, and an agent that dies now never tells. Cameras
        in doubt, or at which nobody has looked for longer, are held; visited ones are carried.
        """
        now_ms -= self._origin_ms
        watched = (c for c in self._cameras.values() if c.open and c.next_ms is None)
        looks = (c.seen_ms for c in watched if c.candidate is None)
        fresh = (seen_ms for seen_ms in looks if now_ms - seen_ms <= _FRESH_MS)
        return min((now_ms, *fresh)) + self._origin_ms

    def holds(self, now_ms: int) -> tuple[Hold, ...]:
        """Return the cameras whose open segment is in doubt, each with its last good moment."""
        now_ms -= self._origin_ms
        held = (
            (name, camera.open, self._last_good_ms(name, camera, now_ms))
            for name, camera in self._cameras.items()
        )
        return tuple(
            Hold(camera=name, last_good_ms=max(ms, segment.start_ms))
            for name, segment, ms in held
            if segment and ms is not None
        )

    def former_holds(self) -> tuple[Hold, ...]:
        """Return what a watermark of the former boot as of the turn holds back, as known now.

        A doubt at the turn that proves empty is held no more; one that comes later may be.
        """
        held = ((name, tail_sure_ms(each, self._turn)) for name, each in self._cameras.items())
        return tuple(Hold(camera=name, last_good_ms=ms) for name, ms in held if ms is not None)

    def open_segments(self) -> tuple[Segment, ...]:
        """Return every camera's open segment."""
        return tuple(camera.open for camera in self._cameras.values() if camera.open)

    def _after_silence(
        self, name: str, camera: Camera, at_ms: int
    ) -> tuple[tuple[Segment, ...], Camera]:
        """Close what nobody has vouched for since, if the camera was not seen for too long."""
        if not self._is_late(name, camera, at_ms):
            return (), camera
        anew = Camera(seen_ms=at_ms, floor_ms=at_ms)
        good_ms = self._last_good_ms(name, camera, at_ms)
        if camera.open is None or good_ms is None:
            return (), anew
        return (*amended(camera, self._turn, sure_ms=good_ms), closed(camera, good_ms)), anew

    def _is_late(self, name: str, camera: Camera, now_ms: int) -> bool:
        due_ms = camera.seen_ms if camera.next_ms is None else max(camera.seen_ms, camera.next_ms)
        return now_ms - due_ms > self._patience_with(name).late_after_ms

    def _patience_with(self, name: str) -> Patience:
        return self._patience.get(name, _DEFAULT)

    def _candidate(self, camera: Camera, sighting: Sighting) -> Candidate | None:
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
        return Candidate(verdict=verdict, began_ms=began_ms, sure_ms=sure_ms)

    def _settle(self, name: str, camera: Camera) -> tuple[tuple[Segment, ...], Camera]:
        """Make the candidate the open segment if it has lasted long enough."""
        candidate = camera.candidate
        if candidate is None:
            return (), camera
        start_ms = max(candidate.began_ms, self._turn.at_ms)
        if camera.open:
            start_ms = max(start_ms, earliest_end_ms(camera))
        confirm_ms = self._patience_with(name).confirm_ms
        if start_ms > camera.seen_ms or camera.seen_ms - candidate.began_ms < confirm_ms:
            return (), camera
        ended: tuple[Segment, ...] = ()
        if camera.open:
            sure_ms = candidate.sure_ms
            ended = (*amended(camera, self._turn, sure_ms=sure_ms), closed(camera, sure_ms))
        early, self._turn = early_part(name, camera, self._turn, candidate)
        opened = self._segment(name, candidate.verdict, start_ms)
        camera = replace(camera, open=opened, candidate=None, tail=early)
        return (*ended, *((early,) if early else ()), opened), camera

    def _segment(self, name: str, verdict: Verdict, start_ms: int) -> Segment:
        self._last_number += 1
        return Segment(
            boot=self._boot,
            number=self._last_number,
            camera=name,
            state=verdict.state,
            cause=verdict.cause,
            start_ms=start_ms,
            detail=detail_of(verdict),
        )

    def _last_good_ms(self, name: str, camera: Camera, now_ms: int) -> int | None:
        """Return the moment up to which the open segment is sure, or None if it is until now.

        It may lie before the segment's start: then nothing of it is sure.
        """
        if camera.open is None:
            return None
        doubts = []
        if camera.candidate:
            doubts.append(camera.candidate.sure_ms)
        is_stale = camera.next_ms is None and now_ms - camera.seen_ms > _FRESH_MS
        if is_stale or self._is_late(name, camera, now_ms):
            doubts.append(camera.seen_ms)
        return min(doubts, default=None)

    def _turned(self, camera: Camera) -> Camera:
        """Return a camera in the new boot's time; what is open begins anew there."""
        turn = self._turn
        begun = None
        if camera.open:
            self._last_number += 1
            begun = msgspec.structs.replace(
                camera.open, boot=self._boot, number=self._last_number, start_ms=turn.at_ms
            )
        return turned(camera, turn, begun)
