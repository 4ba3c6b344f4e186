"""The words for what a camera does: four states, and the cause behind each one that is not ``up``.

A cause is a dotted word whose first part says who must act: ``network`` the one who looks after
cables and switches, ``rtsp`` the one who holds the camera's settings, ``stream`` whoever set up its
encoder, ``picture`` the one who can reach the lens, ``clock`` and ``recording`` the recorder's
keeper. Adding a cause is a minor version: readers keep a cause they don't know as text.
"""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    """What a camera is doing.

    ``unknown`` (nobody was there to look) is never sent by an edge: the server infers it from the
    absence of any claim.
    """

    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"
    UNKNOWN = "unknown"


class Cause(StrEnum):
    """Why a camera is not ``up``."""

    NETWORK_UNREACHABLE = "network.unreachable"
    NETWORK_REFUSED = "network.refused"
    NETWORK_TIMEOUT = "network.timeout"
    RTSP_AUTH = "rtsp.auth"
    RTSP_NOT_FOUND = "rtsp.not_found"
    RTSP_BUSY = "rtsp.busy"
    RTSP_PROTOCOL = "rtsp.protocol"
    STREAM_STALLED = "stream.stalled"
    STREAM_NO_KEYFRAME = "stream.no_keyframe"
    STREAM_UNDECODABLE = "stream.undecodable"
    STREAM_LOSSY = "stream.lossy"
    STREAM_SLOW = "stream.slow"
    PICTURE_BLACK = "picture.black"
    PICTURE_OVEREXPOSED = "picture.overexposed"
    PICTURE_FROZEN = "picture.frozen"
    PICTURE_BLURRED = "picture.blurred"
    PICTURE_COVERED = "picture.covered"
    PICTURE_MOVED = "picture.moved"
    PICTURE_NOISE = "picture.noise"
    PICTURE_NO_SIGNAL = "picture.no_signal"
    CLOCK_DRIFT = "clock.drift"
    RECORDING_MISSING = "recording.missing"
    RECORDING_SHORT = "recording.short"


DOWN_CAUSES: Final = frozenset(
    {
        Cause.NETWORK_UNREACHABLE,
        Cause.NETWORK_REFUSED,
        Cause.NETWORK_TIMEOUT,
        Cause.RTSP_AUTH,
        Cause.RTSP_NOT_FOUND,
        Cause.RTSP_BUSY,
        Cause.RTSP_PROTOCOL,
        Cause.STREAM_STALLED,
        Cause.STREAM_NO_KEYFRAME,
        Cause.STREAM_UNDECODABLE,
    }
)
"""Causes that leave no picture at all. Every other cause leaves one, and means ``degraded``."""


UNSEEN_MOST_S: Final = 60
"""Where nobody looks at a camera for longer, its loss is told later than 90 s after it."""
UNSEEN_AT_A_GATE_MOST_S: Final = 30
"""Where nobody looks at a gate's camera for longer, its loss is told later than 45 s after it."""


class Verb(StrEnum):
    """What a centre may ask of an agent. A short, fixed list: nothing here changes a camera.

    ``look``: look at the camera again now, also one that is waiting out a pause. ``new_view``: what
    it shows now is how it is meant to be; learn it. ``evidence``: which pictures of changes are
    kept (of one camera, or of all). ``evidence_picture``: one of them.
    """

    LOOK = "look"
    NEW_VIEW = "new_view"
    EVIDENCE = "evidence"
    EVIDENCE_PICTURE = "evidence_picture"


class Objection(StrEnum):
    """Why a command was not obeyed: the text of a reply that is not ok begins with one of these.

    ``unknown_verb`` and ``unknown_camera`` speak for themselves; ``expired``: it came too late, or
    would be good for too long; ``busy``: more commands wait than are taken; ``not_kept``: there is
    no such evidence (any more); ``failed``: it was tried, and the agent's log says what went wrong.
    """

    UNKNOWN_VERB = "unknown_verb"
    UNKNOWN_CAMERA = "unknown_camera"
    EXPIRED = "expired"
    BUSY = "busy"
    NOT_KEPT = "not_kept"
    FAILED = "failed"


def state_of(cause: Cause | None) -> State:
    """Return the state that a cause means: none is ``up``, no picture is ``down``."""
    if cause is None:
        return State.UP
    return State.DOWN if cause in DOWN_CAUSES else State.DEGRADED
