"""What can be wrong with a camera, and what a watcher must make of it. Pure.

``EXPECTED`` is the truth that the demo and the tests compare with: cause by the vocabulary, state
by ``state_of``. ``DROP`` is not in it: a camera that hangs up every N seconds and answers again at
once is neither surely up nor surely down. ``LOCKOUT`` is a login that is locked as long as the
fault lasts: the right password is refused like a wrong one. A login that locks *by itself*, after
so many wrong passwords, is ``CameraSpec.lockout``.
"""

from enum import StrEnum
from typing import Final

from wire.vocabulary import Cause, State, state_of


class Fault(StrEnum):
    """One thing that is wrong, to be switched on and off while the camera runs."""

    REFUSE = "refuse"
    HANG = "hang"
    AUTH = "auth"
    LOCKOUT = "lockout"
    NOT_FOUND = "not_found"
    BUSY = "busy"
    STALL = "stall"
    NO_KEY_FRAMES = "no_key_frames"
    GARBAGE = "garbage"
    LOSS = "loss"
    SLOW = "slow"
    DROP = "drop"
    BLACK = "black"
    FROZEN = "frozen"
    BLURRED = "blurred"
    COVERED = "covered"
    MOVED = "moved"
    NOISE = "noise"
    NO_SIGNAL = "no_signal"


PICTURE_FAULTS: Final = frozenset(
    {
        Fault.BLACK,
        Fault.FROZEN,
        Fault.BLURRED,
        Fault.COVERED,
        Fault.MOVED,
        Fault.NOISE,
        Fault.NO_SIGNAL,
    }
)
"""Faults that are another clip; a fault's word is the variant's name."""

CUTS_SESSIONS: Final = frozenset(
    {Fault.REFUSE, Fault.HANG, Fault.AUTH, Fault.LOCKOUT, Fault.NOT_FOUND, Fault.BUSY}
)
"""Faults that also end what is playing: the camera was unplugged, restarted or set up anew."""

EXPECTED: Final = {
    Fault.REFUSE: Cause.NETWORK_REFUSED,
    Fault.HANG: Cause.NETWORK_TIMEOUT,
    Fault.AUTH: Cause.RTSP_AUTH,
    Fault.LOCKOUT: Cause.RTSP_AUTH,
    Fault.NOT_FOUND: Cause.RTSP_NOT_FOUND,
    Fault.BUSY: Cause.RTSP_BUSY,
    Fault.STALL: Cause.STREAM_STALLED,
    Fault.NO_KEY_FRAMES: Cause.STREAM_NO_KEYFRAME,
    Fault.GARBAGE: Cause.STREAM_UNDECODABLE,
    Fault.LOSS: Cause.STREAM_LOSSY,
    Fault.SLOW: Cause.STREAM_SLOW,
    Fault.BLACK: Cause.PICTURE_BLACK,
    Fault.FROZEN: Cause.PICTURE_FROZEN,
    Fault.BLURRED: Cause.PICTURE_BLURRED,
    Fault.COVERED: Cause.PICTURE_COVERED,
    Fault.MOVED: Cause.PICTURE_MOVED,
    Fault.NOISE: Cause.PICTURE_NOISE,
    Fault.NO_SIGNAL: Cause.PICTURE_NO_SIGNAL,
}


def expected(fault: Fault) -> tuple[State, Cause]:
    """Return the state and cause that a watcher must conclude."""
    cause = EXPECTED[fault]
    return state_of(cause), cause
