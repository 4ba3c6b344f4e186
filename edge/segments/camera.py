"""What the builder knows of one camera, and what its changes mean across a turn.

Times are milliseconds since the running boot's origin; what was before the turn is below
``Turn.at_ms``, and may be negative.
"""

from dataclasses import dataclass, replace
from typing import Final

import msgspec

from edge.sighting import Verdict
from wire.messages import Segment

_DETAIL_MAX_CHARS: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """One camera's times: how long a change must last, and how long a silence is no silence."""

    confirm_ms: int = 4_000
    late_after_ms: int = 15_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What may follow: ``sure_ms`` is up to when the open segment is sure, at most ``began_ms``."""

    verdict: Verdict
    began_ms: int
    sure_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """What is known of one camera.

    Attributes:
        open: Its open segment.
        candidate: What may follow.
        seen_ms: When the last sighting was made.
        next_ms: When the next look is due, if nobody looks before.
        floor_ms: Nothing begins before.
        tail: The open segment's part in the former boot, still open there.
    """

    open: Segment | None = None
    candidate: Candidate | None = None
    seen_ms: int
    next_ms: int | None = None
    floor_ms: int = 0
    tail: Segment | None = None

    def unseen(self) -> "Camera":
        """Return the camera without what was open; its next sighting comes after a silence."""
        return replace(self, open=None, candidate=None, tail=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The turn from the former boot.

    Attributes:
        boot: The former boot's name, empty before any turn.
        at_ms: The turn, in the running boot's time.
        shift_ms: To be added to a time of the running boot to get the former's.
        last_number: The former's last segment.
    """

    boot: str = ""

    at_ms: int = 0
    shift_ms: int = 0
    last_number: int = 0


def detail_of(verdict: Verdict) -> str | None:
    """Return a verdict's detail, as long as the wire takes it."""
    return verdict.detail[:_DETAIL_MAX_CHARS] if verdict.detail else None


def earliest_end_ms(camera: Camera) -> int:
    """Return the least end of the open segment: what began at a turn may be empty."""
    assert camera.open is not None
    return camera.open.start_ms + (0 if camera.tail else 1)


def closed(camera: Camera, sure_ms: int) -> Segment:
    """Return the open segment closed where it was last sure."""
    assert camera.open is not None
    return msgspec.structs.replace(camera.open, end_ms=max(sure_ms, earliest_end_ms(camera)))


def amended(camera: Camera, turn: Turn, *, sure_ms: int) -> tuple[Segment, ...]:
    """Return the tail closed, if the open segment was sure only up to before the turn."""
    tail = camera.tail
    if tail is None or sure_ms >= turn.at_ms:
        return ()
    end_ms = max(sure_ms + turn.shift_ms, tail.start_ms + 1)
    return (msgspec.structs.replace(tail, end_ms=end_ms),)


def tail_sure_ms(camera: Camera, turn: Turn) -> int | None:
    """Return the moment, in the former boot's time, up to which a tail is sure.

    None if it is until the turn.
    """
    if camera.tail is None or camera.candidate is None or camera.candidate.sure_ms >= turn.at_ms:
        return None
    return max(camera.candidate.sure_ms + turn.shift_ms, camera.tail.start_ms)


def early_part(
    name: str, camera: Camera, turn: Turn, candidate: Candidate
) -> tuple[Segment | None, Turn]:
    """Return the part of a new segment that lies before the turn: open, as a tail is."""
    start_ms = candidate.began_ms + turn.shift_ms
    end_ms = turn.at_ms + turn.shift_ms
    if camera.open:
        start_ms = max(start_ms, camera.tail.start_ms + 1 if camera.tail else end_ms)
    if start_ms >= end_ms or not turn.boot:
        return None, turn
    turn = replace(turn, last_number=turn.last_number + 1)
    segment = Segment(
        boot=turn.boot,
        number=turn.last_number,
        camera=name,
        state=candidate.verdict.state,
        cause=candidate.verdict.cause,
        start_ms=start_ms,
        detail=detail_of(candidate.verdict),
    )
    return segment, turn


def turned(camera: Camera, turn: Turn, begun: Segment | None) -> Camera:
    """Return a camera in the time of the boot that begins, where ``begun`` is open."""
    shift_ms = turn.shift_ms
    candidate = camera.candidate and replace(
        camera.candidate,
        began_ms=camera.candidate.began_ms - shift_ms,
        sure_ms=camera.candidate.sure_ms - shift_ms,
    )
    return replace(
        camera,
        open=begun,
        candidate=candidate,
        seen_ms=camera.seen_ms - shift_ms,
        next_ms=None if camera.next_ms is None else camera.next_ms - shift_ms,
        floor_ms=camera.floor_ms - shift_ms,
        tail=camera.open,
    )
